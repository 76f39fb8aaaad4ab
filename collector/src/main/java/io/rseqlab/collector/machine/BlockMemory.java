package io.rseqlab.collector.machine;

import static org.objectweb.asm.Opcodes.*;

import io.rseqlab.collector.isa.Op;
import org.objectweb.asm.Label;

/** The bytecodes of loads and stores that hit, for {@link BlockWriter}. */
final class BlockMemory {
    private final BlockCode m;
    private final BlockCompiler.Numbers numbers;

    BlockMemory(BlockCode code, BlockCompiler.Numbers numbers) {
        m = code;
        this.numbers = numbers;
    }

    /**
     * OFFSET = the address, from memory's base; leaves before the micro-operation unless it is in memory and the filter
     * knows its line.
     */
    void missUnlessFiltered(BlockCompiler.Step step, int filter, int microOp, Label miss) {
        Label hit = new Label();
        Label out = new Label();
        m.value(step.rs1());
        m.immediate(step);
        m.insn(LADD);
        m.pushLong(Memory.BASE);
        m.insn(LSUB);
        m.store(LSTORE, BlockCode.OFFSET);
        m.memoryBytes();
        m.insn(LCONST_1, LSUB);
        m.load(LLOAD, BlockCode.OFFSET);
        m.insn(LSUB);
        m.load(LLOAD, BlockCode.OFFSET);
        m.insn(LOR, LCONST_0, LCMP);
        m.jump(IFLT, out);
        line();
        m.insn(DUP2);
        m.masked(Core.FILTER - 1);
        m.store(ISTORE, BlockCode.KEY);
        m.get(filter, BlockCode.KEY);
        m.insn(LCMP);
        m.jump(IFEQ, hit);
        m.place(out);
        m.tellDispatch();
        m.push(microOp);
        m.jump(GOTO, miss);
        m.place(hit);
    }

    /** Memory's base begins a line. */
    private void line() {
        shifted(6, Memory.BASE >>> 6);
    }

    /** On the stack: the address of OFFSET without its last bits. */
    private void shifted(int bits, long base) {
        m.load(LLOAD, BlockCode.OFFSET);
        m.push(bits);
        m.insn(LUSHR);
        m.pushLong(base);
        m.insn(LADD);
    }

    /** KEY = index of the word at OFFSET. */
    private void locateWord() {
        m.load(LLOAD, BlockCode.OFFSET);
        m.push(3);
        m.insn(LUSHR, L2I);
        m.store(ISTORE, BlockCode.KEY);
    }

    /** On the stack: what a load reads. */
    void loadWord(BlockCompiler.Step step) {
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

    /** ENTRY of the store ring becomes KEY; where the buffer may be full, dispatch waits for it. */
    void storeSlot() {
        m.load(LLOAD, BlockCode.STORES);
        m.masked(numbers.storeMask());
        m.store(ISTORE, BlockCode.KEY);
        if (m.isBound()) {
            m.get(BlockCode.STORE_RING, BlockCode.KEY);
            m.toTime();
            m.waitForRoom();
        }
    }

    /** The store leaves the buffer some time behind the one before, and not before it is done and retired. */
    void drainStore(int microOp) {
        m.load(LLOAD, BlockCode.STORES);
        m.insn(LCONST_1, LADD);
        m.store(LSTORE, BlockCode.STORES);
        m.cycleBefore(microOp);
        m.push(Core.UNIT_BITS);
        m.insn(LSHL);
        m.toTime();
        m.add(numbers.storeDone());
        m.load(ILOAD, BlockCode.DRAIN);
        m.add(numbers.drain());
        m.max();
        m.load(ILOAD, BlockCode.DONE);
        m.max();
        m.store(ISTORE, BlockCode.DRAIN);
        m.put(BlockCode.STORE_RING, BlockCode.KEY, BlockCode.DRAIN);
    }

    void storeWord(BlockCompiler.Step step) {
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

    /** Notes that the word at OFFSET can be forwarded from USABLE on until it has left the store buffer. */
    void noteForward() {
        forwardingEntry();
        m.putLong(BlockCode.FORWARD_ADDRESS, BlockCode.KEY, BlockCode.RESULT);
        m.put(BlockCode.FORWARD_READY, BlockCode.KEY, BlockCode.USABLE);
        m.put(BlockCode.FORWARD_UNTIL, BlockCode.KEY, BlockCode.DRAIN);
    }

    /**
     * DONE is when the load was issued, and becomes when its data are there; USABLE when its register can be used:
     * earlier, where a store in the buffer feeds it.
     */
    void arrival() {
        Label cached = new Label();
        Label done = new Label();
        forwardingEntry();
        m.get(BlockCode.FORWARD_ADDRESS, BlockCode.KEY);
        m.load(LLOAD, BlockCode.RESULT);
        m.insn(LCMP);
        m.jump(IFNE, cached);
        m.get(BlockCode.FORWARD_UNTIL, BlockCode.KEY);
        m.toTime();
        m.load(ILOAD, BlockCode.DONE);
        m.jump(IF_ICMPLE, cached);
        m.get(BlockCode.FORWARD_READY, BlockCode.KEY);
        m.toTime();
        m.store(ISTORE, BlockCode.USABLE);
        m.load(ILOAD, BlockCode.DONE);
        m.add(numbers.forwardDone());
        m.load(ILOAD, BlockCode.USABLE);
        m.max();
        m.store(ISTORE, BlockCode.DONE);
        if (numbers.forwardPredicted()) {
            m.at();
            m.load(ILOAD, BlockCode.USABLE);
            m.max();
        } else {
            m.load(ILOAD, BlockCode.DONE);
        }
        m.store(ISTORE, BlockCode.USABLE);
        m.jump(GOTO, done);
        m.place(cached);
        m.load(ILOAD, BlockCode.DONE);
        m.add(numbers.l1());
        m.store(ISTORE, BlockCode.DONE);
        m.load(ILOAD, BlockCode.DONE);
        m.store(ISTORE, BlockCode.USABLE);
        m.place(done);
    }
}
