package io.rseqlab.reports.app;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocSink;
import java.util.Arrays;

/**
 * Where in a trace objects are freed by others than who allocated them, in steps of a few calls: a program may hand
 * over all that it does in one hundredth of its calls, and windows that are placed blindly miss that.
 */
final class HandOver implements MallocSink {
    private static final int STEPS_IN_WINDOW = 8;

    /** Remote frees by which windows may be off to lie in the middle of their shares. */
    private static final double SLACK = 0.5;

    private final long total;
    private final long length;
    private final long step;
    /** Frees of the trace. */
    private final Tally all;
    /** Frees that a window brings: those in it, and those of objects that were allocated in it and outlive it. */
    private final Tally brought;

    private long[] bornAt = new long[1024];
    private int[] allocator = new int[1024];
    private long index;

    /** Frees, and the remote ones among them, up to the end of each step; the first is before all of them. */
    private static final class Tally {
        private final long[] frees;
        private final long[] remote;

        Tally(int steps) {
            frees = new long[steps + 1];
            remote = new long[steps + 1];
        }

        void add(int step, boolean foreign) {
            frees[step + 1]++;
            remote[step + 1] += foreign ? 1 : 0;
        }

        void sum() {
            Arrays.parallelPrefix(frees, Long::sum);
            Arrays.parallelPrefix(remote, Long::sum);
        }
    }

    /**
     * Of a trace that was not read yet.
     *
     * @param total its calls
     * @param length calls of a window
     */
    HandOver(long total, long length) {
        this.total = total;
        this.length = length;
        step = Math.max(1, length / STEPS_IN_WINDOW);
        int steps = Math.toIntExact((total + step - 1) / step);
        all = new Tally(steps);
        brought = new Tally(steps);
    }

    @Override
    public void accept(MallocEvent event) {
        if (event.kind.begins()) {
            if (event.id >= bornAt.length) {
                bornAt = Arrays.copyOf(bornAt, 2 * event.id);
                allocator = Arrays.copyOf(allocator, 2 * event.id);
            }
            bornAt[event.id] = index;
            allocator[event.id] = event.thread;
        }
        if (event.kind == MallocEvent.Kind.FREE) {
            boolean foreign = allocator[event.id] != event.thread;
            int at = (int) (index / step);
            all.add(at, foreign);
            brought.add(at, foreign);
            if (index - bornAt[event.id] > length) {
                brought.add((int) (bornAt[event.id] / step), foreign);
            }
        }
        index += event.kind == MallocEvent.Kind.REUSED ? 0 : 1;
    }

    /**
     * Where windows begin, one in each equal share of the trace: so that of the frees that all up to there bring, as
     * many are remote as in the trace up to the end of that share; of such places the one nearest to the share's
     * middle.
     */
    long[] windows(int count) {
        all.sum();
        brought.sum();
        long[] from = new long[count];
        long freesBefore = 0;
        long remoteBefore = 0;
        for (int share = 0; share < count; share++) {
            long begin = begin(share, count);
            long end = begin(share + 1, count);
            int last = Math.min(all.frees.length - 1, (int) (end / step));
            double wanted = all.frees[last] == 0 ? 0 : (double) all.remote[last] / all.frees[last];
            long middle = begin + (end - begin - length) / 2;
            long best = middle;
            double least = Double.MAX_VALUE;
            for (long at = (begin + step - 1) / step * step; at + length <= end; at += step) {
                double off = Math.abs(
                        remoteBefore + within(brought.remote, at) - wanted * (freesBefore + within(brought.frees, at)));
                double reckoned = Math.max(SLACK, off);
                if (reckoned < least || reckoned == least && Math.abs(at - middle) < Math.abs(best - middle)) {
                    best = at;
                    least = reckoned;
                }
            }
            from[share] = best;
            freesBefore += within(brought.frees, best);
            remoteBefore += within(brought.remote, best);
        }
        return from;
    }

    /** The first event of a share. */
    private long begin(long share, int count) {
        return (share * total + count - 1) / count;
    }

    private long within(long[] sums, long at) {
        return sums[(int) Math.min(sums.length - 1, (at + length) / step)] - sums[(int) (at / step)];
    }
}
