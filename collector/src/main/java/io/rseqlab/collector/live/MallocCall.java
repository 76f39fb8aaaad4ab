package io.rseqlab.collector.live;

/** One call as a recorder wrote it down, with addresses; mutable, one for all lines of a file. */
final class MallocCall {
    /** What was called. */
    enum Op {
        ALLOCATE,
        FREE,
        REALLOCATE,
        THREAD_END
    }

    Op op;
    /** The thread's number in the recording. */
    long thread;
    /** What was returned, or what is freed. */
    long address;
    /** What was reallocated. */
    long oldAddress;

    long sizeBytes;
    /** When the call began. */
    long timeNanos;
    /** How long it took. */
    long durationNanos;

    int cpu;

    MallocCall begin(Op newOp, long newThread) {
        op = newOp;
        thread = newThread;
        address = 0;
        oldAddress = 0;
        sizeBytes = 0;
        timeNanos = 0;
        durationNanos = 0;
        cpu = 0;
        return this;
    }
}
