package io.rseqlab.reports.app;

import io.rseqlab.collector.live.NativeWindow;
import io.rseqlab.collector.machine.MachineProfile;

/**
 * Where the host has put the two virtual CPUs that are measured: the cost of a shared line has two states, and no mean
 * of them is worth anything.
 */
enum HostState {
    /** On one third-level cache. */
    NEAR,
    /** On two. */
    FAR;

    /** Probes before and after a window that differ by more than this factor: the host moved something. */
    private static final double SAME_TRANSFER = 1.5;

    /** No-operations that take this much longer than at best: a hardware thread beside the CPU is busy. */
    static final double SLOW_NOPS = 1.1;

    /** The state in which a window was taken, by its line transfers; NEAR if they were not probed. */
    static HostState of(NativeWindow window, MachineProfile profile) {
        Double before = window.lineTransferBeforeNs();
        Double after = window.lineTransferAfterNs();
        if (before == null || after == null) {
            return NEAR;
        }
        double cycles = Math.sqrt(before * after) * profile.clockHz() / 1e9;
        return cycles > profile.nearPingPongCycles() ? FAR : NEAR;
    }

    /** The machine in this state. */
    MachineProfile applied(MachineProfile profile) {
        return this == FAR ? profile.apart() : profile;
    }

    /**
     * True if the host was the same before and after a window, and nobody slowed the CPUs down.
     *
     * @param fastestNopsTsc the least that eight no-operations took in any window, or should, NaN if it was not probed
     */
    static boolean steady(NativeWindow window, double fastestNopsTsc) {
        return same(window.lineTransferBeforeNs(), window.lineTransferAfterNs())
                && fast(window.nopsBeforeTsc(), fastestNopsTsc)
                && fast(window.nopsAfterTsc(), fastestNopsTsc);
    }

    private static boolean same(Double before, Double after) {
        return before == null || after == null || Math.max(before, after) <= SAME_TRANSFER * Math.min(before, after);
    }

    private static boolean fast(Double nopsTsc, double fastestNopsTsc) {
        return nopsTsc == null || Double.isNaN(fastestNopsTsc) || nopsTsc <= quietNopsTsc(fastestNopsTsc);
    }

    /** The most that no-operations take while nobody slows the CPUs down, in the unit of the least that they took. */
    static double quietNopsTsc(double fastestNopsTsc) {
        return SLOW_NOPS * fastestNopsTsc;
    }
}
