package io.rseqlab.collector.workload;

import java.util.SplittableRandom;

/**
 * When requests arrive at a server that nobody waits for: bursts at gaps that are exponentially distributed (a Poisson
 * process) or constant, of a number of requests that is geometrically distributed. The same seed gives the same
 * arrivals, whoever asks and however late.
 */
final class Arrivals {
    private final Law law;
    private final SplittableRandom random;
    /** When the burst arrives that the next request belongs to, in cycles. */
    private double burstAt;

    private long restOfBurst;

    /**
     * The law of a process.
     *
     * @param gapCycles mean time between bursts
     * @param exponential the gaps are exponentially distributed; else all are the mean, with a random phase
     * @param burst mean number of requests of a burst, 1 and up
     */
    record Law(double gapCycles, boolean exponential, double burst) {}

    Arrivals(Law law, long seed) {
        this.law = law;
        random = new SplittableRandom(seed);
        burstAt = law.exponential ? 0 : -law.gapCycles * random.nextDouble();
        nextBurst();
    }

    private void nextBurst() {
        burstAt += law.exponential ? -Math.log(1 - random.nextDouble()) * law.gapCycles : law.gapCycles;
        restOfBurst = 1;
        if (law.burst > 1) {
            restOfBurst += (long) (Math.log(1 - random.nextDouble()) / Math.log(1 - 1 / law.burst));
        }
    }

    /** The cycle at which the next request arrives; never before the one asked for before. */
    long next() {
        if (restOfBurst == 0) {
            nextBurst();
        }
        restOfBurst--;
        return (long) burstAt;
    }

    /** How many requests of such a process arrive from a cycle to before another. */
    static long count(Law law, long seed, long from, long to) {
        Arrivals arrivals = new Arrivals(law, seed);
        long count = 0;
        for (long cycle = arrivals.next(); cycle < to; cycle = arrivals.next()) {
            count += cycle >= from ? 1 : 0;
        }
        return count;
    }
}
