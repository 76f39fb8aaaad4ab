package io.rseqlab.collector.run;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.machine.Memory;
import io.rseqlab.collector.oracle.OperationBooks;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts that a run takes only where it is asked to, since they make its trace larger: blocks that came with refills
 * and went with flushes, and at the end of each interval the memory that lies stranded with each CPU and thread, in the
 * pool, and in whole pages, and the heap that the system has given.
 */
final class Details {
    private final Simulation simulation;
    private final List<Counter> rows = new ArrayList<>();

    Details(Simulation simulation) {
        this.simulation = simulation;
    }

    /** An interval ends. */
    void cut(long from, long to) {
        if (!simulation.spec().details() || simulation.ownership() == null) {
            return;
        }
        TreeMap<Integer, Long> cpus = new TreeMap<>();
        TreeMap<Integer, Long> threads = new TreeMap<>();
        long[] pool = new long[1];
        simulation.census((place, bytes) -> {
            switch (place.holder()) {
                case CPU -> cpus.merge(place.number(), (long) bytes, Long::sum);
                case THREAD -> threads.merge(place.number(), (long) bytes, Long::sum);
                case POOL -> pool[0] += bytes;
            }
        });
        for (Map.Entry<Integer, Long> cpu : cpus.entrySet()) {
            rows.add(row(CounterName.STRANDED_BYTES, from, to, cpu.getKey(), null, cpu.getValue()));
        }
        for (Map.Entry<Integer, Long> thread : threads.entrySet()) {
            rows.add(row(CounterName.STRANDED_BYTES, from, to, null, thread.getKey(), thread.getValue()));
        }
        rows.add(row(CounterName.UNSTRANDED_BYTES, from, to, null, null, pool[0]));
        HeapPages heap = simulation.heap();
        rows.add(row(CounterName.HEAP_BYTES, from, to, null, null, heap.heldBytes()));
        if (heap.hasPageHeap()) {
            rows.add(row(CounterName.PAGE_HEAP_BYTES, from, to, null, null, heap.freeBytes()));
        }
    }

    /** Blocks of a chain; of a broken one those up to where it breaks, of a circle as many as words fit into memory. */
    static long chainLength(Memory memory, long first) {
        long length = 0;
        long block = first;
        while (memory.mapped(block) && length < memory.end() / Long.BYTES) {
            length++;
            block = memory.read64(block + NodeLayout.NEXT);
        }
        return length;
    }

    private static Counter row(CounterName name, long from, long to, Integer cpu, Integer thread, long value) {
        return new Counter(name, from, to, cpu, thread, null, null, null, null, null, null, value);
    }

    /** All counts so far. */
    List<Counter> rows() {
        List<Counter> all = new ArrayList<>(rows);
        OperationBooks books = simulation.books();
        long came = books.count(Mark.COUNT_REFILL_OBJECTS);
        long went = books.count(Mark.COUNT_FLUSH_OBJECTS) - books.count(Mark.COUNT_FLUSH_SHORT);
        if (simulation.spec().details() && came > 0) {
            all.add(Counter.ofWindow(CounterName.REFILL_OBJECTS, came));
        }
        if (simulation.spec().details() && went > 0) {
            all.add(Counter.ofWindow(CounterName.FLUSH_OBJECTS, went));
        }
        return all;
    }
}
