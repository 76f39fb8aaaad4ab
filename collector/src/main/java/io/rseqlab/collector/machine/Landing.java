package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/**
 * Finds where a pending interrupt lands, one micro-operation at a time: right behind the oldest one if that has to be
 * waited for, else on the next retirement group (see {@link Interpreter}). So before each further micro-operation it is
 * asked, without effect, whether that one would begin a group in the next cycle.
 */
final class Landing {
    private final Machine machine;
    private final Interpreter interpreter;
    private final long[] code;
    private final int retireWidth;
    private final long l1Units;
    private final long l2Units;

    Landing(Machine machine, Interpreter interpreter) {
        this.machine = machine;
        this.interpreter = interpreter;
        code = machine.program.code();
        retireWidth = (int) machine.profile.cycles("core.retire_width");
        l1Units = machine.profile.l1Cycles() << Core.UNIT_BITS;
        l2Units = machine.profile.l2Cycles() << Core.UNIT_BITS;
    }

    /** Executes one micro-operation, or takes the interrupt. */
    void step(Core core) {
        boolean due = waitedFor(core) || nextGroupIsTooLate(core);
        if (due || core.forceIn == 0) {
            core.forced = core.forceIn == 0;
            core.forceIn = -1;
            core.retireCycle = due ? Math.max(core.retireCycle, core.interruptAt) : core.retireCycle;
            core.leaveUser(Core.Mode.INTERRUPT);
            return;
        }
        long before = core.microOps;
        if (core.transaction.active()) {
            core.transaction.step();
        } else {
            interpreter.run(core, Long.MIN_VALUE);
        }
        if (core.forceIn > 0 && core.microOps > before) {
            core.forceIn--;
        }
    }

    /**
     * True if the interrupt arrived while the last micro-operation was waited for, and nothing has retired with it yet.
     */
    private static boolean waitedFor(Core core) {
        return core.retireCycle >= core.interruptAt && core.retireCount == 1 && core.lastGap > 1;
    }

    /**
     * True if the next micro-operation retires one cycle after the group that is retiring, and the interrupt is first.
     */
    private boolean nextGroupIsTooLate(Core core) {
        if (core.retireCycle + 1 < core.interruptAt) {
            return false;
        }
        int pc = core.thread.pc;
        while (Op.code(code[pc]) == Op.MARK) {
            pc++;
        }
        long done = doneUnits(core, code[pc]);
        if (done == Long.MAX_VALUE) {
            return false;
        }
        long retires = (done + Core.UNIT - 1) >> Core.UNIT_BITS;
        return retires == core.retireCycle + 1 || retires <= core.retireCycle && core.retireCount >= retireWidth;
    }

    /** When the next micro-operation will be done, in units; Long.MAX_VALUE if that is not known before it is tried. */
    long doneUnits(Core core, long word) {
        int op = Op.code(word);
        long at = core.dispatch + interpreter.slotUnits;
        at = Math.max(at, core.ring[(int) core.entries & (core.ring.length - 1)]);
        long first = Math.max(at, core.ready[Op.rs1(word)]);
        return switch (op) {
            case Op.LI, Op.JMP, Op.CALL -> at + Core.UNIT;
            case Op.MOV -> first;
            case Op.ADDI, Op.ANDI, Op.SHLI, Op.SHRI, Op.DJNZ, Op.RET -> first + Core.UNIT;
            case Op.ADD, Op.SUB, Op.AND, Op.OR, Op.XOR, Op.BEQ, Op.BNE, Op.BLT, Op.BGE ->
                Math.max(first, core.ready[Op.rs2(word)]) + Core.UNIT;
            case Op.MUL -> Math.max(first, core.ready[Op.rs2(word)]) + 3 * Core.UNIT;
            case Op.LD64, Op.LD32, Op.LD16 -> load(core, word, Math.max(first, core.fence));
            case Op.ST64, Op.ST32, Op.ST16 -> store(core, word, first);
            default -> Long.MAX_VALUE;
        };
    }

    private long load(Core core, long word, long issue) {
        long address = core.thread.regs[Op.rs1(word)] + Op.imm(word);
        if (!machine.memory.mapped(address & -8)) {
            return Long.MAX_VALUE;
        }
        boolean inFilter = core.readFilter[(int) (address >>> 6) & Core.FILTER - 1] == address >>> 6;
        issue = inFilter ? issue : Math.max(issue, MemoryOps.place(core));
        long arrival = hit(core, address >>> 6, issue);
        int key = (int) (address >>> 3) & (Core.FORWARD - 1);
        boolean forwarded = core.forwardAddress[key] == address >>> 3
                && core.forwardUntil[key] > issue
                && interpreter.forwarding.feeds(arrival <= issue + l1Units);
        return forwarded ? interpreter.forwarding.done(issue, core.forwardReady[key], arrival) : arrival;
    }

    /** When a load's data would be there if it hit in the core's own caches; Long.MAX_VALUE if it would not. */
    private long hit(Core core, long line, long issue) {
        int slot = core.l1.find(line);
        if (slot >= 0) {
            return Math.max(core.l1.arrival(slot), issue + l1Units);
        }
        slot = core.l2.find(line);
        return slot >= 0 ? Math.max(core.l2.arrival(slot), issue + l2Units) : Long.MAX_VALUE;
    }

    private long store(Core core, long word, long first) {
        long slot = core.storeRing[(int) core.stores & (core.storeRing.length - 1)];
        return Math.max(Math.max(first, slot) + interpreter.storeDoneUnits, core.ready[Op.rs2(word)]);
    }
}
