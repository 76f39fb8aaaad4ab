package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;

/**
 * TCMalloc's transfer cache: per size an array of pointers under a spin lock, used as a stack, into which and out of
 * which pointers are copied in portions; what it has not, or has no room for, comes from and goes to the central list
 * ({@link CentralSpans}). There is one of a size, or one for each third-level cache: then that of the CPU is used on
 * which the thread was when it last looked. The class is in {@link BlockClasses#CLASS}. The thread's portion lies in a
 * buffer of its own. Changes A0 to A2, T0 to T6 and T10 to T13.
 *
 * <p>Source: TCMalloc {@code transfer_cache_internals.h} (partial inserts and removals since 2021). Where a thread in
 * the background changes capacities, misses and the fewest objects are noted down for it.
 */
public final class TransferCache {
    // ---- a cache: behind the lock how many objects it has and may have; where they are watched, the objects that were
    // not there or found no room so far, those counted by whoever watches, and what he keeps beside; the fewest objects
    // since he last looked; the largest capacity
    public static final int USED = 8;
    public static final int CAPACITY = 16;
    public static final int MISSES = 24;
    public static final int SEEN = 32;
    public static final int KEPT = 40;
    public static final int LOW = 48;
    public static final int MOST = 56;
    /** Its first pointer. */
    public static final int FIRST = 64;

    private static final int FROM = Reg.T0;
    private static final int TO = Reg.T1;
    private static final int COUNT = Reg.T2;
    private static final int LEFT = Reg.T3;
    private static final int OBJECT = Reg.T4;
    private static final int HAS = Reg.T5;
    private static final int ROOM = Reg.T6;

    private final long base;
    private final int shift;
    private final boolean watched;

    private final int domains;
    private final long domainBytes;
    /** From a CPU to where the arrays of its domain begin. */
    private final long begins;

    /**
     * @param capacities objects that each class's array may hold
     * @param mosts objects that it may ever hold
     * @param watched somebody looks at misses and at the fewest objects
     * @param cpus number of CPUs
     * @param cpusPerDomain how many of them share arrays
     */
    public TransferCache(Layout layout, int[] capacities, int[] mosts, boolean watched, int cpus, int cpusPerDomain) {
        this.watched = watched;
        int most = 1;
        for (int capacity : mosts) {
            most = Math.max(most, capacity);
        }
        shift = 32 - Integer.numberOfLeadingZeros(FIRST + 8 * most - 1);
        domains = (cpus + cpusPerDomain - 1) / cpusPerDomain;
        domainBytes = (long) capacities.length << shift;
        base = layout.reserve(domainBytes * domains, 2 * Layout.LINE);
        for (int i = 0; i < domains * capacities.length; i++) {
            layout.word(base + ((long) i << shift) + CAPACITY, capacities[i % capacities.length]);
            if (watched) {
                layout.word(base + ((long) i << shift) + MOST, mosts[i % capacities.length]);
            }
        }
        begins = domains > 1 ? layout.reserve(8L * cpus, 2 * Layout.LINE) : 0;
        for (int cpu = 0; cpu < cpus && domains > 1; cpu++) {
            layout.word(begins + 8L * cpu, base + cpu / cpusPerDomain * domainBytes);
        }
    }

    /** How many there are of each class. */
    public int domains() {
        return domains;
    }

    /** Where the number of objects of a class lies. */
    public long used(int domain, int sizeClass) {
        return base + domain * domainBytes + ((long) sizeClass << shift) + USED;
    }

    /** Where its array begins. */
    public long array(int domain, int sizeClass) {
        return base + domain * domainBytes + ((long) sizeClass << shift) + FIRST;
    }

    /** Where the capacity of a class stands. */
    public long capacity(int domain, int sizeClass) {
        return used(domain, sizeClass) - USED + CAPACITY;
    }

    /** Bytes from a domain's caches to the next one's. */
    public long domainBytes() {
        return domainBytes;
    }

    /** A1 = the first domain's cache of the class in {@link BlockClasses#CLASS}. */
    public void find(Assembler a) {
        a.shli(Reg.A1, BlockClasses.CLASS, shift);
        a.addi(Reg.A1, Reg.A1, Math.toIntExact(base));
    }

    private void lock(Assembler a, SpinLock locks) {
        a.shli(Reg.A1, BlockClasses.CLASS, shift);
        if (domains == 1) {
            a.addi(Reg.A1, Reg.A1, Math.toIntExact(base));
        } else {
            a.ld32(HAS, Reg.RSEQ, RseqArea.CPU_ID_START);
            a.shli(HAS, HAS, 3);
            a.ld64(HAS, HAS, Math.toIntExact(begins));
            a.add(Reg.A1, Reg.A1, HAS);
        }
        locks.lock(a);
        a.ld64(HAS, Reg.A1, USED);
    }

    /**
     * Copies objects into the buffer.
     *
     * @param buffer register that holds the buffer's address; kept
     * @param number register that says how many at most, and in the end how many came: at least one
     */
    public void remove(Assembler a, SpinLock locks, CentralSpans central, int buffer, int number) {
        Assembler.Label enough = a.label();
        Assembler.Label none = a.label();
        Assembler.Label done = a.label();
        lock(a, locks);
        a.mov(COUNT, number);
        a.bge(HAS, COUNT, enough);
        a.mov(COUNT, HAS);
        a.place(enough);
        a.beqz(COUNT, none);
        a.mov(number, COUNT);
        a.sub(HAS, HAS, COUNT);
        a.st64(Reg.A1, USED, HAS);
        lower(a);
        a.shli(FROM, HAS, 3);
        a.add(FROM, FROM, Reg.A1);
        a.addi(FROM, FROM, FIRST);
        a.mov(TO, buffer);
        copy(a);
        locks.unlock(a);
        a.jmp(done);

        a.place(none);
        missed(a, number);
        locks.unlock(a);
        central.fetch(a, buffer, number);
        a.place(done);
    }

    /** Takes in the first so many objects of the buffer; both registers are kept. */
    public void insert(Assembler a, SpinLock locks, CentralSpans central, int buffer, int number) {
        Assembler.Label fits = a.label();
        Assembler.Label full = a.label();
        Assembler.Label done = a.label();
        lock(a, locks);
        a.mov(LEFT, number);
        a.mov(FROM, buffer);
        a.ld64(ROOM, Reg.A1, CAPACITY);
        a.sub(ROOM, ROOM, HAS);
        a.mov(COUNT, LEFT);
        a.bge(ROOM, COUNT, fits);
        a.mov(COUNT, ROOM);
        a.place(fits);
        a.sub(LEFT, LEFT, COUNT);
        a.beqz(COUNT, full);
        a.shli(TO, HAS, 3);
        a.add(TO, TO, Reg.A1);
        a.addi(TO, TO, FIRST);
        a.add(HAS, HAS, COUNT);
        copy(a);
        a.st64(Reg.A1, USED, HAS);
        a.place(full);
        missed(a, LEFT);
        locks.unlock(a);
        a.beqz(LEFT, done);
        giveRest(a, central);
        a.place(done);
    }

    /** The cache has HAS objects now. */
    private void lower(Assembler a) {
        if (!watched) {
            return;
        }
        Assembler.Label above = a.label();
        a.ld64(ROOM, Reg.A1, LOW);
        a.bge(HAS, ROOM, above);
        a.st64(Reg.A1, LOW, HAS);
        a.place(above);
    }

    private void missed(Assembler a, int objects) {
        if (watched) {
            a.ld64(ROOM, Reg.A1, MISSES);
            a.add(ROOM, ROOM, objects);
            a.st64(Reg.A1, MISSES, ROOM);
        }
    }

    /** LEFT pointers at FROM, at least one, go to the central list. */
    private static void giveRest(Assembler a, CentralSpans central) {
        a.li(OBJECT, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, OBJECT);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, LEFT);
        central.release(a, FROM, LEFT);
    }

    /**
     * The objects that have not been asked for since the last time, by batches, go to the central list. The cache is
     * the one in A1, which is kept only in a register of the caller's.
     *
     * @param cache register that holds the cache's address too
     * @param buffer register with the address of a buffer
     * @param batch register with the objects of a batch
     */
    public void plunder(Assembler a, SpinLock locks, CentralSpans central, int cache, int buffer, int batch) {
        Assembler.Label few = a.label();
        Assembler.Label fewer = a.label();
        Assembler.Label done = a.label();
        locks.lock(a);
        a.ld64(ROOM, Reg.A1, LOW); // still to go
        a.ld64(HAS, Reg.A1, USED);
        a.st64(Reg.A1, LOW, HAS);
        Assembler.Label next = a.here();
        a.mov(COUNT, batch);
        a.bge(ROOM, COUNT, few);
        a.mov(COUNT, ROOM);
        a.place(few);
        a.bge(HAS, COUNT, fewer);
        a.mov(COUNT, HAS);
        a.place(fewer);
        a.beqz(COUNT, done);
        a.mov(LEFT, COUNT);
        a.sub(HAS, HAS, COUNT);
        a.sub(ROOM, ROOM, COUNT);
        takeTop(a, buffer);
        a.st64(Reg.A1, LOW, HAS);
        locks.unlock(a);
        a.mov(FROM, buffer);
        giveRest(a, central);
        a.mov(Reg.A1, cache);
        locks.lock(a);
        a.ld64(HAS, Reg.A1, USED);
        a.jmp(next);
        a.place(done);
        locks.unlock(a);
    }

    /** COUNT objects beyond HAS, which stay, go to a buffer. */
    private static void takeTop(Assembler a, int buffer) {
        a.st64(Reg.A1, USED, HAS);
        a.shli(FROM, HAS, 3);
        a.add(FROM, FROM, Reg.A1);
        a.addi(FROM, FROM, FIRST);
        a.mov(TO, buffer);
        copy(a);
    }

    /**
     * The capacity of the cache in A1 grows by a batch, or stays at the largest.
     *
     * @param batch register with the objects of a batch
     */
    public void grow(Assembler a, SpinLock locks, int batch) {
        Assembler.Label most = a.label();
        locks.lock(a);
        a.ld64(ROOM, Reg.A1, CAPACITY);
        a.add(ROOM, ROOM, batch);
        a.ld64(HAS, Reg.A1, MOST);
        a.blt(HAS, ROOM, most);
        a.st64(Reg.A1, CAPACITY, ROOM);
        a.place(most);
        locks.unlock(a);
    }

    /**
     * The capacity of the cache in A1 shrinks by a batch, and objects that have no room any more go to the central
     * list; to {@code refused} if it has a batch at most.
     *
     * @param buffer register with the address of a buffer
     * @param batch register with the objects of a batch
     */
    public void shrink(
            Assembler a, SpinLock locks, CentralSpans central, int buffer, int batch, Assembler.Label refused) {
        Assembler.Label shorter = a.label();
        Assembler.Label room = a.label();
        Assembler.Label done = a.label();
        locks.lock(a);
        a.ld64(ROOM, Reg.A1, CAPACITY);
        a.blt(batch, ROOM, shorter);
        locks.unlock(a);
        a.jmp(refused);
        a.place(shorter);
        a.sub(ROOM, ROOM, batch);
        a.st64(Reg.A1, CAPACITY, ROOM);
        a.ld64(COUNT, Reg.A1, USED);
        a.bge(ROOM, COUNT, room);
        a.sub(COUNT, COUNT, ROOM);
        a.mov(LEFT, COUNT);
        a.mov(HAS, ROOM);
        takeTop(a, buffer);
        lower(a);
        locks.unlock(a);
        a.mov(FROM, buffer);
        giveRest(a, central);
        a.jmp(done);
        a.place(room);
        locks.unlock(a);
        a.place(done);
    }

    /** Copies COUNT pointers, at least one; FROM is behind the last one then. */
    private static void copy(Assembler a) {
        Assembler.Label next = a.here();
        a.ld64(OBJECT, FROM, 0);
        a.st64(TO, 0, OBJECT);
        a.addi(FROM, FROM, 8);
        a.addi(TO, TO, 8);
        a.djnz(COUNT, next);
    }
}
