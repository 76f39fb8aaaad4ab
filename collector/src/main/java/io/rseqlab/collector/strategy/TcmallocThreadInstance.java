package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.ChainSlots;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.FutexMutex;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.ThreadAreas;

/**
 * A cache per thread, as gperftools has it and TCMalloc in per-thread mode: per size a list with its length, the length
 * it may have, and the least it had since the last scavenge. An empty list fetches min(allowed, batch) blocks from the
 * central list; what is allowed starts at 1, grows by one per fetch up to a batch, then by batches. A list that is too
 * long gives a batch back; if it was longer than a batch allowed, the fourth time shrinks what is allowed. A cache that
 * holds more bytes than the thread may drops half of what each list never needed since the last time, and gets 64 KiB
 * more from what no thread has claimed, or from one of ten others. The central list takes whole batches into slots by
 * head and tail, everything else block by block, under one lock per size.
 *
 * <p>A thread that ends gives all its lists back, and what its limit had grown by.
 *
 * <p>Tiers: 0 own list; 1 fetch, give back or scavenge; 2 waited for a lock.
 */
final class TcmallocThreadInstance extends Common {
    private static final int MOST_LENGTH = 8192;
    private static final int OVERAGES = 3;

    // ---- a thread's cache: a line, then one per size; the lists' words are counted from the cache plus 64 n
    private static final int HELD = 0;
    private static final int LIMIT = CacheLimits.LIMIT;
    private static final int SHIFT = 6;
    private static final int HEAD = 64;
    private static final int LENGTH = HEAD + 8;
    private static final int ALLOWED = HEAD + 16;
    private static final int LOW = HEAD + 24;
    private static final int OVER = HEAD + 32;
    private static final int BYTES = HEAD + 40;
    private static final int BATCH = HEAD + 48;

    private static final int CACHE = Reg.T0;
    private static final int LIST = Reg.T1;
    private static final int NODE = Reg.T2;
    private static final int COUNT = Reg.T3;
    private static final int SCRATCH = Reg.T4;
    private static final int LEFT = Reg.T5;
    private static final int OTHER = Reg.T6;
    private static final int FETCHED = Reg.T6;
    private static final int RELEASED = Reg.T8;
    private static final int CLASS = BlockClasses.CLASS;

    private final long caches;
    private final long stride;
    private final CacheLimits limits;
    final ChainSlots central;
    private SpinLock locks;
    private Assembler.Label release;

    TcmallocThreadInstance(Settings settings, StrategyContext context) {
        super(context, 8, BlockClasses.Lookup.ALWAYS);
        Layout layout = context.layout();
        long leastBytes = settings.count(TcmallocThread.LEAST);
        stride = (HEAD + ((long) classes.count() << SHIFT) + 127) & -128;
        caches = layout.reserve(stride * context.threads(), 2 * Layout.LINE);
        CacheLimits.Bytes bytes = new CacheLimits.Bytes(
                leastBytes, settings.count(TcmallocThread.MOST), settings.count(TcmallocThread.TOTAL));
        limits = new CacheLimits(layout, caches, stride, context.threads(), bytes);
        int slots = (int) settings.count(TcmallocThread.SLOTS);
        central = new ChainSlots(
                layout, classes, Parameters.pageHeap(settings, layout, TcmallocThread.wait(settings)), slots);
        for (int thread = 0; thread < context.threads(); thread++) {
            long cache = caches + stride * thread;
            layout.word(threads.of(thread) + ThreadAreas.REST, cache);
            layout.word(cache + LIMIT, leastBytes);
            for (int i = 0; i < classes.count(); i++) {
                long list = cache + ((long) i << SHIFT);
                layout.word(list + ALLOWED, 1);
                layout.word(list + BYTES, classes.sizes().bytes(i));
                layout.word(list + BATCH, ChainSlots.batch(classes.sizes().bytes(i)));
            }
        }
    }

    @Override
    void prepare(Assembler a, Cold cold, FutexMutex mutex) {
        locks = new SpinLock(a, cold);
        release = a.label();
        emitRelease(a);
    }

    private static void findList(Assembler a) {
        a.ld64(CACHE, Reg.TLS, ThreadAreas.REST);
        a.shli(LIST, CLASS, SHIFT);
        a.add(LIST, LIST, CACHE);
    }

    // ---- malloc

    @Override
    void malloc(Assembler a, Cold cold) {
        Assembler.Label empty = a.label();
        Assembler.Label lowest = a.label();
        Assembler.Label counted = a.label();
        findList(a);
        a.ld64(Reg.A0, LIST, HEAD);
        a.beqz(Reg.A0, empty);
        a.ld64(COUNT, LIST, LENGTH);
        a.addi(COUNT, COUNT, -1);
        a.st64(LIST, LENGTH, COUNT);
        a.ld64(SCRATCH, LIST, LOW);
        a.blt(COUNT, SCRATCH, lowest);
        a.place(counted);
        a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
        pad.both(a, LEFT);
        a.st64(LIST, HEAD, NODE);
        a.ld64(OTHER, LIST, BYTES);
        a.ld64(COUNT, CACHE, HELD);
        a.sub(COUNT, COUNT, OTHER);
        a.st64(CACHE, HELD, COUNT);
        end(a, Mark.MALLOC);
        cold.later(() -> {
            a.place(lowest);
            a.st64(LIST, LOW, COUNT);
            a.jmp(counted);
        });
        a.place(empty);
        fetch(a);
        end(a, Mark.MALLOC);
    }

    private void fetch(Assembler a) {
        Assembler.Label slow = a.label();
        Assembler.Label allowed = a.label();
        a.mark(Mark.TIER, 1);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_REFILLS, SCRATCH);
        // min(allowed, batch) blocks
        a.ld64(COUNT, LIST, ALLOWED);
        a.ld64(OTHER, LIST, BATCH);
        a.mov(RELEASED, COUNT);
        a.blt(COUNT, OTHER, slow);
        a.mov(RELEASED, OTHER);
        a.add(COUNT, COUNT, OTHER);
        a.li(SCRATCH, MOST_LENGTH);
        a.blt(SCRATCH, COUNT, allowed);
        a.st64(LIST, ALLOWED, COUNT);
        a.jmp(allowed);
        a.place(slow);
        a.addi(COUNT, COUNT, 1);
        a.st64(LIST, ALLOWED, COUNT);
        a.place(allowed);
        // at most so many come
        central.remove(a, locks, RELEASED, FETCHED);
        a.mark(Mark.COUNT, Mark.COUNT_REFILL_OBJECTS, FETCHED);
        a.ld64(NODE, Reg.A0, NodeLayout.NEXT);
        a.st64(LIST, HEAD, NODE);
        a.addi(FETCHED, FETCHED, -1);
        a.st64(LIST, LENGTH, FETCHED);
        a.ld64(SCRATCH, LIST, BYTES);
        a.mul(SCRATCH, SCRATCH, FETCHED);
        a.ld64(COUNT, CACHE, HELD);
        a.add(COUNT, COUNT, SCRATCH);
        a.st64(CACHE, HELD, COUNT);
    }

    // ---- free

    @Override
    void free(Assembler a, Cold cold) {
        Assembler.Label tooLong = a.label();
        Assembler.Label tooLarge = a.label();
        Assembler.Label lengthSeen = a.label();
        findList(a);
        a.ld64(NODE, LIST, HEAD);
        a.st64(Reg.A0, NodeLayout.NEXT, NODE);
        pad.both(a, LEFT);
        a.st64(LIST, HEAD, Reg.A0);
        a.ld64(COUNT, LIST, LENGTH);
        a.addi(COUNT, COUNT, 1);
        a.st64(LIST, LENGTH, COUNT);
        a.ld64(OTHER, LIST, BYTES);
        a.ld64(SCRATCH, CACHE, HELD);
        a.add(SCRATCH, SCRATCH, OTHER);
        a.st64(CACHE, HELD, SCRATCH);
        a.ld64(OTHER, LIST, ALLOWED);
        a.blt(OTHER, COUNT, tooLong);
        a.place(lengthSeen);
        a.ld64(OTHER, CACHE, LIMIT);
        a.blt(OTHER, SCRATCH, tooLarge);
        end(a, Mark.FREE);

        a.place(tooLong);
        giveBatch(a);
        a.ld64(SCRATCH, CACHE, HELD);
        a.jmp(lengthSeen);
        a.place(tooLarge);
        scavenge(a);
        end(a, Mark.FREE);
    }

    /** Gives a batch back and adapts what the list is allowed. */
    private void giveBatch(Assembler a) {
        Assembler.Label grow = a.label();
        Assembler.Label keep = a.label();
        a.mark(Mark.TIER, 1);
        a.ld64(RELEASED, LIST, BATCH);
        a.call(release, Reg.LINK2);
        a.ld64(COUNT, LIST, ALLOWED);
        a.ld64(OTHER, LIST, BATCH);
        a.blt(COUNT, OTHER, grow);
        a.beq(COUNT, OTHER, keep);
        a.ld64(SCRATCH, LIST, OVER);
        a.addi(SCRATCH, SCRATCH, 1);
        a.st64(LIST, OVER, SCRATCH);
        a.li(NODE, OVERAGES + 1L);
        a.blt(SCRATCH, NODE, keep);
        a.st64(LIST, OVER, Reg.ZERO);
        a.sub(COUNT, COUNT, OTHER);
        a.st64(LIST, ALLOWED, COUNT);
        a.jmp(keep);
        a.place(grow);
        a.addi(COUNT, COUNT, 1);
        a.st64(LIST, ALLOWED, COUNT);
        a.place(keep);
    }

    /** Drops half of what each list never needed, then asks for a higher limit. */
    private void scavenge(Assembler a) {
        Assembler.Label one = a.label();
        Assembler.Label swept = a.label();
        Assembler.Label narrow = a.label();
        a.mark(Mark.TIER, 1);
        a.li(CLASS, 0);
        Assembler.Label list = a.here();
        findList(a);
        a.ld64(RELEASED, LIST, LOW);
        a.beqz(RELEASED, swept);
        a.shri(RELEASED, RELEASED, 1);
        a.bnez(RELEASED, one);
        a.li(RELEASED, 1);
        a.place(one);
        a.call(release, Reg.LINK2);
        a.ld64(COUNT, LIST, ALLOWED);
        a.ld64(OTHER, LIST, BATCH);
        a.bge(OTHER, COUNT, swept);
        a.sub(COUNT, COUNT, OTHER);
        a.bge(COUNT, OTHER, narrow);
        a.mov(COUNT, OTHER);
        a.place(narrow);
        a.st64(LIST, ALLOWED, COUNT);
        a.place(swept);
        a.ld64(COUNT, LIST, LENGTH);
        a.st64(LIST, LOW, COUNT);
        a.addi(CLASS, CLASS, 1);
        a.li(SCRATCH, classes.count());
        a.blt(CLASS, SCRATCH, list);
        limits.raise(a, locks);
    }

    /** Subroutine, link LINK2: gives RELEASED blocks of LIST, or all it has, to the central list in batches. */
    private void emitRelease(Assembler a) {
        Assembler.Label enough = a.label();
        Assembler.Label chunk = a.label();
        Assembler.Label last = a.label();
        Assembler.Label done = a.label();
        int tail = LEFT;
        a.place(release);
        a.ld64(COUNT, LIST, LENGTH);
        a.bge(COUNT, RELEASED, enough);
        a.mov(RELEASED, COUNT);
        a.place(enough);
        a.sub(COUNT, COUNT, RELEASED);
        a.st64(LIST, LENGTH, COUNT);
        a.ld64(OTHER, LIST, BYTES);
        a.mul(OTHER, OTHER, RELEASED);
        a.ld64(SCRATCH, CACHE, HELD);
        a.sub(SCRATCH, SCRATCH, OTHER);
        a.st64(CACHE, HELD, SCRATCH);
        a.place(chunk);
        a.beqz(RELEASED, done);
        a.li(SCRATCH, 1);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSHES, SCRATCH);
        a.ld64(COUNT, LIST, BATCH);
        a.bge(RELEASED, COUNT, last);
        a.mov(COUNT, RELEASED);
        a.place(last);
        a.mark(Mark.COUNT, Mark.COUNT_FLUSH_OBJECTS, COUNT);
        a.sub(RELEASED, RELEASED, COUNT);
        // the first COUNT blocks are cut off
        a.ld64(Reg.A0, LIST, HEAD);
        a.mov(SCRATCH, COUNT);
        a.mov(NODE, Reg.A0);
        Assembler.Label walk = a.here();
        a.mov(tail, NODE);
        a.ld64(NODE, tail, NodeLayout.NEXT);
        a.djnz(SCRATCH, walk);
        a.st64(LIST, HEAD, NODE);
        a.st64(tail, NodeLayout.NEXT, Reg.ZERO);
        central.insert(a, locks, COUNT, tail);
        a.jmp(chunk);
        a.place(done);
        a.ret(Reg.LINK2);
    }

    /** All lists go to the central list, and the cache with its limit is as a new one. */
    @Override
    void threadEnd(Assembler a, Cold cold) {
        a.li(CLASS, 0);
        Assembler.Label list = a.here();
        findList(a);
        a.ld64(RELEASED, LIST, LENGTH);
        a.call(release, Reg.LINK2);
        a.li(COUNT, 1);
        a.st64(LIST, ALLOWED, COUNT);
        a.st64(LIST, LOW, Reg.ZERO);
        a.st64(LIST, OVER, Reg.ZERO);
        a.addi(CLASS, CLASS, 1);
        a.li(SCRATCH, classes.count());
        a.blt(CLASS, SCRATCH, list);
        limits.giveUp(a, locks);
    }

    @Override
    long ownBlocks(MemoryView memory) {
        return Audit.blocks(memory, central.spans(), classes.count());
    }

    @Override
    void audit(Audit audit) {
        audit.spans(central.spans());
        for (int i = 0; i < classes.count(); i++) {
            for (int thread = 0; thread < context.threads(); thread++) {
                long list = caches + stride * thread + ((long) i << SHIFT);
                audit.listOfLength(list + HEAD, list + LENGTH, Place.thread(thread));
            }
            for (int slot = 0; slot < ChainSlots.MOST_SLOTS; slot++) {
                audit.list(central.slot(i, slot), Place.pool("central slot"));
            }
        }
        audit.expectElsewhere();
    }
}
