package io.rseqlab.collector.run;

import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.machine.Memory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The pool of the {@code ideal} strategy, kept by the host: hands out the block freed last on the same CPU, else any
 * free one, else one of a new page. It is shared by all threads at no cost but that of a plain pop or push.
 */
final class IdealPool {
    /** A pop and push pair of a plain per-thread list takes about two core cycles on the calibrated machine. */
    static final long CYCLES = 1;

    private static final int PAGE_BYTES = 4096;

    private final int cpus;
    private final SizeClasses sizes;
    /** Free blocks by class and CPU. */
    private final long[][] stacks;

    private final int[] counts;
    /** Class of the blocks of a page, by the page's address; where there are several classes. */
    private final Map<Long, Integer> pages = new HashMap<>();

    IdealPool(int cpus, SizeClasses sizes) {
        this.cpus = cpus;
        this.sizes = sizes;
        stacks = new long[cpus * sizes.count()][64];
        counts = new int[stacks.length];
    }

    /**
     * A free block.
     *
     * @param asked its class; of no meaning where there is but one
     */
    long pop(int cpu, int asked, Memory memory) {
        int sizeClass = sizes.single() ? 0 : asked;
        for (int i = 0; i < cpus; i++) {
            int from = sizeClass * cpus + (cpu + i) % cpus;
            if (counts[from] > 0) {
                return stacks[from][--counts[from]];
            }
        }
        int blockBytes = sizes.bytes(sizeClass);
        long bytes = Math.max(PAGE_BYTES, blockBytes);
        long page = memory.extend(bytes);
        if (!sizes.single()) {
            pages.put(page & -PAGE_BYTES, sizeClass);
        }
        for (long block = page + (bytes / blockBytes - 1) * blockBytes; block > page; block -= blockBytes) {
            push(cpu, block);
        }
        return page;
    }

    void push(int cpu, long block) {
        int to = sizeClass(block) * cpus + cpu;
        if (counts[to] == stacks[to].length) {
            stacks[to] = Arrays.copyOf(stacks[to], 2 * counts[to]);
        }
        stacks[to][counts[to]++] = block;
    }

    /** The class of a block that this pool has cut. */
    int sizeClass(long block) {
        return sizes.single() ? 0 : pages.get(block & -PAGE_BYTES);
    }

    void forEach(LongConsumer visitor) {
        for (int i = 0; i < stacks.length; i++) {
            for (int j = 0; j < counts[i]; j++) {
                visitor.accept(stacks[i][j]);
            }
        }
    }
}
