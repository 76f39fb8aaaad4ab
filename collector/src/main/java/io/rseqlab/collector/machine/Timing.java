package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * What the times of a core's next micro-operations depend on as long as neither the window, nor the store buffer, nor
 * the number of taken branches under way holds dispatch back: all in units behind the beginning of the cycle in which
 * the core dispatches. What comes too early to matter is not told apart.
 *
 * <p>Two states that are the same lead to the same times, so much later; so the times of a path have to be found but
 * once per state (Schnarr and Larus, "Fast out-of-order processor simulation using memoization", ASPLOS 1998).
 */
final class Timing {
    static final int PHASE = 0;
    static final int RETIRE = 1;
    static final int RETIRE_COUNT = 2;
    static final int TAKEN_AT = 3;
    static final int FENCE = 4;
    static final int DRAIN = 5;
    static final int READY = 6;
    static final int LENGTH = READY + 32;

    /** Of a store buffer that has been empty for long. */
    static final int LONG_AGO = -(1 << 20);
    /** Times further away are not written down. */
    static final long FAR = 1 << 28;

    private static final Family[] NONE = {};

    final int[] values;
    private final int hash;
    /** The families of schedules that begin here, and the one that was used last. */
    private Family[] families = NONE;

    private Family last;

    Timing(int[] values, int hash) {
        this.values = values;
        this.hash = hash;
    }

    /** A core's state; false if times are too far apart. */
    static boolean capture(Core core, int[] values, Interpreter numbers) {
        long dispatch = core.dispatch;
        long base = dispatch & -Core.UNIT;
        long retire = (core.retireCycle << Core.UNIT_BITS) - base;
        if (retire > FAR || retire < -FAR || core.takenAt - base > FAR || core.fence - base > FAR) {
            return false;
        }
        if (core.drain - base > FAR) {
            return false;
        }
        values[PHASE] = (int) (dispatch - base);
        values[RETIRE] = (int) retire;
        values[RETIRE_COUNT] = core.retireCount;
        values[TAKEN_AT] = (int) Math.max(core.takenAt - base, LONG_AGO);
        values[FENCE] = (int) Math.max(core.fence - base, LONG_AGO);
        values[DRAIN] = (int) Math.max(core.drain - base, LONG_AGO);
        long latest = 0;
        long[] ready = core.ready;
        for (int i = 0; i < ready.length; i++) {
            long time = ready[i] - base;
            latest = Math.max(latest, time);
            values[READY + i] = (int) Math.max(time, 0);
        }
        forget(values, numbers);
        return latest <= FAR;
    }

    /** Forgets what is too early to matter: no micro-operation is dispatched before one slot has passed. */
    static void forget(int[] values, Interpreter numbers) {
        int first = values[PHASE] + (int) numbers.slotUnits;
        if (values[TAKEN_AT] <= first + numbers.takenUnits) {
            values[TAKEN_AT] = 0;
        }
        if (values[FENCE] <= first) {
            values[FENCE] = 0;
        }
        if (values[DRAIN] + numbers.drainUnits <= first) {
            values[DRAIN] = LONG_AGO;
        }
        for (int i = READY; i < LENGTH; i++) {
            if (values[i] <= first) {
                values[i] = 0;
            }
        }
    }

    static int hash(int[] values) {
        long hash = 1;
        for (int i = 0; i < LENGTH; i++) {
            hash = hash * 0x9e3779b97f4a7c15L + values[i];
        }
        hash ^= hash >>> 32;
        return (int) (hash ^ hash >>> 15);
    }

    boolean is(int[] other, int otherHash) {
        return hash == otherHash && Arrays.equals(values, other);
    }

    int hash() {
        return hash;
    }

    /** The schedules of a block's path from here, null if there are none yet. */
    Family family(Block block) {
        Family family = last;
        if (family != null && family.block == block) {
            return family;
        }
        for (Family one : families) {
            if (one.block == block) {
                last = one;
                return one;
            }
        }
        return null;
    }

    void add(Family family) {
        families = Arrays.copyOf(families, families.length + 1);
        families[families.length - 1] = family;
        last = family;
    }
}
