package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.TransactionStatus;
import java.util.Arrays;

/**
 * A core's hardware transaction, as Intel's Restricted Transactional Memory has it. Stores go to memory at once and are
 * undone where the transaction is; until it commits nobody else sees them, because whoever wants a line that it has
 * written, or wants to write one that it has read, has to take it from this core first, and that undoes the transaction
 * before the line goes: the one who asks wins. So do an interrupt, a line that its cache drops, and operations that no
 * transaction can hold.
 *
 * <p>From XBEGIN to XEND a core makes one micro-operation a turn, by the interpreter, whatever the engine: so it is
 * never ahead of other cores, and who is first in a conflict does not depend on the slack between cores. Conflicts that
 * come before XEND is all that is left to retire count; XEND waits for that, and for the store buffer.
 *
 * <p>Simplified: nothing is lost to speculation beyond what the program executes; lines that were only read count until
 * they leave the second-level cache (processors go on watching them by means that are not documented); what an
 * interrupt undoes costs nothing besides the interrupt; the kernel reads a futex's word as it stands, so no transaction
 * may write one.
 */
final class Transaction {
    /** Beyond so many, one within the other, all are undone (MAX_RTM_NEST_COUNT of Intel's processors). */
    static final int MOST_NESTED = 7;

    private final Core core;
    private final Machine machine;
    private final boolean offered;
    private final long beginUnits;
    private final long endUnits;
    private final long abortUnits;
    private final boolean drains;

    private int depth;
    private int resumeAt;
    private int statusRegister;
    private long[] registers;
    private long begunUnits;
    private long drainAtBegin;
    private final LineSet reads = new LineSet();
    private final LineSet writes = new LineSet();
    private int[] wordsWritten = new int[0];
    private long[] valuesBefore = new long[0];
    private int undoable;

    /** The core makes one of its micro-operations: what it undoes is undone behind that. */
    private boolean stepping;
    /** Why it has been undone, null while it has not. */
    private TransactionAbort undone;

    private long status;
    private long undoneAtCycle;

    // ---- counters
    private long begun;
    private final long[] aborts = new long[TransactionAbort.values().length];

    Transaction(Core core, Machine machine) {
        this.core = core;
        this.machine = machine;
        MachineProfile profile = machine.profile;
        offered = profile.offersTransactions();
        beginUnits = offered ? Interpreter.units(profile, "core.tx_begin") : 0;
        endUnits = offered ? Interpreter.units(profile, "core.tx_end") : 0;
        abortUnits = offered ? Interpreter.units(profile, "core.tx_abort") : 0;
        drains = profile.costOr("core.locked_drains", 0) != 0;
    }

    /** True between XBEGIN and XEND, also if it has been undone and its core has not noticed yet. */
    boolean active() {
        return depth > 0;
    }

    long begun() {
        return begun;
    }

    long aborts(TransactionAbort cause) {
        return aborts[cause.ordinal()];
    }

    // ---- the three operations, for the interpreter

    /**
     * XBEGIN, XEND, or XABORT outside of a transaction.
     *
     * @param at when it is dispatched, in units
     * @return when it is done, or {@link Interpreter#NOT_DONE} with dispatch at the time at which to try again
     */
    long execute(long word, int op, long at) {
        return switch (op) {
            case Op.XBEGIN -> begin(word, at);
            case Op.XEND -> end(at);
            case Op.XABORT -> at + Core.UNIT;
            default -> throw new IllegalStateException("operation " + op + " at " + core.thread.pc);
        };
    }

    private long begin(long word, long at) {
        if (!offered) {
            throw new IllegalStateException(machine.profile.name() + " has no hardware transactions");
        }
        if (depth++ > 0) {
            return at + Core.UNIT;
        }
        resumeAt = Op.imm(word);
        statusRegister = Op.rd(word);
        registers = registers == null ? new long[Reg.COUNT] : registers;
        System.arraycopy(core.thread.regs, 0, registers, 0, Reg.COUNT);
        begunUnits = Math.max(at, core.lockedDone) + beginUnits;
        drainAtBegin = core.drain;
        core.lockedDone = begunUnits;
        core.disturbances++;
        begun++;
        return begunUnits;
    }

    private long end(long at) {
        if (depth == 0) {
            throw new IllegalStateException("XEND outside of a transaction");
        }
        if (depth > 1) {
            depth--;
            return at + Core.UNIT;
        }
        long effective = Math.max(core.retireCycle << Core.UNIT_BITS, core.drain);
        if (effective > at) {
            core.dispatch = core.hold(core.dispatch, effective - machine.interpreter.slotUnits);
            return Interpreter.NOT_DONE;
        }
        core.released();
        long done = at + endUnits;
        core.lockedDone = done;
        core.memoryDone = Math.max(core.memoryDone, done);
        if (drains) {
            core.fence = done;
            core.wrongPath.forget();
        }
        core.thread.sawAtomic = true;
        close();
        return done;
    }

    private void close() {
        depth = 0;
        undone = null;
        undoable = 0;
        reads.clear();
        writes.clear();
        core.disturbances++;
    }

    // ---- what happens inside

    /** Makes one micro-operation or mark, or goes on behind the transaction that has been undone. */
    void step() {
        if (undone != null) {
            goOn();
            return;
        }
        long word = machine.program.code()[core.thread.pc];
        int op = Op.code(word);
        if (op == Op.XABORT) {
            undoHere(TransactionAbort.EXPLICIT, TransactionStatus.explicit(Op.imm(word)));
            return;
        }
        boolean none = op == Op.SYSCALL || op == Op.HOST || op == Op.PAUSE || op == Op.XBEGIN && depth == MOST_NESTED;
        boolean accesses = op >= Op.LD64 && op <= Op.ST16 || Op.isLocked(op);
        long address = accesses ? core.thread.regs[Op.rs1(word)] + Op.imm(word) : Memory.BASE;
        long last = address + (op == Op.CAS128 ? 8 : 0);
        if (none || !machine.memory.mapped(address & -8) || !machine.memory.mapped(last & -8)) {
            undoHere(TransactionAbort.INSTRUCTION, 0);
            return;
        }
        long before = machine.memory.read64(address & -8);
        long beforeLast = machine.memory.read64(last & -8);
        long microOps = core.microOps;
        stepping = true;
        machine.interpreter.run(core, Long.MIN_VALUE);
        stepping = false;
        if (accesses && core.microOps > microOps) {
            boolean writing = op >= Op.ST64;
            (writing ? writes : reads).add(address >>> 6);
            if (writing) {
                written(address, before);
                written(last, beforeLast);
            }
        }
        if (undone != null) {
            restoreMemory();
            goOn();
        }
    }

    private void written(long address, long before) {
        if (undoable == wordsWritten.length) {
            wordsWritten = Arrays.copyOf(wordsWritten, Math.max(16, 2 * undoable));
            valuesBefore = Arrays.copyOf(valuesBefore, wordsWritten.length);
        }
        wordsWritten[undoable] = Memory.index(address & -8);
        valuesBefore[undoable++] = before;
    }

    private void undoHere(TransactionAbort cause, long because) {
        undo(cause, because, core.retireCycle);
        goOn();
    }

    private void undo(TransactionAbort cause, long because, long cycle) {
        if (undone != null) {
            return;
        }
        undone = cause;
        status = because | (depth > 1 ? TransactionStatus.NESTED : 0);
        undoneAtCycle = cycle;
        aborts[cause.ordinal()]++;
        if (!stepping) {
            restoreMemory();
        }
    }

    private void restoreMemory() {
        long[] words = machine.memory.words;
        while (undoable > 0) {
            undoable--;
            words[wordsWritten[undoable]] = valuesBefore[undoable];
        }
        for (int i = 0; i < writes.size(); i++) {
            core.l1.remove(writes.get(i)); // what was written is dropped with the line
            core.dropLine(writes.get(i));
        }
    }

    private void restoreRegisters() {
        System.arraycopy(registers, 0, core.thread.regs, 0, Reg.COUNT);
        if (statusRegister != Reg.ZERO) {
            core.thread.regs[statusRegister] = status;
        }
        core.thread.pc = resumeAt;
        close();
    }

    /** Goes on where the program says, once what came before XBEGIN has retired: nothing of what followed is left. */
    private void goOn() {
        long from = Math.max(Math.max(core.dispatch, begunUnits), undoneAtCycle << Core.UNIT_BITS);
        long resume = from + abortUnits;
        restoreRegisters();
        core.last = null;
        Arrays.fill(core.ready, 0);
        for (long[] times : new long[][] {core.ring, core.takenRing, core.forwardUntil}) {
            for (int i = 0; i < times.length; i++) {
                times[i] = Math.min(times[i], resume);
            }
        }
        long drained = Math.max(resume, drainAtBegin);
        for (int i = 0; i < core.storeRing.length; i++) {
            core.storeRing[i] = Math.min(core.storeRing[i], drained);
        }
        core.drain = Math.min(core.drain, drained);
        core.fence = Math.min(core.fence, resume);
        core.memoryDone = Math.min(core.memoryDone, resume);
        core.lockedDone = Math.min(core.lockedDone, resume);
        core.takenAt = Math.min(core.takenAt, resume);
        core.dispatch = resume;
        core.pendingLine = -1;
        core.lockedLine = -1;
        core.heldUnits = 0;
        core.wrongPath.forget();
    }

    // ---- what comes from outside

    /** The core leaves user mode. */
    void interrupted() {
        if (active()) {
            undo(TransactionAbort.INTERRUPT, 0, core.retireCycle);
            restoreRegisters();
        }
    }

    /**
     * Another core takes a line.
     *
     * @param whole false if it wants to read only, and leaves this core a copy
     * @param cycle when; the core acts no later then
     */
    void loses(long line, boolean whole, long cycle) {
        if (active() && undone == null && (writes.contains(line) || whole && reads.contains(line))) {
            undo(TransactionAbort.CONFLICT, TransactionStatus.CONFLICT | TransactionStatus.RETRY, cycle);
            core.pendingLine = -1;
            core.actAt(Math.max(cycle, core.dispatch >> Core.UNIT_BITS));
        }
    }

    /** A line left the first-level cache, and if {@code whole} the second-level one as well, to make room. */
    void displaced(long line, boolean whole) {
        if (active() && (writes.contains(line) || whole && reads.contains(line))) {
            undo(TransactionAbort.CAPACITY, TransactionStatus.CAPACITY, core.retireCycle);
        }
    }
}
