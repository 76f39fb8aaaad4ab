package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/**
 * The thread's own intrusive list, without any synchronisation: what every operation would cost if nothing were shared.
 * Its head lies in the thread's area. Changes T0 to T3.
 */
public final class PrivateList {
    private static final int NODE = Reg.T0;
    private static final int LEFT = Reg.T1;
    private static final int OWNER = Reg.T2;
    private static final int FIRST = Reg.T3;

    private final Pad pad;

    public PrivateList(Pad pad) {
        this.pad = pad;
    }

    /** Pops into A0, or goes to {@code empty}. */
    public void pop(Assembler a, Assembler.Label empty) {
        a.ld64(FIRST, Reg.TLS, ThreadAreas.LOCAL);
        a.beqz(FIRST, empty);
        a.ld64(NODE, FIRST, NodeLayout.NEXT);
        pad.load(a, LEFT, true);
        pad.spend(a, LEFT);
        a.st64(Reg.TLS, ThreadAreas.LOCAL, NODE);
        a.mov(Reg.A0, FIRST);
    }

    /** Pushes a block. */
    public void push(Assembler a, int block, boolean padded) {
        a.ld64(NODE, Reg.TLS, ThreadAreas.LOCAL);
        a.st64(block, NodeLayout.NEXT, NODE);
        if (padded) {
            pad.load(a, LEFT, true);
            pad.spend(a, LEFT);
        }
        a.st64(Reg.TLS, ThreadAreas.LOCAL, block);
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
    public void refill(Assembler a, CentralPool pool, int blocks) {
        Batches.refill(a, pool, blocks, (as, refused) -> {
            own(as, Reg.A0);
            push(as, Reg.A0, false);
        });
        own(a, Reg.A0);
    }
}
