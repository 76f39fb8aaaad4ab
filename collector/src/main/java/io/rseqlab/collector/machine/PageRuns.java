package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.FreshMemory;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The page heap behind {@code HOST_PAGES}: runs of whole pages that no span has. A span is cut from the smallest run
 * that is large enough, the lowest of several such; a run that comes back is joined with its neighbours, so that it can
 * become a span of any size. Where no run is large enough the heap grows at its end by what is missing of the last run,
 * or by the whole span.
 *
 * <p>A span's descriptor is a line of a page that the heap never gives to a span.
 *
 * <p>Source: gperftools {@code page_heap.cc} (best fit by address, coalescing at once). It grows by 1 MiB at least, and
 * TCMalloc by huge pages; here pages count as taken from the system when they are first used, as the system counts
 * them.
 */
public final class PageRuns {
    private static final int DESCRIPTOR_BYTES = 64;

    private final FreshMemory memory;
    /** All free runs by address. */
    private final TreeMap<Long, Run> runs = new TreeMap<>();

    private final TreeSet<Run> here = new TreeSet<>(Run.SMALLEST_FIRST);
    private final TreeSet<Run> gone = new TreeSet<>(Run.SMALLEST_FIRST);
    private final Deque<Long> descriptors = new ArrayDeque<>();
    private long end;
    private long freshBytes;
    private long freeBytes;
    private long goneBytes;
    /** The run that went back last. */
    private Run last = new Run(0, 0, false);

    /**
     * Free pages.
     *
     * @param gone the system has them
     */
    private record Run(long bytes, long address, boolean gone) {
        static final Comparator<Run> SMALLEST_FIRST =
                Comparator.comparingLong(Run::bytes).thenComparingLong(Run::address);

        long end() {
            return address + bytes;
        }
    }

    public PageRuns(FreshMemory memory) {
        this.memory = memory;
    }

    /**
     * Address of a span.
     *
     * @param bytes its size, whole pages
     * @param pageBytes bytes of a page, a power of two; always the same
     */
    public long take(long bytes, long pageBytes) {
        Run run = smallest(bytes);
        if (run == null) {
            Map.Entry<Long, Run> highest = runs.lastEntry();
            boolean joins = highest != null
                    && !highest.getValue().gone
                    && highest.getValue().end() == end;
            long missing = joins ? bytes - highest.getValue().bytes : bytes;
            give(grow(missing, pageBytes), missing);
            run = smallest(bytes);
        }
        remove(run);
        if (run.bytes > bytes) {
            add(new Run(run.bytes - bytes, run.address + bytes, run.gone));
        }
        freshBytes += run.gone ? bytes : 0;
        return run.address;
    }

    private Run smallest(long bytes) {
        Run wanted = new Run(bytes, 0, false);
        Run inHeap = here.ceiling(wanted);
        Run away = gone.ceiling(wanted);
        return inHeap == null || away != null && away.bytes < inHeap.bytes ? away : inHeap;
    }

    /** Address of a descriptor, a line of its own. */
    public long descriptor(long pageBytes) {
        if (descriptors.isEmpty()) {
            long page = grow(pageBytes, pageBytes);
            for (long at = page; at < page + pageBytes; at += DESCRIPTOR_BYTES) {
                descriptors.addLast(at);
            }
        }
        return descriptors.removeFirst();
    }

    private long grow(long bytes, long pageBytes) {
        long from = memory.extend(bytes);
        long skipped = -from & pageBytes - 1;
        if (skipped > 0) {
            memory.extend(skipped);
        }
        end = from + skipped + bytes;
        freshBytes += skipped + bytes;
        return from + skipped;
    }

    /** A span comes back. */
    public void give(long address, long bytes) {
        join(new Run(bytes, address, false));
    }

    /** Gives the system at least so many bytes, if there are; answers how many. */
    public long release(long atLeast) {
        long released = 0;
        while (released < atLeast && !here.isEmpty()) {
            Run next = here.higher(last);
            last = next == null ? here.first() : next;
            remove(last);
            join(new Run(last.bytes, last.address, true));
            released += last.bytes;
        }
        return released;
    }

    private void join(Run run) {
        Run joined = run;
        Map.Entry<Long, Run> below = runs.lowerEntry(run.address);
        if (below != null && below.getValue().end() == run.address && below.getValue().gone == run.gone) {
            remove(below.getValue());
            joined = new Run(below.getValue().bytes + run.bytes, below.getKey(), run.gone);
        }
        Run above = runs.get(run.end());
        if (above != null && above.gone == run.gone) {
            remove(above);
            joined = new Run(joined.bytes + above.bytes, joined.address, run.gone);
        }
        add(joined);
    }

    /** The descriptor of a span that has come back will be another's. */
    public void forget(long descriptor) {
        descriptors.addFirst(descriptor);
    }

    private void add(Run run) {
        runs.put(run.address, run);
        (run.gone ? gone : here).add(run);
        count(run, 1);
    }

    private void remove(Run run) {
        runs.remove(run.address);
        (run.gone ? gone : here).remove(run);
        count(run, -1);
    }

    private void count(Run run, int sign) {
        if (run.gone) {
            goneBytes += sign * run.bytes;
        } else {
            freeBytes += sign * run.bytes;
        }
    }

    /** Bytes that the system has given so far, those counted again that it had got back. */
    public long freshBytes() {
        return freshBytes;
    }

    /** Bytes of all free runs that the system has not got back. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Bytes of all free runs that it has got back. */
    public long goneBytes() {
        return goneBytes;
    }
}
