package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * The back end under every strategy: per size class one list of free blocks behind one mutex, fed from spans by a bump
 * pointer. Blocks are taken one by one under the lock (so that a chain's blocks are linked in the order in which they
 * came off the list) and given back as a whole chain, which is of one class.
 *
 * <p>Subroutines: link in LINK2; they change A0 to A2 and T10 to T13.
 */
public final class CentralPool {
    /** Bytes asked of the host when the bump pointer has reached the end, unless a block is larger. */
    public static final int SPAN_BYTES = 64 << 10;

    private static final int HEAD = 40;
    private static final int SPANS = 48;
    private static final int FRESH = 56;
    private static final int END = 64;
    // ---- read only where there are several classes
    private static final int BLOCK = 72;
    private static final int SPAN = 80;
    private static final int USED = 88;
    private static final int PAGES = 96;
    private static final int SHIFT = 7;

    /** Holds the address of the class's pool inside the subroutines, where there are several classes. */
    private static final int POOL = Reg.A1;

    private final long base;
    private final BlockClasses classes;
    private Assembler.Label take;
    private Assembler.Label give;

    public CentralPool(Layout layout, BlockClasses classes) {
        this.base = layout.reserve((long) classes.count() << SHIFT, 1 << SHIFT);
        this.classes = classes;
        for (int i = 0; i < classes.count() && !classes.single(); i++) {
            long pool = base + ((long) i << SHIFT);
            layout.word(pool + BLOCK, classes.sizes().bytes(i));
            layout.word(pool + SPAN, spanBytes(i));
            layout.word(pool + USED, (long) blocksPerSpan(i) * classes.sizes().bytes(i));
            layout.word(pool + PAGES, spanBytes(i) / BlockClasses.PAGE_BYTES);
        }
    }

    private int spanBytes(int sizeClass) {
        int rounded = classes.sizes().bytes(sizeClass) + BlockClasses.PAGE_BYTES - 1 & -BlockClasses.PAGE_BYTES;
        return Math.max(SPAN_BYTES, rounded);
    }

    /** Where the head of a class's list of free blocks lies. */
    public long head(int sizeClass) {
        return base + ((long) sizeClass << SHIFT) + HEAD;
    }

    /** Where the number of spans that a class has taken so far lies. */
    public long spans(int sizeClass) {
        return base + ((long) sizeClass << SHIFT) + SPANS;
    }

    /** Blocks of a span of that class. */
    public int blocksPerSpan(int sizeClass) {
        return spanBytes(sizeClass) / classes.sizes().bytes(sizeClass);
    }

    /** Number of size classes. */
    public int classes() {
        return classes.count();
    }

    /** Writes the subroutines here. */
    public void emit(Assembler a, FutexMutex mutex) {
        take = a.label();
        give = a.label();
        emitTake(a, mutex);
        emitGive(a, mutex);
    }

    /** A0 = a chain of so many blocks of the operation's class as A0 says, ended by 0. */
    public void takeCounted(Assembler a) {
        a.call(take, Reg.LINK2);
    }

    /** A0 = one block of the operation's class. */
    public void takeOne(Assembler a) {
        a.li(Reg.A0, 1);
        a.call(take, Reg.LINK2);
    }

    /** Gives back the chain of the operation's class whose first block is in A0 and whose last is in A1. */
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
        lock(a, mutex);
        Assembler.Label next = a.here();
        load(a, Reg.A0, HEAD);
        a.beqz(Reg.A0, fresh);
        a.ld64(Reg.A2, Reg.A0, NodeLayout.NEXT);
        store(a, HEAD, Reg.A2);
        a.place(link);
        a.st64(Reg.A0, NodeLayout.NEXT, Reg.T11);
        a.mov(Reg.T11, Reg.A0);
        a.djnz(Reg.T10, next);
        unlock(a, mutex);
        a.mov(Reg.A0, Reg.T11);
        a.ret(Reg.LINK2);

        a.place(fresh);
        load(a, Reg.A0, FRESH);
        load(a, Reg.A2, END);
        a.beq(Reg.A0, Reg.A2, span);
        addConstant(a, Reg.A2, Reg.A0, BLOCK, classes.sizes().bytes(0));
        store(a, FRESH, Reg.A2);
        a.jmp(link);

        a.place(span);
        constant(a, Reg.A0, SPAN, spanBytes(0));
        a.host(HostCall.HOST_SPAN);
        store(a, FRESH, Reg.A0);
        constant(a, Reg.A2, USED, (long) blocksPerSpan(0) * classes.sizes().bytes(0));
        a.add(Reg.A2, Reg.A2, Reg.A0);
        store(a, END, Reg.A2);
        load(a, Reg.A2, SPANS);
        a.addi(Reg.A2, Reg.A2, 1);
        store(a, SPANS, Reg.A2);
        if (classes.mapped()) {
            constant(a, Reg.T12, PAGES, spanBytes(0) / BlockClasses.PAGE_BYTES);
            classes.map(a, Reg.A0, Reg.T12, Reg.T13, Reg.A2);
        }
        a.jmp(fresh);
    }

    private void emitGive(Assembler a, FutexMutex mutex) {
        a.place(give);
        a.mov(Reg.T10, Reg.A0);
        a.mov(Reg.T11, Reg.A1);
        lock(a, mutex);
        load(a, Reg.A2, HEAD);
        a.st64(Reg.T11, NodeLayout.NEXT, Reg.A2);
        store(a, HEAD, Reg.T10);
        unlock(a, mutex);
        a.ret(Reg.LINK2);
    }

    // ---- the words of the class's pool: at fixed addresses where there is one class

    private void lock(Assembler a, FutexMutex mutex) {
        if (classes.single()) {
            mutex.lock(a, base);
            return;
        }
        find(a);
        mutex.lock(a);
        find(a);
    }

    private void unlock(Assembler a, FutexMutex mutex) {
        if (classes.single()) {
            mutex.unlock(a, base);
        } else {
            mutex.unlock(a);
        }
    }

    private void find(Assembler a) {
        classes.current(a, POOL);
        a.shli(POOL, POOL, SHIFT);
        a.addi(POOL, POOL, Math.toIntExact(base));
    }

    private void load(Assembler a, int rd, int word) {
        if (classes.single()) {
            Static.load(a, rd, base + word);
        } else {
            a.ld64(rd, POOL, word);
        }
    }

    private void store(Assembler a, int word, int value) {
        if (classes.single()) {
            Static.store(a, base + word, value);
        } else {
            a.st64(POOL, word, value);
        }
    }

    private void constant(Assembler a, int rd, int word, long value) {
        if (classes.single()) {
            a.li(rd, value);
        } else {
            load(a, rd, word);
        }
    }

    private void addConstant(Assembler a, int rd, int rs, int word, int value) {
        if (classes.single()) {
            a.addi(rd, rs, value);
        } else {
            load(a, rd, word);
            a.add(rd, rd, rs);
        }
    }
}
