package io.rseqlab.trace.malloc;

/**
 * Where a malloc trace came from, and so what it can know.
 *
 * @param form the form in which it was recorded, as the user names it
 * @param threadsKnown calls carry their thread; otherwise all are taken for one thread's, and who freed what is unknown
 * @param timed calls carry the time at which they began
 * @param durationsKnown calls carry how long the recorded allocator took
 * @param cpusKnown calls carry the CPU
 * @param missingCalls calls that the recorder counted and could not keep; 0 where it says nothing of any
 */
public record MallocOrigin(
        String form,
        boolean threadsKnown,
        boolean timed,
        boolean durationsKnown,
        boolean cpusKnown,
        long missingCalls) {
    private static final int THREADS = 1;
    private static final int TIMES = 2;
    private static final int DURATIONS = 4;
    private static final int CPUS = 8;
    private static final int MISSING = 16;

    /** Of a recording in which no call is missing. */
    public MallocOrigin(String form, boolean threadsKnown, boolean timed, boolean durationsKnown, boolean cpusKnown) {
        this(form, threadsKnown, timed, durationsKnown, cpusKnown, 0);
    }

    /**
     * That calls are missing, in words; null if none are.
     *
     * @param events events that the recording holds
     */
    public String missing(long events) {
        return missingCalls == 0
                ? null
                : missingCalls + " of " + (events + missingCalls) + " calls are missing from the recording: what they"
                        + " allocated or freed is not in it";
    }

    /** The form of what this program recorded itself: durations hold what recording took, gaps between them do not. */
    public static final String RECORD = "record";

    /** Whether this program recorded it. */
    public boolean recorded() {
        return form.equals(RECORD);
    }

    int flags() {
        return (threadsKnown ? THREADS : 0)
                | (timed ? TIMES : 0)
                | (durationsKnown ? DURATIONS : 0)
                | (cpusKnown ? CPUS : 0)
                | (missingCalls > 0 ? MISSING : 0);
    }

    static boolean saysMissing(int flags) {
        return (flags & MISSING) != 0;
    }

    static MallocOrigin of(String form, int flags, long missingCalls) {
        return new MallocOrigin(
                form,
                (flags & THREADS) != 0,
                (flags & TIMES) != 0,
                (flags & DURATIONS) != 0,
                (flags & CPUS) != 0,
                missingCalls);
    }
}
