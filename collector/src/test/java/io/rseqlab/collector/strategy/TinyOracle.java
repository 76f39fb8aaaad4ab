package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.strategy.block.NodeLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Checks, from the marks alone, that no block has two owners and that every attempt of a section ends in one way. */
final class TinyOracle {
    /** Something that must not happen. */
    static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Violation(String message) {
            super(message);
        }
    }

    private static final int NONE = -1;
    /**
     * A word of every block that strategies leave alone while it is live, and what stands there until it is touched.
     */
    private static final int TOUCHED = 24;

    private static final long UNTOUCHED = 0x0123_4567_89ab_cdefL;

    /** Where blocks lie; null where nobody looks whether the application touches them. */
    TinyMachine memory;

    /** Where blocks lie. */
    TinyMachine blocks;

    /** Owner of every live block. */
    final Map<Long, Integer> owners = new HashMap<>();
    /** How many blocks had been handed out when every live block was. */
    private final Map<Long, Long> born = new HashMap<>();
    /** How many were handed out during the life of each block that was freed. */
    final List<Long> lives = new ArrayList<>();
    /** Where every live block ends, in ascending order of blocks. */
    private final TreeMap<Long, Long> ends = new TreeMap<>();

    private final SizeClasses sizes;
    /** Every block ever handed out. */
    final Set<Long> known = new HashSet<>();

    final long[] counts = new long[Mark.COUNT_KINDS];
    final long[] exits = new long[4];
    final long[] tiers = new long[3];
    long workDone;
    long attempts;
    long commits;
    long aborts;
    long mallocs;
    long frees;
    long foreignFrees;
    long spansGivenBack;

    private final List<Integer> attempting = new ArrayList<>();
    private final List<Integer> inOperation = new ArrayList<>();
    private final List<Integer> tier = new ArrayList<>();

    private final List<Integer> asked = new ArrayList<>();

    TinyOracle(SizeClasses sizes) {
        this.sizes = sizes;
    }

    void addThread() {
        asked.add(0);
        attempting.add(NONE);
        inOperation.add(NONE);
        tier.add(0);
    }

    void mark(int thread, int kind, int argument, long value, long block) {
        switch (kind) {
            case Mark.OP_BEGIN -> begin(thread, argument, block);
            case Mark.OP_END -> end(thread, argument, block);
            case Mark.TIER -> tier.set(thread, Math.max(tier.get(thread), argument));
            case Mark.ATTEMPT -> {
                expect(attempting.get(thread) == NONE, "an attempt began inside another");
                attempting.set(thread, argument);
                attempts++;
            }
            case Mark.COMMIT -> {
                leave(thread, argument);
                commits++;
            }
            case Mark.EXIT -> {
                leave(thread, argument & 0xff);
                exits[argument >> 8]++;
            }
            case Mark.COUNT -> {
                expect(value > 0 || value == 0 && argument == Mark.COUNT_FLUSH_SHORT, "a count of " + value);
                counts[argument] += value;
            }
            case Mark.ONCE -> counts[argument]++;
            case Mark.CHAIN -> {
                for (long at = value; at != 0; at = blocks.read64(at + NodeLayout.NEXT)) {
                    counts[argument]++;
                }
            }
            case Mark.WORK_DONE -> workDone += value;
            case Mark.REQUEST_DONE, Mark.TRANSACTION -> {}
            default -> throw new Violation("mark of kind " + kind);
        }
    }

    void aborted(int thread, int section) {
        leave(thread, section);
        aborts++;
    }

    private void leave(int thread, int section) {
        expect(attempting.get(thread) == section, "section " + section + " was left but not entered");
        attempting.set(thread, NONE);
    }

    private void begin(int thread, int operation, long block) {
        expect(inOperation.get(thread) == NONE, "an operation began inside another");
        inOperation.set(thread, operation);
        tier.set(thread, 0);
        asked.set(thread, sizes.single() ? 0 : (int) block);
        if (operation == Mark.FREE) {
            expect(
                    memory == null || memory.read64(block + TOUCHED) != UNTOUCHED,
                    name(block) + " is freed though the application never wrote to it");
            frees++;
            ends.remove(block);
            lives.add(mallocs - born.getOrDefault(block, mallocs));
            foreignFrees += owners.containsKey(block) && owners.get(block) != thread ? 1 : 0;
            expect(owners.remove(block) != null, name(block) + " freed by thread " + thread + " is not live");
        }
    }

    private void end(int thread, int operation, long block) {
        expect(inOperation.get(thread) == operation, "an operation ended that had not begun");
        expect(attempting.get(thread) == NONE, "an operation ended inside a section");
        inOperation.set(thread, NONE);
        tiers[tier.get(thread)]++;
        if (operation == Mark.MALLOC) {
            mallocs++;
            expect(block != 0 && block % sizes.granuleBytes() == 0, name(block) + " cannot be a block");
            Integer before = owners.put(block, thread);
            expect(
                    before == null,
                    name(block) + " given to thread " + thread + " is live: thread " + before + " has it");
            known.add(block);
            born.put(block, mallocs);
            if (memory != null) {
                memory.write64(block + TOUCHED, UNTOUCHED);
            }
            occupy(block, block + sizes.bytes(asked.get(thread)));
        }
    }

    /** What was a block there is none any more; no live one may lie there. */
    void givenBack(long from, long to) {
        Long last = ends.lowerKey(to);
        expect(last == null || ends.get(last) <= from, "a span goes to the page heap with a live block");
        known.removeIf(block -> block >= from && block < to);
        spansGivenBack++;
    }

    private void occupy(long block, long end) {
        Map.Entry<Long, Long> below = ends.floorEntry(block);
        Long above = ends.higherKey(block);
        expect(below == null || below.getValue() <= block, name(block) + " lies inside a live block");
        expect(above == null || above >= end, name(block) + " reaches into a live block");
        ends.put(block, end);
    }

    /** malloc or free, whichever the thread is in; -1 if neither. */
    int operation(int thread) {
        return inOperation.get(thread);
    }

    /** Bytes of a block of a size. */
    int bytes(int sizeClass) {
        return sizes.bytes(sizeClass);
    }

    boolean insideOperation(int thread) {
        return inOperation.get(thread) != NONE;
    }

    private static String name(long block) {
        return "block 0x" + Long.toHexString(block);
    }

    static void expect(boolean condition, String message) {
        if (!condition) {
            throw new Violation(message);
        }
    }
}
