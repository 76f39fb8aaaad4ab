package io.rseqlab.reports.app;

import io.rseqlab.trace.malloc.MallocCharacter;
import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocSink;
import java.util.Arrays;

/**
 * What a part of a program must have in common with the whole to stand for it: how much is handed over, how many
 * threads are at work, and how much they work between calls. Takes the events one after the other.
 */
final class TraceShape implements MallocSink {
    private final int threads;
    private int[] allocator = new int[1024];
    private long[] callsOfThread = new long[16];
    private long calls;
    private long frees;
    private long remoteFrees;
    /** By thread, the end of the call before; -1 without one. */
    private long[] previousEnd = {-1};

    private double workNanos;

    /**
     * A shape of nothing so far.
     *
     * @param threads threads that run the calls, the trace's thread i as thread i modulo this
     */
    TraceShape(int threads) {
        this.threads = threads;
    }

    @Override
    public void accept(MallocEvent event) {
        if (event.kind == MallocEvent.Kind.REUSED) {
            return; // no call
        }
        int thread = event.thread % threads;
        if (thread >= callsOfThread.length) {
            callsOfThread = Arrays.copyOf(callsOfThread, 2 * thread);
        }
        work(event, thread);
        callsOfThread[thread]++;
        calls++;
        if (event.kind == MallocEvent.Kind.FREE) {
            frees++;
            remoteFrees += allocator[event.id] == thread ? 0 : 1;
        }
        if (event.kind.begins()) {
            if (event.id >= allocator.length) {
                allocator = Arrays.copyOf(allocator, 2 * event.id);
            }
            allocator[event.id] = thread;
        }
    }

    private void work(MallocEvent event, int thread) {
        if (thread >= previousEnd.length) {
            int known = previousEnd.length;
            previousEnd = Arrays.copyOf(previousEnd, 2 * thread);
            Arrays.fill(previousEnd, known, previousEnd.length, -1);
        }
        long gap = event.timeNanos - previousEnd[thread];
        workNanos += previousEnd[thread] < 0 || gap < 0 || gap >= MallocCharacter.ASLEEP_NANOS ? 0 : gap;
        previousEnd[thread] = Math.max(previousEnd[thread], event.timeNanos + event.durationNanos);
    }

    /** Work between calls, sleep left out, over all calls, in nanoseconds; 0 where there is no time. */
    double workNanosPerCall() {
        return calls == 0 ? 0 : workNanos / calls;
    }

    long calls() {
        return calls;
    }

    /** Frees by another thread than the allocating one over all frees; 0 without frees. */
    double remoteShare() {
        return frees == 0 ? 0 : (double) remoteFrees / frees;
    }

    /**
     * How many threads are at work: 1 over the sum of the squares of their shares of the calls. Of threads that are
     * alike it is their number, and near 1 where one of them makes nearly all calls.
     */
    double threadsAtWork() {
        double squares = 0;
        for (long count : callsOfThread) {
            squares += (double) count * count;
        }
        return calls == 0 ? 0 : (double) calls * calls / squares;
    }
}
