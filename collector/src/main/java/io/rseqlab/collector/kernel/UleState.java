package io.rseqlab.collector.kernel;

/** What ULE keeps of a task. Times are cycles. */
final class UleState {
    /** Sleep and run of the last seconds: their ratio is the interactivity score. */
    long ran;

    long slept;
    /** Cycle at which it fell asleep, -1 while it is awake. */
    long sleepsFrom = -1;

    /** CPU time in the window of some ten seconds from {@link #windowFrom} to {@link #windowTo}. */
    long windowRan;

    long windowFrom;
    long windowTo;

    int priority;
    /** Ticks of its slice that are used. */
    int sliceTicks;
    /** The slice is used up. */
    boolean sliceEnded;
    /** It gives way of its own accord. */
    boolean yields;

    // ---- its place among those that wait
    /** In the queue that is served by priority, before all others. */
    boolean interactive;
    /** Queue: by priority, or the turn of the calendar. */
    long slot;
    /** Order within a queue. */
    long order;

    /** True if it comes before another that waits on the same CPU. */
    boolean before(UleState other) {
        if (interactive != other.interactive) {
            return interactive;
        }
        return slot != other.slot ? slot < other.slot : order < other.order;
    }
}
