package io.rseqlab.collector.run;

import io.rseqlab.collector.machine.Memory;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The pool of the {@code ideal} strategy, kept by the host: hands out the block freed last on the same CPU, else any
 * free one, else one of a new page. It is shared by all threads at no cost but that of a plain pop or push.
 */
final class IdealPool {
    /** A pop and push pair of a plain per-thread list takes about two core cycles on the calibrated machine. */
    static final long CYCLES = 1;

    private static final int PAGE_BYTES = 4096;

    private final long[][] stacks;
    private final int[] sizes;

    IdealPool(int cpus) {
        stacks = new long[cpus][64];
        sizes = new int[cpus];
    }

    /** A free block. */
    long pop(int cpu, Memory memory) {
        for (int i = 0; i < stacks.length; i++) {
            int from = (cpu + i) % stacks.length;
            if (sizes[from] > 0) {
                return stacks[from][--sizes[from]];
            }
        }
        long page = memory.extend(PAGE_BYTES);
        for (long block = page + PAGE_BYTES - Simulation.BLOCK_BYTES; block > page; block -= Simulation.BLOCK_BYTES) {
            push(cpu, block);
        }
        return page;
    }

    void push(int cpu, long block) {
        if (sizes[cpu] == stacks[cpu].length) {
            stacks[cpu] = Arrays.copyOf(stacks[cpu], 2 * sizes[cpu]);
        }
        stacks[cpu][sizes[cpu]++] = block;
    }

    void forEach(LongConsumer visitor) {
        for (int cpu = 0; cpu < stacks.length; cpu++) {
            for (int i = 0; i < sizes[cpu]; i++) {
                visitor.accept(stacks[cpu][i]);
            }
        }
    }
}
