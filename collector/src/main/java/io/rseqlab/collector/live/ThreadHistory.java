package io.rseqlab.collector.live;

import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Event;

/**
 * What happened to one thread since it last ran in user mode: the causes of an abort, found backwards. The kernel
 * reports an abort when its victim returns, long after the interruption, and without a cause.
 *
 * <p>The stretch in the kernel ends when the kernel reports rseq work (an update or a fix-up, in either order). The
 * next switch-out or signal after that begins a new one.
 */
final class ThreadHistory {
    /**
     * Where no update tells that user mode was reached: a signal later than this after a switch-in interrupts user mode
     * anew. The way from switch to signal takes microseconds.
     */
    private static final long EXIT_NANOS = 50_000;

    private boolean exitReported;
    private int cpu = -1;
    private long cycleIn = Event.ABSENT;
    private int causes;
    private long switchOut = Event.ABSENT;
    private long switchIn = Event.ABSENT;
    private long signal = Event.ABSENT;
    private boolean yielding;

    void yields() {
        yielding = true;
    }

    boolean yielding() {
        return yielding;
    }

    void switchedOut(int onCpu, long sequence) {
        startStretch();
        if (switchOut == Event.ABSENT) {
            switchOut = sequence;
            cpu = onCpu;
        }
        yielding = false;
    }

    void switchedIn(int onCpu, long sequence, long cycle) {
        startStretch();
        causes |= Cause.PREEMPTION;
        boolean elsewhere = cpu >= 0 && cpu != onCpu;
        causes = elsewhere ? causes | Cause.MIGRATION : causes & ~Cause.MIGRATION;
        switchIn = sequence;
        cycleIn = cycle;
    }

    /** Notes a signal and answers the event that began the same exit to user mode, or absent. */
    long signalled(int onCpu, long sequence, long cycle, boolean updatesAlways) {
        if (!updatesAlways && switchIn != Event.ABSENT && cycle - cycleIn > EXIT_NANOS) {
            exitReported = true;
        }
        startStretch();
        cpu = cpu < 0 ? onCpu : cpu;
        long began = switchIn != Event.ABSENT ? switchIn : signal;
        causes |= Cause.SIGNAL;
        signal = sequence;
        return began;
    }

    void exitReported(int onCpu) {
        exitReported = true;
        if (switchOut == Event.ABSENT) {
            cpu = onCpu;
        }
    }

    private void startStretch() {
        if (exitReported) {
            exitReported = false;
            causes = 0;
            switchOut = Event.ABSENT;
            switchIn = Event.ABSENT;
            signal = Event.ABSENT;
            cpu = -1;
        }
    }

    /** Mask of causes; 0 where they lie before the recording. */
    int causes() {
        return causes;
    }

    /** The event that caused an abort: a signal comes last, else the switch that took the CPU away. */
    long causeSequence() {
        if (signal != Event.ABSENT) {
            return signal;
        }
        return switchOut != Event.ABSENT ? switchOut : switchIn;
    }
}
