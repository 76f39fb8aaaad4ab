package io.rseqlab.trace;

import java.util.ArrayList;
import java.util.List;

/** Causes of an abort: bits of {@link Column#CAUSES}. They form a set, so they may sum to more than the aborts. */
public final class Cause {
    /** The thread was switched out, whether preempted or blocked. */
    public static final int PREEMPTION = 1;
    /** A signal was delivered. */
    public static final int SIGNAL = 2;
    /** The thread came back on another CPU. */
    public static final int MIGRATION = 4;
    /** A membarrier(RSEQ) interrupted the CPU. */
    public static final int MEMBARRIER = 8;
    /** Fault injection asked for it. */
    public static final int INJECTED = 16;

    /**
     * Nothing has happened since the thread was last in user mode: the kernel had kept an event bit from earlier, and
     * other work took the thread through the notified way to user mode.
     */
    public static final int STALE = 32;
    /** User mode had been left by a system call inside the section, not by an interrupt. */
    public static final int SYSCALL = 64;

    private static final String[] NAMES = {
        "preemption", "signal", "migration", "membarrier", "injected", "stale", "syscall"
    };

    private Cause() {}

    /** Names of all causes, in bit order. */
    public static List<String> names() {
        return List.of(NAMES);
    }

    /** Names of the bits set in a mask, in bit order. */
    public static List<String> namesOf(int causes) {
        List<String> names = new ArrayList<>();
        for (int bit = 0; bit < NAMES.length; bit++) {
            if ((causes & (1 << bit)) != 0) {
                names.add(NAMES[bit]);
            }
        }
        return names;
    }
}
