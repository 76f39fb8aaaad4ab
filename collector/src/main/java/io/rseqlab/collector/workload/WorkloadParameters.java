package io.rseqlab.collector.workload;

import io.rseqlab.collector.spec.Parameter;
import java.util.ArrayList;
import java.util.List;

/** Parameters that all workloads declare, behind their own. */
final class WorkloadParameters {
    static final Parameter PAD = Parameter.count(
            "pad", "instructions", 0, 0, 100_000_000, "extra instructions between reads and commit of malloc and free");
    static final Parameter SIGNAL_HZ =
            Parameter.count("signal_hz", "1/s", 0, 0, 100_000, "rate of a timer signal per thread");

    static final Parameter CALL_IN_SECTION = Parameter.count(
            "call_in_section",
            "passes",
            0,
            0,
            1_000_000_000,
            "stress: one pass in so many begins its section with a system call, sched_yield or a sleep; 0 for none");
    static final Parameter SLEEP = Parameter.count(
            "sleep_us", "us", 0, 0, 1_000_000, "how long call_in_section and sleep_every sleep; 0 to yield");
    static final Parameter SLEEP_EVERY = Parameter.count(
            "sleep_every",
            "operations",
            0,
            0,
            1_000_000_000,
            "stress: so many operations lie between sleeps outside of sections; 0 for none");

    private WorkloadParameters() {}

    /** A workload's own parameters, and those that all have. */
    static List<Parameter> with(Parameter... own) {
        List<Parameter> all = new ArrayList<>(List.of(own));
        all.addAll(List.of(PAD, CALL_IN_SECTION, SLEEP, SIGNAL_HZ));
        return List.copyOf(all);
    }
}
