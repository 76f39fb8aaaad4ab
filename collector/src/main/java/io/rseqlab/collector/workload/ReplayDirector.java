package io.rseqlab.collector.workload;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Tells replaying threads what to do next, and makes them wait. A thread waits where the object of its step is
 * another's whose step is not done, and where it is more events ahead of the thread that is furthest behind than a
 * window. Who makes it possible for a thread to go on is told to wake it. Nobody waits for what comes later in the
 * trace, so there is always somebody who goes on.
 */
final class ReplayDirector {
    /** What a thread is told to do besides the steps of the plan. */
    static final int THINK = 3;

    static final int SLEEP = 4;
    static final int PARK = 5;
    static final int WAKE = 6;
    static final int END = 7;
    static final int KINDS = 8;

    private static final long DONE = Long.MAX_VALUE;
    /** Turns of a loop that a thread thinks before it looks whether it is to end. */
    private static final long MOST_TURNS = 1 << 18;

    private final ReplayPlan plan;
    private final boolean loops;
    private final long window;
    private final long thinkTurns;
    private final double cyclesPerNano;
    private final long sleepsFromCycles;
    private final long patienceCycles;

    private final int[] at;
    private final long[] pass;
    private final long[] nextEvent;
    /** The step under way, -1 for none. */
    private final int[] underWay;
    /** Cycles that a thread has still to think before its next step; -1 before it was looked up. */
    private final long[] thinkLeft;

    private final boolean[] parked;
    /** The slot that a parked thread waits for, -1 if it is too far ahead. */
    private final int[] waitsFor;

    private final long[] waitsTurn;
    /** Since when a thread has waited, -1 if it does not. */
    private final long[] waitsSince;

    private final long[] released;
    private final ArrayDeque<Integer> toWake = new ArrayDeque<>();
    private long frontier;
    private int parkedThreads;
    private boolean leaving;
    private long thinkCycles;
    private long stepsDone;
    private long waitedCycles;

    /** What goes with what a thread is told: a slot, a number of turns or cycles, or a thread. */
    long argument;

    /** The step's class. */
    int sizeClass;
    /** The step's amount: lines or granules. */
    int amount;

    /**
     * @param loops the trace begins again at its end
     * @param window events that a thread may be ahead
     * @param thinkTurns turns of an empty loop before each step, where the trace has no time
     * @param cyclesPerNano cycles of think time for a nanosecond of the trace
     * @param sleepsFromCycles think time from which a thread is taken to have been blocked
     * @param patienceCycles how long a thread that waits looks before it sleeps
     */
    ReplayDirector(
            ReplayPlan plan,
            int threads,
            boolean loops,
            long window,
            long thinkTurns,
            double cyclesPerNano,
            long sleepsFromCycles,
            long patienceCycles) {
        this.plan = plan;
        this.loops = loops;
        this.window = window;
        this.thinkTurns = thinkTurns;
        this.cyclesPerNano = cyclesPerNano;
        this.sleepsFromCycles = sleepsFromCycles;
        this.patienceCycles = patienceCycles;
        at = Arrays.copyOf(plan.begin, threads);
        pass = new long[threads];
        nextEvent = new long[threads];
        underWay = new int[threads];
        thinkLeft = new long[threads];
        parked = new boolean[threads];
        waitsFor = new int[threads];
        waitsTurn = new long[threads];
        waitsSince = new long[threads];
        released = new long[plan.slotCount()];
        for (int thread = 0; thread < threads; thread++) {
            underWay[thread] = -1;
            thinkLeft[thread] = -1;
            waitsSince[thread] = -1;
            nextEvent[thread] = eventAt(thread);
        }
        frontier = Arrays.stream(nextEvent).min().orElse(DONE);
    }

    private long eventAt(int thread) {
        return at[thread] == plan.begin[thread + 1] ? DONE : pass[thread] * plan.length + plan.events[at[thread]];
    }

    /** Cycles of work handed out: a turn of the empty loop takes one. */
    long thinkCycles() {
        return thinkCycles;
    }

    /** Cycles that threads have waited for one another, those that wait still included. */
    long waitedCycles(long now) {
        long all = waitedCycles;
        for (long since : waitsSince) {
            all += since < 0 ? 0 : Math.max(0, now - since);
        }
        return all;
    }

    /** Steps done over those of one pass through the trace. */
    double passes() {
        return plan.steps.length == 0 ? 1 : (double) stepsDone / plan.steps.length;
    }

    /**
     * What a thread, which has done what it was told before, is to do.
     *
     * @param now the cycle at which it asks
     */
    int next(int thread, long now) {
        if (waitsSince[thread] >= 0) {
            waitedCycles += now - waitsSince[thread];
            waitsSince[thread] = -1;
        }
        if (underWay[thread] >= 0) {
            done(thread);
        }
        if (!toWake.isEmpty()) {
            return wake(toWake.remove());
        }
        if (nextEvent[thread] == DONE) {
            return END;
        }
        int step = at[thread];
        int turn = plan.turns[step];
        int slot = plan.slots[step];
        if (turn >= 0) {
            long needed = pass[thread] * plan.releases[slot] + turn;
            if (released[slot] < needed) {
                return park(thread, now, slot, needed);
            }
        }
        if (thinks(thread, step)) { // before it waits for the window: what it did meanwhile it does beside the others
            return think(thread, step);
        }
        return nextEvent[thread] > frontier + window ? park(thread, now, -1, 0) : begin(thread, step);
    }

    private boolean thinks(int thread, int step) {
        if (thinkLeft[thread] < 0) {
            thinkLeft[thread] =
                    plan.thinkNanos == null ? thinkTurns : Math.round(plan.thinkNanos[step] * cyclesPerNano);
        }
        return thinkLeft[thread] > 0;
    }

    private int think(int thread, int step) {
        boolean blocked = plan.thinkNanos != null && plan.thinkNanos[step] * cyclesPerNano >= sleepsFromCycles;
        argument = blocked ? thinkLeft[thread] : Math.min(thinkLeft[thread], MOST_TURNS);
        thinkLeft[thread] -= argument;
        thinkCycles += blocked ? 0 : argument;
        return blocked ? SLEEP : THINK;
    }

    private int begin(int thread, int step) {
        thinkLeft[thread] = -1;
        underWay[thread] = step;
        int word = plan.steps[step];
        argument = plan.slots[step];
        sizeClass = word >> ReplayPlan.CLASS_SHIFT & ReplayPlan.CLASS_MASK;
        amount = word >>> ReplayPlan.AMOUNT_SHIFT;
        return word & ReplayPlan.OP_MASK;
    }

    private void done(int thread) {
        int step = underWay[thread];
        underWay[thread] = -1;
        stepsDone++;
        int word = plan.steps[step];
        if ((word & ReplayPlan.RELEASES) != 0 && !isCopiedInto(thread, step)) {
            release(plan.slots[step]);
        }
        if ((word & ReplayPlan.OP_MASK) == ReplayPlan.COPY && (plan.steps[step - 1] & ReplayPlan.RELEASES) != 0) {
            release(plan.slots[step - 1]);
        }
        at[thread]++;
        if (at[thread] == plan.begin[thread + 1] && loops) {
            at[thread] = plan.begin[thread];
            pass[thread]++;
        }
        long before = nextEvent[thread];
        nextEvent[thread] = eventAt(thread);
        if (before == frontier) {
            advance();
        }
    }

    /** The step is the allocation of an object that the next step copies into: it is nobody else's before that. */
    private boolean isCopiedInto(int thread, int step) {
        return step + 1 < plan.begin[thread + 1] && (plan.steps[step + 1] & ReplayPlan.OP_MASK) == ReplayPlan.COPY;
    }

    private void release(int slot) {
        released[slot]++;
        for (int i = 0; parkedThreads > 0 && i < parked.length; i++) {
            if (parked[i] && waitsFor[i] == slot && waitsTurn[i] <= released[slot]) {
                unpark(i);
            }
        }
    }

    /** Who waits because it is ahead goes on when it is half a window ahead, so that it need not stop at once. */
    private void advance() {
        long least = DONE;
        for (long event : nextEvent) {
            least = Math.min(least, event);
        }
        frontier = least;
        for (int i = 0; parkedThreads > 0 && i < parked.length; i++) {
            if (parked[i] && waitsFor[i] < 0 && nextEvent[i] - window / 2 <= frontier) {
                unpark(i);
            }
        }
    }

    private int park(int thread, long now, int slot, long turn) {
        if (leaving) {
            return END;
        }
        parked[thread] = true;
        parkedThreads++;
        waitsFor[thread] = slot;
        waitsTurn[thread] = turn;
        waitsSince[thread] = now;
        return PARK;
    }

    /**
     * Whether a thread that waits goes on looking instead of sleeping: as long as nobody else wants its CPU, and for no
     * longer than is worth it. To be woken takes many times as long as what threads have to do between two objects that
     * they hand over; who sleeps at once makes those sleep who wait for him, and so on, until all do so all the time.
     *
     * @param queued threads that wait for the CPU
     */
    boolean looksOn(int thread, long now, long queued) {
        return queued == 0 && now - waitsSince[thread] < patienceCycles;
    }

    private void unpark(int thread) {
        parked[thread] = false;
        parkedThreads--;
        toWake.add(thread);
    }

    private int wake(int thread) {
        argument = thread;
        return WAKE;
    }

    /** A thread was told to end: a thread that it must wake, -1 for none. */
    int leave() {
        leaving = true;
        if (!toWake.isEmpty()) {
            return toWake.remove();
        }
        for (int i = 0; i < parked.length; i++) {
            if (parked[i]) {
                parked[i] = false;
                parkedThreads--;
                return i;
            }
        }
        return -1;
    }
}
