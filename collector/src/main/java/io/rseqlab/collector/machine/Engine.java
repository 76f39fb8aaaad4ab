package io.rseqlab.collector.machine;

/** How programs are executed. All engines give the same results, to the bit; they differ in host time only. */
public enum Engine {
    /** One micro-operation at a time: the reference. */
    INTERPRETER(false, Long.MAX_VALUE, Long.MAX_VALUE),
    /** The same, but many turns of a loop of one micro-operation at once, and periods of private work. */
    FAST_FORWARD(true, Long.MAX_VALUE, 0),
    /** Paths taken often run as bytecode of the host's JVM. */
    COMPILED(false, 0, Long.MAX_VALUE),
    /** Both, from the start. */
    COMPILED_FAST_FORWARD(true, 0, 0),
    /**
     * What runs use: both, but nothing is compiled before a run has proved long. The host's compiler takes some seconds
     * for the paths of one strategy; a run must be several times as long to win them back, and in what it does besides
     * thinking. Periods are not looked for in runs so short that few would come.
     */
    FASTEST(true, 500_000_000, 10_000_000);

    final boolean fastForward;
    /** Micro-operations of all cores together, turns of loops left out, before paths are compiled. */
    final long patience;
    /** Micro-operations of a core before periods are looked for. */
    final long periodPatience;

    Engine(boolean fastForward, long patience, long periodPatience) {
        this.fastForward = fastForward;
        this.patience = patience;
        this.periodPatience = periodPatience;
    }

    /** True if turns of loops that are one branch are taken by a loop of their own. */
    boolean stepsLoops() {
        return fastForward || compiles();
    }

    boolean compiles() {
        return patience < Long.MAX_VALUE;
    }
}
