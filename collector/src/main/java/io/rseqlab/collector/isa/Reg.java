package io.rseqlab.collector.isa;

/**
 * Register conventions. Strategies may use {@link #T0} to {@link #T13} freely; workloads keep their own state in
 * {@link #W0} to {@link #W8}, which strategies never touch.
 */
public final class Reg {
    /** Always 0. */
    public static final int ZERO = 0;
    /** First argument and result: the block of malloc and free; also of system and host calls. */
    public static final int A0 = 1;

    public static final int A1 = 2;
    public static final int A2 = 3;
    /** Fourth argument of system calls, else a temporary. */
    public static final int A3 = 4;
    /** First temporary of strategies. */
    public static final int T0 = 4;

    public static final int T1 = 5;
    public static final int T2 = 6;
    public static final int T3 = 7;
    public static final int T4 = 8;
    public static final int T5 = 9;
    public static final int T6 = 10;
    public static final int T7 = 11;
    public static final int T8 = 12;
    public static final int T9 = 13;
    public static final int T10 = 14;
    public static final int T11 = 15;
    public static final int T12 = 16;
    public static final int T13 = 17;
    /** First register of the workload. */
    public static final int W0 = 18;

    public static final int W1 = 19;
    public static final int W2 = 20;
    public static final int W3 = 21;
    public static final int W4 = 22;
    public static final int W5 = 23;
    public static final int W6 = 24;
    public static final int W7 = 25;
    public static final int W8 = 26;
    /** Base of the workload's thread area. */
    public static final int WORKLOAD = 27;
    /** Base of the strategy's thread area. */
    public static final int TLS = 28;
    /**
     * The thread's rseq area. Programs that the native driver runs too load it first, as compiled code does that gets
     * the distance from the thread's base at run time; others use it as it is, like code that knows the distance.
     */
    public static final int RSEQ = 29;
    /** Link register of strategy entry points. */
    public static final int LINK = 30;
    /** Link register of subroutines inside a strategy. */
    public static final int LINK2 = 31;

    public static final int COUNT = 32;

    private Reg() {}
}
