package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import java.util.Arrays;

/**
 * Finds a path's times: what each {@link MicroOp} does about them, in the same order and with the same names, for
 * micro-operations of which neither the window nor the store buffer holds one back and which all hit.
 */
final class Scheduler {
    private static final int UNIT = Core.UNIT;

    private final Interpreter numbers;
    private final int[] ready = new int[32];
    private final int[] entries = new int[Trace.MOST_STEPS];
    private final int[] taken = new int[Trace.MOST_STEPS];
    private final int[] drained = new int[Trace.MOST_STEPS];
    private final int[] exposedAt = new int[Trace.MOST_STEPS];
    private final int[] exposed = new int[Trace.MOST_STEPS];
    private int entryCount;
    private int takenCount;
    private int drainedCount;
    private int exposedCount;
    private int defined;
    private int dispatch;
    private int nextDispatch;
    private int retire;
    private int takenAt;
    private int fence;
    private int drain;
    private Path path;
    private Schedule result;

    Scheduler(Interpreter numbers) {
        this.numbers = numbers;
    }

    /**
     * The schedule of a path's first steps.
     *
     * @param expected times of a schedule that expects the same of loads and stores, null if none does
     */
    Schedule before(Family family, int[] expected, int steps) {
        begin(family, expected, steps);
        for (int step = 0; step < steps; step++) {
            step(step, path.positions[step + 1], path.taken(step), true);
        }
        return end(path.positions[steps]);
    }

    /** The schedule of the steps up to a branch that goes a way. */
    Schedule left(Family family, int[] expected, int branch, boolean way, boolean predicted) {
        begin(family, expected, branch + 1);
        for (int step = 0; step < branch; step++) {
            step(step, path.positions[step + 1], path.taken(step), true);
        }
        int next = way ? path.targets[branch] : path.positions[branch] + 1;
        step(branch, next, way, predicted);
        return end(next);
    }

    private void begin(Family family, int[] expected, int steps) {
        path = family.block.path;
        result = new Schedule(family, expected == null ? new int[path.times] : expected.clone(), steps);
        if (expected == null) {
            for (int step = 0; step < path.steps; step++) {
                if (Trace.isLoad(path.ops[step])) {
                    result.times[path.places[step] + Schedule.EXPECTED] = Schedule.NOT_FORWARDED;
                }
            }
        }
        int[] from = family.from.values;
        System.arraycopy(from, Timing.READY, ready, 0, ready.length);
        dispatch = from[Timing.PHASE];
        retire = from[Timing.RETIRE];
        result.retireCount = from[Timing.RETIRE_COUNT];
        takenAt = from[Timing.TAKEN_AT];
        fence = from[Timing.FENCE];
        drain = from[Timing.DRAIN];
        result.memoryDone = Schedule.NO_LOAD;
        entryCount = 0;
        takenCount = 0;
        drainedCount = 0;
        exposedCount = 0;
        defined = 0;
    }

    private void step(int step, int next, boolean way, boolean predicted) {
        int op = path.ops[step];
        if (op == Op.MARK) {
            result.times[path.places[step]] = retire;
            return;
        }
        int at = dispatch + (int) numbers.slotUnits;
        nextDispatch = at;
        int rd = path.rd[step];
        int ready1 = Math.max(ready[path.rs1[step]], at);
        int done = switch (op) {
            case Op.LI -> define(rd, at + UNIT);
            case Op.MOV -> define(rd, ready1);
            case Op.ADDI, Op.ANDI, Op.SHLI, Op.SHRI -> define(rd, ready1 + UNIT);
            case Op.ADD, Op.SUB, Op.AND, Op.OR, Op.XOR -> define(rd, Math.max(ready1, ready2(step)) + UNIT);
            case Op.MUL -> define(rd, Math.max(ready1, ready2(step)) + 3 * UNIT);
            case Op.LD64, Op.LD32, Op.LD16 -> load(step, at, ready1);
            case Op.ST64, Op.ST32, Op.ST16 -> store(step, ready1);
            case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.DJNZ -> branch(step, at, ready1, way, predicted);
            case Op.JMP -> {
                follow(at, numbers.takenSpacingUnits);
                yield at + UNIT;
            }
            case Op.CALL -> {
                follow(at, numbers.callSpacingUnits);
                yield define(rd, at + UNIT);
            }
            case Op.RET -> {
                follow(at, numbers.callSpacingUnits);
                yield ready1 + UNIT;
            }
            default -> throw new IllegalStateException("operation " + op + " in a block");
        };
        result.dispatchBeforeLast = dispatch;
        dispatch = nextDispatch;
        result.microOps++;
        retire(op, done, path.positions[step], next);
    }

    private int ready2(int step) {
        return ready[path.rs2[step]];
    }

    private int define(int register, int time) {
        ready[register] = time;
        defined |= 1 << register;
        return time;
    }

    private int load(int step, int at, int ready1) {
        int place = path.places[step];
        int issue = Math.max(ready1, fence);
        int arrival = issue + (int) numbers.l1Units;
        int usable = arrival;
        int stored = result.times[place + Schedule.EXPECTED];
        if (stored != Schedule.NOT_FORWARDED) {
            boolean asHit = stored <= Schedule.AS_HIT;
            int known = asHit ? Schedule.AS_HIT - stored : stored;
            arrival = Math.max(asHit ? arrival : issue + (int) numbers.forwarding.doneUnits, known);
            usable = numbers.forwarding.predicted ? Math.max(known, at) : arrival;
        }
        result.times[place + Schedule.ISSUE] = issue;
        result.times[place + Schedule.BEFORE] = dispatch;
        result.memoryDone = Math.max(result.memoryDone, arrival);
        define(path.rd[step], usable);
        return arrival;
    }

    private int store(int step, int issue) {
        int place = path.places[step];
        int dataReady = ready2(step);
        int executed = Math.max(dataReady, issue + (int) numbers.storeDoneUnits);
        boolean found = result.times[place + Schedule.EXPECTED] == Schedule.FOUND;
        int owned = found ? issue + (int) numbers.l1Units : executed;
        int least = Math.max(Math.max(owned, executed), retire + (int) numbers.storeLeavesUnits);
        drain = Math.max(drain + (int) numbers.drainUnits, least);
        drained[drainedCount++] = drain;
        result.times[place + Schedule.ISSUE] = issue;
        result.times[place + Schedule.BEFORE] = dispatch;
        int forward = path.forwards[step];
        result.times[forward + Schedule.FORWARD_READY] = Math.max(dataReady, issue) + (int) numbers.forwardUnits;
        result.times[forward + Schedule.FORWARD_UNTIL] = drain;
        return executed;
    }

    private int branch(int step, int at, int ready1, boolean way, boolean predicted) {
        boolean counts = path.ops[step] == Op.DJNZ;
        int done = (counts ? ready1 : Math.max(ready1, ready2(step))) + UNIT;
        if (counts) {
            define(path.rs1[step], done);
        }
        if (way) { // also where it leads to the next position anyway
            follow(at, numbers.takenSpacingUnits);
        }
        if (!predicted) {
            result.mispredicted = true;
            int again = done + (int) numbers.refillUnits;
            result.lost = Math.max(again - nextDispatch, 0);
            nextDispatch = Math.max(nextDispatch, again);
        }
        return done;
    }

    private void follow(int at, long spacing) {
        nextDispatch = Math.max(at + (int) numbers.takenUnits, takenAt);
        takenAt = nextDispatch + (int) spacing;
        result.takes = true;
    }

    private void retire(int op, int done, int position, int next) {
        int retires = done + UNIT - 1 & -UNIT;
        if (retires > retire || ++result.retireCount > numbers.retireWidth) {
            retires = Math.max(retires, retire + UNIT);
            int gap = (retires - retire) >> Core.UNIT_BITS;
            expose(gap == 1 ? position : next, gap);
            result.lastGap = gap;
            result.retireCount = 1;
            retire = retires;
        }
        if (numbers.takes[op] > 0) {
            entries[entryCount++] = retire;
        }
        if (next != position + 1) {
            taken[takenCount++] = retire;
        }
    }

    private void expose(int position, int cycles) {
        int i = 0;
        while (i < exposedCount && exposedAt[i] != position) {
            i++;
        }
        if (i == exposedCount) {
            exposedAt[exposedCount] = position;
            exposed[exposedCount++] = 0;
        }
        exposed[i] += cycles;
    }

    private Schedule end(int next) {
        Schedule schedule = result;
        schedule.next = next;
        long special = special(schedule);
        schedule.special = (int) special;
        schedule.specialBeyond = (int) (special >>> 32);
        schedule.dispatch = dispatch;
        schedule.retire = retire;
        schedule.takenAt = takenAt;
        schedule.drain = drain;
        schedule.entryCount = entryCount;
        schedule.takenCount = takenCount;
        schedule.drainedCount = drainedCount;
        schedule.defined = defined;
        schedule.late = late();
        schedule.exposedAt = Arrays.copyOf(exposedAt, exposedCount);
        schedule.exposed = Arrays.copyOf(exposed, exposedCount);
        schedule.exitValues = exit(schedule);
        result = null;
        return schedule;
    }

    private int[] late() {
        int[] late = new int[entryCount + takenCount + drainedCount + Integer.bitCount(defined)];
        System.arraycopy(entries, 0, late, 0, entryCount);
        System.arraycopy(taken, 0, late, entryCount, takenCount);
        System.arraycopy(drained, 0, late, entryCount + takenCount, drainedCount);
        int place = entryCount + takenCount + drainedCount;
        for (int register = 0; register < ready.length; register++) {
            if ((defined >>> register & 1) != 0) {
                late[place++] = ready[register];
            }
        }
        return late;
    }

    private long special(Schedule schedule) {
        long special = 0;
        for (int step = 0; step < path.steps; step++) {
            int usual = Trace.isLoad(path.ops[step]) ? Schedule.NOT_FORWARDED : Schedule.FILTERED;
            if (Trace.isLoad(path.ops[step]) || Trace.isStore(path.ops[step])) {
                boolean isUsual = schedule.times[path.places[step] + Schedule.EXPECTED] == usual;
                special |= isUsual ? 0 : 1L << path.accesses[step];
            }
        }
        return special;
    }

    private int[] exit(Schedule schedule) {
        int[] values = new int[Timing.LENGTH];
        int base = dispatch & -UNIT;
        values[Timing.PHASE] = dispatch - base;
        values[Timing.RETIRE] = retire - base;
        values[Timing.RETIRE_COUNT] = schedule.retireCount;
        values[Timing.TAKEN_AT] = takenAt - base;
        values[Timing.FENCE] = fence - base;
        values[Timing.DRAIN] = Math.max(drain - base, Timing.LONG_AGO);
        for (int register = 0; register < ready.length; register++) {
            values[Timing.READY + register] = ready[register] - base;
        }
        Timing.forget(values, numbers);
        return values;
    }
}
