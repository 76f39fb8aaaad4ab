package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * How much unused memory jemalloc keeps: of what came to be unused in an epoch, a 200th of the period, so much as a
 * smooth curve says, all at first and nothing when the period is over.
 *
 * <p>Source: jemalloc {@code decay.c} (decay_maybe_advance_epoch, decay_backlog_npages_limit), {@code smoothstep.h}. An
 * epoch ends where it should, without jemalloc's jitter.
 */
final class Decay {
    /** SMOOTHSTEP_NSTEPS. */
    private static final int STEPS = 200;

    private final long[] backlog = new long[STEPS];
    private long epoch;
    private long unused;

    /**
     * How many bytes may stay unused.
     *
     * @param now the cycle
     * @param period within so many cycles all must go; 0 for at once
     * @param bytes unused now
     */
    long limit(long now, long period, long bytes) {
        long step = period / STEPS;
        if (step == 0) {
            return 0;
        }
        long passed = (now - epoch) / step;
        if (passed <= 0) {
            return Long.MAX_VALUE;
        }
        epoch += passed * step;
        return advance(passed, bytes);
    }

    private long advance(long passed, long bytes) {
        int epochs = (int) Math.min(passed, STEPS);
        System.arraycopy(backlog, epochs, backlog, 0, STEPS - epochs);
        Arrays.fill(backlog, STEPS - epochs, STEPS, 0);
        backlog[STEPS - 1] = Math.max(0, bytes - unused);
        double sum = 0;
        for (int i = 0; i < STEPS; i++) {
            sum += backlog[i] * smooth((i + 1.0) / STEPS);
        }
        long limit = (long) sum;
        unused = Math.max(limit, bytes);
        return limit;
    }

    /** The smooth step from 0 to 1. */
    private static double smooth(double x) {
        return x * x * x * (10 + x * (6 * x - 15));
    }
}
