package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.MemoryView;
import java.util.Map;

/** Holds an arena of {@link ArenaChunks} to a walk from its first chunk to the end of its top. */
final class ChunkWalk {
    private final MemoryView memory;
    private final BlockClasses classes;
    private final int arena;
    private final Map<Long, Long> bins;
    private boolean previousFree;

    /** @param bins the bytes of all chunks that bins have */
    ChunkWalk(MemoryView memory, BlockClasses classes, int arena, Map<Long, Long> bins) {
        this.memory = memory;
        this.classes = classes;
        this.arena = arena;
        this.bins = bins;
    }

    /**
     * What is wrong, in words; null if nothing is.
     *
     * @param top where the walk ends
     * @param bytes of all chunks before that
     */
    String fault(long first, long top, long bytes) {
        long at = first;
        long walked = 0;
        int free = 0;
        while (at != top && walked < bytes) {
            long head = memory.read64(at + Chunks.HEAD);
            String fault = faultOf(at, head);
            if (fault != null) {
                return "chunk at 0x" + Long.toHexString(at) + " " + fault;
            }
            previousFree = is(head, Chunks.FREE);
            free += previousFree ? 1 : 0;
            walked += size(head);
            at = is(head, Chunks.FENCE) ? memory.read64(at + Chunks.NEXT) : at + size(head);
        }
        if (at != top || walked != bytes || previousFree) {
            return "the walk ends at 0x" + Long.toHexString(at) + " after " + walked + " bytes of " + bytes
                    + (previousFree ? " with a free chunk" : "");
        }
        return free == bins.size() ? null : "bins have " + bins.size() + " chunks, and " + free + " are free";
    }

    private String faultOf(long at, long head) {
        long size = size(head);
        if (size == 0) {
            return "has no bytes";
        }
        if (is(head, Chunks.PREVIOUS_FREE) != previousFree) {
            return "follows one that is" + (previousFree ? "" : " not") + " free";
        }
        if (is(head, Chunks.FREE)) {
            boolean told =
                    memory.read64(at + size - 8) == size && Long.valueOf(size).equals(bins.get(at));
            return previousFree
                    ? "is not joined"
                    : told ? null : "has " + size + " bytes, as its end or bin does not say";
        }
        int sizeClass = ArenaChunks.classOf(head);
        boolean right = is(head, Chunks.FENCE)
                ? size == Chunks.LEAST_BYTES
                : sizeClass < classes.count()
                        && size == classes.sizes().bytes(sizeClass)
                        && ArenaChunks.arenaOf(head) == arena;
        return right ? null : "is used and has " + size + " bytes";
    }

    private static boolean is(long head, int flag) {
        return (head >>> Chunks.SIZE_SHIFT & flag) != 0;
    }

    private static long size(long head) {
        return head >>> Chunks.SIZE_SHIFT & Chunks.SIZE_MASK;
    }
}
