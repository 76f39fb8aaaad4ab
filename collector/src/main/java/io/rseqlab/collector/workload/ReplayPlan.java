package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.trace.malloc.MallocEvent;
import java.util.Arrays;

/**
 * What each simulated thread has to do of a recorded trace, one step after the other, and for which steps of others it
 * must wait: a step on an object that another thread had before waits until that thread's step is done (release and
 * acquire), through all owners of a slot in the order of the trace. Thread i of the trace is simulated thread i modulo
 * their number.
 *
 * <p>Think time before a call is what lies between the end of the thread's call before, or of the step it waits for if
 * that is later, and the beginning of the call: the recorded allocator's own time and the recorded wait for another
 * thread are out of it.
 */
final class ReplayPlan {
    /** What a step does; stands in the lowest bits of a step. */
    static final int ALLOCATE = 0;

    static final int FREE = 1;
    /** Copies the object of the slot into the one allocated last. */
    static final int COPY = 2;

    static final int OP_MASK = 3;
    /** Bit of a step that others may wait for. */
    static final int RELEASES = 4;

    static final int CLASS_SHIFT = 3;
    static final int CLASS_MASK = 255;
    /** Above it: lines to write besides the first, or granules to copy. */
    static final int AMOUNT_SHIFT = 11;

    /** No wait. */
    static final int NEVER = -1;

    private static final int MOST_AMOUNT = (1 << 31 - AMOUNT_SHIFT) - 1;

    /** Where each thread's steps begin; one more at the end. */
    final int[] begin;

    final int[] steps;
    final int[] slots;
    /** How many releases of the slot must have been, in this pass, or {@link #NEVER}. */
    final int[] turns;
    /** The event of the trace that a step belongs to. */
    final int[] events;
    /** Time before the step, in nanoseconds; null without. */
    final long[] thinkNanos;

    /** Releases of each slot in a pass. */
    final int[] releases;
    /** Events of a pass, those that free what is left included. */
    final int length;

    /** Objects whose life the trace does not end. */
    final int left;

    private final RecordedCalls calls;
    private final int threads;
    private final SizeClasses sizes;
    private final int largestBytes;
    private final int touchBytes;
    private final boolean closes;
    private final long callNanos;

    private final int[] next;
    private final int[] slotOf;
    private final int[] sizeOf;
    private int[] lastStep = new int[1024];
    private int[] lastThread = new int[1024];
    private int[] firstStep = new int[1024];
    private int[] releasesSoFar = new int[1024];
    private long[] lastEnd;
    private final long[] threadEnd;
    /** Time before calls without effect, which have no step. */
    private final long[] carriedNanos;

    /**
     * @param closes what is live at the end is freed, by who allocated it, so that the trace can begin again
     * @param callNanos what a recorded call took, where the trace does not say
     */
    ReplayPlan(
            RecordedCalls calls,
            int threads,
            SizeClasses sizes,
            int largestBytes,
            int touchBytes,
            boolean closes,
            long callNanos) {
        this.calls = calls;
        this.threads = threads;
        this.sizes = sizes;
        this.largestBytes = largestBytes;
        this.touchBytes = touchBytes;
        this.closes = closes;
        this.callNanos = callNanos;
        begin = new int[threads + 1];
        int[] allocator = count();
        int total = begin[threads];
        steps = new int[total];
        slots = new int[total];
        turns = new int[total];
        events = new int[total];
        boolean timed = calls.origin.timed();
        thinkNanos = timed ? new long[total] : null;
        threadEnd = new long[threads];
        carriedNanos = new long[threads];
        lastEnd = timed ? new long[1024] : null;
        next = Arrays.copyOf(begin, threads);
        slotOf = new int[calls.objects];
        sizeOf = new int[calls.objects];
        Arrays.fill(turns, NEVER);
        Arrays.fill(lastStep, NEVER);
        ReplaySlots places = new ReplaySlots(threads);
        int object = 0;
        for (int event = 0; event < calls.events; event++) {
            object = plan(event, object, places);
        }
        int closing = calls.events;
        for (int i = 0; i < object; i++) {
            if (allocator[i] >= 0 && closes) {
                step(FREE, allocator[i], slotOf[i], closing++, 0);
                places.empty(slotOf[i], allocator[i], closing);
            }
        }
        length = closing;
        left = (int) Arrays.stream(allocator).filter(thread -> thread >= 0).count();
        releases = Arrays.copyOf(releasesSoFar, places.count());
        closeCircle();
    }

    private int thread(int event) {
        return calls.threads[event] % threads;
    }

    /** Counts steps per thread; answers who allocated each object that is live at the end, -1 for others. */
    private int[] count() {
        int[] allocator = new int[calls.objects];
        int object = 0;
        for (int event = 0; event < calls.events; event++) {
            int thread = thread(event);
            MallocEvent.Kind kind = calls.kind(event);
            if (kind.begins()) {
                allocator[object++] = thread;
                begin[thread + 1]++;
            }
            if (calls.ended[event] >= 0) {
                allocator[calls.ended[event]] = NEVER;
                begin[thread + 1] += kind == MallocEvent.Kind.REALLOCATE ? 2 : 1;
            }
        }
        for (int i = 0; i < object && closes; i++) {
            if (allocator[i] >= 0) {
                begin[allocator[i] + 1]++;
            }
        }
        for (int i = 0; i < threads; i++) {
            begin[i + 1] += begin[i];
        }
        return allocator;
    }

    private int plan(int event, int firstObject, ReplaySlots places) {
        int object = firstObject;
        int thread = thread(event);
        MallocEvent.Kind kind = calls.kind(event);
        int ended = calls.ended[event];
        long before = threadEnd[thread];
        int first = next[thread];
        if (kind.begins()) {
            int bytes = Math.min(calls.sizes[event], largestBytes);
            sizeOf[object] = bytes;
            slotOf[object] = places.take(thread, event);
            int lines = (Math.min(bytes, touchBytes) + Layout.LINE - 1) / Layout.LINE - 1;
            step(ALLOCATE | sizes.holding(bytes) << CLASS_SHIFT, thread, slotOf[object], event, Math.max(0, lines));
            object++;
        }
        if (kind == MallocEvent.Kind.REALLOCATE) {
            int bytes = Math.min(sizeOf[ended], sizeOf[object - 1]);
            int granules = (bytes + SizeClasses.GRANULE_BYTES - 1) / SizeClasses.GRANULE_BYTES;
            step(COPY, thread, slotOf[ended], event, Math.max(1, granules));
        }
        if (ended >= 0) {
            step(FREE, thread, slotOf[ended], event, 0);
            places.empty(slotOf[ended], thread, event);
        }
        if (thinkNanos != null) {
            think(event, thread, first, before);
        }
        return object;
    }

    /** Sets what lies before the first step of an event, and when its steps were over. */
    private void think(int event, int thread, int first, long before) {
        long start = calls.timesNanos[event];
        long end = start + (calls.origin.durationsKnown() ? calls.durationsNanos[event] : callNanos);
        threadEnd[thread] = Math.max(before, end);
        long since = before;
        for (int step = first; step < next[thread]; step++) {
            int slot = slots[step];
            if (turns[step] >= 0) {
                since = Math.max(since, lastEnd[slot]);
            }
            lastEnd[slot] = end;
        }
        long gap = Math.max(0, start - since) + carriedNanos[thread];
        boolean steps = first < next[thread];
        carriedNanos[thread] = steps ? 0 : gap;
        if (steps) {
            thinkNanos[first] = gap;
        }
    }

    private void step(int what, int thread, int slot, int event, int amount) {
        int step = next[thread]++;
        steps[step] = what | Math.min(amount, MOST_AMOUNT) << AMOUNT_SHIFT;
        slots[step] = slot;
        events[step] = event;
        if (slot >= lastStep.length) {
            grow(2 * slot);
        }
        int last = lastStep[slot];
        if (last == NEVER) {
            firstStep[slot] = step;
        } else if (lastThread[slot] != thread) {
            steps[last] |= RELEASES;
            turns[step] = ++releasesSoFar[slot];
        }
        lastStep[slot] = step;
        lastThread[slot] = thread;
    }

    private void grow(int length) {
        int old = lastStep.length;
        lastStep = Arrays.copyOf(lastStep, length);
        Arrays.fill(lastStep, old, length, NEVER);
        lastThread = Arrays.copyOf(lastThread, length);
        firstStep = Arrays.copyOf(firstStep, length);
        releasesSoFar = Arrays.copyOf(releasesSoFar, length);
        lastEnd = lastEnd == null ? null : Arrays.copyOf(lastEnd, length);
    }

    /** The first step on a slot in the next pass waits for the last in this one. */
    private void closeCircle() {
        for (int slot = 0; slot < releases.length; slot++) {
            int last = lastStep[slot];
            if (last == NEVER) {
                continue;
            }
            int first = firstStep[slot];
            boolean same = threadOf(first) == lastThread[slot];
            if (!same) {
                steps[last] |= RELEASES;
                turns[first] = 0;
                releases[slot]++;
            }
        }
    }

    private int threadOf(int step) {
        int found = Arrays.binarySearch(begin, step);
        int thread = found >= 0 ? found : -found - 2;
        while (begin[thread + 1] == begin[thread]) {
            thread++;
        }
        return thread;
    }

    /** Slots there are. */
    int slotCount() {
        return releases.length;
    }
}
