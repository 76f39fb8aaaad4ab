package io.rseqlab.collector.strategy;

import static io.rseqlab.collector.strategy.SnmallocRemote.CACHE;
import static io.rseqlab.collector.strategy.SnmallocRemote.INSIDE;
import static io.rseqlab.collector.strategy.SnmallocRemote.LAST;
import static io.rseqlab.collector.strategy.SnmallocRemote.LENGTH;
import static io.rseqlab.collector.strategy.SnmallocRemote.MESSAGE;
import static io.rseqlab.collector.strategy.SnmallocRemote.META;
import static io.rseqlab.collector.strategy.SnmallocRemote.NEXT;
import static io.rseqlab.collector.strategy.SnmallocRemote.OTHER;
import static io.rseqlab.collector.strategy.SnmallocRemote.RINGS;
import static io.rseqlab.collector.strategy.SnmallocRemote.SCRATCH;
import static io.rseqlab.collector.strategy.SnmallocRemote.SLOT;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import java.util.function.ObjIntConsumer;

/**
 * BatchIt: a small cache of open rings, two per set, each of which collects blocks of one slab. When a third slab comes
 * to a set the longer ring is closed and becomes one message.
 *
 * <p>A closed ring: the first block's words are the queue's link, the second block, the last block, and how many there
 * are; the others are linked by their first words. Source: Filardo and Parkinson, ISMM 2024; snmalloc 0.7.
 */
final class SnmallocRings {
    private static final int SET_SHIFT = 6;
    private static final int WAY_BYTES = 32;

    // ---- an open ring
    private static final int SLAB = 0;
    private static final int RING_FIRST = 8;
    private static final int RING_LAST = 16;
    private static final int RING_LENGTH = 24;

    private static final int RING = Reg.T7;

    private final OwnedSlabs slabs;
    private final int sets;
    private final ObjIntConsumer<Assembler> slot;
    private Assembler.Label close;

    /** @param slot writes how MESSAGE comes into the slot of the owner in a register */
    SnmallocRings(OwnedSlabs slabs, int sets, ObjIntConsumer<Assembler> slot) {
        this.slabs = slabs;
        this.sets = sets;
        this.slot = slot;
    }

    /** Bytes of so many sets. */
    static int bytes(int sets) {
        return sets << SET_SHIFT;
    }

    /** Writes the subroutine. */
    void emit(Assembler a) {
        close = a.here();
        writeClose(a);
        a.ret(Reg.T13);
    }

    /** BatchIt: the block in A0 joins the ring of its slab, which is opened if there is none. */
    void join(Assembler a, int entry) {
        Assembler.Label hit = a.label();
        Assembler.Label open = a.label();
        Assembler.Label first = a.label();
        Assembler.Label second = a.label();
        Assembler.Label linked = a.label();
        Assembler.Label joined = a.label();
        slabs.metadata(a, META, entry);
        a.shri(RING, META, SET_SHIFT);
        a.andi(RING, RING, sets - 1);
        a.shli(RING, RING, SET_SHIFT);
        a.add(RING, RING, CACHE);
        a.addi(RING, RING, RINGS);
        a.ld64(SCRATCH, RING, SLAB);
        a.beq(SCRATCH, META, hit);
        a.ld64(OTHER, RING, WAY_BYTES + SLAB);
        a.beq(OTHER, META, second);
        a.beqz(SCRATCH, open);
        a.ld64(SCRATCH, RING, RING_LENGTH);
        a.ld64(SLOT, RING, WAY_BYTES + RING_LENGTH);
        a.beqz(OTHER, linked);
        a.bge(SCRATCH, SLOT, first);
        a.addi(RING, RING, WAY_BYTES);
        a.place(first);
        a.call(close, Reg.T13);
        a.jmp(open);
        a.place(linked);
        a.addi(RING, RING, WAY_BYTES);
        a.place(open);
        a.st64(RING, RING_FIRST, Reg.A0);
        a.st64(RING, RING_LAST, Reg.A0);
        a.li(SCRATCH, 1);
        a.st64(RING, RING_LENGTH, SCRATCH);
        a.st64(Reg.A0, INSIDE, Reg.ZERO);
        a.st64(RING, SLAB, META);
        a.jmp(joined);

        a.place(second);
        a.addi(RING, RING, WAY_BYTES);
        a.place(hit);
        // the second block is linked from the first one's own word, all others from the one before
        Assembler.Label behind = a.label();
        Assembler.Label counted = a.label();
        a.ld64(SCRATCH, RING, RING_LENGTH);
        a.ld64(OTHER, RING, RING_LAST);
        a.addi(SCRATCH, SCRATCH, -1);
        a.bnez(SCRATCH, behind);
        a.st64(OTHER, INSIDE, Reg.A0);
        a.jmp(counted);
        a.place(behind);
        a.st64(OTHER, NodeLayout.NEXT, Reg.A0);
        a.place(counted);
        a.st64(RING, RING_LAST, Reg.A0);
        a.addi(SCRATCH, SCRATCH, 2);
        a.st64(RING, RING_LENGTH, SCRATCH);
        a.place(joined);
    }

    /** The ring at RING becomes a message in a slot. Changes MESSAGE, SCRATCH, OTHER, SLOT. */
    private void writeClose(Assembler a) {
        Assembler.Label alone = a.label();
        a.ld64(MESSAGE, RING, RING_FIRST);
        a.ld64(SCRATCH, RING, RING_LAST);
        a.ld64(OTHER, RING, RING_LENGTH);
        a.st64(MESSAGE, LAST, SCRATCH);
        a.st64(MESSAGE, LENGTH, OTHER);
        a.st64(RING, SLAB, Reg.ZERO);
        a.beq(MESSAGE, SCRATCH, alone);
        a.st64(SCRATCH, NodeLayout.NEXT, Reg.ZERO);
        a.place(alone);
        slabs.entry(a, SCRATCH, MESSAGE);
        slabs.owner(a, SCRATCH, SCRATCH);
        slot.accept(a, SCRATCH);
    }

    /** Closes all that are open. */
    void closeAll(Assembler a) {
        Assembler.Label closed = a.label();
        a.addi(RING, CACHE, RINGS);
        a.li(NEXT, 2L * sets);
        Assembler.Label ring = a.here();
        a.ld64(SCRATCH, RING, SLAB);
        a.beqz(SCRATCH, closed);
        a.call(close, Reg.T13);
        a.place(closed);
        a.addi(RING, RING, WAY_BYTES);
        a.djnz(NEXT, ring);
    }

    /** Visits the blocks of open rings. */
    void audit(Audit audit, long cache, Place place) {
        for (int ring = 0; ring < 2 * sets; ring++) {
            long open = cache + RINGS + (long) WAY_BYTES * ring;
            if (audit.word(open + SLAB) != 0) {
                long first = audit.word(open + RING_FIRST);
                long last = audit.word(open + RING_LAST);
                audit.chainTo(first, first, place);
                if (first != last) {
                    audit.chainTo(audit.word(first + INSIDE), last, place);
                }
            }
        }
    }
}
