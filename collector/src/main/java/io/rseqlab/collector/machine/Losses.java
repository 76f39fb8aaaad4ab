package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * Who had a line before its owner, and until when. A core that had a line when it would have asked for it has done the
 * load already, ahead of earlier ones. If the line is taken before the load is the oldest, that may not stand, for
 * others would see the core's loads out of order: the load is done again when it is the oldest, with all behind it
 * (memory-ordering machine clear). A store whose line was there and is gone asks again when it is the oldest.
 *
 * <p>Source: the memory ordering of x86, by which loads are not reordered with loads (Intel SDM volume 3, AMD64 APM
 * volume 2). Measured on a Zen 4, FAR, two CPUs that pass numbers on in a ring, each loading its own index and the
 * other's, 20 turns of a loop between: with both indices on one line seven times as many a second as with a line each;
 * the model has 2.4 times, and 1.5 without this (LineRingTest).
 */
final class Losses {
    private static final int NOBODY = -1;

    /** How long it takes to begin again with a load that must be done again; 0 if none must. */
    private final long clearCycles;

    private short[] by = new short[0];
    private long[] at = new long[0];

    Losses(MachineProfile profile) {
        boolean again = profile.costOr("core.ordering_clear", 0) != 0;
        clearCycles = again ? profile.cycles("core.mispredict_refill") : 0;
    }

    /** Follows memory's growth to so many lines; nothing is kept where no load must be done again. */
    void grow(int lines) {
        if (clearCycles == 0) {
            return;
        }
        int old = at.length;
        by = Arrays.copyOf(by, lines);
        Arrays.fill(by, old, lines, (short) NOBODY);
        at = Arrays.copyOf(at, lines);
    }

    /** A core loses a line at a cycle. */
    void note(int line, int core, long cycle) {
        if (clearCycles != 0) {
            by[line] = (short) core;
            at[line] = cycle;
        }
    }

    /** When a core asks for a line that it would ask for at a cycle if it had not had it meanwhile. */
    long asked(Core core, int line, long cycle, boolean write) {
        if (clearCycles == 0 || by[line] != core.id || cycle >= at[line]) {
            return cycle;
        }
        return Math.max(at[line], core.retireCycle) + (write ? 0 : clearCycles);
    }
}
