package io.rseqlab.trace.malloc;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a malloc trace says of a program, in figures. Takes the events one after the other; memory grows with the
 * objects and the distinct sizes and lifetimes, not with the events.
 *
 * <p>An event's number is its place in the trace. A lifetime is the number of the event that ends it less the number of
 * the one that began it. Quantiles are by nearest rank: the least value that a share p of all do not exceed.
 */
public final class MallocStatistics implements MallocSink {
    /** In fewer calls much of the time goes to what happens once, so that they do not tell strategies apart. */
    public static final long ENOUGH_CALLS = 10_000;

    private static final double[] SHARES = {0.5, 0.9, 0.99};
    private static final List<String> NAMES = List.of("p50", "p90", "p99");

    private int[] allocator = new int[1024];
    private int[] born = new int[1024];
    private long[] sizes = new long[1024];
    private final BitSet threads = new BitSet();
    private final BitSet allocating = new BitSet();
    /** Objects that are known to have been freed, though not by whom yet. */
    private final BitSet reused = new BitSet();

    private final Map<Long, long[]> sizeCounts = new HashMap<>();
    private final Map<Long, long[]> lifetimes = new HashMap<>();
    private final Map<Long, long[]> endedLifetimes = new HashMap<>();
    private int events;
    private long objects;
    private long reallocations;
    private long plainFrees;
    private long remotePlainFrees;
    private long ends;
    private long remoteEnds;
    private long lostFrees;
    private long withoutEffect;
    private long live;
    private long liveBytes;
    private long peakLive;
    private long peakLiveBytes;
    private long firstNanos = Long.MAX_VALUE;
    private long lastNanos = Long.MIN_VALUE;
    private long allocatorNanos;

    /** A share that knows what it is a share of. */
    public record Share(long part, long whole) {
        /** Part by whole; NaN where there is no whole. */
        public double value() {
            return whole == 0 ? Double.NaN : (double) part / whole;
        }
    }

    @Override
    public void accept(MallocEvent event) {
        if (event.kind == MallocEvent.Kind.REUSED) {
            lives(event.id);
            reused.set(event.id);
            return;
        }
        events++;
        threads.set(event.thread);
        firstNanos = Math.min(firstNanos, event.timeNanos);
        lastNanos = Math.max(lastNanos, event.timeNanos + event.durationNanos);
        allocatorNanos += event.durationNanos;
        switch (event.kind) {
            case ALLOCATE -> begins(event);
            case FREE -> {
                plainFrees++;
                remotePlainFrees += ends(event.id, event) ? 1 : 0;
                count(lifetimes, events - born[event.id]);
            }
            case REALLOCATE -> {
                reallocations++;
                ends(event.oldId, event);
                begins(event);
            }
            case LOST_FREE -> {
                lostFrees++;
                gone(event.id);
            }
            default -> withoutEffect++;
        }
    }

    private void begins(MallocEvent event) {
        int id = event.id;
        if (id >= born.length) {
            allocator = Arrays.copyOf(allocator, 2 * id);
            born = Arrays.copyOf(born, 2 * id);
            sizes = Arrays.copyOf(sizes, 2 * id);
        }
        allocator[id] = event.thread;
        born[id] = events;
        sizes[id] = event.sizeBytes;
        allocating.set(event.thread);
        count(sizeCounts, event.sizeBytes);
        objects++;
        live++;
        liveBytes += event.sizeBytes;
        peakLive = Math.max(peakLive, live);
        peakLiveBytes = Math.max(peakLiveBytes, liveBytes);
    }

    /** True if another thread had allocated it. */
    private boolean ends(int id, MallocEvent event) {
        ends++;
        gone(id);
        count(endedLifetimes, events - born[id]);
        boolean remote = allocator[id] != event.thread;
        remoteEnds += remote ? 1 : 0;
        return remote;
    }

    /** An object's life has ended, now or before its address was handed out again. */
    private void gone(int id) {
        if (reused.get(id)) {
            reused.clear(id);
        } else {
            lives(id);
        }
    }

    private void lives(int id) {
        live--;
        liveBytes -= sizes[id];
    }

    private static void count(Map<Long, long[]> counts, long value) {
        counts.computeIfAbsent(value, key -> new long[1])[0]++;
    }

    private static Map<String, Long> quantiles(Map<Long, long[]> counts) {
        Map<String, Long> quantiles = new LinkedHashMap<>();
        long total = counts.values().stream().mapToLong(count -> count[0]).sum();
        long seen = 0;
        int next = 0;
        for (Map.Entry<Long, long[]> entry : new TreeMap<>(counts).entrySet()) {
            seen += entry.getValue()[0];
            while (next < SHARES.length && seen >= SHARES[next] * total) {
                quantiles.put(NAMES.get(next++), entry.getKey());
            }
        }
        return quantiles;
    }

    /** Events so far. */
    public long events() {
        return events;
    }

    /** Threads that made a call. */
    public int threads() {
        return threads.cardinality();
    }

    /** Threads that allocated something. */
    public int allocatingThreads() {
        return allocating.cardinality();
    }

    /** Objects that came to life, by reallocations too. */
    public long objects() {
        return objects;
    }

    /** Objects copied into a new one. */
    public long reallocations() {
        return reallocations;
    }

    /** Events that are calls without effect, and ends of threads. */
    public long withoutEffect() {
        return withoutEffect;
    }

    /** Objects whose end nobody recorded. */
    public long lostFrees() {
        return lostFrees;
    }

    public long live() {
        return live;
    }

    public long liveBytes() {
        return liveBytes;
    }

    public long peakLive() {
        return peakLive;
    }

    public long peakLiveBytes() {
        return peakLiveBytes;
    }

    /** Frees by another thread than the allocating one, of all frees that ended a life. */
    public Share remotePlainFrees() {
        return new Share(remotePlainFrees, plainFrees);
    }

    /** Ends of life, by reallocation too, by another thread than the allocating one, of all. */
    public Share remoteEnds() {
        return new Share(remoteEnds, ends);
    }

    /** Bytes asked for. */
    public Map<String, Long> sizeQuantilesBytes() {
        return quantiles(sizeCounts);
    }

    /** Share of the objects that are of so many bytes or fewer. */
    public Share sizesUpTo(long bytes) {
        long part = sizeCounts.entrySet().stream()
                .filter(entry -> entry.getKey() <= bytes)
                .mapToLong(entry -> entry.getValue()[0])
                .sum();
        return new Share(part, objects);
    }

    /** Lifetimes of what a plain free ended, in events. */
    public Map<String, Long> lifetimeQuantilesEvents() {
        return quantiles(lifetimes);
    }

    /** Lifetimes of what a plain free or a reallocation ended, in events. */
    public Map<String, Long> endedLifetimeQuantilesEvents() {
        return quantiles(endedLifetimes);
    }

    /** From the first event to the end of the last; 0 without time. */
    public long spanNanos() {
        return events == 0 ? 0 : lastNanos - firstNanos;
    }

    /** What the recorded allocator took, all threads together; 0 where unknown. */
    public long allocatorNanos() {
        return allocatorNanos;
    }
}
