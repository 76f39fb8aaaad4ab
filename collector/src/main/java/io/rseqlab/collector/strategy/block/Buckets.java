package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;

/**
 * Foreign blocks that a thread has freed and not yet sent: a chain per owner with its first and last block, and how
 * many there are over all owners. Blocks are appended; a chain is sent as a whole.
 *
 * <p>Source: snmalloc as published (Lietar et al., ISMM 2019, section 2.4), with a bucket for every owner.
 */
public final class Buckets {
    private static final int FIRST = 0;
    private static final int LAST = 8;
    private static final int SHIFT = 4;

    private static final int BUCKET = Reg.T1;
    private static final int OWNERS_LEFT = Reg.T3;
    private static final int SENT = Reg.T4;

    /** While a chain is sent: the number of its owner. */
    public static final int OWNER = Reg.T2;
    /** While a chain is sent: its first block. */
    public static final int CHAIN_FIRST = Reg.T5;
    /** While a chain is sent: its last block. */
    public static final int CHAIN_LAST = Reg.T6;

    /** Writes how the chain from CHAIN_FIRST to CHAIN_LAST gets to OWNER; may change A1, A2 and T7 on. */
    @FunctionalInterface
    public interface Sender {
        void emit(Assembler a);
    }

    private final int owners;
    private final int batch;
    private final int pending;
    private final long base;
    private final long stride;
    private Assembler.Label post;

    /**
     * @param pending offset in the threads' areas of two words: blocks pending, address of the thread's buckets
     * @param batch pending blocks at which they are sent
     */
    public Buckets(Layout layout, ThreadAreas areas, int threads, int owners, int pending, int batch) {
        this.owners = owners;
        this.batch = batch;
        this.pending = pending;
        stride = ((long) owners << SHIFT) + 2 * Layout.LINE - 1 & -2L * Layout.LINE;
        base = layout.reserve(stride * threads, 2 * Layout.LINE);
        for (int thread = 0; thread < threads; thread++) {
            layout.word(areas.of(thread) + pending + 8, base + stride * thread);
        }
    }

    /** Address of the word that holds the first block of a thread's bucket for an owner. */
    public long first(int thread, int owner) {
        return base + stride * thread + ((long) owner << SHIFT);
    }

    /** Writes here the subroutine that sends all chains: link LINK2. */
    public void emit(Assembler a, Sender sender) {
        Assembler.Label next = a.label();
        Assembler.Label skip = a.label();
        post = a.here();
        a.ld64(BUCKET, Reg.TLS, pending + 8);
        a.li(OWNER, 0);
        a.li(OWNERS_LEFT, owners);
        a.li(SENT, 0);
        a.place(next);
        a.ld64(CHAIN_FIRST, BUCKET, FIRST);
        a.beqz(CHAIN_FIRST, skip);
        a.ld64(CHAIN_LAST, BUCKET, LAST);
        sender.emit(a);
        a.st64(BUCKET, FIRST, Reg.ZERO);
        a.addi(SENT, SENT, 1);
        a.place(skip);
        a.addi(BUCKET, BUCKET, 1 << SHIFT);
        a.addi(OWNER, OWNER, 1);
        a.djnz(OWNERS_LEFT, next);
        a.mark(Mark.COUNT, Mark.COUNT_MESSAGES, SENT);
        a.ld64(SENT, Reg.TLS, pending);
        a.mark(Mark.COUNT, Mark.COUNT_MESSAGE_OBJECTS, SENT);
        a.st64(Reg.TLS, pending, Reg.ZERO);
        a.ret(Reg.LINK2);
    }

    /** Sends everything that is pending, if anything is: load, branch and the subroutine. */
    public void postAll(Assembler a) {
        Assembler.Label nothing = a.label();
        a.ld64(OWNERS_LEFT, Reg.TLS, pending);
        a.beqz(OWNERS_LEFT, nothing);
        a.call(post, Reg.LINK2);
        a.place(nothing);
    }

    /**
     * Keeps the block in A0 for the owner whose number is in a register; goes to {@code full} when a batch is pending.
     */
    public void put(Assembler a, Cold cold, int owner, Assembler.Label full) {
        Assembler.Label empty = a.label();
        Assembler.Label linked = a.label();
        a.shli(BUCKET, owner, SHIFT);
        a.ld64(CHAIN_FIRST, Reg.TLS, pending + 8);
        a.add(BUCKET, BUCKET, CHAIN_FIRST);
        a.st64(Reg.A0, NodeLayout.NEXT, Reg.ZERO);
        a.ld64(CHAIN_FIRST, BUCKET, FIRST);
        a.beqz(CHAIN_FIRST, empty);
        a.ld64(CHAIN_LAST, BUCKET, LAST);
        a.st64(CHAIN_LAST, NodeLayout.NEXT, Reg.A0);
        a.place(linked);
        a.st64(BUCKET, LAST, Reg.A0);
        Static.bump(a, Reg.TLS, ThreadAreas.REMOTE_FREES, SENT);
        a.ld64(SENT, Reg.TLS, pending);
        a.addi(SENT, SENT, 1);
        a.st64(Reg.TLS, pending, SENT);
        a.li(OWNERS_LEFT, batch);
        a.beq(SENT, OWNERS_LEFT, full);
        cold.later(() -> {
            a.place(empty);
            a.st64(BUCKET, FIRST, Reg.A0);
            a.jmp(linked);
        });
    }

    /** Writes the sending of a full batch. */
    public void post(Assembler a) {
        a.call(post, Reg.LINK2);
    }
}
