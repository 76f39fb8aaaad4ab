package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/**
 * One micro-operation of a program at its place, taken apart once: what it does in value and in time.
 *
 * <p>Each kind is a class of its own with one short method, and a core's state lies in its fields. The host's compiler
 * keeps what such a method needs in registers. Of one long loop with a case for each kind it spilled nearly every
 * variable, loaded what several cases need before it looked which case it is, and compiled it anew whenever an
 * operation came that no run had before.
 */
abstract class MicroOp {
    static final int UNIT_BITS = Core.UNIT_BITS;
    static final long UNIT = Core.UNIT;

    /** Its position. */
    final int pc;

    final int rd;
    final int rs1;
    final int rs2;
    /** The micro-operation behind it. */
    MicroOp next;
    /** How many entries of the window it takes. */
    private final int entries;

    private final long[] exposure;

    MicroOp(Interpreter numbers, int pc) {
        long word = numbers.word(pc);
        this.pc = pc;
        rd = Op.rd(word);
        rs1 = Op.rs1(word);
        rs2 = Op.rs2(word);
        entries = numbers.takes[Op.code(word)];
        exposure = numbers.exposure;
    }

    /**
     * Executes it on a core; answers what the core executes next: {@link #again} if memory makes the core wait and it
     * has to be tried again, or if it cannot be executed at all.
     */
    abstract MicroOp execute(Core core);

    /** False for what is a note to the host. */
    boolean takesTime() {
        return true;
    }

    /** It is what the core executes next, still, but not now: something has to happen first. */
    final MicroOp again(Core core) {
        core.limitUnits = Long.MIN_VALUE;
        return this;
    }

    /** When the core can dispatch it: a slot behind the last one, as soon as the window has room. */
    static long dispatched(Core core) {
        long[] ring = core.ring;
        return Math.max(core.dispatch + core.slotUnits, ring[(int) core.entries & ring.length - 1]);
    }

    /** It writes its register, is done, and was dispatched; answers what follows in the program. */
    final MicroOp define(Core core, long at, long value, long done) {
        core.regs[rd] = value;
        core.ready[rd] = done;
        core.dispatch = at;
        return retire(core, done, next);
    }

    /** It is done: finds out when it retires, and what is exposed until then. */
    final MicroOp retire(Core core, long done, MicroOp follower) {
        long retires = done + UNIT - 1 >> UNIT_BITS;
        long cycle = core.retireCycle;
        if (retires > cycle || ++core.retireCount > core.retireWidth) {
            retires = Math.max(retires, cycle + 1);
            long gap = retires - cycle;
            core.lastGap = gap;
            exposure[gap == 1 ? pc : follower.pc] += gap;
            core.retireCount = 1;
            core.retireCycle = retires;
            cycle = retires;
            if (retires >= core.landsFrom) {
                core.limitUnits = Long.MIN_VALUE;
            }
        }
        long[] ring = core.ring;
        int entry = (int) core.entries;
        ring[entry + core.window & ring.length - 1] = cycle << UNIT_BITS;
        for (int more = 1; more < entries; more++) {
            entry++;
            ring[entry + core.window & ring.length - 1] = cycle << UNIT_BITS;
        }
        core.entries += entries;
        core.microOps++;
        return follower;
    }
}
