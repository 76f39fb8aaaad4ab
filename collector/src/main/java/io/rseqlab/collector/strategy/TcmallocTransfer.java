package io.rseqlab.collector.strategy;

import static io.rseqlab.collector.strategy.StoppedSlabs.A;
import static io.rseqlab.collector.strategy.StoppedSlabs.B;
import static io.rseqlab.collector.strategy.StoppedSlabs.NUMBER;
import static io.rseqlab.collector.strategy.StoppedSlabs.ROW;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.CentralSpans;
import io.rseqlab.collector.strategy.block.ChainSlots;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.Static;
import io.rseqlab.collector.strategy.block.TransferCache;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * TCMalloc's transfer caches: how large they are, and what the background thread does to them. Resizing: the eight
 * sizes of which most objects were missed since the last time, in the order of these, may have a batch more, up to the
 * largest capacity, and for each of them the one of fewest gives up one of its batches, the last excepted. So all
 * capacities together stay the same; sizes that the application does not use give theirs first. Plundering: objects
 * that were in a cache all the time since the last time go to the central list.
 *
 * <p>Source: TCMalloc {@code transfer_cache_internals.h}, ResizeCaches and TryPlunder. A tenth of its sizes may grow;
 * those of the tables have 46 at least, of which each that the workload has not stands for 15 batches to give. Caches
 * of third-level domains have the capacity that they have.
 */
final class TcmallocTransfer {
    private static final int MOST_GROWN = 8;

    private static final int BUFFERED = Reg.T8;
    private static final int GROWS = Reg.W2;
    private static final int BEST = Reg.W3;
    private static final int SHRINKS = Reg.W4;
    private static final int CACHE = Reg.W5;
    private static final int LEFT = Reg.W7;
    private static final int DOMAIN = Reg.W6;
    private static final int DOMAINS = Reg.W8;

    private static final int MOST_BYTES = 1 << 20;

    private final TransferCache transfer;
    private final TcmallocTables tables;
    private final CentralSpans central;
    private final BlockClasses classes;
    private final int[] capacities;
    private final long spareBatches;
    /** Address of the word with the batches that unused sizes can still give; 0 where no cache changes its capacity. */
    private final long spare;

    private SpinLock locks;

    TcmallocTransfer(
            Settings settings,
            StrategyContext context,
            TcmallocTables tables,
            CentralSpans central,
            BlockClasses classes) {
        this.tables = tables;
        this.central = central;
        this.classes = classes;
        Layout layout = context.layout();
        long batches = settings.count(TcmallocPercpu.TRANSFER);
        capacities = capacities(batches);
        int perCache = Math.min(context.cpusPerCache(), context.cpus());
        boolean byCache = settings.chooses(TcmallocPercpu.TRANSFER_BY, TcmallocPercpu.L3)
                && context.cpus() > 2 * perCache; // three caches at least
        boolean watched = settings.count(TcmallocPercpu.BACKGROUND) > 0;
        boolean resizes = watched && !byCache && batches > 0;
        int[] mosts =
                resizes ? capacities(Math.max(batches, settings.count(TcmallocPercpu.TRANSFER_MOST))) : capacities;
        transfer = new TransferCache(
                layout, capacities, mosts, watched, context.cpus(), byCache ? perCache : context.cpus());
        spareBatches = Math.max(0, SlabShapes.ALL_SIZES - classes.count()) * Math.max(0, batches - 1);
        spare = resizes ? layout.reserve(2 * Layout.LINE, 2 * Layout.LINE) : 0;
        if (resizes) {
            layout.word(spare, spareBatches);
        }
    }

    /** Objects of each size in so many batches, and in 1 MiB; a batch at least may fit in that. */
    private int[] capacities(long batches) {
        int[] objects = new int[classes.count()];
        for (int i = 0; i < objects.length; i++) {
            int bytes = classes.sizes().bytes(i);
            int batch = ChainSlots.batch(bytes);
            objects[i] = (int) Math.min(batches * batch, Math.max(batch, MOST_BYTES / bytes));
        }
        return objects;
    }

    /** The caches themselves. */
    TransferCache caches() {
        return transfer;
    }

    void useLocks(SpinLock spinLock) {
        locks = spinLock;
    }

    // ---- capacities

    /** Writes the resizing; changes all temporaries and the background's registers but TIME, KEEP and VICTIM. */
    void resize(Assembler a) {
        if (spare == 0) {
            return;
        }
        Assembler.Label done = a.label();
        Assembler.Label take = a.label();
        Assembler.Label paid = a.label();
        eachSize(a, next -> {
            a.ld64(A, Reg.A1, TransferCache.MISSES);
            a.ld64(B, Reg.A1, TransferCache.SEEN);
            a.st64(Reg.A1, TransferCache.SEEN, A);
            a.sub(A, A, B);
            a.st64(Reg.A1, TransferCache.KEPT, A);
        });
        a.li(LEFT, MOST_GROWN);
        Assembler.Label again = a.here();
        pickMost(a);
        a.beqz(BEST, done); // nobody else wants to grow
        settle(a, GROWS);
        mayGrow(a, again);
        Static.load(a, A, spare);
        a.beqz(A, take);
        a.addi(A, A, -1);
        Static.store(a, spare, A);
        a.jmp(paid);
        a.place(take);
        takeFromFewest(a, done);
        a.place(paid);
        a.mov(BlockClasses.CLASS, GROWS);
        tables.row(a, ROW);
        a.ld64(NUMBER, ROW, TcmallocTables.BATCH);
        transfer.find(a);
        transfer.grow(a, locks, NUMBER);
        a.djnz(LEFT, again);
        a.place(done);
    }

    /** The body has a size in CLASS and its cache in A1; largest sizes come first. */
    private void eachSize(Assembler a, Consumer<Assembler.Label> body) {
        Assembler.Label next = a.label();
        a.li(BlockClasses.CLASS, classes.count());
        Assembler.Label again = a.here();
        a.addi(BlockClasses.CLASS, BlockClasses.CLASS, -1);
        transfer.find(a);
        body.accept(next);
        a.place(next);
        a.blt(Reg.ZERO, BlockClasses.CLASS, again);
    }

    /** GROWS = the size with most misses that had no turn yet, BEST = these; of equal ones the smallest size. */
    private void pickMost(Assembler a) {
        a.li(BEST, 0);
        eachSize(a, next -> {
            a.ld64(A, Reg.A1, TransferCache.KEPT);
            a.blt(A, BEST, next);
            a.mov(BEST, A);
            a.mov(GROWS, BlockClasses.CLASS);
        });
    }

    /** A size has had its turn. */
    private void settle(Assembler a, int size) {
        a.mov(BlockClasses.CLASS, size);
        transfer.find(a);
        a.li(A, -1);
        a.st64(Reg.A1, TransferCache.KEPT, A);
    }

    /** At {@code otherwise} if the cache in A1 of the size in CLASS is as large as it may be. */
    private void mayGrow(Assembler a, Assembler.Label otherwise) {
        tables.row(a, ROW);
        a.ld64(NUMBER, ROW, TcmallocTables.BATCH);
        a.ld64(A, Reg.A1, TransferCache.CAPACITY);
        a.add(A, A, NUMBER);
        a.ld64(B, Reg.A1, TransferCache.MOST);
        a.blt(B, A, otherwise);
    }

    /** A size with the fewest misses of those that had no turn gives up a batch; at {@code nobody} if none can. */
    private void takeFromFewest(Assembler a, Assembler.Label nobody) {
        Assembler.Label refused = a.here();
        a.li(BEST, Long.MAX_VALUE);
        a.li(SHRINKS, -1);
        eachSize(a, next -> {
            a.ld64(A, Reg.A1, TransferCache.KEPT);
            a.blt(A, Reg.ZERO, next);
            a.bge(A, BEST, next);
            a.mov(BEST, A);
            a.mov(SHRINKS, BlockClasses.CLASS);
        });
        a.blt(SHRINKS, Reg.ZERO, nobody);
        settle(a, SHRINKS);
        tables.row(a, ROW);
        a.ld64(NUMBER, ROW, TcmallocTables.BATCH);
        tables.buffer(a, BUFFERED);
        transfer.shrink(a, locks, central, BUFFERED, NUMBER, refused);
    }

    // ---- objects

    /** Writes the plundering of all caches; changes as much. */
    void plunder(Assembler a) {
        a.li(DOMAIN, 0);
        a.li(DOMAINS, transfer.domains());
        Assembler.Label domain = a.here();
        eachSize(a, next -> {
            a.add(Reg.A1, Reg.A1, DOMAIN);
            a.mov(CACHE, Reg.A1);
            tables.row(a, ROW);
            a.ld64(NUMBER, ROW, TcmallocTables.BATCH);
            tables.buffer(a, BUFFERED);
            transfer.plunder(a, locks, central, CACHE, BUFFERED, NUMBER);
        });
        a.li(A, transfer.domainBytes());
        a.add(DOMAIN, DOMAIN, A);
        a.djnz(DOMAINS, domain);
    }

    // ---- audit

    /** Visits all objects; capacities of all sizes and the spare ones are together those of the beginning. */
    void audit(Audit audit) {
        for (int domain = 0; domain < transfer.domains(); domain++) {
            for (int i = 0; i < classes.count(); i++) {
                List<Long> objects = new ArrayList<>();
                long array = transfer.array(domain, i);
                long used = audit.word(transfer.used(domain, i));
                for (long n = 0; n < used; n++) {
                    objects.add(audit.word(array + 8 * n));
                }
                audit.blocks(objects, Place.pool("transfer cache"));
                long capacity = audit.word(transfer.capacity(domain, i));
                audit.expect(used <= capacity, "a transfer cache for " + capacity + " objects has " + used);
            }
        }
        if (spare > 0) {
            long grown = 0;
            for (int i = 0; i < capacities.length; i++) {
                int batch = ChainSlots.batch(classes.sizes().bytes(i));
                grown += (audit.word(transfer.capacity(0, i)) - capacities[i]) / batch;
            }
            long given = spareBatches - audit.word(spare);
            audit.expect(
                    grown == given,
                    "transfer caches have grown by " + grown + " batches, and unused ones given " + given);
        }
    }
}
