package io.rseqlab.trace.malloc;

import io.rseqlab.trace.LogLinear;
import java.util.Arrays;
import java.util.BitSet;

/**
 * What decides between allocator designs in a malloc trace, beside the counts of {@link MallocStatistics}: on how many
 * CPUs the program ran, how long it works between calls, how much it sleeps, how bursty its calls are, and whether
 * threads whose objects others free still allocate themselves. Takes the events one after the other; memory grows with
 * objects, threads and remote frees.
 */
public final class MallocCharacter implements MallocSink {
    /** A gap from which a thread is taken to have slept, and not worked, in nanoseconds: the workload replay's own. */
    public static final long ASLEEP_NANOS = 200_000;

    private final BitSet cpus = new BitSet();
    private final long[] workGaps = new long[LogLinear.BUCKETS];
    private int[] allocator = new int[1024];
    private long[] previousEnd = new long[16];
    private boolean[] called = new boolean[16];
    private long[] lastAllocation = new long[16];
    /** Owner of each object that another thread freed, and the event that did. */
    private int[] freedOwner = new int[1024];

    private long[] freedAt = new long[1024];
    private int remoteFrees;
    private long events;
    private long gaps;
    private long workNanos;
    private long asleepNanos;
    private double gapSum;
    private double gapSquares;

    @Override
    public void accept(MallocEvent event) {
        events++;
        cpus.set(event.cpu);
        grow(event.thread);
        gap(event);
        if (event.kind == MallocEvent.Kind.FREE || event.kind == MallocEvent.Kind.REALLOCATE) {
            ends(event.endedId(), event.thread);
        }
        if (event.kind.begins()) {
            if (event.id >= allocator.length) {
                allocator = Arrays.copyOf(allocator, 2 * event.id);
            }
            allocator[event.id] = event.thread;
            lastAllocation[event.thread] = events;
        }
    }

    private void grow(int thread) {
        if (thread >= previousEnd.length) {
            int length = 2 * thread;
            previousEnd = Arrays.copyOf(previousEnd, length);
            called = Arrays.copyOf(called, length);
            lastAllocation = Arrays.copyOf(lastAllocation, length);
        }
    }

    private void gap(MallocEvent event) {
        int thread = event.thread;
        if (called[thread]) {
            long gap = Math.max(0, event.timeNanos - previousEnd[thread]);
            gaps++;
            gapSum += gap;
            gapSquares += (double) gap * gap;
            if (gap >= ASLEEP_NANOS) {
                asleepNanos += gap;
            } else {
                workNanos += gap;
                workGaps[LogLinear.bucketOf(gap)]++;
            }
        }
        called[thread] = true;
        previousEnd[thread] = Math.max(previousEnd[thread], event.timeNanos + event.durationNanos);
    }

    private void ends(int id, int thread) {
        if (id < 0 || allocator[id] == thread) {
            return;
        }
        if (remoteFrees == freedOwner.length) {
            freedOwner = Arrays.copyOf(freedOwner, 2 * remoteFrees);
            freedAt = Arrays.copyOf(freedAt, 2 * remoteFrees);
        }
        freedOwner[remoteFrees] = allocator[id];
        freedAt[remoteFrees++] = events;
    }

    /** CPUs that calls were made on; 1 where the trace does not know. */
    public int cpus() {
        return Math.max(1, cpus.cardinality());
    }

    /**
     * Of all objects that another thread than the allocating one freed or reallocated, those whose owner never
     * allocates again, while others do: what is sent home to such an owner stays there and is missing. Who tidies up
     * behind the last allocation of all misses nothing.
     */
    public MallocStatistics.Share freesToIdleOwners() {
        return new MallocStatistics.Share(idle(null), remoteFrees);
    }

    /** Threads that never allocate again when the first of the objects that come back to them so is freed. */
    public int idleOwners() {
        BitSet owners = new BitSet();
        idle(owners);
        return owners.cardinality();
    }

    private long idle(BitSet owners) {
        long idle = 0;
        long end = Arrays.stream(lastAllocation).max().orElse(0);
        for (int i = 0; i < remoteFrees; i++) {
            if (freedAt[i] > lastAllocation[freedOwner[i]] && freedAt[i] < end) {
                idle++;
                if (owners != null) {
                    owners.set(freedOwner[i]);
                }
            }
        }
        return idle;
    }

    /** Mean work between a thread's calls, sleep left out, in nanoseconds; NaN where there is no time. */
    public double workNanosPerCall() {
        long calls = Arrays.stream(workGaps).sum();
        return calls == 0 ? Double.NaN : (double) workNanos / calls;
    }

    /** Median work between a thread's calls, to 1/64, in nanoseconds; 0 where there is no time. */
    public long medianWorkNanos() {
        long half = (Arrays.stream(workGaps).sum() + 1) / 2;
        long seen = 0;
        for (int bucket = 0; bucket < workGaps.length; bucket++) {
            seen += workGaps[bucket];
            if (seen >= half && seen > 0) {
                return LogLinear.upperBound(bucket);
            }
        }
        return 0;
    }

    /** Share of the threads' time between their first call and their last in which they slept; NaN without time. */
    public double asleepShare() {
        return gapSum == 0 ? Double.NaN : asleepNanos / gapSum;
    }

    /**
     * Burstiness of a thread's calls: (s - m) / (s + m), with m the mean and s the standard deviation of the times
     * between them; -1 for a clock, 0 for a Poisson process, towards 1 the burstier (Goh and Barabási, <i>EPL</i> 81,
     * 2008). NaN where there is no time.
     */
    public double burstiness() {
        if (gapSum == 0) {
            return Double.NaN;
        }
        double mean = gapSum / gaps;
        double deviation = Math.sqrt(Math.max(0, gapSquares / gaps - mean * mean));
        return (deviation - mean) / (deviation + mean);
    }
}
