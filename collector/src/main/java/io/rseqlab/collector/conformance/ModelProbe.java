package io.rseqlab.collector.conformance;

import io.rseqlab.collector.kernel.RseqPolicy;

/** Tries a rule on the model: a small program runs on a machine with a kernel, and what it saw is the outcome. */
@FunctionalInterface
interface ModelProbe {
    /** Runs under a policy. */
    Observation observe(RseqPolicy policy);

    /** A rule that the model has nothing to show for, and why. */
    static ModelProbe cannot(String reason) {
        return policy -> Observation.cannot(reason);
    }
}
