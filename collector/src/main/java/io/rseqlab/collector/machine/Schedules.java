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

    private final Machine machine;
    private final Interpreter numbers;
    private final Scheduler scheduler;
    private final Timing[] timings = new Timing[TABLE];
    private int timingCount;
    private int scheduleCount;
    /** States that came up lately and how often, by their hash: no more than a hint. */
    private final int[] lately = new int[TABLE];

    private final byte[] times = new byte[TABLE];
    /** How often a state must have come up: more often, the more schedules were made in vain. */
    private int patience = 1;

    private final int[] captured = new int[Timing.LENGTH];
    private Schedule[] unadded = new Schedule[64];
    private int unaddedCount;
    /** Dispatch at which the core that runs has to stop. */
    long limitUnits;

    Schedules(Machine machine, Interpreter numbers) {
        this.machine = machine;
        this.numbers = numbers;
        scheduler = new Scheduler(numbers);
    }

    /** A schedule of a block from a core's state that is likely to be right, null if there is none. */
    Schedule at(Core core, Block block) {
        Timing timing = core.timing;
        if (timing == null) {
            if ((core.retireCycle << Core.UNIT_BITS) - core.dispatch > MOST_LEAD
                    || !Timing.capture(core, captured, numbers)) {
                return null;
            }
            int hash = Timing.hash(captured);
            timing = find(captured, hash);
            if (timing == null) {
                if (!comesBack(hash + 31 * block.number)) {
                    return null;
                }
                timing = intern(captured.clone(), hash);
            }
            core.timing = timing;
        }
        Family family = timing.family(block);
        return family != null ? family.current : begin(timing, block);
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
        timingCount = 0;
        scheduleCount = 0;
        for (Core core : machine.cores) {
            core.timing = null;
        }
    }

    /** The part of a schedule before a step. */
    Schedule before(Schedule schedule, int step) {
        Schedule part = schedule.before(step);
        if (part == null) {
            part = scheduler.before(schedule.family, schedule.times, step);
            count();
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
            schedule.keepLeft(step, taken, predicted, part);
        }
        return part;
    }

    /** The schedule that is the same before a step, and there sees something else; null if the core may not follow. */
    Schedule seeing(Core core, Schedule schedule, int place, int seen) {
        if (seen > Timing.FAR) {
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
        schedule.apply(core, base);
        if (schedule.turns++ == 0) {
            if (unaddedCount == unadded.length) {
                unadded = Arrays.copyOf(unadded, 2 * unaddedCount);
            }
            unadded[unaddedCount++] = schedule;
        }
        Timing exit = schedule.exit;
        if (exit == null) {
            if (schedule.executed) {
                exit = intern(schedule.exitValues, Timing.hash(schedule.exitValues));
                schedule.exit = exit;
            }
            schedule.executed = true;
        }
        core.timing = exit;
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
