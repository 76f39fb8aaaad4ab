package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.MemoryView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds what heaps of {@link Superblocks} count against a walk over all superblocks, and against what must hold. */
final class SuperblockAudit {
    private final MemoryView memory;
    private final Superblocks superblocks;
    private final Map<Long, Long> used = new HashMap<>();
    private final Map<Long, Long> held = new HashMap<>();

    SuperblockAudit(MemoryView memory, Superblocks superblocks) {
        this.memory = memory;
        this.superblocks = superblocks;
    }

    /** What is wrong, in words; null if nothing is. */
    String fault() {
        Set<Long> unused = superblocks.empty == null ? Set.of() : superblocks.empty.all(memory);
        List<Long> others = superblocks.all(memory);
        for (long one : unused) {
            boolean isEmpty = word(one, SuperblockBooks.USED) == 0 && word(one, Superblocks.HEAP) == 0;
            if (!isEmpty || !others.remove(one) || superblocks.capacity((int) word(one, Superblocks.CLASS)) == 1) {
                return name(one) + " is among the empty ones and is not";
            }
        }
        for (long one : others) {
            String fault = faultOf(one);
            if (fault != null) {
                return fault;
            }
        }
        for (int heap = 0; heap <= superblocks.heaps; heap++) {
            for (int i = 0; i < superblocks.classes.count(); i++) {
                String fault = faultOf(heap, i);
                if (fault != null) {
                    return fault;
                }
            }
        }
        return null;
    }

    private String faultOf(long one) {
        int heap = (int) word(one, Superblocks.HEAP);
        int sizeClass = (int) word(one, Superblocks.CLASS);
        long inUse = word(one, SuperblockBooks.USED);
        if (superblocks.empty != null && heap == 0 && inUse == 0 && superblocks.capacity(sizeClass) > 1) {
            return name(one) + " of the global heap is empty and not for any size";
        }
        long bin = superblocks.bin(heap, sizeClass);
        long capacity = word(bin, SuperblockBooks.CAPACITY);
        used.merge(bin, inUse, Long::sum);
        held.merge(bin, capacity, Long::sum);
        long group = inUse * superblocks.groups / capacity;
        return word(one, SuperblockGroups.GROUP) == group ? null : name(one) + " belongs into group " + group;
    }

    private String faultOf(int heap, int sizeClass) {
        long bin = superblocks.bin(heap, sizeClass);
        long inUse = word(bin, SuperblockBooks.IN_USE);
        long blocks = word(bin, SuperblockBooks.HELD);
        if (inUse != used.getOrDefault(bin, 0L) || blocks != held.getOrDefault(bin, 0L)) {
            return "heap " + heap + " counts " + inUse + " of " + blocks + " blocks of class " + sizeClass + " in use; "
                    + used.get(bin) + " of " + held.get(bin) + " are";
        }
        long capacity = word(bin, SuperblockBooks.CAPACITY);
        int groups = superblocks.groups;
        // a superblock goes per free, which may be one too few where one has gone before
        if (heap > 0 && inUse < blocks - 2 * capacity && (inUse + capacity) * groups < blocks * (groups - 1)) {
            return "heap " + heap + " keeps " + blocks + " blocks of class " + sizeClass + ", " + inUse + " in use";
        }
        return null;
    }

    private long word(long address, int offset) {
        return memory.read64(address + offset);
    }

    private static String name(long superblock) {
        return "superblock at 0x" + Long.toHexString(superblock);
    }
}
