package io.rseqlab.collector.isa;

/**
 * Kinds of zero-cost marks: how a program tells the machine what it is doing, so that the machine (and not the program)
 * counts and times it. A mark's argument is the immediate; a register may carry a value.
 */
public final class Mark {
    /** malloc (0) or free (1) begins; for free, A0 holds the block. */
    public static final int OP_BEGIN = 0;
    /** malloc (0) or free (1) ends; for malloc, A0 holds the block. */
    public static final int OP_END = 1;
    /** The running operation reached at least this tier (0 is the fast path). */
    public static final int TIER = 2;
    /**
     * An attempt of section number arg begins: placed before the store that arms it, behind which the section starts.
     */
    public static final int ATTEMPT = 3;
    /** Section number arg has committed: placed behind its last micro-operation. */
    public static final int COMMIT = 4;
    /** Section arg & 0xff left without commit; the reason, arg >> 8, is an {@code EXIT_} constant. */
    public static final int EXIT = 5;
    /** Something happened value-of-register times; arg is a {@code COUNT_} constant. */
    public static final int COUNT = 6;
    /** The workload finished value-of-register operations. */
    public static final int WORK_DONE = 7;
    /** A request is done that arrived at the cycle in the register. */
    public static final int REQUEST_DONE = 8;
    /** Something happened once; arg is a {@code COUNT_} constant. */
    public static final int ONCE = 9;
    /**
     * Something happened to each block of the chain that begins in the register, which nobody else can change; arg is a
     * {@code COUNT_} constant. Counted only where a run counts details.
     */
    public static final int CHAIN = 10;

    /** A hardware transaction begins: placed before XBEGIN, so that faults can be injected behind that. */
    public static final int TRANSACTION = 11;

    public static final int EXIT_STALE_CPU = 0;
    public static final int EXIT_COMPARE = 1;
    public static final int EXIT_EMPTY = 2;
    public static final int EXIT_FULL = 3;

    public static final int COUNT_REFILLS = 0;
    public static final int COUNT_FLUSHES = 1;
    public static final int COUNT_MESSAGES = 2;
    public static final int COUNT_MESSAGE_OBJECTS = 3;
    public static final int COUNT_REMOTE_FREES = 4;
    public static final int COUNT_CONTENDED_LOCKS = 5;
    /** Blocks that came with a refill. */
    public static final int COUNT_REFILL_OBJECTS = 6;
    /** Blocks that a flush is to take along. */
    public static final int COUNT_FLUSH_OBJECTS = 7;
    /** Blocks that it could not: there were no more. May be 0. */
    public static final int COUNT_FLUSH_SHORT = 8;

    /** Transactions failed so often that the lock was taken. */
    public static final int COUNT_TRANSACTION_FALLBACKS = 9;

    public static final int COUNT_KINDS = 10;

    public static final int MALLOC = 0;
    public static final int FREE = 1;

    private Mark() {}
}
