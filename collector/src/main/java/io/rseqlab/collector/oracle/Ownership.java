package io.rseqlab.collector.oracle;

import io.rseqlab.collector.isa.SizeClasses;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Knows who owns every block: the memory oracle. A block is live between the end of malloc and the beginning of free,
 * and belongs to the strategy otherwise. Costs no simulated time.
 */
public final class Ownership {
    // ---- what can be added to
    static final int ALLOCATIONS = 0;
    static final int FREES = 1;
    static final int REMOTE_FREES = 2;

    private static final int UNKNOWN = -1;
    private static final int FREE = -2;
    /** Of the parts of a live block behind its first. */
    private static final int INSIDE = -3;

    private static final int MOST_VIOLATIONS = 20;
    private static final int MOST_SUPPRESSED = 1024;

    private final long heapBase;
    private final SizeClasses sizes;
    private final int granuleBytes;
    private int[] owner = new int[0];
    private int[] allocator = new int[0];
    private long[] since = new long[0];
    private final List<String> violations = new ArrayList<>();
    private final ArrayDeque<Suppressed> suppressed = new ArrayDeque<>();
    private Listener listener = (what, thread, block, cycle) -> {};
    private long violationCount;
    private int suppressedCount;
    private long live;
    private long peakLive;
    private long liveBytes;
    private long peakLiveBytes;
    private long allocations;
    private long frees;
    private long remoteFrees;

    /** An abort that fault injection withheld. */
    private record Suppressed(int number, int thread, String section, int offset, long cycle) {}

    /** Hears of violations as they happen. */
    @FunctionalInterface
    public interface Listener {
        /**
         * A thread was handed, or gave back, what it must not.
         *
         * @param what the kind of violation
         * @param thread the thread
         * @param block the block's address
         * @param cycle when
         */
        void violated(String what, int thread, long block, long cycle);
    }

    /**
     * @param heapBase where blocks begin
     * @param sizes sizes that blocks have
     */
    public Ownership(long heapBase, SizeClasses sizes) {
        this.heapBase = heapBase;
        this.sizes = sizes;
        this.granuleBytes = sizes.granuleBytes();
    }

    /** Tells a listener from now on. */
    public void listen(Listener newListener) {
        listener = newListener;
    }

    /**
     * A thread was handed a block.
     *
     * @param sizeClass the class that it asked for; of no meaning where there is but one
     */
    public void allocated(int thread, long block, int sizeClass, long cycle) {
        int index = index(block);
        if (index < 0) {
            listener.violated("wild block", thread, block, cycle);
            violate("wild block: malloc handed " + hex(block) + " to thread " + thread + ", which is no block", cycle);
            return;
        }
        if (owner[index] >= 0) {
            listener.violated("double allocation", thread, block, cycle);
            violate(
                    "double allocation: block " + hex(block) + " handed to thread " + thread + " while thread "
                            + owner[index] + " holds it since cycle " + since[index],
                    cycle);
            return;
        }
        owner[index] = thread;
        allocator[index] = thread;
        since[index] = cycle;
        int bytes = sizes.bytes(sizes.single() ? 0 : sizeClass);
        if (bytes > granuleBytes) {
            occupy(index, thread, block, bytes, cycle);
        }
        allocations++;
        live++;
        peakLive = Math.max(peakLive, live);
        liveBytes += bytes;
        peakLiveBytes = Math.max(peakLiveBytes, liveBytes);
    }

    /** A thread gives a block back; true if another thread had been handed it. */
    public boolean freed(int thread, long block, long cycle) {
        int index = index(block);
        boolean none = index < 0 || allocator[index] == INSIDE;
        if (none || owner[index] < 0) {
            String what = none ? "free of no block" : "double free";
            listener.violated(what, thread, block, cycle);
            violate(
                    what + (none ? ": " : ": block ") + hex(block) + " freed by thread "
                            + thread
                            + (index >= 0 && allocator[index] >= 0
                                    ? ", last handed to thread " + allocator[index]
                                    : ""),
                    cycle);
            return false;
        }
        owner[index] = FREE;
        since[index] = cycle;
        liveBytes -= (long) granuleBytes * vacate(index);
        frees++;
        live--;
        boolean remote = allocator[index] != thread;
        if (remote) {
            remoteFrees++;
        }
        return remote;
    }

    /** A strategy gives memory to its page heap, where it is no block of any size: none may be live. */
    public void givenBack(long address, long bytes, long cycle) {
        int from = (int) ((address - heapBase) / granuleBytes);
        int to = (int) Math.min(owner.length, (address + bytes - heapBase) / granuleBytes);
        for (int i = from; i < to; i++) {
            if (owner[i] >= 0) {
                long block = heapBase + (long) i * granuleBytes;
                listener.violated("live block given back", owner[i], block, cycle);
                violate(
                        "live block given back: " + hex(block) + ", which thread " + owner[i] + " holds since cycle "
                                + since[i] + ", lies in a span that goes to the page heap",
                        cycle);
                return;
            }
        }
        if (from < to) {
            Arrays.fill(owner, from, to, UNKNOWN);
            Arrays.fill(allocator, from, to, UNKNOWN);
        }
    }

    /** The rest of a block that is larger than a granule is its holder's, too. */
    private void occupy(int index, int thread, long block, int bytes, long cycle) {
        int end = index + bytes / granuleBytes;
        index(heapBase + (long) (end - 1) * granuleBytes);
        for (int i = index + 1; i < end; i++) {
            if (owner[i] >= 0) {
                listener.violated("overlap", thread, block, cycle);
                violate(
                        "overlap: block " + hex(block) + " of " + bytes + " bytes handed to thread " + thread
                                + " reaches into what thread " + owner[i] + " holds",
                        cycle);
                return;
            }
            owner[i] = thread;
            allocator[i] = INSIDE;
        }
    }

    /** How many granules the block at an index has. */
    private int vacate(int index) {
        int i = index + 1;
        for (; i < owner.length && allocator[i] == INSIDE && owner[i] >= 0; i++) {
            owner[i] = UNKNOWN;
            allocator[i] = UNKNOWN;
        }
        return i - index;
    }

    /** Fault injection kept the kernel from aborting an attempt. */
    public void suppressed(int thread, String section, int offset, long cycle) {
        suppressed.addLast(new Suppressed(++suppressedCount, thread, section, offset, cycle));
        if (suppressed.size() > MOST_SUPPRESSED) {
            suppressed.removeFirst();
        }
    }

    /** Something is not as it must be; the most recent suppressed abort is named with it. */
    public void violate(String what, long cycle) {
        violationCount++;
        if (violations.size() < MOST_VIOLATIONS) {
            violations.add(what + ", at cycle " + cycle + lastSuppressed(cycle));
        }
    }

    private String lastSuppressed(long cycle) {
        for (var recent = suppressed.descendingIterator(); recent.hasNext(); ) {
            Suppressed one = recent.next();
            if (one.cycle <= cycle) {
                return "; last suppressed abort: thread " + one.thread + " in section " + one.section + " at offset "
                        + one.offset + ", cycle " + one.cycle + " (" + one.number + " suppressed so far)";
            }
        }
        return "";
    }

    /** Holds the free blocks that a strategy enumerates against the books; {@link #finish} says what is missing. */
    public final class Audit {
        private boolean[] seen = new boolean[owner.length];
        private final long cycle;
        private long found;

        private Audit(long cycle) {
            this.cycle = cycle;
        }

        /** The strategy holds a free block. */
        public void visit(long block, String place) {
            found++;
            int index = index(block);
            if (index < 0) {
                violate("wild block: " + hex(block) + " lies free in " + place + " but is no block", cycle);
                return;
            }
            if (index >= seen.length) {
                seen = Arrays.copyOf(seen, owner.length);
            }
            if (seen[index]) {
                violate("block listed twice: " + hex(block) + " lies free in " + place + " and elsewhere", cycle);
            } else if (owner[index] >= 0) {
                violate(
                        "live block listed: " + hex(block) + " lies free in " + place + " while thread " + owner[index]
                                + " holds it since cycle " + since[index],
                        cycle);
            }
            seen[index] = true;
        }

        /** Every block that was ever freed and is not live must have been seen. */
        public void finish() {
            for (int index = 0; index < owner.length; index++) {
                if (owner[index] == FREE && (index >= seen.length || !seen[index])) {
                    violate(
                            "lost block: " + hex(heapBase + (long) index * granuleBytes) + ", freed at cycle "
                                    + since[index] + " and last handed to thread " + allocator[index]
                                    + ", is on no list",
                            cycle);
                }
            }
            if (allocations - frees != live) {
                violate(
                        "books: " + allocations + " allocated less " + frees + " freed is not " + live + " live",
                        cycle);
            }
        }

        /** Free blocks seen. */
        public long found() {
            return found;
        }
    }

    /** Begins an audit. */
    public Audit audit(long cycle) {
        return new Audit(cycle);
    }

    private int index(long block) {
        long offset = block - heapBase;
        if (offset < 0 || offset % granuleBytes != 0 || offset / granuleBytes > 1 << 28) {
            return -1;
        }
        int index = (int) (offset / granuleBytes);
        if (index >= owner.length) {
            int old = owner.length;
            int size = Math.max(index + 1, Math.max(1024, old + old / 2));
            owner = Arrays.copyOf(owner, size);
            allocator = Arrays.copyOf(allocator, size);
            since = Arrays.copyOf(since, size);
            Arrays.fill(owner, old, size, UNKNOWN);
            Arrays.fill(allocator, old, size, UNKNOWN);
        }
        return index;
    }

    /** Adds to a count; allocations and frees in equal numbers, so that as many blocks are live as before. */
    void add(int kind, long value) {
        switch (kind) {
            case ALLOCATIONS -> allocations += value;
            case FREES -> frees += value;
            default -> remoteFrees += value;
        }
    }

    /** Blocks last changed hands so much later. */
    void later(long[] blocks, long cycles) {
        for (long block : blocks) {
            since[index(block)] += cycles;
        }
    }

    /** True if some thread holds the block. */
    public boolean isLive(long block) {
        int index = index(block);
        return index >= 0 && owner[index] >= 0;
    }

    static String hex(long address) {
        return "0x" + Long.toHexString(address);
    }

    /** The first violations, in words. */
    public List<String> violations() {
        return violations;
    }

    /** How many there are. */
    public long violationCount() {
        return violationCount;
    }

    public int suppressedAborts() {
        return suppressedCount;
    }

    public long live() {
        return live;
    }

    public long peakLive() {
        return peakLive;
    }

    /** True if the most blocks and bytes live at once stay what they are when so many blocks more are live. */
    boolean below(long rise) {
        int most = sizes.bytes(sizes.count() - 1);
        return live + rise <= peakLive && (sizes.single() || liveBytes + rise * most <= peakLiveBytes);
    }

    /** Most bytes live at once, sizes rounded up to classes. */
    public long peakLiveBytes() {
        return peakLiveBytes;
    }

    public long allocations() {
        return allocations;
    }

    public long frees() {
        return frees;
    }

    public long remoteFrees() {
        return remoteFrees;
    }
}
