package io.rseqlab.collector.machine;

/**
 * A path of micro-operations as one host method: their values, and a look at each load and store whether a
 * {@link Schedule} says of it what happens. It leaves early where execution departs from the path, or before a
 * micro-operation that only the interpreter does. {@link BlockCompiler} writes the subclasses; what they need of Java
 * stands here.
 */
abstract class Block {
    /** Went through, or left the path behind a branch. */
    static final int LEFT = 0;
    /** The next micro-operation is the interpreter's. */
    static final int NEEDS_INTERPRETER = 1;
    /** A mark asks the core to leave its fast loop. */
    static final int STOPPED = 2;

    Path path;
    int number;
    Machine machine;
    Schedules schedules;
    Forwarding forwarding;
    int maxTrip;
    /** Values that differ between programs of one shape. */
    long[] constants;

    /** Executes the block on a core from its own start by a schedule for the core's state. */
    abstract int run(Core core, Schedule schedule);

    // ---- what host methods ask

    /** What a load sees in the store buffer: see {@link Schedule#NOT_FORWARDED}. */
    final int fed(Core core, int key, long base, int issue, int before) {
        return forwarding.seen(core, key, base, issue, before);
    }

    /** Another schedule, for a load or store that sees something else; null if the core may not follow it. */
    final Schedule seeing(Core core, Schedule schedule, int place, int seen) {
        return schedules.seeing(core, schedule, place, seen);
    }

    /** A load whose line the filter does not know; null if it does not find it in the first level. */
    final Schedule reads(Core core, Schedule schedule, int step, long address) {
        int place = path.places[step];
        if (!finds(core, schedule, step, address, false)) {
            return null;
        }
        long base = core.dispatch & -Core.UNIT;
        int key = (int) (address >>> 3) & Core.FORWARD - 1;
        int seen = core.forwardAddress[key] == address >>> 3
                ? fed(core, key, base, schedule.times[place + Schedule.ISSUE], schedule.times[place + Schedule.BEFORE])
                : Schedule.NOT_FORWARDED;
        return access(core, schedule, place, seen, address, false);
    }

    /** A store whose line the filter does not know; null if it does not find it in the first level. */
    final Schedule writes(Core core, Schedule schedule, int step, long address) {
        if (address >>> 6 == core.lockedLine || !finds(core, schedule, step, address, true)) {
            return null;
        }
        return access(core, schedule, path.places[step], Schedule.FOUND, address, true);
    }

    private boolean finds(Core core, Schedule schedule, int step, long address, boolean write) {
        if (address < Memory.BASE || address >= machine.memory.end() - 7) {
            return false;
        }
        int place = path.places[step];
        long base = core.dispatch & -Core.UNIT;
        long before = base + schedule.times[place + Schedule.BEFORE];
        long issue = base + schedule.times[place + Schedule.ISSUE];
        long line = address >>> 6;
        return machine.coherence.finds(core, line, write, path.lines.leads(step), before, issue)
                && !displaces(core, step, line);
    }

    /** True if a line would take another one's place in the filter on which a later step relies. */
    private boolean displaces(Core core, int step, long line) {
        SharedLines lines = path.lines;
        for (int follower : lines.followers) {
            if (follower > step && lines.leaders[follower] < step) {
                long relied = core.thread.regs[path.rs1[follower]] + path.offsets[follower] >>> 6;
                if (relied != line && (relied - line & Core.FILTER - 1) == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private Schedule access(Core core, Schedule schedule, int place, int seen, long address, boolean write) {
        Schedule right = schedule;
        if (schedule.times[place + Schedule.EXPECTED] != seen) {
            right = seeing(core, schedule, place + Schedule.EXPECTED, seen);
            if (right == null) {
                return null;
            }
        }
        long dispatch = core.dispatch;
        long issue = (dispatch & -Core.UNIT) + right.times[place + Schedule.ISSUE];
        core.dispatch = (dispatch & -Core.UNIT) + right.times[place + Schedule.BEFORE];
        machine.coherence.access(core, address, write, issue, issue);
        core.dispatch = dispatch;
        return right;
    }

    // ---- how blocks are left

    final int complete(Core core, Schedule schedule) {
        schedules.executed(core, schedule, core.dispatch & -Core.UNIT);
        return LEFT;
    }

    final int leaveBefore(Core core, Schedule schedule, int step) {
        complete(core, schedules.before(schedule, step));
        return NEEDS_INTERPRETER;
    }

    /** A mark asks to stop behind it. */
    final int stop(Core core, Schedule schedule, int mark) {
        complete(core, schedules.before(schedule, mark + 1));
        return STOPPED;
    }

    /** A branch leaves the path. */
    final int leave(Core core, Schedule schedule, int step, boolean taken) {
        boolean predicted = BranchPredictor.predicted(core, path.positions[step], taken, maxTrip);
        return complete(core, schedules.left(schedule, step, taken, predicted));
    }

    /** A branch goes as expected, and was predicted to go the other way. */
    final int leaveMispredicted(Core core, Schedule schedule, int step, boolean taken) {
        return complete(core, schedules.left(schedule, step, taken, false));
    }
}
