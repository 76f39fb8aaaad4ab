package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;

/**
 * The thread's own intrusive list, without any synchronisation: what every operation would cost if nothing were shared.
 * Its head lies in the thread's area, one per size class. Changes T0 to T3, and T6 and T7 where there are several
 * classes.
 */
public final class PrivateList {
    private static final int NODE = Reg.T0;
    private static final int LEFT = Reg.T1;
    private static final int OWNER = Reg.T2;
    private static final int FIRST = Reg.T3;
    private static final int DEPTH = Reg.T4;
    private static final int CAP = Reg.T5;
    private static final int ITS_CLASS = Reg.T6;
    private static final int LIST = Reg.T7;
    private static final int HEAD_SHIFT = 3;

    private final Pad pad;
    private final BlockClasses classes;

    public PrivateList(Pad pad, BlockClasses classes) {
        this.pad = pad;
        this.classes = classes;
    }

    /** Address of the head of a thread's list of a class. */
    public long head(ThreadAreas threads, int thread, int sizeClass) {
        long area = threads.of(thread);
        return classes.single()
                ? area + ThreadAreas.LOCAL
                : area + ThreadAreas.LOCALS + ((long) sizeClass << HEAD_SHIFT);
    }

    /** LIST = where the head of the operation's class lies, less LOCALS. */
    private void find(Assembler a) {
        if (!classes.single()) {
            classes.current(a, LIST);
            a.shli(LIST, LIST, HEAD_SHIFT);
            a.add(LIST, LIST, Reg.TLS);
        }
    }

    private void load(Assembler a, int rd) {
        if (classes.single()) {
            a.ld64(rd, Reg.TLS, ThreadAreas.LOCAL);
        } else {
            a.ld64(rd, LIST, ThreadAreas.LOCALS);
        }
    }

    private void store(Assembler a, int value) {
        if (classes.single()) {
            a.st64(Reg.TLS, ThreadAreas.LOCAL, value);
        } else {
            a.st64(LIST, ThreadAreas.LOCALS, value);
        }
    }

    /** Pops into A0, or goes to {@code empty}. */
    public void pop(Assembler a, Assembler.Label empty) {
        find(a);
        load(a, FIRST);
        a.beqz(FIRST, empty);
        a.ld64(NODE, FIRST, NodeLayout.NEXT);
        pad.load(a, LEFT, true);
        pad.spend(a, LEFT);
        store(a, NODE);
        a.mov(Reg.A0, FIRST);
    }

    /** The same without padding, after the list was filled. */
    public void popAgain(Assembler a, Assembler.Label empty) {
        find(a);
        load(a, Reg.A0);
        a.beqz(Reg.A0, empty);
        a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
        store(a, NODE);
    }

    /** The list becomes the chain that begins with a block. */
    public void replace(Assembler a, int first) {
        find(a);
        store(a, first);
    }

    /** Pushes a block, of whatever class it is, without padding. */
    public void pushAny(Assembler a, int block) {
        if (!classes.single()) {
            classes.ofBlock(a, ITS_CLASS, block);
            a.shli(ITS_CLASS, ITS_CLASS, HEAD_SHIFT);
            a.add(LIST, Reg.TLS, ITS_CLASS);
        }
        link(a, block, false);
    }

    /** Pushes a block of the operation's class. */
    public void push(Assembler a, int block, boolean padded) {
        find(a);
        link(a, block, padded);
    }

    private void link(Assembler a, int block, boolean padded) {
        load(a, NODE);
        a.st64(block, NodeLayout.NEXT, NODE);
        if (padded) {
            pad.load(a, LEFT, true);
            pad.spend(a, LEFT);
        }
        store(a, block);
    }

    /** Pushes the block in A0, or goes to {@code full} when the list has {@code cap} blocks. Changes T4 and T5, too. */
    public void pushCapped(Assembler a, ClassTable cap, boolean padded, Assembler.Label full) {
        Assembler.Label first = a.label();
        find(a);
        cap.load(a, CAP);
        a.li(DEPTH, 0);
        load(a, NODE);
        a.beqz(NODE, first);
        a.ld64(DEPTH, NODE, NodeLayout.DEPTH);
        a.place(first);
        a.bge(DEPTH, CAP, full);
        a.st64(Reg.A0, NodeLayout.NEXT, NODE);
        a.addi(DEPTH, DEPTH, 1);
        a.st64(Reg.A0, NodeLayout.DEPTH, DEPTH);
        pad.load(a, LEFT, padded);
        pad.spend(a, LEFT);
        store(a, Reg.A0);
    }

    /** Gives the lists of all classes to the pool, as a thread does that ends. The operation's class changes. */
    public void drain(Assembler a, CentralPool pool) {
        Assembler.Label empty = a.label();
        a.li(BlockClasses.CLASS, 0);
        Assembler.Label next = a.here();
        if (!classes.single()) {
            classes.restore(a, BlockClasses.CLASS);
        }
        find(a);
        load(a, Reg.A0);
        a.beqz(Reg.A0, empty);
        store(a, Reg.ZERO);
        a.li(FIRST, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, FIRST);
        a.mark(Mark.CHAIN, Mark.COUNT_FLUSH_OBJECTS, Reg.A0);
        a.mov(NODE, Reg.A0);
        Assembler.Label walk = a.here();
        a.mov(Reg.A1, NODE);
        a.ld64(NODE, NODE, NodeLayout.NEXT);
        a.bnez(NODE, walk);
        pool.give(a);
        a.place(empty);
        a.addi(BlockClasses.CLASS, BlockClasses.CLASS, 1);
        a.li(NODE, classes.count());
        a.blt(BlockClasses.CLASS, NODE, next);
    }

    /** Makes the thread the owner of a block. */
    public static void own(Assembler a, int block) {
        a.ld64(OWNER, Reg.TLS, ThreadAreas.ID);
        a.st64(block, NodeLayout.OWNER, OWNER);
    }

    /**
     * Goes to {@code foreign} if another thread owns the block; the owner stays in a register: two loads and a branch.
     */
    public static void testOwner(Assembler a, int block, int owner, Assembler.Label foreign) {
        a.ld64(owner, block, NodeLayout.OWNER);
        a.ld64(NODE, Reg.TLS, ThreadAreas.ID);
        a.bne(owner, NODE, foreign);
    }

    /** Takes blocks from the pool, makes them the thread's, leaves one in A0. */
    public void refill(Assembler a, CentralPool pool, ClassTable blocks) {
        Batches.refill(a, pool, blocks, (as, refused) -> {
            own(as, Reg.A0);
            push(as, Reg.A0, false);
        });
        own(a, Reg.A0);
    }
}
