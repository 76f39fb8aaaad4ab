package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import org.objectweb.asm.MethodVisitor;

/**
 * Which local of a block's method holds what, and when micro-operations are dispatched. Times are ints, in units behind
 * {@link #BASE}; what is earlier counts as 0, for every time is compared with a later one first.
 */
abstract class DispatchCode extends HostCode {
    // ---- arrays
    static final int CORE = 1;
    static final int RING = 2;
    static final int REGS = 3;
    static final int READY = 4;
    static final int WORDS = 5;
    static final int STORE_RING = 6;
    static final int READ_FILTER = 7;
    static final int WRITE_FILTER = 8;
    static final int FORWARD_ADDRESS = 9;
    static final int FORWARD_READY = 10;
    static final int CONSTANTS = 11;
    static final int POSITIONS = 12;
    static final int DONE_TIMES = 18;
    static final int FORWARD_UNTIL = 19;

    // ---- ints: how the block is left
    static final int EXECUTED = 13;
    static final int NEXT = 14;
    static final int OUTCOME = 15;
    static final int TAKEN = 16;
    static final int SETTLED = 17;

    // ---- ints: times
    static final int PHASE = 20;
    static final int DISPATCH = 21;
    static final int AT = 22;
    static final int DONE = 23;
    static final int USABLE = 24;
    static final int FENCE = 25;
    static final int MEMORY_DONE = 26;
    static final int DRAIN = 27;
    static final int TAKEN_AT = 28;

    // ---- ints: indexes
    static final int ENTRY = 29;
    static final int KEY = 30;

    // ---- longs
    static final int BASE = 31;
    static final int FIRST = 33;
    static final int STORES = 35;
    static final int MEMORY_BYTES = 37;
    static final int OFFSET = 39;
    static final int RESULT = 41;
    static final int REGISTERS = 43;

    final BlockCompiler.Numbers numbers;
    private final boolean bound;
    private long dispatched;
    private long at;
    /** Known time at which the next taken branch may be followed, -1 before the first. */
    private long takenAt = -1;

    /**
     * @param bound true where window and store buffer may hold dispatch back; where not, times of dispatch are known
     *     beforehand
     */
    DispatchCode(MethodVisitor method, BlockCompiler.Numbers numbers, boolean bound) {
        super(method);
        this.numbers = numbers;
        this.bound = bound;
    }

    /**
     * A micro-operation is dispatched a slot behind the one before, and not before there is room in the window.
     *
     * @param entries of the window that those of the block before it take
     */
    void dispatch(int entries) {
        at = dispatched + numbers.slot();
        if (bound) {
            load(LLOAD, FIRST);
            pushLong(entries);
            insn(LADD);
            masked(numbers.ringMask());
            store(ISTORE, ENTRY);
            load(ILOAD, DISPATCH);
            add(numbers.slot());
            get(RING, ENTRY);
            toTime();
            max();
            store(ISTORE, AT);
        }
    }

    /** On the stack: when the micro-operation is dispatched. */
    void at() {
        if (bound) {
            load(ILOAD, AT);
        } else {
            load(ILOAD, PHASE);
            add(at);
        }
    }

    /** The micro-operation has been dispatched, and what is behind it follows. */
    void dispatched() {
        dispatched = at;
        if (bound) {
            load(ILOAD, AT);
            store(ISTORE, DISPATCH);
        }
    }

    /**
     * The micro-operation has been dispatched and is a taken branch. Behind the first of them, times of dispatch are
     * known from there on instead of from the start: the branch before the block may hold it back.
     *
     * @param spacing units until the next taken branch
     */
    void dispatchedTaken(long spacing) {
        if (bound) {
            dispatchBehindTaken(spacing);
        } else if (takenAt < 0) {
            load(ILOAD, PHASE);
            add(at + numbers.taken());
            load(ILOAD, TAKEN_AT);
            max();
            store(ISTORE, PHASE);
            at = 0;
            dispatched = 0;
            takenAt = spacing;
        } else {
            dispatched = Math.max(at + numbers.taken(), takenAt);
            takenAt = dispatched + spacing;
        }
    }

    /** DISPATCH and TAKEN_AT become what they are behind a taken branch that was dispatched at AT. */
    void dispatchBehindTaken(long spacing) {
        load(ILOAD, AT);
        add(numbers.taken());
        load(ILOAD, TAKEN_AT);
        max();
        store(ISTORE, DISPATCH);
        load(ILOAD, DISPATCH);
        add(spacing);
        store(ISTORE, TAKEN_AT);
    }

    /** Makes DISPATCH, AT and TAKEN_AT true before the block is left. */
    void tellDispatch() {
        if (!bound) {
            tell(dispatched, DISPATCH);
            tell(at, AT);
            if (takenAt >= 0) {
                tell(takenAt, TAKEN_AT);
            }
        }
    }

    private void tell(long time, int local) {
        load(ILOAD, PHASE);
        add(time);
        store(ISTORE, local);
    }

    /** Waits for room in the store buffer, whose oldest entry is on the stack. */
    void waitForRoom() {
        load(ILOAD, AT);
        max();
        store(ISTORE, AT);
    }

    boolean isBound() {
        return bound;
    }

    void max() {
        call("java/lang/Math", "max", "(II)I");
    }

    /** Makes a time on the stack one behind BASE. */
    void toTime() {
        load(LLOAD, BASE);
        insn(LSUB, DUP2);
        push(63);
        insn(LSHR);
        pushLong(-1);
        insn(LXOR, LAND, L2I);
    }

    void fromTime() {
        insn(I2L);
        load(LLOAD, BASE);
        insn(LADD);
    }
}
