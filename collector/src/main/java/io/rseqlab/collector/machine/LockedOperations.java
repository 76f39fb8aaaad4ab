package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;

/**
 * Exchanges, additions and compare-and-swaps, in function and in time: they execute one after the other. What else a
 * processor does about them is for its profile to say: see {@link ProfileReader#OPTIONAL}.
 */
final class LockedOperations {
    private final Machine machine;
    private final long units;
    private final long units128;
    private final long exchangeUnits;
    private final long dispatchUnits;
    private final long dispatchUnits128;
    private final boolean drains;
    private final boolean oldest;
    private final boolean behindLoads;
    private final boolean compareAtEnd;
    private final boolean goesOn;
    /** Of the time that a store before takes to leave the store buffer; all of it where no profile says how long. */
    private final long waivedUnits;

    private final long loadUnits;

    LockedOperations(Machine machine) {
        this.machine = machine;
        MachineProfile profile = machine.profile;
        units = Interpreter.units(profile, "core.locked");
        units128 = Interpreter.units(profile, "core.locked_128");
        exchangeUnits = Math.round(Core.UNIT * profile.costOr("core.exchange", profile.cost("core.locked")));
        dispatchUnits = Math.round(Core.UNIT * profile.costOr("core.locked_dispatch", 0));
        dispatchUnits128 = Math.round(Core.UNIT * profile.costOr("core.locked_128_dispatch", 0));
        drains = profile.costOr("core.locked_drains", 0) != 0;
        oldest = profile.costOr("core.locked_oldest", 0) != 0;
        behindLoads = profile.costOr("core.locked_behind_loads", 0) != 0;
        compareAtEnd = profile.costOr("core.compare_at_end", 0) != 0;
        goesOn = profile.costOr("core.locked_goes_on", 0) != 0;
        boolean known = profile.costOr("core.store_leaves", 0) != 0;
        waivedUnits = known ? 0 : Interpreter.units(profile, "core.store_done");
        loadUnits = profile.l1Cycles() << Core.UNIT_BITS;
    }

    private long units(int op) {
        return op == Op.CAS128 ? units128 : op == Op.XCHG ? exchangeUnits : units;
    }

    /**
     * For how long nothing is dispatched behind one, beyond its own slot, in units: a compare-and-swap is microcode. It
     * shows where the front end is what holds a loop up, and else not.
     */
    long dispatchUnits(int op) {
        return op == Op.CAS128 ? dispatchUnits128 : op == Op.CAS64 ? dispatchUnits : 0;
    }

    /**
     * When a locked operation takes effect for others, 0 for when it is dispatched. On a line that came from another
     * core it does when it has what it swaps and those before it are done; where locked operations wait for earlier
     * loads, when these are done too. Where they execute as the oldest, it is that for a line that others are at right
     * now, else only what compares waits. Until then others may take the line, so it must not be decided before.
     * (Measured: of two cores that add to one word each adds 5 to 7 times in a row in state NEAR and 27 to 30 FAR on a
     * Zen 4, 2 to 3 and 16 to 26 on a Zen 3; additions that take effect when they are dispatched would be 18 and 48 on
     * the one, 26 and 45 on the other.)
     */
    long effective(Core core, long word, int op, long addressReady, long cycle) {
        return Math.max(effectiveAlone(core, word, op, addressReady, cycle), storesSeenUnits(core));
    }

    /** What a core has stored is seen before its locked operation has its effect; 0 if all is. */
    private long storesSeenUnits(Core core) {
        StoreBuffers stores = machine.coherence.stores;
        stores.showTo(core, core.dispatch >> Core.UNIT_BITS);
        return stores.isEmpty(core) ? 0 : stores.nextCycle(core) << Core.UNIT_BITS;
    }

    private long effectiveAlone(Core core, long word, int op, long addressReady, long cycle) {
        boolean compares = op == Op.CAS64 || op == Op.CAS128;
        long address = core.thread.regs[Op.rs1(word)] + Op.imm(word);
        if (!machine.memory.mapped(address)) {
            return 0;
        }
        long line = address >>> 6;
        long operands = Math.max(core.ready[Op.rs1(word)], core.ready[Op.rs2(word)]);
        operands = compares ? Math.max(operands, core.ready[Op.rs3(word)]) : operands;
        if (oldest && machine.coherence.foughtFor(line, cycle)) {
            core.lockedLine = line;
            long from = Math.max(operands, core.retireCycle << Core.UNIT_BITS);
            return lockIsTaken(op, word) && machine.coherence.owns(core, line) ? from + units(op) / 2 : from;
        }
        if (!machine.coherence.contended(line, cycle)) {
            return 0;
        }
        if (oldest) {
            return compares ? Math.max(operands, addressReady) : 0;
        }
        long from = Math.max(Math.max(operands, addressReady), core.lockedDone);
        from = begun(core, behindLoads ? Math.max(from, core.memoryDone) : from);
        return compareAtEnd && compares ? from + units(op) : from;
    }

    /** When the operation at hand began that still waits for its effect: nothing later puts that off. */
    private static long begun(Core core, long from) {
        if (core.lockedEntry != core.entries) {
            core.lockedEntry = core.entries;
            core.lockedFrom = from;
        }
        return core.lockedFrom;
    }

    /**
     * Whether a core has to wait for the effect of a locked operation that is dispatched. What is behind it is
     * dispatched meanwhile, where a profile says so; else dispatch stands still.
     */
    boolean waits(Core core, long at, long effective) {
        if (effective <= (goesOn ? Math.max(at, core.now << Core.UNIT_BITS) : at)) {
            return false;
        }
        if (goesOn) {
            core.waitUntil = effective + Core.UNIT - 1 >> Core.UNIT_BITS;
        } else {
            core.dispatch = core.hold(core.dispatch, effective - core.slotUnits);
        }
        return true;
    }

    /**
     * An exchange with anything but zero takes a lock, which others see free until it is half done; one with zero, and
     * a compare-and-swap, take effect as they begin. Of the 21 to 24 cycles in which a Zen 5 takes and releases a lock,
     * others that look see it free in 30 to 55 of 100 looks: at its end it would be 80, at its beginning next to none.
     * The driver's probe is lock_seen_free.
     */
    private static boolean lockIsTaken(int op, long word) {
        return op == Op.XCHG && Op.rs2(word) != Reg.ZERO;
    }

    /** A locked operation, functionally and in time; {@link Interpreter#NOT_DONE} if it must wait or is wild. */
    long execute(Core core, long word, int op, long addressReady) {
        long[] regs = core.thread.regs;
        int rs2 = Op.rs2(word);
        int rs3 = Op.rs3(word);
        long address = regs[Op.rs1(word)] + Op.imm(word);
        if (!machine.memory.mapped(address)) {
            core.wildAddress = address;
            core.mode = Core.Mode.WILD;
            return Interpreter.NOT_DONE;
        }
        long line = address >>> 6;
        boolean compares = op == Op.CAS64 || op == Op.CAS128;
        boolean late = oldest && lockIsTaken(op, word) && line == core.lockedLine;
        long known = late ? core.ready[Op.rs1(word)] : addressReady; // dispatch stood still meanwhile
        long start = Math.max(Math.max(known, core.fence), core.ready[rs2]);
        if (compares) {
            start = Math.max(start, core.ready[rs3]);
        }
        long retiredUnits = core.retireCycle << Core.UNIT_BITS;
        long there = 0;
        if (core.writeFilter[(int) line & (Core.FILTER - 1)] != line) {
            // dispatch stood still until it took effect: the load with which it began lies before that, within its time
            long issue = late ? Math.min(addressReady, Math.max(known, retiredUnits)) : addressReady;
            long arrival = machine.coherence.access(core, address, true, issue, core.ready[Op.rs1(word)]);
            if (arrival < 0) {
                return Interpreter.NOT_DONE;
            }
            there = late ? arrival - loadUnits : arrival;
            machine.coherence.words.wrote(core.id, op == Op.CAS128 ? address + 8 : address);
        }
        core.released();
        long value = Math.max(start + loadUnits, there);
        if (oldest) {
            start = Math.max(Math.max(start, there), Math.max(retiredUnits, core.drain - waivedUnits));
        }
        start = behindLoads ? Math.max(start, core.memoryDone) : start;
        start = Math.max(start, drains ? Math.max(core.lockedDone, core.drain) : core.lockedDone);
        long executed = start + units(op);
        long done = Math.max(executed, there);
        swap(machine.memory, regs, word, op, address);
        long usable = oldest ? value : done;
        core.ready[Op.rd(word)] = usable;
        if (op == Op.CAS128) {
            core.ready[rs2] = usable;
            core.ready[rs2 + 1] = usable;
        }
        core.lockedDone = executed;
        if (drains) {
            core.fence = done;
            core.wrongPath.forget();
        }
        core.memoryDone = Math.max(core.memoryDone, done);
        core.drain = Math.max(core.drain, done);
        core.atomics++;
        core.thread.sawAtomic = true;
        noteStore(core, address, done);
        if (op == Op.CAS128) {
            noteStore(core, address + 8, done);
        }
        return done;
    }

    private static void swap(Memory memory, long[] regs, long word, int op, long address) {
        int rd = Op.rd(word);
        int rs2 = Op.rs2(word);
        int rs3 = Op.rs3(word);
        long old = memory.read64(address);
        switch (op) {
            case Op.XCHG -> memory.write64(address, regs[rs2]);
            case Op.XADD -> memory.write64(address, old + regs[rs2]);
            case Op.CAS64 -> {
                if (old == regs[rs2]) {
                    memory.write64(address, regs[rs3]);
                }
            }
            default -> {
                long oldHigh = memory.read64(address + 8);
                boolean equal = old == regs[rs2] && oldHigh == regs[rs2 + 1];
                if (equal) {
                    memory.write64(address, regs[rs3]);
                    memory.write64(address + 8, regs[rs3 + 1]);
                } else {
                    regs[rs2] = old;
                    regs[rs2 + 1] = oldHigh;
                }
                old = equal ? 1 : 0;
            }
        }
        regs[rd] = old;
    }

    private static void noteStore(Core core, long address, long ready) {
        int key = (int) (address >>> 3) & (Core.FORWARD - 1);
        core.forwardAddress[key] = address >>> 3;
        core.forwardReady[key] = ready;
        core.forwardUntil[key] = ready;
    }
}
