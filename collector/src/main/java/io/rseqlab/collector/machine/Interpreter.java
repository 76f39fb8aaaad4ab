package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;

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
 * <p>The loop is one long method on purpose: its state lives in locals.
 */
final class Interpreter {
    private static final int UNIT_BITS = Core.UNIT_BITS;
    private static final long UNIT = Core.UNIT;
    static final long NOT_DONE = -1;

    private final Machine machine;
    private final long[] code;
    private final long[] constants;
    private final long[] exposure;
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
    private final LockedOperations locked;
    private final long pauseUnits;
    final SelfLoop selfLoop;
    final byte[] takes;
    private final boolean single;

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
        pauseUnits = units(profile, "core.pause");
        takes = WindowEntries.taken(profile);
        single = WindowEntries.allTakeOne(takes);
        selfLoop = new SelfLoop(slotUnits, takenUnits, takenSpacingUnits, retireWidth, exposure);
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
    @SuppressWarnings("MethodLength")
    boolean run(Core core, long horizon, boolean[] heads) {
        core.last = null;
        final long[] code = this.code;
        final long[] exposure = this.exposure;
        final byte[] takes = this.takes;
        final boolean single = this.single;
        final ThreadContext thread = core.thread;
        final long[] regs = thread.regs;
        final long[] ready = core.ready;
        final long[] ring = core.ring;
        final int ringMask = ring.length - 1;
        final int window = core.window;
        final long[] takenRing = core.takenRing;
        final int takenMask = takenRing.length - 1;
        final int takenLimit = core.takenLimit;
        final long[] storeRing = core.storeRing;
        final int storeMask = storeRing.length - 1;
        long[] words = machine.memory.words;
        long memoryEnd = machine.memory.end() - 7;
        final long[] readFilter = core.readFilter;
        final long[] writeFilter = core.writeFilter;
        final long[] forwardAddress = core.forwardAddress;
        final long[] forwardReady = core.forwardReady;
        final long[] forwardUntil = core.forwardUntil;
        final long slotUnits = this.slotUnits;
        final long storeDoneUnits = this.storeDoneUnits;
        final Forwarding forwarding = this.forwarding;
        final long interruptAt = core.interruptAt - 1; // from here on Landing looks before each step
        final boolean stepsLoops = machine.engine.stepsLoops();
        int pc = thread.pc;
        long dispatch = core.dispatch;
        long microOps = core.microOps;
        long entries = core.entries;
        long taken = core.taken;
        long retireCycle = core.retireCycle;
        int retireCount = core.retireCount;
        long lastGap = core.lastGap;
        long takenAt = core.takenAt;
        long limit = horizon;
        boolean atHead = false;

        do {
            final long word = code[pc];
            final int op = (int) word & 0xff;
            if (op == Op.MARK) {
                int kind = Op.rd(word);
                if (machine.marks.mark(core, kind, Op.imm(word), regs[Op.rs1(word)], retireCycle)) {
                    pc++;
                    break;
                }
                pc++;
                continue;
            }
            long at = dispatch + slotUnits;
            final long room = ring[(int) entries & ringMask];
            if (room > at) {
                at = room;
            }
            final int rs1 = (int) (word >>> 13) & 31;
            final long ready1 = ready[rs1] > at ? ready[rs1] : at;
            long done = NOT_DONE;
            long nextDispatch = at;
            int next = pc + 1;
            switch (op) {
                case Op.LI -> {
                    int rd = (int) (word >>> 8) & 31;
                    regs[rd] = constants[(int) (word >> 32)];
                    done = at + UNIT;
                    ready[rd] = done;
                }
                case Op.MOV -> {
                    int rd = (int) (word >>> 8) & 31;
                    regs[rd] = regs[rs1];
                    done = ready1;
                    ready[rd] = done;
                }
                case Op.ADDI -> {
                    int rd = (int) (word >>> 8) & 31;
                    regs[rd] = regs[rs1] + (int) (word >> 32);
                    done = ready1 + UNIT;
                    ready[rd] = done;
                }
                case Op.ANDI -> {
                    int rd = (int) (word >>> 8) & 31;
                    regs[rd] = regs[rs1] & (int) (word >> 32);
                    done = ready1 + UNIT;
                    ready[rd] = done;
                }
                case Op.SHLI -> {
                    int rd = (int) (word >>> 8) & 31;
                    regs[rd] = regs[rs1] << (int) (word >> 32);
                    done = ready1 + UNIT;
                    ready[rd] = done;
                }
                case Op.SHRI -> {
                    int rd = (int) (word >>> 8) & 31;
                    regs[rd] = regs[rs1] >>> (int) (word >> 32);
                    done = ready1 + UNIT;
                    ready[rd] = done;
                }
                case Op.ADD, Op.SUB, Op.AND, Op.OR, Op.XOR, Op.MUL -> {
                    int rd = (int) (word >>> 8) & 31;
                    int rs2 = (int) (word >>> 18) & 31;
                    long a = regs[rs1];
                    long b = regs[rs2];
                    regs[rd] = switch (op) {
                        case Op.ADD -> a + b;
                        case Op.SUB -> a - b;
                        case Op.AND -> a & b;
                        case Op.OR -> a | b;
                        case Op.XOR -> a ^ b;
                        default -> a * b;
                    };
                    long r2 = ready[rs2];
                    done = (r2 > ready1 ? r2 : ready1) + (op == Op.MUL ? 3 * UNIT : UNIT);
                    ready[rd] = done;
                }
                case Op.LD64, Op.LD32, Op.LD16 -> {
                    long address = regs[rs1] + (int) (word >> 32);
                    if (address < Memory.BASE || address >= memoryEnd) {
                        core.wildAddress = address;
                        core.mode = Core.Mode.WILD;
                        break;
                    }
                    long line = address >>> 6;
                    long issue = ready1 > core.fence ? ready1 : core.fence;
                    long arrival;
                    if (readFilter[(int) line & (Core.FILTER - 1)] == line) {
                        arrival = issue + l1Units;
                    } else {
                        core.reached(dispatch, entries, retireCycle);
                        core.loading = pc;
                        arrival = machine.coherence.access(core, address, false, issue, ready[rs1]);
                        core.loading = -1;
                        if (arrival < 0) {
                            break;
                        }
                    }
                    long usable = arrival;
                    int key = (int) (address >>> 3) & (Core.FORWARD - 1);
                    if (forwardAddress[key] == address >>> 3 && forwardUntil[key] > at) {
                        long stored = forwardReady[key];
                        boolean here = arrival <= issue + l1Units;
                        boolean feeds = forwardUntil[key] > issue && forwarding.feeds(here);
                        boolean known = feeds || forwarding.atDispatch && here;
                        arrival = feeds ? forwarding.done(issue, stored, arrival) : arrival;
                        usable = known && forwarding.predicted ? stored > at ? stored : at : arrival;
                    }
                    long value = words[(int) (address >>> 3)];
                    if (op != Op.LD64) {
                        value >>>= (address & 7) << 3;
                        value &= op == Op.LD32 ? 0xffffffffL : 0xffffL;
                    }
                    int rd = (int) (word >>> 8) & 31;
                    regs[rd] = value;
                    ready[rd] = usable;
                    if (arrival > core.memoryDone) {
                        core.memoryDone = arrival;
                    }
                    done = arrival;
                }
                case Op.ST64, Op.ST32, Op.ST16 -> {
                    long address = regs[rs1] + (int) (word >> 32);
                    if (address < Memory.BASE || address >= memoryEnd) {
                        core.wildAddress = address;
                        core.mode = Core.Mode.WILD;
                        break;
                    }
                    long line = address >>> 6;
                    int storeSlot = (int) core.stores & storeMask;
                    if (storeRing[storeSlot] > at) {
                        at = storeRing[storeSlot];
                        nextDispatch = at;
                    }
                    int rs2 = (int) (word >>> 18) & 31;
                    long dataReady = ready[rs2];
                    long issue = ready1 > at ? ready1 : at;
                    long executed = dataReady > issue + storeDoneUnits ? dataReady : issue + storeDoneUnits;
                    long owned = executed;
                    if (writeFilter[(int) line & (Core.FILTER - 1)] != line) {
                        if (line == core.lockedLine && retireCycle << UNIT_BITS > at) {
                            dispatch = core.hold(dispatch, (retireCycle << UNIT_BITS) - slotUnits);
                            break;
                        }
                        core.lockedLine = line == core.lockedLine ? -1 : core.lockedLine;
                        core.reached(dispatch, entries, retireCycle);
                        owned = machine.coherence.access(core, address, true, issue, ready[rs1]);
                        if (owned < 0) {
                            break;
                        }
                        core.released();
                    }
                    core.stores++;
                    long drained = core.drain + drainUnits;
                    long least = owned > executed ? owned : executed;
                    long retired = (retireCycle << UNIT_BITS) + storeLeavesUnits;
                    least = retired > least ? retired : least;
                    core.drain = drained > least ? drained : least;
                    storeRing[storeSlot] = core.drain;
                    int index = (int) (address >>> 3);
                    long value = regs[rs2];
                    if (op == Op.ST64) {
                        words[index] = value;
                    } else {
                        long mask = op == Op.ST32 ? 0xffffffffL : 0xffffL;
                        long shift = (address & 7) << 3;
                        words[index] = words[index] & ~(mask << shift) | (value & mask) << shift;
                    }
                    int key = (int) (address >>> 3) & (Core.FORWARD - 1);
                    forwardAddress[key] = address >>> 3;
                    forwardReady[key] = (dataReady > issue ? dataReady : issue) + forwardUnits;
                    forwardUntil[key] = core.drain;
                    done = executed;
                }
                case Op.BEQ, Op.BNE, Op.BLT, Op.BGE, Op.DJNZ -> {
                    if (op == Op.DJNZ && (int) (word >> 32) == pc && stepsLoops && dispatch < limit) {
                        core.dispatch = dispatch;
                        core.microOps = microOps;
                        core.entries = entries;
                        core.taken = taken;
                        core.retireCycle = retireCycle;
                        core.retireCount = retireCount;
                        core.lastGap = lastGap;
                        core.takenAt = takenAt;
                        if (selfLoop.spin(core, pc, word, limit, machine.engine.fastForward) > 0) {
                            dispatch = core.dispatch;
                            microOps = core.microOps;
                            entries = core.entries;
                            taken = core.taken;
                            retireCycle = core.retireCycle;
                            retireCount = core.retireCount;
                            lastGap = core.lastGap;
                            takenAt = core.takenAt;
                            continue;
                        }
                    }
                    boolean way;
                    long ready2 = ready1;
                    if (op == Op.DJNZ) {
                        long value = regs[rs1] - 1;
                        regs[rs1] = value;
                        way = value != 0;
                    } else {
                        int rs2 = (int) (word >>> 18) & 31;
                        long a = regs[rs1];
                        long b = regs[rs2];
                        way = switch (op) {
                            case Op.BEQ -> a == b;
                            case Op.BNE -> a != b;
                            case Op.BLT -> a < b;
                            default -> a >= b;
                        };
                        long r2 = ready[rs2];
                        ready2 = r2 > ready1 ? r2 : ready1;
                    }
                    done = ready2 + UNIT;
                    if (op == Op.DJNZ) {
                        ready[rs1] = done;
                    }
                    if (way) {
                        next = (int) (word >> 32);
                        nextDispatch = at + takenUnits > takenAt ? at + takenUnits : takenAt;
                        takenAt = nextDispatch + (next == pc ? selfLoop.spacingUnits(core, pc) : takenSpacingUnits);
                    }
                    if (!BranchPredictor.predicted(core, pc, way, maxTrip)) {
                        core.mispredicts++;
                        long again = done + refillUnits;
                        if (again > nextDispatch) {
                            core.wrongPath.mispredicted(entries + takes[op], again - nextDispatch, again);
                            nextDispatch = again;
                        }
                    }
                }
                case Op.JMP -> {
                    next = (int) (word >> 32);
                    nextDispatch = at + takenUnits > takenAt ? at + takenUnits : takenAt;
                    takenAt = nextDispatch + takenSpacingUnits;
                    done = at + UNIT;
                }
                case Op.CALL -> {
                    int rd = (int) (word >>> 8) & 31;
                    regs[rd] = next;
                    done = at + UNIT;
                    ready[rd] = done;
                    next = (int) (word >> 32);
                    nextDispatch = at + takenUnits > takenAt ? at + takenUnits : takenAt;
                    takenAt = nextDispatch + callSpacingUnits;
                }
                case Op.RET -> {
                    next = (int) regs[rs1];
                    nextDispatch = at + takenUnits > takenAt ? at + takenUnits : takenAt;
                    takenAt = nextDispatch + callSpacingUnits;
                    done = ready1 + UNIT;
                }
                case Op.CAS64, Op.CAS128, Op.XCHG, Op.XADD -> {
                    core.retireCycle = retireCycle;
                    long effective = locked.effective(core, word, op, ready1, at >> UNIT_BITS);
                    if (effective > at) {
                        dispatch = core.hold(dispatch, effective - slotUnits);
                        break;
                    }
                    core.dispatch = dispatch;
                    core.entries = entries;
                    done = locked.execute(core, word, op, ready1);
                }
                case Op.FENCE -> done = locked.fence(core, at);
                case Op.PAUSE -> {
                    done = Math.max(at, retireCycle << UNIT_BITS) + pauseUnits;
                    nextDispatch = done;
                }
                case Op.WORK -> {
                    done = at + ((long) (int) (word >> 32) << UNIT_BITS);
                    nextDispatch = done;
                }
                case Op.SYSCALL -> {
                    core.callNumber = (int) (word >> 32);
                    core.mode = Core.Mode.SYSCALL;
                    done = at;
                    limit = Long.MIN_VALUE;
                }
                case Op.HOST -> {
                    long start = ready[Reg.A0] > at ? ready[Reg.A0] : at;
                    core.dispatch = dispatch; // the host may ask what time it is
                    core.retireCycle = retireCycle;
                    done = start + (machine.hostCall(core, (int) (word >> 32)) << UNIT_BITS);
                    ready[Reg.A0] = done;
                    words = machine.memory.words;
                    memoryEnd = machine.memory.end() - 7;
                }
                default -> {
                    core.reached(dispatch, entries, retireCycle);
                    done = core.transaction.execute(word, op, at);
                    dispatch = core.dispatch;
                    limit = Long.MIN_VALUE;
                }
            }
            if (done < 0) {
                break;
            }
            dispatch = nextDispatch;
            long retires = (done + UNIT - 1) >> UNIT_BITS;
            if (retires > retireCycle || ++retireCount > retireWidth) {
                if (retires <= retireCycle) {
                    retires = retireCycle + 1;
                }
                lastGap = retires - retireCycle;
                exposure[lastGap == 1 ? pc : next] += lastGap;
                retireCount = 1;
                retireCycle = retires;
                if (retires >= interruptAt) {
                    limit = Long.MIN_VALUE;
                }
            }
            ring[(int) entries + window & ringMask] = retireCycle << UNIT_BITS;
            for (int more = single ? 1 : takes[op]; more > 1; more--) {
                entries++;
                ring[(int) entries + window & ringMask] = retireCycle << UNIT_BITS;
            }
            entries += single || takes[op] != 0 ? 1 : 0;
            if (next != pc + 1) {
                long branch = takenRing[(int) taken & takenMask] + takenUnits;
                if (branch > dispatch) {
                    takenAt += branch - dispatch;
                    dispatch = branch;
                }
                takenRing[(int) taken++ + takenLimit & takenMask] = retireCycle << UNIT_BITS;
            }
            microOps++;
            pc = next;
            atHead = heads != null && heads[pc] && dispatch < limit;
        } while (dispatch < limit && !atHead);

        thread.pc = pc;
        core.dispatch = dispatch;
        core.microOps = microOps;
        core.entries = entries;
        core.taken = taken;
        core.retireCycle = retireCycle;
        core.retireCount = retireCount;
        core.lastGap = lastGap;
        core.takenAt = takenAt;
        if (core.mode != Core.Mode.USER) {
            core.leaveUser(core.mode);
        }
        return atHead;
    }
}
