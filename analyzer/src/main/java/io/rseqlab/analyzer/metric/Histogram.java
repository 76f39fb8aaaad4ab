package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.LogLinear;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Exact counts in the buckets of {@link LogLinear}, with the exact sum and maximum of the values. */
final class Histogram implements Serializable {
    private static final long serialVersionUID = 1L;

    private long[] counts = new long[0];
    private long count;
    private long sum;
    private long max;

    void add(long value) {
        addBucket(LogLinear.bucketOf(value), 1);
        addSum(value);
        addMax(value);
    }

    /** Adds values of which only the bucket is known; sum and maximum come apart. */
    void addBucket(int bucket, long howMany) {
        if (bucket >= counts.length) {
            counts = Arrays.copyOf(counts, bucket + 1);
        }
        counts[bucket] = Math.addExact(counts[bucket], howMany);
        count = Math.addExact(count, howMany);
    }

    void addSum(long more) {
        sum = Math.addExact(sum, more);
    }

    void addMax(long value) {
        max = Math.max(max, value);
    }

    static Histogram merge(Histogram a, Histogram b) {
        Histogram all = new Histogram();
        all.addAll(a);
        all.addAll(b);
        return all;
    }

    private void addAll(Histogram other) {
        for (int bucket = 0; bucket < other.counts.length; bucket++) {
            if (other.counts[bucket] != 0) {
                addBucket(bucket, other.counts[bucket]);
            }
        }
        addSum(other.sum);
        addMax(other.max);
    }

    void write(StateWriter out) {
        out.number(Arrays.stream(counts).filter(count -> count != 0).count());
        for (int bucket = 0; bucket < counts.length; bucket++) {
            if (counts[bucket] != 0) {
                out.number(bucket);
                out.number(counts[bucket]);
            }
        }
        out.number(sum);
        out.number(max);
    }

    static Histogram read(StateReader in) {
        Histogram histogram = new Histogram();
        in.entries(() -> {
            int bucket = in.small();
            if (bucket < 0 || bucket > LogLinear.bucketOf(Long.MAX_VALUE)) {
                throw StateReader.damaged("no bucket has number " + bucket);
            }
            histogram.addBucket(bucket, in.number());
        });
        histogram.addSum(in.number());
        histogram.addMax(in.number());
        return histogram;
    }

    long count() {
        return count;
    }

    /**
     * The quantile as the largest value of its bucket, at most the maximum: the least value that at least the share
     * {@code perTenThousand}/10000 of all values do not exceed, up to a bucket's width.
     */
    long quantile(long perTenThousand) {
        long rank = Math.max(1, Math.addExact(Math.multiplyExact(count, perTenThousand), 9999) / 10_000);
        long below = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            below += counts[bucket];
            if (below >= rank) {
                long high = LogLinear.upperBound(bucket);
                return max == 0 ? high : Math.min(max, high);
            }
        }
        throw new IllegalStateException("no quantile of nothing");
    }

    /** Mean, quantiles up to 999 in 1000 and maximum as a group, each number times a scale. */
    MetricValue present(String unit, double scale) {
        return present(unit, scale, false);
    }

    /** The same up to 9999 in 10000. */
    MetricValue presentFar(String unit, double scale) {
        return present(unit, scale, true);
    }

    private MetricValue present(String unit, double scale, boolean far) {
        if (count == 0) {
            return MetricValue.noData(unit, "nothing was observed");
        }
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put("mean", MetricValue.ratio(sum, count, scale, unit));
        parts.put("p50", scaled(quantile(5000), scale, unit));
        parts.put("p90", scaled(quantile(9000), scale, unit));
        parts.put("p99", scaled(quantile(9900), scale, unit));
        parts.put("p999", scaled(quantile(9990), scale, unit));
        if (far) {
            parts.put("p9999", scaled(quantile(9999), scale, unit));
        }
        parts.put("max", scaled(max, scale, unit));
        return MetricValue.group(unit, parts);
    }

    private static MetricValue scaled(long value, double scale, String unit) {
        return scale == 1 ? MetricValue.of(value, unit) : MetricValue.of(value * scale, unit);
    }

    /** The buckets that hold something. */
    LatencyHistogram sparse(String unit) {
        List<LatencyHistogram.Bucket> buckets = new ArrayList<>();
        for (int bucket = 0; bucket < counts.length; bucket++) {
            if (counts[bucket] != 0) {
                buckets.add(new LatencyHistogram.Bucket(
                        LogLinear.lowerBound(bucket), LogLinear.upperBound(bucket), counts[bucket]));
            }
        }
        return new LatencyHistogram(unit, buckets);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Histogram histogram
                && Arrays.equals(counts, histogram.counts)
                && sum == histogram.sum
                && max == histogram.max;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(counts) * 31 + Long.hashCode(sum);
    }
}
