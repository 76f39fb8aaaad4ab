package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The superblocks of the global heap none of whose blocks is in use: a list behind its lock, from which a heap of any
 * size takes the one that came last and cuts it anew. Superblocks of one large block are none of these.
 *
 * <p>Source: Berger et al., Hoard (ASPLOS 2000), on external fragmentation. Hoard's source of 2012 and 2020
 * ({@code hoardmanager.h}, {@code emptyclass.h}) keeps them by size instead.
 */
final class EmptySuperblocks {
    private static final int BLOCKS = SuperblockGroups.BLOCKS;
    private static final int NEXT = SuperblockGroups.NEXT;
    private static final int SCRATCH = Reg.T8;

    private final BlockClasses classes;
    private final long head;
    private final int bytes;

    /**
     * @param head address of the word with the first one
     * @param bytes of a superblock
     */
    EmptySuperblocks(BlockClasses classes, long head, int bytes) {
        this.classes = classes;
        this.head = head;
        this.bytes = bytes;
    }

    /** BLOCKS, of no group, is for any size from now on. Changes A0, A1, A2 and T8. */
    void put(Assembler a) {
        a.li(Reg.A2, head);
        a.ld64(SCRATCH, Reg.A2, 0);
        a.st64(BLOCKS, NEXT, SCRATCH);
        a.st64(Reg.A2, 0, BLOCKS);
        a.st64(BLOCKS, Superblocks.FREE, Reg.ZERO);
        blocks(a);
        a.host(HostCall.HOST_IDLE);
    }

    /** BLOCKS = one for the operation's class, empty; to {@code none} if there is none. Changes A0 to A2, T8, T10. */
    void take(Assembler a, int bin, Assembler.Label none) {
        Assembler.Label same = a.label();
        a.li(Reg.A2, head);
        a.ld64(BLOCKS, Reg.A2, 0);
        a.beqz(BLOCKS, none);
        a.ld64(SCRATCH, BLOCKS, NEXT);
        a.st64(Reg.A2, 0, SCRATCH);
        blocks(a);
        a.host(HostCall.HOST_IDLE_USE);
        a.st64(BLOCKS, Superblocks.FRESH, Reg.A0);
        a.ld64(SCRATCH, BLOCKS, Superblocks.CLASS);
        a.beq(SCRATCH, BlockClasses.CLASS, same);
        a.st64(BLOCKS, Superblocks.CLASS, BlockClasses.CLASS);
        a.ld64(SCRATCH, bin, Superblocks.PAGES);
        classes.map(a, BLOCKS, SCRATCH, Reg.A2, Reg.T10);
        a.place(same);
    }

    /** A0 = where the blocks of BLOCKS begin, A1 = how many bytes they have. */
    private void blocks(Assembler a) {
        a.addi(Reg.A0, BLOCKS, Superblocks.OWN_BYTES);
        a.li(Reg.A1, bytes - Superblocks.OWN_BYTES);
    }

    // ---- audit

    /** All of them, as far as the list is whole. */
    Set<Long> all(MemoryView memory) {
        Set<Long> found = new LinkedHashSet<>();
        long one = memory.read64(head);
        while (one != 0 && found.add(one)) {
            one = memory.read64(one + NEXT);
        }
        return found;
    }
}
