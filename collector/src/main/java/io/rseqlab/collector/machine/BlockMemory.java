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
     * ADDRESS = the address; leaves before the micro-operation unless the filter knows its line and it is not in the
     * last bytes of memory.
     */
    void missUnlessFiltered(BlockCompiler.Step step, int filter, int microOp, Label miss) {
        Label hit = new Label();
        Label out = new Label();
        m.value(step.rs1());
        m.immediate(step);
        m.insn(LADD);
        m.store(LSTORE, BlockCode.ADDRESS);
        shifted(6);
        m.insn(DUP2);
        m.masked(Core.FILTER - 1);
        m.store(LSTORE, BlockCode.KEY);
        m.get(filter, BlockCode.KEY);
        m.insn(LCMP);
        m.jump(IFNE, out);
        m.load(LLOAD, BlockCode.ADDRESS);
        m.memoryEnd();
        m.insn(LCMP);
        m.jump(IFLT, hit);
        m.place(out);
        m.tellDispatch();
        m.push(microOp);
        m.jump(GOTO, miss);
        m.place(hit);
    }

    private void shifted(int bits) {
        m.load(LLOAD, BlockCode.ADDRESS);
        m.push(bits);
        m.insn(LUSHR);
    }

    /** KEY = offset of the word at ADDRESS. */
    private void locateWord() {
        m.load(LLOAD, BlockCode.ADDRESS);
        m.pushLong(Memory.BASE);
        m.insn(LSUB);
        m.push(3);
        m.insn(LUSHR);
        m.offset();
        m.store(LSTORE, BlockCode.KEY);
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
        m.load(LLOAD, BlockCode.ADDRESS);
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
        m.store(LSTORE, BlockCode.KEY);
        if (m.isBound()) {
            m.get(BlockCode.STORE_RING, BlockCode.KEY);
            m.toTime();
            m.waitForRoom();
        }
    }

    void drainStore() {
        m.load(LLOAD, BlockCode.STORES);
        m.insn(LCONST_1, LADD);
        m.store(LSTORE, BlockCode.STORES);
        m.load(ILOAD, BlockCode.DRAIN);
        m.add(Core.UNIT);
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

    /** KEY = offset of the forwarding entry of ADDRESS, RESULT = its word. */
    private void forwardingEntry() {
        shifted(3);
        m.insn(DUP2);
        m.store(LSTORE, BlockCode.RESULT);
        m.masked(Core.FORWARD - 1);
        m.store(LSTORE, BlockCode.KEY);
    }

    /** Notes that the word at ADDRESS can be forwarded, some units behind DONE. */
    void noteForward(long behind) {
        forwardingEntry();
        m.putLong(BlockCode.FORWARD_ADDRESS, BlockCode.KEY, BlockCode.RESULT);
        m.load(ILOAD, BlockCode.DONE);
        m.add(behind);
        m.fromTime();
        m.store(LSTORE, BlockCode.RESULT);
        m.putLong(BlockCode.FORWARD_READY, BlockCode.KEY, BlockCode.RESULT);
    }

    /** The time on the stack becomes later where a younger store to the word at ADDRESS forwards it. */
    void orForwarded() {
        Label other = new Label();
        forwardingEntry();
        m.store(ISTORE, BlockCode.DONE);
        m.get(BlockCode.FORWARD_ADDRESS, BlockCode.KEY);
        m.load(LLOAD, BlockCode.RESULT);
        m.insn(LCMP);
        m.jump(IFNE, other);
        m.get(BlockCode.FORWARD_READY, BlockCode.KEY);
        m.toTime();
        m.load(ILOAD, BlockCode.DONE);
        m.max();
        m.store(ISTORE, BlockCode.DONE);
        m.place(other);
        m.load(ILOAD, BlockCode.DONE);
    }
}
