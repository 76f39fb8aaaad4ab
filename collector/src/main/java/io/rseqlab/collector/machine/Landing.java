package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/**
 * Finds where a pending interrupt lands, one micro-operation at a time: it is recognised at the first retirement at or
 * after it arrives, and the rest of that retirement group still retires. So before each further micro-operation it is
 * asked, without effect, whether that one would begin a new group. Where the right path begins after a mispredicted
 * branch, no interrupt is taken (see {@link Interpreter}).
 */
final class Landing {
    private final Machine machine;
    private final Interpreter interpreter;
    private final long[] code;
    private final int retireWidth;

    Landing(Machine machine, Interpreter interpreter) {
        this.machine = machine;
        this.interpreter = interpreter;
        code = machine.program.code();
        retireWidth = (int) machine.profile.cycles("core.retire_width");
    }

    /** Executes one micro-operation, or takes the interrupt. */
    void step(Core core) {
        boolean due = core.retireCycle >= core.interruptAt && beginsGroup(core);
        if (due || core.forceIn == 0) {
            core.forced = core.forceIn == 0;
            core.forceIn = -1;
            core.leaveUser(Core.Mode.INTERRUPT);
            return;
        }
        long before = core.microOps;
        interpreter.run(core, Long.MIN_VALUE);
        if (core.forceIn > 0 && core.microOps > before) {
            core.forceIn--;
        }
    }

    /** True if the next micro-operation would not retire with the group that is retiring. */
    private boolean beginsGroup(Core core) {
        if (core.microOps == core.redirectOp) {
            return false;
        }
        if (core.retireCount >= retireWidth) {
            return true;
        }
        int pc = core.thread.pc;
        while (Op.code(code[pc]) == Op.MARK) {
            pc++;
        }
        long done = doneUnits(core, code[pc]);
        return done == Long.MAX_VALUE || (done + Core.UNIT - 1) >> Core.UNIT_BITS > core.retireCycle;
    }

    private long doneUnits(Core core, long word) {
        int op = Op.code(word);
        long at = core.dispatch + interpreter.slotUnits;
        at = Math.max(at, core.ring[(int) core.microOps & (core.ring.length - 1)]);
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
        long arrival = machine.coherence.peekLoad(core, address >>> 6, issue);
        int key = (int) (address >>> 3) & (Core.FORWARD - 1);
        boolean forwarded = core.forwardAddress[key] == address >>> 3 && core.forwardUntil[key] > issue;
        return forwarded ? Math.max(issue + interpreter.forwardDoneUnits, core.forwardReady[key]) : arrival;
    }

    private long store(Core core, long word, long first) {
        long slot = core.storeRing[(int) core.stores & (core.storeRing.length - 1)];
        return Math.max(Math.max(first, slot) + interpreter.storeDoneUnits, core.ready[Op.rs2(word)]);
    }
}
