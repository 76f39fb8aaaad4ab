package io.rseqlab.collector.machine;

/** How programs are executed. All engines give the same results, to the bit; they differ in host time only. */
public enum Engine {
    /** One micro-operation at a time: the reference. */
    INTERPRETER(false),
    /** The same, but many turns of a loop of one micro-operation at once: what runs use. */
    FAST_FORWARD(true);

    final boolean fastForward;

    Engine(boolean fastForward) {
        this.fastForward = fastForward;
    }
}
