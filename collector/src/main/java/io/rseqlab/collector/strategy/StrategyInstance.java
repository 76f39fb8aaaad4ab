package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.MemoryView;
import java.util.List;

/** A strategy laid out for one run. */
public interface StrategyInstance {
    /**
     * Writes the programs. Must place the labels {@code "malloc"} (result in A0) and {@code "free"} (block in A0),
     * which return through LINK and may change A0..A2, T0..T13 and LINK2 only, and mark OP_BEGIN and OP_END themselves:
     * OP_BEGIN as the first thing, OP_END right before the return. Where threads end, it must place
     * {@code "thread_end"} too, under the same rules but for marks: what the allocator does when a thread ends. The
     * thread that follows has the ended one's number and area, as that call leaves it.
     */
    void emit(Assembler assembler);

    /** Called once before the run: fills caches that a run begins with, where a setting says so. */
    default void warm(FreshMemory memory) {}

    /** Base of a thread's area: what the TLS register of that thread holds. */
    long threadBase(int thread);

    /**
     * Labels at which threads of the allocator's own begin, one each, numbered behind the workload's threads. They have
     * their TLS and RSEQ registers set, all others 0, do no operations, and end once the stop flag is set.
     */
    default List<String> background() {
        return List.of();
    }

    /**
     * Enumerates every free block the strategy holds, once each, wherever it lies (lists, queues, buckets, pool). A
     * structure that runs in a circle or leaves memory must end with {@link AuditException}. No thread may be inside
     * malloc or free: what one has in hand lies nowhere.
     */
    void audit(MemoryView memory, BlockVisitor visitor);

    /**
     * The same at any time, for counting: threads may be inside malloc and free. What they have in hand is left out, no
     * block is visited twice, and a chain ends where it meets one that was visited; a block that a thread has just
     * taken off a list while others still point to it may be visited, so the caller must leave out those that are live.
     */
    void census(MemoryView memory, BlockVisitor visitor);

    /** The size class of a block that the strategy has cut, live or free. */
    int sizeClass(MemoryView memory, long block);

    /** Where a free block was found. */
    @FunctionalInterface
    interface BlockVisitor {
        /**
         * @param block address of the block
         * @param place where it lies
         */
        void visit(long block, Place place);
    }

    /** A strategy's memory is not what it must be. */
    class AuditException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public AuditException(String message) {
            super(message);
        }
    }
}
