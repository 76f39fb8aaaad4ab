package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/** Loads and stores, and the locked operations, which are both. */
final class MemoryOps {
    private MemoryOps() {}

    static MicroOp of(Interpreter numbers, int pc) {
        return switch (Op.code(numbers.code[pc])) {
            case Op.LD64 -> new Load(numbers, pc, -1);
            case Op.LD32 -> new Load(numbers, pc, 0xffffffffL);
            case Op.LD16 -> new Load(numbers, pc, 0xffffL);
            case Op.ST64 -> new Store(numbers, pc, -1);
            case Op.ST32 -> new Store(numbers, pc, 0xffffffffL);
            case Op.ST16 -> new Store(numbers, pc, 0xffffL);
            case Op.CAS64, Op.CAS128, Op.XCHG, Op.XADD -> new Locked(numbers, pc);
            default -> null;
        };
    }

    /** From when on there is a place for one more load that waits for its line, in units. */
    static long place(Core core) {
        int limit = core.waitingLimit;
        return limit == 0 ? 0 : core.waitRing[(int) core.waits - limit & core.waitRing.length - 1];
    }

    /** One that accesses a word. */
    private abstract static class Access extends MicroOp {
        final Memory memory;
        final Coherence coherence;
        final int offset;
        /** The bits it accesses, at the lower end of a word. */
        final long mask;

        Access(Interpreter numbers, int pc, long mask) {
            super(numbers, pc);
            memory = numbers.machine.memory;
            coherence = numbers.machine.coherence;
            offset = Op.imm(numbers.code[pc]);
            this.mask = mask;
        }

        final boolean isWild(long address) {
            return address < Memory.BASE || address > memory.end() - Long.BYTES;
        }

        /** The address is not mapped. */
        final MicroOp wild(Core core, long address) {
            core.wildAddress = address;
            core.mode = Core.Mode.WILD;
            return again(core);
        }
    }

    private static final class Load extends Access {
        private final long l1Units;
        private final Forwarding forwarding;

        Load(Interpreter numbers, int pc, long mask) {
            super(numbers, pc, mask);
            l1Units = numbers.l1Units;
            forwarding = numbers.forwarding;
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            long address = core.regs[rs1] + offset;
            if (isWild(address)) {
                return wild(core, address);
            }
            long line = address >>> 6;
            long issue = Math.max(Math.max(core.ready[rs1], at), core.fence);
            long arrival = issue + l1Units;
            long[] filter = core.readFilter;
            boolean inFilter = filter[(int) line & filter.length - 1] == line;
            if (!inFilter) {
                at = Math.max(at, place(core));
                issue = Math.max(issue, at);
                core.loading = pc;
                arrival = coherence.access(core, address, false, issue, core.ready[rs1]);
                core.loading = -1;
                if (arrival < 0) {
                    return again(core);
                }
                if (arrival > issue + l1Units) {
                    core.waitRing[(int) core.waits++ & core.waitRing.length - 1] = arrival;
                }
            }
            long usable = arrival;
            long word = address >>> 3;
            long[] stored = core.forwardAddress;
            int key = (int) word & stored.length - 1;
            if (stored[key] == word && core.forwardUntil[key] > at) {
                long known = core.forwardReady[key];
                boolean here = arrival <= issue + l1Units;
                boolean feeds = core.forwardUntil[key] > issue && forwarding.feeds(here);
                boolean found = feeds || forwarding.atDispatch && here;
                arrival = feeds ? forwarding.done(issue, known, arrival) : Math.max(arrival, known);
                usable = found && forwarding.predicted ? Math.max(known, at) : arrival;
            }
            long value = memory.words[(int) word];
            value = inFilter ? value : coherence.stores.seenBy(core, word, value);
            core.regs[rd] = mask == -1 ? value : value >>> ((address & 7) << 3) & mask;
            core.ready[rd] = usable;
            core.memoryDone = Math.max(core.memoryDone, arrival);
            core.dispatch = at;
            return retire(core, arrival, next);
        }
    }

    private static final class Store extends Access {
        private final long slotUnits;
        private final long storeDoneUnits;
        private final long storeLeavesUnits;
        private final long drainUnits;
        private final long forwardUnits;

        Store(Interpreter numbers, int pc, long mask) {
            super(numbers, pc, mask);
            slotUnits = numbers.slotUnits;
            storeDoneUnits = numbers.storeDoneUnits;
            storeLeavesUnits = numbers.storeLeavesUnits;
            drainUnits = numbers.drainUnits;
            forwardUnits = numbers.forwardUnits;
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            long address = core.regs[rs1] + offset;
            if (isWild(address)) {
                return wild(core, address);
            }
            long line = address >>> 6;
            long[] storeRing = core.storeRing;
            int slot = (int) core.stores & storeRing.length - 1;
            at = Math.max(at, storeRing[slot]);
            long dataReady = core.ready[rs2];
            long issue = Math.max(core.ready[rs1], at);
            long executed = Math.max(dataReady, issue + storeDoneUnits);
            long least = executed;
            long[] filter = core.writeFilter;
            boolean inFilter = filter[(int) line & filter.length - 1] == line;
            if (!inFilter) {
                long owned = owned(core, address, at, issue);
                if (owned < 0) {
                    return again(core);
                }
                least = Math.max(owned, executed);
            }
            core.stores++;
            least = Math.max(least, (core.retireCycle << UNIT_BITS) + storeLeavesUnits);
            long drain = Math.max(core.drain + drainUnits, least);
            core.drain = drain;
            storeRing[slot] = drain;
            long word = address >>> 3;
            if (!inFilter && coherence.stores.keeps(core, line, at >> UNIT_BITS)) {
                long shift = mask == -1 ? 0 : (address & 7) << 3;
                coherence.stores.keep(core, word, core.regs[rs2] << shift, mask << shift, drain);
            } else {
                write((int) word, address, core.regs[rs2]);
            }
            long[] stored = core.forwardAddress;
            int key = (int) word & stored.length - 1;
            stored[key] = word;
            core.forwardReady[key] = Math.max(dataReady, issue) + forwardUnits;
            core.forwardUntil[key] = drain;
            core.dispatch = at;
            return retire(core, executed, next);
        }

        /** When the core owns the line, negative if it has to wait for it. */
        private long owned(Core core, long address, long at, long issue) {
            boolean locked = address >>> 6 == core.lockedLine;
            long retired = core.retireCycle << UNIT_BITS;
            if (locked && retired > at) {
                core.dispatch = core.hold(core.dispatch, retired - slotUnits);
                return Interpreter.NOT_DONE;
            }
            core.lockedLine = locked ? -1 : core.lockedLine;
            long owned = coherence.access(core, address, true, issue, core.ready[rs1]);
            if (owned >= 0) {
                core.released();
            }
            return owned;
        }

        private void write(int index, long address, long value) {
            long[] words = memory.words;
            if (mask == -1) {
                words[index] = value;
            } else {
                long shift = (address & 7) << 3;
                words[index] = words[index] & ~(mask << shift) | (value & mask) << shift;
            }
        }
    }

    private static final class Locked extends MicroOp {
        private final long word;
        private final int op;
        private final LockedOperations operations;
        private final long dispatchUnits;

        Locked(Interpreter numbers, int pc) {
            super(numbers, pc);
            word = numbers.code[pc];
            op = Op.code(word);
            operations = numbers.locked;
            dispatchUnits = operations.dispatchUnits(op);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            long ready1 = Math.max(core.ready[rs1], at);
            long effective = operations.effective(core, word, op, ready1, at >> UNIT_BITS);
            if (operations.waits(core, at, effective)) {
                return again(core);
            }
            long done = operations.execute(core, word, op, ready1);
            if (done < 0) {
                return again(core);
            }
            core.dispatch = at + dispatchUnits;
            return retire(core, done, next);
        }
    }
}
