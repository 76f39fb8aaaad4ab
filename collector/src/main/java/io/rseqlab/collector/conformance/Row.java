package io.rseqlab.collector.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A rule under one policy, held against what was seen.
 *
 * @param rule the rule
 * @param says what the policy says, null if its sources do not say
 * @param model what the model did
 * @param kernel what the kernel of this machine did, null if it was not asked
 */
public record Row(Rule rule, String says, Observation model, Observation kernel) {
    /** How the columns agree. */
    public enum Verdict {
        /** All that was asked for is there and agrees. */
        SAME,
        /** Two that are there differ. */
        DIFFERS,
        /** Nothing differs, but model or kernel have nothing to show. */
        NOT_SHOWN,
        /** Nothing differs, and all is there but for the policy, whose sources are silent: the model assumes. */
        ASSUMED
    }

    /** How the columns agree. */
    public Verdict verdict() {
        long outcomes = Stream.of(says, model.outcome(), kernel == null ? null : kernel.outcome())
                .filter(Objects::nonNull)
                .distinct()
                .count();
        if (outcomes > 1) {
            return Verdict.DIFFERS;
        }
        if (!reasons().isEmpty()) {
            return Verdict.NOT_SHOWN;
        }
        return says == null ? Verdict.ASSUMED : Verdict.SAME;
    }

    /** Why model or kernel have nothing to show, one sentence each; empty if both have. */
    public List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        if (!model.shown()) {
            reasons.add("model: " + model.note());
        }
        if (kernel != null && !kernel.shown()) {
            reasons.add("kernel: " + kernel.note());
        }
        return List.copyOf(reasons);
    }
}
