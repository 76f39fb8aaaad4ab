package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/**
 * Executes micro-operations one by one with dataflow timing: per register a ready time, a dispatch width, a cost per
 * taken branch and a least distance between two, store forwarding, a reorder window, a store buffer, locked operations
 * one after the other, and in-order retirement in groups of one cycle. The bubble after a mispredicted branch is one in
 * dispatch.
 *
 * <p>Exposure: an interrupt that arrives while the oldest micro-operation is not done waits for it and lands right
 * behind it; one that arrives while micro-operations retire every cycle lands on the next group, which is not done
 * then. So a gap of one cycle before a group belongs to its first micro-operation, and a longer one to its second.
 * (Measured on a Zen 4 with timer signals: in a loop of a square root and sixteen independent additions 89 % land on
 * the first addition, 5 % on the eighth, 5 % on the sixteenth; of 70,000 sampled around a loop whose exit is
 * mispredicted none found the first instruction behind it, and all that fell into the refill found the second.)
 *
 * <p>What each kind of micro-operation does stands in {@link MicroOp} and its subclasses.
 */
final class Interpreter {
    private static final int UNIT_BITS = Core.UNIT_BITS;
    private static final long UNIT = Core.UNIT;
    static final long NOT_DONE = -1;

    final Machine machine;
    final long[] code;
    final long[] constants;
    final long[] exposure;
    final long slotUnits;
    final long takenUnits;
    final long takenSpacingUnits;
    final long callSpacingUnits;
    final long refillUnits;
    final int maxTrip;
    final int retireWidth;
    final long forwardUnits;
    final long storeDoneUnits;
    final long storeLeavesUnits;
    final long drainUnits;
    final Forwarding forwarding;
    final long l1Units;
    final LockedOperations locked;
    final long fenceUnits;
    final long pauseUnits;
    final SelfLoop selfLoop;
    final byte[] takes;
    /** By position; behind the last one what nothing can be executed at. */
    final MicroOp[] microOps;

    Interpreter(Machine machine) {
        this.machine = machine;
        MachineProfile profile = machine.profile;
        code = machine.program.code();
        constants = machine.program.constants();
        exposure = machine.exposureCycles;
        slotUnits = Math.round(UNIT / profile.cost("core.dispatch_width"));
        takenUnits = units(profile, "core.taken_branch_bubble");
        takenSpacingUnits = Math.round(UNIT / profile.cost("core.taken_branches_per_cycle"));
        double spacing = 1 / profile.cost("core.taken_branches_per_cycle");
        callSpacingUnits = Math.round(UNIT * profile.costOr("core.call_spacing", spacing));
        refillUnits = units(profile, "core.mispredict_refill");
        maxTrip = (int) profile.cycles("core.max_predicted_trip");
        retireWidth = (int) profile.cycles("core.retire_width");
        forwardUnits = units(profile, "core.store_forward");
        storeDoneUnits = units(profile, "core.store_done");
        storeLeavesUnits = Math.round(UNIT * profile.storeLeavesCycles());
        drainUnits = Math.round(UNIT / profile.costOr("core.stores_per_cycle", 1));
        forwarding = new Forwarding(profile, slotUnits);
        l1Units = profile.l1Cycles() << UNIT_BITS;
        locked = new LockedOperations(machine);
        fenceUnits = units(profile, "core.fence");
        pauseUnits = units(profile, "core.pause");
        takes = WindowEntries.taken(profile);
        selfLoop = new SelfLoop(slotUnits, takenUnits, takenSpacingUnits, retireWidth, exposure);
        microOps = new MicroOp[code.length + 1];
        for (int pc = code.length; pc >= 0; pc--) {
            microOps[pc] = new NotDecoded(this, pc);
        }
    }

    /** What stands at a position; behind the program's end nothing that could be executed. */
    long word(int pc) {
        return pc < code.length ? code[pc] : Op.SIG;
    }

    /** Takes the micro-operation at a position apart. Most of a program is never executed, so each is when it is. */
    MicroOp decode(int pc) {
        int op = Op.code(word(pc));
        MicroOp decoded;
        if (op >= Op.LI && op <= Op.MUL) {
            decoded = ArithmeticOps.of(this, pc);
        } else if (op >= Op.LD64 && op <= Op.ST16 || Op.isLocked(op)) {
            decoded = MemoryOps.of(this, pc);
        } else {
            decoded = op >= Op.BEQ && op <= Op.RET ? BranchOps.of(this, pc) : SystemOps.of(this, pc);
        }
        decoded.next = pc < code.length ? microOps[pc + 1] : null;
        microOps[pc] = decoded;
        if (pc > 0) {
            microOps[pc - 1].next = decoded;
        }
        return decoded;
    }

    /** Stands where a micro-operation was never executed. */
    private static final class NotDecoded extends MicroOp {
        private final Interpreter numbers;

        NotDecoded(Interpreter numbers, int pc) {
            super(numbers, pc);
            this.numbers = numbers;
        }

        @Override
        MicroOp execute(Core core) {
            return numbers.decode(pc).execute(core);
        }

        @Override
        boolean takesTime() {
            return Op.code(numbers.word(pc)) != Op.MARK;
        }
    }

    static long units(MachineProfile profile, String key) {
        return Math.round(profile.cost(key) * UNIT);
    }

    /** Runs a core's thread as below, without a head to stop at. */
    void run(Core core, long horizon) {
        run(core, horizon, null);
    }

    /**
     * Runs a core's thread until its dispatch reaches the horizon (at least one micro-operation), an interrupt comes
     * into reach, memory makes it wait for other cores, or it leaves user mode; or until, and only then true is
     * answered, it comes to one of the heads, if there are any, and could go on.
     */
    boolean run(Core core, long horizon, boolean[] heads) {
        core.last = null;
        core.limitUnits = horizon;
        core.landsFrom = core.interruptAt - 1;
        ThreadContext thread = core.thread;
        MicroOp next = microOps[thread.pc];
        boolean atHead = false;
        if (heads == null) {
            do {
                // nothing else lives across the call: the host keeps nothing in registers there
                next = next.execute(core);
            } while (core.dispatch < core.limitUnits);
        } else {
            MicroOp current;
            do {
                current = next;
                next = current.execute(core);
                atHead = heads[next.pc] && current.takesTime();
            } while (core.dispatch < core.limitUnits && !atHead);
            atHead &= core.dispatch < core.limitUnits;
        }
        thread.pc = next.pc;
        if (core.mode != Core.Mode.USER) {
            core.leaveUser(core.mode);
        }
        return atHead;
    }
}
