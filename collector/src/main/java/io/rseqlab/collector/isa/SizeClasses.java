package io.rseqlab.collector.isa;

import java.util.Arrays;

/**
 * The sizes in which a workload asks for memory, in ascending order: what it and the strategies agree on. With one
 * class malloc has no argument; with several its argument is the class's number in A0, rounded up by whoever asks. The
 * smallest is 32 bytes, and all are multiples of that, because a free block keeps its link, its list's depth and its
 * owner, and a live one a word of the application's, in the first 32 bytes.
 */
public final class SizeClasses {
    /** What every size is a multiple of. */
    public static final int GRANULE_BYTES = 32;

    /** Largest size there can be. */
    public static final int MOST_BYTES = 64 << 20;

    /** One class of a line: what workloads of objects that are all alike use. */
    public static final SizeClasses ONE_LINE = new SizeClasses(Layout.LINE);

    private static final int PER_DOUBLING = 4;

    private final int[] bytes;

    private SizeClasses(int... bytes) {
        this.bytes = bytes;
    }

    /** Classes of these sizes; each a multiple of {@link #GRANULE_BYTES} above the one before. */
    public static SizeClasses of(int... bytes) {
        int before = 0;
        for (int size : bytes) {
            if (size <= before || size % GRANULE_BYTES != 0 || size > MOST_BYTES) {
                throw new IllegalArgumentException("sizes must ascend in multiples of " + GRANULE_BYTES
                        + " bytes up to " + MOST_BYTES + ": " + Arrays.toString(bytes));
            }
            before = size;
        }
        if (bytes.length == 0) {
            throw new IllegalArgumentException("no size");
        }
        return new SizeClasses(bytes.clone());
    }

    /**
     * Four classes per doubling, as snmalloc and jemalloc have them, from 32 bytes up to the first that holds so many:
     * 32, 64, 96, 128, 160, 192, 224, 256, 320, 384, ...
     */
    public static SizeClasses upTo(int mostBytes) {
        int[] sizes = new int[4 * 32];
        int count = 0;
        int step = GRANULE_BYTES;
        for (int size = step; count == 0 || sizes[count - 1] < mostBytes; size += step) {
            sizes[count++] = size;
            if (count >= 2 * PER_DOUBLING && count % PER_DOUBLING == 0) {
                step *= 2;
            }
        }
        return of(Arrays.copyOf(sizes, count));
    }

    /** Number of classes. */
    public int count() {
        return bytes.length;
    }

    /** True if there is one class only, so that malloc needs no argument. */
    public boolean single() {
        return bytes.length == 1;
    }

    /** Size of the blocks of a class. */
    public int bytes(int number) {
        return bytes[number];
    }

    /** The class whose blocks are the smallest that hold so many bytes; -1 if none do. */
    public int holding(long size) {
        int found = Arrays.binarySearch(bytes, (int) Math.min(size, Integer.MAX_VALUE));
        int number = found >= 0 ? found : -found - 1;
        return number < bytes.length ? number : -1;
    }

    /**
     * What all sizes are multiples of, and the addresses of all blocks: a line at most, since large blocks begin behind
     * headers or on pages, wherever their allocator has them begin; less where the only size is no whole lines.
     */
    public int granuleBytes() {
        return single() && Integer.bitCount(bytes[0]) == 1 ? Math.min(bytes[0], Layout.LINE) : GRANULE_BYTES;
    }

    @Override
    public String toString() {
        return Arrays.toString(bytes);
    }
}
