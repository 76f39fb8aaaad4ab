package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.strategy.StrategyInstance.AuditException;
import io.rseqlab.collector.strategy.StrategyInstance.BlockVisitor;
import io.rseqlab.collector.strategy.block.CentralPool;
import io.rseqlab.collector.strategy.block.NodeLayout;
import java.util.HashSet;
import java.util.Set;

/** Walks lists of free blocks in simulated memory and visits every block on them. */
final class Audit {
    private static final int LINE = 64;

    private final MemoryView memory;
    private final BlockVisitor visitor;
    private final long limit;
    /** Blocks visited so far; null when the walk is strict. */
    private final Set<Long> seen;

    /**
     * No list can be longer than the blocks of all spans and {@code others}.
     *
     * @param running threads may be in the midst of operations: nothing is an error, see
     *     {@link StrategyInstance#census}
     */
    Audit(MemoryView memory, BlockVisitor visitor, CentralPool pool, long others, boolean running) {
        this.memory = memory;
        this.visitor = visitor;
        this.limit = memory.read64(pool.spans()) * pool.blocksPerSpan() + others;
        this.seen = running ? new HashSet<>() : null;
        list(pool.head(), Place.pool("pool"));
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

    /** Visits a chain of blocks that ends with 0. */
    long chain(long first, Place place) {
        long length = 0;
        for (long block = first; block != 0; block = memory.read64(block + NodeLayout.NEXT)) {
            if (seen != null && !seen.add(block)) {
                return length;
            }
            if (block < LINE || (block & (LINE - 1)) != 0) {
                throw new AuditException(place + ": no block can lie at 0x" + Long.toHexString(block));
            }
            if (++length > limit) {
                throw new AuditException(place + ": the list runs in a circle, or holds more than all " + limit
                        + " blocks; one of them is 0x" + Long.toHexString(block));
            }
            visitor.visit(block, place);
        }
        return length;
    }
}
