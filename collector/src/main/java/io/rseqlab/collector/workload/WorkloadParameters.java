package io.rseqlab.collector.workload;

import io.rseqlab.collector.spec.Parameter;

/** Parameters that all workloads declare. */
final class WorkloadParameters {
    static final Parameter PAD = Parameter.count(
            "pad",
            "instructions",
            0,
            0,
            1_000_000_000,
            "extra instructions between reads and commit of malloc and free");
    static final Parameter SIGNAL_HZ =
            Parameter.count("signal_hz", "1/s", 0, 0, 100_000, "rate of a timer signal per thread");

    private WorkloadParameters() {}
}
