package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import io.rseqlab.collector.isa.Op;
import org.objectweb.asm.Label;

/** The bytecodes of loads and stores, for {@link BlockWriter}. */
final class BlockMemory {
    private final BlockCode m;

    BlockMemory(BlockCode code) {
        m = code;
    }

    void load(BlockCompiler.Step step, int place, int index, Label miss) {
        Label filtered = new Label();
        Label fed = new Label();
        Label free = new Label();
        Label out = new Label();
        locate(step, BlockCode.READ_FILTER, filtered, out);
        ask("reads", place);
        m.jump(IFNULL, out);
        m.follow();
        m.jump(GOTO, fed);
        m.place(filtered);
        forwardingEntry();
        m.set(BlockCode.SEEN, Schedule.NOT_FORWARDED);
        m.get(BlockCode.FORWARD_ADDRESS, BlockCode.KEY);
        m.load(LLOAD, BlockCode.RESULT);
        m.insn(LCMP);
        m.jump(IFNE, free);
        m.load(ALOAD, BlockCode.CORE);
        m.load(ILOAD, BlockCode.KEY);
        m.load(LLOAD, BlockCode.BASE);
        m.time(place + Schedule.ISSUE);
        m.time(place + Schedule.BEFORE);
        m.call(BlockCode.BLOCK_TYPE, "fed", "(L" + BlockCode.CORE_TYPE + ";IJII)I");
        m.store(ISTORE, BlockCode.SEEN);
        m.place(free);
        expect(place, fed, out);
        m.jump(GOTO, fed);
        leaving(out, index, miss);
        m.place(fed);
        loadWord(step);
        m.define(step.rd());
    }

    void store(BlockCompiler.Step step, int place, int index, Label miss) {
        Label filtered = new Label();
        Label owned = new Label();
        Label out = new Label();
        locate(step, BlockCode.WRITE_FILTER, filtered, out);
        ask("writes", place);
        m.jump(IFNULL, out);
        m.follow();
        m.jump(GOTO, owned);
        m.place(filtered);
        m.set(BlockCode.SEEN, Schedule.FILTERED);
        expect(place, owned, out);
        m.jump(GOTO, owned);
        leaving(out, index, miss);
        m.place(owned);
        storeWord(step);
        noteForward(place);
    }

    private void leaving(Label out, int index, Label miss) {
        m.place(out);
        m.push(index);
        m.jump(GOTO, miss);
    }

    /** OFFSET = the address, from memory's base; goes out unless it is in memory, on if the filter does not know it. */
    private void locate(BlockCompiler.Step step, int filter, Label filtered, Label out) {
        m.value(step.rs1());
        m.immediate(step);
        m.insn(LADD);
        m.pushLong(Memory.BASE);
        m.insn(LSUB);
        m.store(LSTORE, BlockCode.OFFSET);
        m.load(LLOAD, BlockCode.MEMORY_BYTES);
        m.load(LLOAD, BlockCode.OFFSET);
        m.insn(LSUB);
        m.load(LLOAD, BlockCode.OFFSET);
        m.insn(LOR, LCONST_0, LCMP);
        m.jump(IFLT, out);
        shifted(6, Memory.BASE >>> 6); // memory's base begins a line
        m.insn(DUP2);
        m.masked(Core.FILTER - 1);
        m.store(ISTORE, BlockCode.KEY);
        m.get(filter, BlockCode.KEY);
        m.insn(LCMP);
        m.jump(IFEQ, filtered);
    }

    /** On the stack: the address of OFFSET without its last bits. */
    private void shifted(int bits, long base) {
        m.load(LLOAD, BlockCode.OFFSET);
        m.push(bits);
        m.insn(LUSHR);
        m.pushLong(base);
        m.insn(LADD);
    }

    /** OTHER = the schedule to follow, and the same on the stack. */
    private void ask(String method, int place) {
        m.loadCall();
        m.push(place);
        m.load(LLOAD, BlockCode.OFFSET);
        m.callOwn(
                method,
                "(L" + BlockCode.CORE_TYPE + ";L" + BlockCode.SCHEDULE_TYPE + ";IJ)L" + BlockCode.SCHEDULE_TYPE + ";");
        m.insn(DUP);
        m.store(ASTORE, BlockCode.OTHER);
    }

    /** Goes to a label if the schedule expects what was SEEN; else follows another one, or goes out. */
    private void expect(int place, Label expected, Label out) {
        m.load(ILOAD, BlockCode.SEEN);
        m.time(place + Schedule.EXPECTED);
        m.jump(IF_ICMPEQ, expected);
        m.loadCall();
        m.push(place + Schedule.EXPECTED);
        m.load(ILOAD, BlockCode.SEEN);
        m.callOwn(
                "seeing",
                "(L" + BlockCode.CORE_TYPE + ";L" + BlockCode.SCHEDULE_TYPE + ";II)L" + BlockCode.SCHEDULE_TYPE + ";");
        m.insn(DUP);
        m.store(ASTORE, BlockCode.OTHER);
        m.jump(IFNULL, out);
        m.follow();
    }

    /** KEY = index of the word at OFFSET. */
    private void locateWord() {
        m.load(LLOAD, BlockCode.OFFSET);
        m.push(3);
        m.insn(LUSHR, L2I);
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

    private void bitOffset() {
        m.load(LLOAD, BlockCode.OFFSET);
        m.insn(L2I);
        m.push(7);
        m.insn(IAND);
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

    /** KEY = index of the forwarding entry of OFFSET, RESULT = its word. */
    private void forwardingEntry() {
        shifted(3, Memory.BASE >>> 3);
        m.insn(DUP2);
        m.store(LSTORE, BlockCode.RESULT);
        m.masked(Core.FORWARD - 1);
        m.store(ISTORE, BlockCode.KEY);
    }

    /** Notes from when on the word at OFFSET can be forwarded, and until when. */
    private void noteForward(int place) {
        forwardingEntry();
        m.putLong(BlockCode.FORWARD_ADDRESS, BlockCode.KEY, BlockCode.RESULT);
        m.load(ALOAD, BlockCode.FORWARD_READY);
        m.load(ILOAD, BlockCode.KEY);
        m.absolute(place + Schedule.FORWARD_READY);
        m.insn(LASTORE);
        m.load(ALOAD, BlockCode.FORWARD_UNTIL);
        m.load(ILOAD, BlockCode.KEY);
        m.absolute(place + Schedule.FORWARD_UNTIL);
        m.insn(LASTORE);
    }
}
