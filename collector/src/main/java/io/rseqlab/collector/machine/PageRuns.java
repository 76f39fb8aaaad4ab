package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.FreshMemory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
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
 * <p>A heap that reserves address space ({@code HOST_RUN}) grows by pages that the system still has, and prefers those
 * that it had before. If it shares that space, runs are joined and taken as above, by snmalloc's buddy allocator and
 * mimalloc's spans. If not it is jemalloc's ({@code extent.c}: ecache_alloc, eset_first_fit, extent_record,
 * extents_evict): of all unused runs that are no more than 64 times as large as what is wanted the one at the lowest
 * address is taken, those of less than 16 KiB are joined with no other before they go to the system, and what has gone
 * unused longest goes first.
 *
 * <p>Source: gperftools {@code page_heap.cc} (best fit by address, coalescing at once). It grows by 1 MiB at least, and
 * TCMalloc by huge pages; here pages count as taken from the system when they are first used, as the system counts
 * them.
 */
public final class PageRuns {
    private static final int DESCRIPTOR_BYTES = 64;
    private static final long SYSTEM_PAGE = 4096;
    /** SC_LARGE_MINCLASS. */
    private static final long LEAST_JOINED = 16 << 10;
    /** lg_extent_max_active_fit. */
    private static final int MOST_TIMES_SHIFT = 6;

    private final FreshMemory memory;
    private final long reserve;
    private final SharedSpace shared;
    /** All free runs by address. */
    private final TreeMap<Long, Run> runs = new TreeMap<>();

    private final TreeSet<Run> here = new TreeSet<>(Run.SMALLEST_FIRST);
    private final TreeSet<Run> gone = new TreeSet<>(Run.SMALLEST_FIRST);
    /** Those that the system has not got back, by address: what came last is last. */
    private final LinkedHashMap<Long, Run> ages = new LinkedHashMap<>();

    private final Decay decay = new Decay();
    private final Deque<Long> descriptors = new ArrayDeque<>();
    private long end;
    private long freshBytes;
    private long freeBytes;
    private long goneBytes;
    private long skippedBytes;
    private long reservedBytes;
    /** The run that went back last. */
    private Run last = new Run(0, 0, false);

    /**
     * Free pages.
     *
     * @param gone the system has them
     */
    record Run(long bytes, long address, boolean gone) {
        static final Comparator<Run> SMALLEST_FIRST =
                Comparator.comparingLong(Run::bytes).thenComparingLong(Run::address);

        long end() {
            return address + bytes;
        }
    }

    public PageRuns(FreshMemory memory) {
        this(memory, 0, null);
    }

    private PageRuns(FreshMemory memory, long reserve, SharedSpace shared) {
        this.memory = memory;
        this.reserve = reserve;
        this.shared = shared;
    }

    /**
     * A heap that reserves address space.
     *
     * @param reserve how much at a time, a power of two
     * @param shared where such pieces go and come from, null if they stay
     */
    public static PageRuns reserving(FreshMemory memory, long reserve, SharedSpace shared) {
        return new PageRuns(memory, reserve, shared);
    }

    /** Address of so many bytes of a heap that reserves address space: whole pages. */
    public long take(long bytes) {
        Run run = unused(bytes);
        if (run == null) {
            reserve(bytes);
            run = unused(bytes);
        }
        return cut(run, bytes);
    }

    private Run unused(long bytes) {
        if (shared != null) {
            Run inHeap = here.ceiling(new Run(bytes, 0, false));
            return inHeap == null ? gone.ceiling(new Run(bytes, 0, true)) : inHeap;
        }
        Run inHeap = lowest(here, bytes, bytes << MOST_TIMES_SHIFT);
        return inHeap == null ? lowest(gone, bytes, Long.MAX_VALUE) : inHeap;
    }

    /** Of all runs of so many bytes, or more, the one at the lowest address; null if there is none. */
    private static Run lowest(TreeSet<Run> runs, long bytes, long most) {
        Run lowest = null;
        Run next = runs.ceiling(new Run(bytes, 0, false));
        while (next != null && next.bytes <= most) {
            lowest = lowest == null || next.address < lowest.address ? next : lowest;
            next = runs.ceiling(new Run(next.bytes + 1, 0, false));
        }
        return lowest;
    }

    private void reserve(long bytes) {
        List<Run> piece = shared == null ? List.of() : shared.take(bytes);
        if (!piece.isEmpty()) {
            piece.forEach(this::add);
            reservedBytes += reserve;
            return;
        }
        long wanted = bytes + reserve - 1 & -reserve;
        long from = memory.extend(wanted);
        long skipped = shared == null ? 0 : -from & reserve - 1; // only whole pieces are shared
        if (skipped > 0) {
            memory.extend(skipped);
        }
        skippedBytes += skipped;
        reservedBytes += wanted;
        join(new Run(wanted, from + skipped, true));
    }

    /** Address space that is unused as a whole, from the piece on in which an address lies, goes to all heaps. */
    private void share(long address, long bytes) {
        for (long piece = address & -reserve; piece < address + bytes; piece += reserve) {
            List<Run> parts = partsOf(piece);
            parts.forEach(this::remove);
            List<Run> inside = new ArrayList<>();
            for (Run run : parts) {
                long from = Math.max(piece, run.address);
                long to = Math.min(piece + reserve, run.end());
                inside.add(new Run(to - from, from, run.gone));
                addUnlessEmpty(run.address, from, run.gone);
                addUnlessEmpty(to, run.end(), run.gone);
            }
            if (!inside.isEmpty()) {
                shared.give(inside);
            }
        }
    }

    /** The runs that make up a piece of address space; none where a part of it is used. */
    private List<Run> partsOf(long piece) {
        List<Run> parts = new ArrayList<>();
        for (long at = piece;
                at < piece + reserve;
                at = parts.get(parts.size() - 1).end()) {
            Map.Entry<Long, Run> run = runs.floorEntry(at);
            if (run == null || run.getValue().end() <= at) {
                return List.of();
            }
            parts.add(run.getValue());
        }
        return parts;
    }

    private void addUnlessEmpty(long from, long to, boolean away) {
        if (from < to) {
            add(new Run(to - from, from, away));
        }
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
        return cut(run, bytes);
    }

    private long cut(Run run, long bytes) {
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
        if (shared != null) {
            share(address, bytes);
        }
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

    /**
     * Gives the system what may not stay unused any longer; answers how many bytes.
     *
     * @param now the cycle
     * @param period within so many cycles all goes, a part of it every 200th of that
     */
    public long decay(long now, long period) {
        long most = decay.limit(now, period, freeBytes);
        long released = 0;
        while (freeBytes > most) {
            Run oldest = ages.values().iterator().next();
            long part = Math.min(oldest.bytes, freeBytes - most + SYSTEM_PAGE - 1 & -SYSTEM_PAGE);
            remove(oldest);
            addUnlessEmpty(oldest.address + part, oldest.end(), false);
            join(new Run(part, oldest.address, true));
            released += part;
        }
        return released;
    }

    private void join(Run run) {
        if (reserve > 0 && shared == null && !run.gone && run.bytes < LEAST_JOINED) {
            add(run);
            return;
        }
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
        if (!run.gone) {
            ages.put(run.address, run);
        }
        count(run, 1);
    }

    private void remove(Run run) {
        runs.remove(run.address);
        (run.gone ? gone : here).remove(run);
        ages.remove(run.address);
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

    /** Bytes of address space that the heap has taken so far, those counted again that all heaps had got back. */
    public long reservedBytes() {
        return reservedBytes;
    }

    /** Bytes of all free runs that the system has not got back. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Bytes that the heap has the addresses of, and the system has the memory: it got it back, or never gave it. */
    public long goneBytes() {
        return goneBytes + skippedBytes;
    }
}
