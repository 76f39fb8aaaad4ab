package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * The schedules that were made so far, by the state in which they begin. One is made when a state comes to the head of
 * a path for the second time in a while; from then on each leads to the next.
 */
final class Schedules {
    /** When there are more, all are forgotten and made again where needed. */
    private static final int MOST_SCHEDULES = 1 << 14;

    /** A core whose retirement is so far behind dispatch, in units, waits for memory: its state is like no other. */
    private static final long MOST_LEAD = 64 * Core.UNIT;

    private static final int MOST_PATIENCE = 100;
    private static final int TABLE = 1 << 16;
    private static final int MOST_TIMINGS = TABLE / 2;

    /** By so many bits a core's history moves on with each schedule. */
    private static final int HISTORY_BITS = 3;

    /** A larger table has fewer histories at one place, and does not stay in the host's second-level cache. */
    private static final int GUESS_BITS = 14;

    private static final int GUESS_SHIFT = Integer.SIZE - GUESS_BITS;
    private static final int MIX = 0x9e3779b9;

    private final Machine machine;
    private final Interpreter numbers;
    private final Scheduler scheduler;
    private final Backlog backlog;
    private final Timing[] timings = new Timing[TABLE];
    /** What followed last time, by the history that led there. */
    private final Schedule[] guesses = new Schedule[1 << GUESS_BITS];

    private int guess;
    private int timingCount;
    private int scheduleCount;
    /** States that came up lately and how often, by their hash: no more than a hint. */
    private final int[] lately = new int[TABLE];

    private final byte[] times = new byte[TABLE];
    /** True if all were forgotten since a core executed one last: it may have been one of them. */
    private boolean forgotten;
    /** How often a state must have come up: more often, the more schedules were made in vain. */
    private int patience = 1;

    private final int[] captured = new int[Timing.LENGTH];
    private Schedule[] unadded = new Schedule[64];
    private int unaddedCount;
    /** Dispatch at which the core that runs has to stop. */
    long limitUnits;

    Schedules(Machine machine, Interpreter numbers, Backlog backlog) {
        this.backlog = backlog;
        this.machine = machine;
        this.numbers = numbers;
        scheduler = new Scheduler(numbers);
    }

    /** A schedule of a block from a core's state that is likely to be right, null if there is none. */
    Schedule at(Core core, Block block) {
        Schedule last = core.last;
        guess = core.history * MIX >>> GUESS_SHIFT;
        Schedule next = guesses[guess];
        if (last != null && next != null && next.block == block && next.from == last.exit) {
            return next;
        }
        Timing timing = last == null ? null : exit(last);
        if (timing == null) {
            core.last = null;
            timing = capture(core, block);
            if (timing == null) {
                return null;
            }
        }
        Family family = timing.family(block);
        Schedule schedule = family != null ? family.current : begin(timing, block);
        guesses[guess] = schedule;
        return schedule;
    }

    /** The state that a schedule leaves, null if it has been executed but once. */
    private Timing exit(Schedule schedule) {
        if (schedule.exit == null) {
            if (!schedule.executed) {
                schedule.executed = true;
                return null;
            }
            schedule.exit = intern(schedule.exitValues, Timing.hash(schedule.exitValues));
            schedule.exitValues = null;
        }
        return schedule.exit;
    }

    /** The state in which a core is, null if it is not worth a schedule. */
    private Timing capture(Core core, Block block) {
        backlog.writeDown(core);
        if ((core.retireCycle << Core.UNIT_BITS) - core.dispatch > MOST_LEAD
                || !Timing.capture(core, captured, numbers)) {
            return null;
        }
        int hash = Timing.hash(captured);
        Timing timing = find(captured, hash);
        if (timing == null && comesBack(hash + 31 * block.number)) {
            timing = intern(captured.clone(), hash);
        }
        return timing;
    }

    /** Counts how often a state came up lately; true when that is often enough to make a schedule for it. */
    private boolean comesBack(int hash) {
        int slot = hash & TABLE - 1;
        if (lately[slot] != hash) {
            lately[slot] = hash;
            times[slot] = 1;
            return false;
        }
        return ++times[slot] > patience;
    }

    private Schedule begin(Timing timing, Block block) {
        Family family = new Family(block, timing);
        family.current = scheduler.before(family, null, block.path.steps);
        keep(family, family.current);
        timing.add(family);
        return family.current;
    }

    private void keep(Family family, Schedule schedule) {
        count();
        schedule.mark = scheduleCount * MIX;
        family.add(schedule);
    }

    private void count() {
        if (++scheduleCount > MOST_SCHEDULES) {
            forgetAll();
        }
    }

    private Timing find(int[] values, int hash) {
        int slot = hash & TABLE - 1;
        while (timings[slot] != null) {
            if (timings[slot].is(values, hash)) {
                return timings[slot];
            }
            slot = slot + 1 & TABLE - 1;
        }
        return null;
    }

    private Timing intern(int[] values, int hash) {
        Timing timing = find(values, hash);
        if (timing == null) {
            if (++timingCount > MOST_TIMINGS) {
                forgetAll();
            }
            timing = new Timing(values, hash);
            int slot = hash & TABLE - 1;
            while (timings[slot] != null) {
                slot = slot + 1 & TABLE - 1;
            }
            timings[slot] = timing;
        }
        return timing;
    }

    private void forgetAll() {
        addExposure();
        patience = Math.min(2 * patience, MOST_PATIENCE);
        Arrays.fill(timings, null);
        Arrays.fill(guesses, null);
        timingCount = 0;
        scheduleCount = 0;
        forgotten = true;
        for (Core core : machine.cores) {
            core.last = null;
        }
    }

    /** The part of a schedule before a step. */
    Schedule before(Schedule schedule, int step) {
        Schedule part = schedule.before(step);
        if (part == null) {
            part = scheduler.before(schedule.family, schedule.times, step);
            count();
            part.mark = scheduleCount * MIX;
            schedule.keepBefore(step, part);
        }
        return part;
    }

    /** The part of a schedule up to a branch that goes a way. */
    Schedule left(Schedule schedule, int step, boolean taken, boolean predicted) {
        Schedule part = schedule.left(step, taken, predicted);
        if (part == null) {
            part = scheduler.left(schedule.family, schedule.times, step, taken, predicted);
            count();
            part.mark = scheduleCount * MIX;
            schedule.keepLeft(step, taken, predicted, part);
        }
        return part;
    }

    /** The schedule that is the same before a step, and there sees something else; null if the core may not follow. */
    Schedule seeing(Core core, Schedule schedule, int place, int seen) {
        if (Math.abs(seen) > Timing.FAR) {
            return null;
        }
        Schedule other = schedule.other;
        if (other == null || schedule.otherFrom != place || other.times[place] != seen) {
            other = lookUp(schedule, place, seen);
            if (other == null) {
                return null;
            }
            schedule.other = other;
            schedule.otherFrom = place;
        }
        schedule.family.current = other;
        guesses[guess] = other;
        return other.fits(core, limitUnits) ? other : null;
    }

    private Schedule lookUp(Schedule schedule, int place, int seen) {
        Family family = schedule.family;
        Schedule other = family.find(family.block.path.expectations, schedule, place, seen);
        if (other == null && !family.isFull()) {
            int[] expected = schedule.times.clone();
            expected[place] = seen;
            other = scheduler.before(family, expected, schedule.steps);
            keep(family, other);
        }
        return other;
    }

    /** A core has executed what a schedule says; times are behind a base. */
    void executed(Core core, Schedule schedule, long base) {
        backlog.add(core, schedule, base);
        schedule.apply(core, base);
        if (schedule.turns++ == 0) {
            if (unaddedCount == unadded.length) {
                unadded = Arrays.copyOf(unadded, 2 * unaddedCount);
            }
            unadded[unaddedCount++] = schedule;
        }
        core.last = forgotten ? null : schedule;
        core.history = (core.history << HISTORY_BITS) + schedule.mark;
        forgotten = false;
    }

    /** Adds up the exposure of what was executed. */
    void addExposure() {
        long[] cycles = machine.exposureCycles;
        for (int i = 0; i < unaddedCount; i++) {
            Schedule schedule = unadded[i];
            for (int j = 0; j < schedule.exposed.length; j++) {
                cycles[schedule.exposedAt[j]] += schedule.turns * schedule.exposed[j];
            }
            schedule.turns = 0;
            unadded[i] = null;
        }
        unaddedCount = 0;
    }
}
