package io.rseqlab.collector.isa;

/**
 * Why a hardware transaction was undone, as XBEGIN's register says it: the bits of EAX of Intel's Restricted
 * Transactional Memory (Software Developer's Manual, volume 1, "RTM Abort Status Definition"). A transaction that an
 * interrupt, a system call, a page fault or an instruction that none can hold undid leaves none of them, so that 0 says
 * little: to try again may or may not help.
 */
public final class TransactionStatus {
    /** XABORT undid it; the reason stands in the uppermost eight of 32 bits. */
    public static final long EXPLICIT = 1;
    /** It may succeed if it is tried again. */
    public static final long RETRY = 1 << 1;
    /** Another processor wanted a line that it had written, or wanted to write one that it had read. */
    public static final long CONFLICT = 1 << 2;
    /** It read or wrote more lines than the caches keep for it. */
    public static final long CAPACITY = 1 << 3;
    /** A breakpoint was hit; never here. */
    public static final long DEBUG = 1 << 4;
    /** It was undone inside a transaction within it. */
    public static final long NESTED = 1 << 5;

    private static final int REASON_SHIFT = 24;

    private TransactionStatus() {}

    /** What XABORT with a reason leaves. */
    public static long explicit(int reason) {
        return EXPLICIT | (long) (reason & 0xff) << REASON_SHIFT;
    }

    /** The reason of XABORT; of no meaning without {@link #EXPLICIT}. */
    public static int reason(long status) {
        return (int) (status >>> REASON_SHIFT) & 0xff;
    }
}
