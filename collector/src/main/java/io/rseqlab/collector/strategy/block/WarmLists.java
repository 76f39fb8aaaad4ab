package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.FreshMemory;
import java.util.function.Function;

/**
 * Lists of free blocks that are there when a run begins, cut from spans of their own. Neighbours in a list are none in
 * memory, as after long use: the next block lies about 0.62 of the list further on.
 */
public final class WarmLists {
    private static final double STEP = 0.618;
    /** More than that would take as much of the host's memory. */
    private static final long MOST_BYTES = 512L << 20;

    private final FreshMemory memory;
    private final BlockClasses classes;
    private final Function<String, RuntimeException> refusal;
    private long all;
    private long blocks;

    /**
     * A list.
     *
     * @param first its first block; 0 if it has none
     * @param last its last block
     * @param bytes of all its blocks
     */
    public record Chain(long first, long last, long bytes) {
        /** Writes the three to an address and at offsets from it. */
        public void write(FreshMemory memory, long head, int tail, int has) {
            memory.write64(head, first);
            memory.write64(head + tail, last);
            memory.write64(head + has, bytes);
        }
    }

    /** @param refusal what to throw, from a message, where lists would take more than the host should give */
    public WarmLists(FreshMemory memory, BlockClasses classes, Function<String, RuntimeException> refusal) {
        this.memory = memory;
        this.classes = classes;
        this.refusal = refusal;
    }

    /** Blocks of all lists made so far. */
    public long blocks() {
        return blocks;
    }

    /** A new list of so many bytes, rounded up to whole blocks. */
    public Chain list(int sizeClass, long bytes) {
        int size = classes.sizes().bytes(sizeClass);
        int count = Math.toIntExact((bytes + size - 1) / size);
        if (count == 0) {
            return new Chain(0, 0, 0);
        }
        long length = (long) count * size + BlockClasses.PAGE_BYTES - 1 & -BlockClasses.PAGE_BYTES;
        all += length;
        if (all > MOST_BYTES) {
            throw refusal.apply("warm: lists of more than " + (MOST_BYTES >> 20)
                    + " MiB would have to be there at the start: fewer CPUs or sizes, or shorter lists");
        }
        long span = memory.extend(length);
        classes.map(memory, span, length, sizeClass);
        blocks += count;
        int step = Math.max(1, (int) (STEP * count));
        while (greatestDivisor(step, count) > 1) {
            step++;
        }
        long at = span;
        int place = 0;
        for (int i = 1; i < count; i++) {
            place = (place + step) % count;
            long next = span + (long) place * size;
            memory.write64(at + NodeLayout.NEXT, next);
            at = next;
        }
        memory.write64(at + NodeLayout.NEXT, 0);
        return new Chain(span, at, (long) count * size);
    }

    private static int greatestDivisor(int a, int b) {
        return b == 0 ? a : greatestDivisor(b, a % b);
    }
}
