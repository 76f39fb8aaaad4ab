package io.rseqlab.trace;

/**
 * The one histogram geometry of the project: values below 64 exactly, above that 64 buckets an octave, so that a bucket
 * is at most 1/64 of its value wide. Merging histograms is adding counts, exact in any order.
 */
public final class LogLinear {
    /** Buckets per octave, as a power of two. */
    public static final int SUB_BITS = 6;

    private static final int SUB = 1 << SUB_BITS;

    /** Number of buckets that cover every long from 0. */
    public static final int BUCKETS = (63 - SUB_BITS + 1) * SUB + SUB;

    private LogLinear() {}

    /** Bucket of a value; negative values count as 0. */
    public static int bucketOf(long value) {
        if (value < SUB) {
            return (int) Math.max(0, value);
        }
        int shift = 63 - Long.numberOfLeadingZeros(value) - SUB_BITS;
        return (shift << SUB_BITS) + (int) (value >>> shift);
    }

    /** Smallest value of a bucket. */
    public static long lowerBound(int bucket) {
        if (bucket < 2 * SUB) {
            return bucket;
        }
        int shift = (bucket >> SUB_BITS) - 1;
        return (long) (bucket - (shift << SUB_BITS)) << shift;
    }

    /** Largest value of a bucket. */
    public static long upperBound(int bucket) {
        return lowerBound(bucket + 1) - 1;
    }
}
