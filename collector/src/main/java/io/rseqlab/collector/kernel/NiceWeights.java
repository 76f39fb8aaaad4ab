package io.rseqlab.collector.kernel;

/**
 * What a nice value weighs. Each step is worth a factor of about 1.25 (10 % of the CPU against one equal), nice 0
 * weighs 1024. Source: sched_prio_to_weight in kernel/sched/core.c, whose values are these.
 */
final class NiceWeights {
    static final int LEAST_NICE = -20;
    static final int MOST_NICE = 19;
    static final long NICE_0 = 1024;

    private static final int[] WEIGHTS = {
        88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501,
        1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15
    };

    private NiceWeights() {}

    /** The weight of a nice value, -20 to 19. */
    static long of(int nice) {
        if (nice < LEAST_NICE || nice > MOST_NICE) {
            throw new IllegalArgumentException("nice " + nice + " is not within -20 to 19");
        }
        return WEIGHTS[nice - LEAST_NICE];
    }
}
