package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Layout;

/** The strategies' memory per thread, 128 bytes apart; its first words are the same for all. */
public final class ThreadAreas {
    /** Address of the rseq area (the C library keeps the area in thread-local storage); programs load it first. */
    public static final int RSEQ_POINTER = 0;
    /** The thread's number. */
    public static final int ID = 8;
    /** Head of the thread's own list. */
    public static final int LOCAL = 16;
    /** Always 0: stands for the C library's flags. */
    public static final int ZERO = 24;
    /** Where the mutex's subroutines save a register. */
    public static final int STACK = 32;
    /** Three words where malloc and free save registers. */
    public static final int FRAME = 40;
    /** Blocks freed to another owner so far. */
    public static final int REMOTE_FREES = 64;
    /** First word that a strategy uses as it likes. */
    public static final int REST = 72;
    /** Where there are several size classes: the one that the running operation is about. */
    public static final int CLASS = 120;
    /** Where there are several size classes: heads of the thread's own lists, one per class. */
    public static final int LOCALS = 128;

    private static final int ALIGNMENT = 2 * Layout.LINE;

    private final long base;
    private final long stride;
    private final int threads;

    /**
     * Reserves areas for so many threads.
     *
     * @param extra bytes behind {@link #REST}; with several classes they must end before {@link #CLASS}
     * @param classes number of size classes
     */
    public ThreadAreas(Layout layout, int threads, long extra, int classes) {
        this.threads = threads;
        long bytes = classes == 1 ? REST + extra : LOCALS + 8L * classes;
        if (classes > 1 && REST + extra > CLASS) {
            throw new IllegalArgumentException(extra + " bytes do not fit before the class");
        }
        stride = (bytes + ALIGNMENT - 1) & -ALIGNMENT;
        base = layout.reserve(stride * threads, ALIGNMENT);
        for (int thread = 0; thread < threads; thread++) {
            layout.word(of(thread) + ID, thread);
        }
    }

    /** How many there are. */
    int threads() {
        return threads;
    }

    /** Base of a thread's area. */
    public long of(int thread) {
        return base + thread * stride;
    }
}
