package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.strategy.StrategyInstance.AuditException;
import io.rseqlab.collector.strategy.StrategyInstance.BlockVisitor;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.CentralPool;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.PerCpuArea;
import io.rseqlab.collector.strategy.block.SpanLists;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;

/** Walks lists of free blocks in simulated memory and visits every block on them. */
final class Audit {
    private final MemoryView memory;
    private final BlockVisitor visitor;
    private final long limit;
    private final int granuleBytes;
    private final int classes;
    /** Blocks visited so far; null when the walk is strict. */
    private final Set<Long> seen;
    /** Blocks that lie neither with their span or slab nor with the application, by descriptor. */
    private final Map<Long, Long> elsewhere = new HashMap<>();

    /** Names what a block lies in, and says how many of its blocks are elsewhere; null where nobody counts. */
    private LongUnaryOperator homeOf;

    private LongUnaryOperator said;

    /**
     * No list can be longer than the blocks of all spans and {@code others}.
     *
     * @param running threads may be in the midst of operations: nothing is an error, see
     *     {@link StrategyInstance#census}
     */
    Audit(
            MemoryView memory,
            BlockVisitor visitor,
            CentralPool pool,
            BlockClasses classes,
            long others,
            boolean running) {
        this.memory = memory;
        this.visitor = visitor;
        long blocks = others;
        for (int i = 0; i < classes.count(); i++) {
            blocks += memory.read64(pool.spans(i)) * pool.blocksPerSpan(i);
        }
        this.limit = blocks;
        this.classes = classes.count();
        this.granuleBytes = classes.sizes().granuleBytes();
        this.seen = running ? new HashSet<>() : null;
        for (int i = 0; i < classes.count(); i++) {
            list(pool.head(i), Place.pool("pool"));
        }
    }

    /** Visits the list whose head lies at an address; answers how many blocks are on it. */
    long list(long headAddress, Place place) {
        return chain(memory.read64(headAddress), place);
    }

    /** Visits the list and compares its length with the depth its top node holds. */
    void listWithDepth(long headAddress, Place place) {
        long length = list(headAddress, place);
        long top = memory.read64(headAddress);
        long depth = top == 0 ? 0 : memory.read64(top + NodeLayout.DEPTH);
        if (depth != length && seen == null) {
            throw new AuditException(place + ": the list has " + length + " blocks, its top node says " + depth);
        }
    }

    /** Visits the list and compares its length with the number at another address. */
    void listOfLength(long headAddress, long lengthAddress, Place place) {
        long length = list(headAddress, place);
        long said = memory.read64(lengthAddress);
        if (said != length && seen == null) {
            throw new AuditException(place + ": the list has " + length + " blocks, " + said + " are counted");
        }
    }

    /** Visits a list of blocks of a size and compares its bytes with the number at another address. */
    void listOfBytes(long headAddress, long bytesAddress, int blockBytes, Place place) {
        long length = list(headAddress, place);
        long said = memory.read64(bytesAddress);
        if (said != length * blockBytes && seen == null) {
            throw new AuditException(
                    place + ": the list has " + length * blockBytes + " bytes, " + said + " are counted");
        }
    }

    /** The same of a list whose first block says its bytes. */
    void listWithBytes(long headAddress, int blockBytes, Place place) {
        long first = memory.read64(headAddress);
        if (first == 0) {
            return;
        }
        listOfBytes(headAddress, first + NodeLayout.DEPTH, blockBytes, place);
    }

    /** The word at an aligned address. */
    long word(long address) {
        return memory.read64(address);
    }

    /** Something must hold, unless threads are running. */
    void expect(boolean holds, String otherwise) {
        if (!holds && seen == null) {
            throw new AuditException(otherwise);
        }
    }

    /** Nothing must be found wrong, unless threads are running. */
    void expectNone(Supplier<String> fault) {
        String found = seen == null ? fault.get() : null;
        if (found != null) {
            throw new AuditException(found);
        }
    }

    /** Visits blocks that lie in an array. */
    void blocks(List<Long> blocks, Place place) {
        for (long block : blocks) {
            if (seen == null || seen.add(block)) {
                check(block, place);
                visitor.visit(block, place);
            }
        }
    }

    /** Blocks of spans, fresh ones included. */
    static long blocks(MemoryView memory, SpanLists spans, int classes) {
        long blocks = 0;
        for (int i = 0; i < classes; i++) {
            blocks += spans.blocks(memory, i);
        }
        return blocks;
    }

    /**
     * Visits the central lists, spans of which say truly what they have; from now on every block must lie in a span of
     * some size. Before all others: what these visit is counted as elsewhere.
     */
    void spans(SpanLists lists) {
        for (int i = 0; i < classes; i++) {
            lists.walk(memory, i, (span, blocks, fault) -> {
                expect(fault == null, fault);
                blocks(blocks, Place.pool("central list"));
            });
        }
        countElsewhere(block -> spanOf(lists, block), span -> lists.allocated(memory, span));
    }

    private long spanOf(SpanLists lists, long block) {
        long span = 0;
        for (int i = 0; i < classes && span == 0; i++) {
            span = lists.spanOf(memory, block, i);
        }
        return span;
    }

    /**
     * From now on every block must lie in something, a span or a slab, and is counted as elsewhere than there.
     *
     * @param newHomeOf names what a block lies in; 0 for nothing
     * @param newSaid how many blocks of it are elsewhere, as it says itself
     */
    void countElsewhere(LongUnaryOperator newHomeOf, LongUnaryOperator newSaid) {
        homeOf = newHomeOf;
        said = newSaid;
    }

    /** Nothing has more blocks elsewhere than it says; after all others have been visited. */
    void expectElsewhere() {
        elsewhere.forEach((home, found) -> {
            long most = said.applyAsLong(home);
            expect(
                    found <= most,
                    "0x" + Long.toHexString(home) + " says that " + most + " blocks are elsewhere, and there are "
                            + found);
        });
    }

    private void checkHome(long block, Place place) {
        long home = homeOf.applyAsLong(block);
        expect(home != 0, place + ": the block at 0x" + Long.toHexString(block) + " lies in no span or slab");
        elsewhere.merge(home, 1L, Long::sum);
    }

    private void check(long block, Place place) {
        if (homeOf != null) {
            checkHome(block, place);
        }
        if (block < granuleBytes || (block & (granuleBytes - 1)) != 0) {
            throw new AuditException(place + ": no block can lie at 0x" + Long.toHexString(block));
        }
    }

    /** Visits the lists of all numbers and classes. */
    void lists(PerCpuArea area, int numbers, IntFunction<Place> places) {
        each(area, numbers, places, this::list);
    }

    /** The same, comparing lengths with depths. */
    void listsWithDepth(PerCpuArea area, int numbers, IntFunction<Place> places) {
        each(area, numbers, places, this::listWithDepth);
    }

    private void each(PerCpuArea area, int numbers, IntFunction<Place> places, BiConsumer<Long, Place> visit) {
        for (int number = 0; number < numbers; number++) {
            for (int i = 0; i < classes; i++) {
                visit.accept(area.of(number, i) + PerCpuArea.HEAD, places.apply(number));
            }
        }
    }

    /** Visits a chain of blocks that ends with 0. */
    long chain(long first, Place place) {
        return chain(first, 0, place, block -> {});
    }

    /** The same, and what hangs on each of them. */
    void chain(long first, Place place, LongConsumer hanging) {
        chain(first, 0, place, hanging);
    }

    /** Visits a chain of blocks that ends with a block, whatever that one's link is; answers how many they are. */
    long chainTo(long first, long last, Place place) {
        return chain(first, last, place, block -> {});
    }

    private long chain(long first, long last, Place place, LongConsumer hanging) {
        long length = 0;
        for (long block = first; block != 0; block = memory.read64(block + NodeLayout.NEXT)) {
            if (seen != null && !seen.add(block)) {
                return length;
            }
            check(block, place);
            if (++length > limit) {
                throw new AuditException(place + ": the list runs in a circle, or holds more than all " + limit
                        + " blocks; one of them is 0x" + Long.toHexString(block));
            }
            visitor.visit(block, place);
            hanging.accept(block);
            if (block == last) {
                return length;
            }
        }
        expect(last == 0, place + ": the list ends before its last block, 0x" + Long.toHexString(last));
        return length;
    }
}
