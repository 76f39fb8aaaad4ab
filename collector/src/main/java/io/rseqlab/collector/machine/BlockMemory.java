package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import io.rseqlab.collector.isa.Op;
import org.objectweb.asm.Label;

/** The bytecodes of loads and stores, for {@link BlockWriter}. */
final class BlockMemory {
    private static final int LINE_BITS = 6;

    private final BlockCode m;

    BlockMemory(BlockCode code) {
        m = code;
    }

    void load(BlockCompiler.Step step, int index, Label miss) {
        Label aliased = new Label();
        Label unexpected = new Label();
        Label change = new Label();
        Label out = new Label();
        Label fed = new Label();
        locate(step);
        if (!step.access().known()) {
            guard(step, out);
            lookUp(BlockCode.READ_FILTER, BlockCode.READ_MASK, "reads", index, change);
        }
        key(BlockCode.ADDRESS_MASK);
        m.get(BlockCode.FORWARD_ADDRESS, BlockCode.KEY);
        m.load(LLOAD, BlockCode.WORD);
        m.insn(LCMP);
        m.jump(IFEQ, aliased);
        ifSpecial(step, IFEQ, fed);
        m.set(BlockCode.SEEN, Schedule.NOT_FORWARDED);
        m.jump(GOTO, unexpected);
        m.place(aliased);
        m.load(ALOAD, 0);
        m.load(ALOAD, BlockCode.CORE);
        m.load(ILOAD, BlockCode.KEY);
        m.load(LLOAD, BlockCode.BASE);
        m.time(step.place() + Schedule.ISSUE);
        m.time(step.place() + Schedule.BEFORE);
        m.callOwn("fed", "(L" + BlockCode.CORE_TYPE + ";IJII)I");
        m.insn(DUP);
        m.store(ISTORE, BlockCode.SEEN);
        m.time(step.place() + Schedule.EXPECTED);
        m.jump(IF_ICMPEQ, fed);
        m.place(unexpected);
        ask(step);
        change(index, change, out, fed, miss);
        loadWord(step);
        m.define(step.rd());
    }

    void store(BlockCompiler.Step step, int index, Label miss) {
        if (!step.access().known()) {
            Label change = new Label();
            Label out = new Label();
            Label owned = new Label();
            locate(step);
            guard(step, out);
            lookUp(BlockCode.WRITE_FILTER, BlockCode.WRITE_MASK, "writes", index, change);
            ifSpecial(step, IFEQ, owned);
            m.set(BlockCode.SEEN, Schedule.FILTERED);
            ask(step);
            change(index, change, out, owned, miss);
        } else {
            locate(step);
        }
        storeWord(step);
        noteForward(step.access().forward());
    }

    /** At a label: follows the OTHER schedule to another label, or goes out if there is none. */
    private void change(int index, Label change, Label out, Label there, Label miss) {
        m.place(change);
        m.load(ALOAD, BlockCode.OTHER);
        m.jump(IFNULL, out);
        m.follow();
        m.jump(GOTO, there);
        m.place(out);
        m.push(index);
        m.jump(GOTO, miss);
        m.place(there);
    }

    /** ADDRESS, and WORD = the number of the word there. */
    private void locate(BlockCompiler.Step step) {
        m.value(step.rs1());
        m.immediate(step);
        m.insn(LADD);
        m.store(LSTORE, BlockCode.ADDRESS);
        shifted(3);
        m.store(LSTORE, BlockCode.WORD);
    }

    /** On the stack: the address without its last bits. */
    private void shifted(int bits) {
        m.load(LLOAD, BlockCode.ADDRESS);
        m.push(bits);
        m.insn(LUSHR);
    }

    /** Goes on here if the filter knows the line; else asks for it, and goes to a label with the OTHER schedule. */
    private void lookUp(int filter, int mask, String method, int index, Label change) {
        Label filtered = new Label();
        shifted(LINE_BITS);
        m.insn(DUP2);
        m.masked(mask);
        m.store(ISTORE, BlockCode.KEY);
        m.get(filter, BlockCode.KEY);
        m.insn(LCMP);
        m.jump(IFEQ, filtered);
        m.loadCall();
        m.push(index);
        m.load(LLOAD, BlockCode.ADDRESS);
        m.callOwn(
                method,
                "(L" + BlockCode.CORE_TYPE + ";L" + BlockCode.SCHEDULE_TYPE + ";IJ)L" + BlockCode.SCHEDULE_TYPE + ";");
        m.store(ASTORE, BlockCode.OTHER);
        m.jump(GOTO, change);
        m.place(filtered);
    }

    /** OTHER = a schedule for which what was SEEN is expected. */
    private void ask(BlockCompiler.Step step) {
        m.loadCall();
        m.push(step.place() + Schedule.EXPECTED);
        m.load(ILOAD, BlockCode.SEEN);
        m.callOwn(
                "seeing",
                "(L" + BlockCode.CORE_TYPE + ";L" + BlockCode.SCHEDULE_TYPE + ";II)L" + BlockCode.SCHEDULE_TYPE + ";");
        m.store(ASTORE, BlockCode.OTHER);
    }

    /** Goes out where a line's last word is not in memory whole, or others rely on a line that is another one's. */
    private void guard(BlockCompiler.Step step, Label out) {
        int low = step.access().low();
        int high = step.access().high();
        if (low == high) {
            m.load(LLOAD, BlockCode.ADDRESS);
        } else {
            distant(step, low);
            distant(step, high);
            m.insn(LXOR);
            m.push(LINE_BITS);
            m.insn(LUSHR, LCONST_0, LCMP);
            m.jump(IFNE, out);
            distant(step, high);
        }
        m.load(LLOAD, BlockCode.MEMORY_END);
        m.insn(LCMP);
        m.jump(IFGE, out);
    }

    /** On the stack: the address so far from a step's base. */
    private void distant(BlockCompiler.Step step, int distance) {
        m.value(step.rs1());
        m.pushLong(distance);
        m.insn(LADD);
    }

    /** Jumps if something unusual is expected of a load or store, or if not. */
    private void ifSpecial(BlockCompiler.Step step, int jump, Label label) {
        m.load(ILOAD, step.access().number() < Integer.SIZE ? BlockCode.SPECIAL : BlockCode.SPECIAL_BEYOND);
        m.push(1 << step.access().number());
        m.insn(IAND);
        m.jump(jump, label);
    }

    /** KEY = index of the word in memory. */
    private void locateWord() {
        m.load(LLOAD, BlockCode.WORD);
        m.insn(L2I);
        m.store(ISTORE, BlockCode.KEY);
    }

    /** On the stack: what a load reads. */
    private void loadWord(BlockCompiler.Step step) {
        locateWord();
        m.get(BlockCode.WORDS, BlockCode.KEY);
        if (step.op() != Op.LD64) {
            bitOffset();
            m.insn(LUSHR);
            m.pushLong(mask(step));
            m.insn(LAND);
        }
    }

    private static long mask(BlockCompiler.Step step) {
        return step.op() == Op.LD32 || step.op() == Op.ST32 ? 0xffffffffL : 0xffffL;
    }

    /** On the stack: by how many bits to shift; the host's shifts look at the last six bits only. */
    private void bitOffset() {
        m.load(LLOAD, BlockCode.ADDRESS);
        m.insn(L2I);
        m.push(3);
        m.insn(ISHL);
    }

    private void storeWord(BlockCompiler.Step step) {
        locateWord();
        if (step.op() == Op.ST64) {
            m.value(step.rs2());
        } else {
            m.get(BlockCode.WORDS, BlockCode.KEY);
            m.pushLong(mask(step));
            bitOffset();
            m.insn(LSHL);
            m.pushLong(-1);
            m.insn(LXOR, LAND);
            m.value(step.rs2());
            m.pushLong(mask(step));
            m.insn(LAND);
            bitOffset();
            m.insn(LSHL, LOR);
        }
        m.store(LSTORE, BlockCode.RESULT);
        m.putLong(BlockCode.WORDS, BlockCode.KEY, BlockCode.RESULT);
    }

    /** KEY = index of the word in one of the arrays of what can be forwarded. */
    private void key(int mask) {
        m.load(LLOAD, BlockCode.WORD);
        m.masked(mask);
        m.store(ISTORE, BlockCode.KEY);
    }

    /** Notes from when on the word can be forwarded, and until when. */
    private void noteForward(int forward) {
        key(BlockCode.ADDRESS_MASK);
        m.putLong(BlockCode.FORWARD_ADDRESS, BlockCode.KEY, BlockCode.WORD);
        noteTime(BlockCode.FORWARD_READY, BlockCode.READY_MASK, forward + Schedule.FORWARD_READY);
        noteTime(BlockCode.FORWARD_UNTIL, BlockCode.UNTIL_MASK, forward + Schedule.FORWARD_UNTIL);
    }

    private void noteTime(int array, int mask, int place) {
        key(mask);
        m.load(ALOAD, array);
        m.load(ILOAD, BlockCode.KEY);
        m.absolute(place);
        m.insn(LASTORE);
    }
}
