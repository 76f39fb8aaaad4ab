package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * The central list of each size under a spin lock: slots that take chains of exactly one batch by head and tail, and a
 * list of single blocks for everything else. The operation's class is in {@link BlockClasses#CLASS}. What goes in or
 * comes out singly is looked up in the page map and linked one by one under the lock, as blocks are put on their spans.
 *
 * <p>Source: gperftools {@code central_freelist.cc}; at most 64 slots and 1 MiB in slots per size.
 */
public final class ChainSlots {
    /** Most slots per size. */
    public static final int MOST_SLOTS = 64;

    private static final int MOST_BATCH = 32;
    private static final int BATCH_BYTES = 64 << 10;
    private static final int SLOTS_BYTES = 1 << 20;

    private static final int USED = 8;
    private static final int SINGLE = 16;
    private static final int MOST = 24;
    private static final int BATCH = 32;
    private static final int FIRST = 64;
    private static final int SLOT_SHIFT = 4;
    private static final int SHIFT = 11;

    private final long base;
    private final BlockClasses classes;

    /** @param slots most slots per size */
    public ChainSlots(Layout layout, BlockClasses classes, int slots) {
        this.classes = classes;
        base = layout.reserve((long) classes.count() << SHIFT, 1 << SHIFT);
        for (int i = 0; i < classes.count(); i++) {
            int bytes = classes.sizes().bytes(i);
            long most = Math.min(slots, Math.max(1, SLOTS_BYTES / ((long) batch(bytes) * bytes)));
            layout.word(of(i) + MOST, most);
            layout.word(of(i) + BATCH, batch(bytes));
        }
    }

    /** Blocks of a batch: 64 KiB of them, 2 at least and 32 at most. */
    public static int batch(int blockBytes) {
        return Math.min(MOST_BATCH, Math.max(2, BATCH_BYTES / blockBytes));
    }

    private long of(int sizeClass) {
        return base + ((long) sizeClass << SHIFT);
    }

    /** Where the head of a class's single blocks lies. */
    public long single(int sizeClass) {
        return of(sizeClass) + SINGLE;
    }

    /** Where the head of a slot's chain lies; 0 where the slot is empty. */
    public long slot(int sizeClass, int slot) {
        return of(sizeClass) + FIRST + ((long) slot << SLOT_SHIFT);
    }

    private void find(Assembler a) {
        a.shli(Reg.A1, BlockClasses.CLASS, SHIFT);
        a.addi(Reg.A1, Reg.A1, Math.toIntExact(base));
    }

    /**
     * A0 = a chain of at most so many blocks and {@code count} its length; 0 if there are none.
     *
     * @param wanted register that says how many; kept
     */
    public void remove(Assembler a, SpinLock locks, int wanted, int count, int node, int temporary) {
        Assembler.Label singly = a.label();
        Assembler.Label done = a.label();
        find(a);
        locks.lock(a);
        a.ld64(count, Reg.A1, BATCH);
        a.bne(count, wanted, singly);
        a.ld64(temporary, Reg.A1, USED);
        a.beqz(temporary, singly);
        a.addi(temporary, temporary, -1);
        a.st64(Reg.A1, USED, temporary);
        a.shli(temporary, temporary, SLOT_SHIFT);
        a.add(temporary, temporary, Reg.A1);
        a.ld64(Reg.A0, temporary, FIRST);
        a.st64(temporary, FIRST, Reg.ZERO);
        a.jmp(done);

        a.place(singly);
        a.li(Reg.A0, 0);
        a.li(count, 0);
        Assembler.Label next = a.here();
        a.beq(count, wanted, done);
        a.ld64(node, Reg.A1, SINGLE);
        a.beqz(node, done);
        a.ld64(temporary, node, NodeLayout.NEXT);
        a.st64(Reg.A1, SINGLE, temporary);
        a.st64(node, NodeLayout.NEXT, Reg.A0);
        a.mov(Reg.A0, node);
        a.addi(count, count, 1);
        a.jmp(next);
        a.place(done);
        locks.unlock(a);
    }

    /**
     * Takes in the chain in A0, ended by 0.
     *
     * @param count register that holds its length
     * @param tail register that holds its last block
     */
    public void insert(Assembler a, SpinLock locks, int count, int tail, int node, int temporary) {
        Assembler.Label singly = a.label();
        Assembler.Label done = a.label();
        find(a);
        locks.lock(a);
        a.ld64(temporary, Reg.A1, BATCH);
        a.bne(temporary, count, singly);
        a.ld64(temporary, Reg.A1, USED);
        a.ld64(node, Reg.A1, MOST);
        a.bge(temporary, node, singly);
        a.addi(node, temporary, 1);
        a.st64(Reg.A1, USED, node);
        a.shli(temporary, temporary, SLOT_SHIFT);
        a.add(temporary, temporary, Reg.A1);
        a.st64(temporary, FIRST, Reg.A0);
        a.st64(temporary, FIRST + 8, tail);
        a.jmp(done);

        a.place(singly);
        Assembler.Label next = a.here();
        classes.ofBlock(a, temporary, Reg.A0);
        a.ld64(node, Reg.A0, NodeLayout.NEXT);
        a.ld64(temporary, Reg.A1, SINGLE);
        a.st64(Reg.A0, NodeLayout.NEXT, temporary);
        a.st64(Reg.A1, SINGLE, Reg.A0);
        a.mov(Reg.A0, node);
        a.bnez(Reg.A0, next);
        a.place(done);
        locks.unlock(a);
    }
}
