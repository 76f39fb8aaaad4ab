package io.rseqlab.collector.kernel;

/** The forms that the kernel's concurrency id (mm_cid of the area) has had. */
public enum ConcurrencyIdForm {
    /** There is none: the number of the CPU stands in its place. */
    NONE,
    /** Linux 6.4 to 6.12: CPUs keep ids, and are given the lowest that is free. */
    LINUX_6_4,
    /** From 6.13 on: likewise, but a CPU is given its last one again if it can be. */
    LINUX_6_13,
    /** From 6.19 on: threads own ids; where there are more threads than CPUs, CPUs do. */
    LINUX_6_19;

    /** True if a scan looks for ids that nobody has used for long, ten times a second. */
    public boolean isScanned() {
        return this == LINUX_6_4 || this == LINUX_6_13;
    }

    /** The ids of a process. */
    ConcurrencyIds of(CpuState[] cpus, long scanPeriod) {
        return switch (this) {
            case NONE -> new ConcurrencyIds() {};
            case LINUX_6_4, LINUX_6_13 -> new IdsOfCpus(cpus, scanPeriod, this == LINUX_6_13);
            case LINUX_6_19 -> new IdsOfThreads(cpus);
        };
    }
}
