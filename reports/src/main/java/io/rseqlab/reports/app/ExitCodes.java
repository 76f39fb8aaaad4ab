package io.rseqlab.reports.app;

/** What the program tells its caller on leaving. The numbers are part of the interface and never change meaning. */
public final class ExitCodes {

    public static final int DONE = 0;
    public static final int BUG = 1;
    public static final int USAGE = 2;
    public static final int INVALID_INPUT = 3;
    public static final int VIOLATION = 4;
    public static final int TOLERANCE = 5;

    private ExitCodes() {}
}
