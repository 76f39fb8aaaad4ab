package io.rseqlab.collector.oracle;

import io.rseqlab.trace.LogLinear;
import java.util.Arrays;

/**
 * Latencies of requests, from their arrivals on, of those that arrived in the window and were done in it. Those that
 * still wait when it ends are in none of these numbers: how many there are is the difference to what was offered.
 */
public final class RequestBooks {
    private long windowStart = Long.MAX_VALUE;
    private long[] histogram = new long[0];
    private long served;
    private long sum;
    private long max;

    void openWindow(long cycle) {
        windowStart = cycle;
        histogram = new long[0];
        served = 0;
        sum = 0;
        max = 0;
    }

    /** A request that arrived at a cycle is done at another. */
    void done(long arrival, long cycle) {
        if (arrival < windowStart) {
            return;
        }
        long latency = Math.max(0, cycle - arrival);
        int bucket = LogLinear.bucketOf(latency);
        if (bucket >= histogram.length) {
            histogram = Arrays.copyOf(histogram, bucket + 64);
        }
        histogram[bucket]++;
        served++;
        sum += latency;
        max = Math.max(max, latency);
    }

    /** How many are in each {@link LogLinear} bucket. */
    public long[] histogram() {
        return histogram;
    }

    public long served() {
        return served;
    }

    public long sum() {
        return sum;
    }

    public long max() {
        return max;
    }
}
