package io.rseqlab.analyzer.result;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A sparse histogram: only buckets that hold something, in rising order. Buckets carry their own bounds, so that a
 * reader need not know the geometry.
 *
 * @param unit unit of the bounds
 * @param buckets the buckets
 */
public record LatencyHistogram(String unit, List<Bucket> buckets) {
    /**
     * One bucket.
     *
     * @param low smallest value it takes
     * @param high largest value it takes
     * @param count how many it holds
     */
    public record Bucket(long low, long high, long count) {}

    public LatencyHistogram {
        buckets = List.copyOf(buckets);
    }

    public long total() {
        return buckets.stream().mapToLong(Bucket::count).sum();
    }

    /** The sum of two histograms of one geometry. */
    public LatencyHistogram plus(LatencyHistogram other) {
        Map<Long, Bucket> sums = new TreeMap<>();
        List<Bucket> all = new ArrayList<>(buckets);
        all.addAll(other.buckets);
        for (Bucket bucket : all) {
            sums.merge(bucket.low(), bucket, (a, b) -> new Bucket(a.low(), a.high(), a.count() + b.count()));
        }
        return new LatencyHistogram(unit, new ArrayList<>(sums.values()));
    }

    /** The share of values at or below each bucket's upper bound, as (value, share) pairs in rising order. */
    public List<double[]> cumulative() {
        List<double[]> points = new ArrayList<>();
        long total = total();
        long below = 0;
        for (Bucket bucket :
                buckets.stream().sorted(Comparator.comparingLong(Bucket::low)).toList()) {
            below += bucket.count();
            points.add(new double[] {bucket.high(), (double) below / total});
        }
        return points;
    }
}
