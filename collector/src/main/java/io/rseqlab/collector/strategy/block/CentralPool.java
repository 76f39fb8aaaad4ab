package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * The back end under every strategy: one list of free blocks behind one mutex, fed from spans by a bump pointer. Blocks
 * are taken one by one under the lock (so that a chain's blocks are linked in the order in which they came off the
 * list) and given back as a whole chain.
 *
 * <p>Subroutines: link in LINK2; they change A0 to A2 and T10 to T13.
 */
public final class CentralPool {
    /** Bytes asked of the host when the bump pointer has reached the end. */
    public static final int SPAN_BYTES = 64 << 10;

    private static final int HEAD = 40;
    private static final int SPANS = 48;
    private static final int FRESH = 56;
    private static final int END = 64;

    private final long base;
    private final int blockBytes;
    private Assembler.Label take;
    private Assembler.Label give;

    public CentralPool(Layout layout, int blockBytes) {
        this.base = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        this.blockBytes = blockBytes;
    }

    /** Where the head of the list of free blocks lies. */
    public long head() {
        return base + HEAD;
    }

    /** Where the number of spans taken so far lies. */
    public long spans() {
        return base + SPANS;
    }

    /** Blocks of a span. */
    public int blocksPerSpan() {
        return SPAN_BYTES / blockBytes;
    }

    /** Writes the subroutines here. */
    public void emit(Assembler a, FutexMutex mutex) {
        take = a.label();
        give = a.label();
        emitTake(a, mutex);
        emitGive(a, mutex);
    }

    /** A0 = a chain of so many blocks, ended by 0. */
    public void take(Assembler a, int blocks) {
        a.li(Reg.A0, blocks);
        a.call(take, Reg.LINK2);
    }

    /** Gives back the chain whose first block is in A0 and whose last is in A1. */
    public void give(Assembler a) {
        a.call(give, Reg.LINK2);
    }

    private void emitTake(Assembler a, FutexMutex mutex) {
        Assembler.Label fresh = a.label();
        Assembler.Label link = a.label();
        Assembler.Label span = a.label();
        a.place(take);
        a.mov(Reg.T10, Reg.A0);
        a.li(Reg.T11, 0);
        mutex.lock(a, base);
        Assembler.Label next = a.here();
        Static.load(a, Reg.A0, base + HEAD);
        a.beqz(Reg.A0, fresh);
        a.ld64(Reg.A2, Reg.A0, NodeLayout.NEXT);
        Static.store(a, base + HEAD, Reg.A2);
        a.place(link);
        a.st64(Reg.A0, NodeLayout.NEXT, Reg.T11);
        a.mov(Reg.T11, Reg.A0);
        a.djnz(Reg.T10, next);
        mutex.unlock(a, base);
        a.mov(Reg.A0, Reg.T11);
        a.ret(Reg.LINK2);

        a.place(fresh);
        Static.load(a, Reg.A0, base + FRESH);
        Static.load(a, Reg.A2, base + END);
        a.beq(Reg.A0, Reg.A2, span);
        a.addi(Reg.A2, Reg.A0, blockBytes);
        Static.store(a, base + FRESH, Reg.A2);
        a.jmp(link);

        a.place(span);
        a.li(Reg.A0, SPAN_BYTES);
        a.host(HostCall.HOST_SPAN);
        Static.store(a, base + FRESH, Reg.A0);
        a.li(Reg.A2, (long) blocksPerSpan() * blockBytes);
        a.add(Reg.A2, Reg.A2, Reg.A0);
        Static.store(a, base + END, Reg.A2);
        Static.load(a, Reg.A2, base + SPANS);
        a.addi(Reg.A2, Reg.A2, 1);
        Static.store(a, base + SPANS, Reg.A2);
        a.jmp(fresh);
    }

    private void emitGive(Assembler a, FutexMutex mutex) {
        a.place(give);
        a.mov(Reg.T10, Reg.A0);
        a.mov(Reg.T11, Reg.A1);
        mutex.lock(a, base);
        Static.load(a, Reg.A2, base + HEAD);
        a.st64(Reg.T11, NodeLayout.NEXT, Reg.A2);
        Static.store(a, base + HEAD, Reg.T10);
        mutex.unlock(a, base);
        a.ret(Reg.LINK2);
    }
}
