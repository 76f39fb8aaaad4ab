package io.rseqlab.collector.oracle;

import io.rseqlab.collector.machine.MarkJournal;
import io.rseqlab.collector.machine.ThreadContext;
import java.util.Arrays;

/** What one period of a core's work added to the books: sums by place, and the blocks that changed hands. */
final class BooksJournal implements MarkJournal {
    private static final int KIND_SHIFT = 40;
    private static final long FREE = -1;

    private final OperationBooks books;
    private final Ownership ownership;
    private final ThreadContext thread;
    private final int core;
    private final int version;
    private final long violations;
    private boolean once;
    private boolean closed;

    // ---- sums, as a hash table
    private long[] keys = new long[256];
    private long[] sums = new long[256];
    private int entries;

    // ---- blocks, with the net number of live ones
    private long[] blocks = new long[1024];
    private int blockCount;
    private final long liveBefore;
    private long most;

    BooksJournal(OperationBooks books, Ownership ownership, ThreadContext thread, int core, int version) {
        this.books = books;
        this.ownership = ownership;
        this.thread = thread;
        this.core = core;
        this.version = version;
        violations = ownership == null ? 0 : ownership.violationCount();
        liveBefore = books.netOf(thread.id);
        most = liveBefore;
        Arrays.fill(keys, FREE);
    }

    void add(int kind, int index, long value) {
        long key = (long) kind << KIND_SHIFT | index;
        int mask = keys.length - 1;
        int at = place(key);
        if (keys[at] == FREE) {
            keys[at] = key;
            if (2 * ++entries > mask) {
                grow();
                at = place(key);
            }
        }
        sums[at] += value;
    }

    private int place(long key) {
        int mask = keys.length - 1;
        int at = (int) (key * 0x9e3779b97f4a7c15L >>> 40) & mask;
        while (keys[at] != FREE && keys[at] != key) {
            at = at + 1 & mask;
        }
        return at;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldSums = sums;
        keys = new long[2 * oldKeys.length];
        sums = new long[keys.length];
        Arrays.fill(keys, FREE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != FREE) {
                int at = place(oldKeys[i]);
                keys[at] = oldKeys[i];
                sums[at] = oldSums[i];
            }
        }
    }

    /** A block was handed out or taken back; {@code net} is what the thread holds then. */
    void block(long block, long net) {
        if (blockCount == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * blockCount);
        }
        blocks[blockCount++] = block;
        most = Math.max(most, net);
    }

    /** What was noted is a row of the trace, or else happens but once. */
    void happensOnce() {
        once = true;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        books.stopNoting(core, this);
        if (ownership == null) {
            blockCount = 0;
        }
        blocks = Arrays.stream(blocks, 0, blockCount).sorted().distinct().toArray();
        once |= books.netOf(thread.id) != liveBefore;
        once |= ownership != null && ownership.violationCount() != violations;
    }

    @Override
    public boolean repeats() {
        return !once && version == books.version();
    }

    @Override
    public long rise() {
        return most - books.netOf(thread.id);
    }

    @Override
    public void repeat(long times, long cycles) {
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] != FREE) {
                books.add((int) (keys[i] >>> KIND_SHIFT), (int) keys[i], times * sums[i]);
            }
        }
        books.later(thread, cycles);
        if (ownership != null) {
            ownership.later(blocks, cycles);
        }
    }
}
