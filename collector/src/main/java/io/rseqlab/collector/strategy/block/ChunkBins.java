package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.HashMap;
import java.util.Map;

/**
 * The bins of {@link ArenaChunks}: lists of free chunks by size, one for each size below 1 KiB, then for ranges that
 * grow with the size; a bit for each bin says where a chunk may be, and is cleared when none is found there. The chunk
 * is in CHUNK, its bytes in SIZE.
 *
 * <p>Source: glibc {@code malloc.c} (bin_index, binmap). There a bin of a range is in order of size; here the first
 * chunk of it that is large enough is taken, the last that came.
 */
final class ChunkBins {
    /** A bin per size up to here. */
    static final int SMALL_BYTES = 1 << 10;

    private static final int SMALL_SHIFT = 5;
    /** Of ranges: their bytes as a shift, the last number by that, what makes it a bin's. */
    private static final int[][] RANGES = {{6, 48, 16}, {9, 20, 59}, {12, 10, 78}, {15, 4, 88}, {18, 2, 93}};

    private static final int LAST = 96;
    private static final int WORD_SHIFT = 6;
    private static final int HEADS = 16;
    static final int BYTES = HEADS + 8 * (LAST + 1);

    private static final int CHUNK = Chunks.CHUNK;
    private static final int SIZE = Chunks.SIZE;
    private static final int SCRATCH = Reg.T8;
    private static final int OTHER = Reg.T12;

    private final BitTables tables;
    private final int arena;
    private final int map;
    private final int heads;

    /**
     * @param arena register with an arena's address
     * @param offset where its bins lie from there
     */
    ChunkBins(Layout layout, int arena, int offset) {
        tables = new BitTables(layout);
        this.arena = arena;
        map = offset;
        heads = offset + HEADS;
    }

    /** rd = the bin for so many bytes. */
    private static void number(Assembler a, int rd, int bytes, int temporary) {
        Assembler.Label done = a.label();
        a.shri(rd, bytes, SMALL_SHIFT);
        a.li(temporary, SMALL_BYTES >> SMALL_SHIFT);
        a.blt(rd, temporary, done);
        for (int[] range : RANGES) {
            Assembler.Label more = a.label();
            a.shri(rd, bytes, range[0]);
            a.li(temporary, range[1] + 1);
            a.bge(rd, temporary, more);
            a.addi(rd, rd, range[2]);
            a.jmp(done);
            a.place(more);
        }
        a.li(rd, LAST);
        a.place(done);
    }

    private static int number(long bytes) {
        if (bytes < SMALL_BYTES) {
            return (int) bytes >> SMALL_SHIFT;
        }
        for (int[] range : RANGES) {
            if (bytes >> range[0] <= range[1]) {
                return (int) (bytes >> range[0]) + range[2];
            }
        }
        return LAST;
    }

    /** CHUNK, of SIZE bytes, is free, and comes into its bin. Changes A0 to A2. */
    void free(Assembler a) {
        Chunks.free(a);
        link(a);
    }

    /** CHUNK comes into its bin. Changes A0 to A2. */
    private void link(Assembler a) {
        Assembler.Label alone = a.label();
        number(a, Reg.A0, SIZE, Reg.A1);
        a.shli(Reg.A1, Reg.A0, 3);
        a.add(Reg.A1, Reg.A1, arena);
        a.addi(Reg.A1, Reg.A1, heads);
        a.ld64(Reg.A2, Reg.A1, 0);
        a.st64(CHUNK, Chunks.NEXT, Reg.A2);
        a.beqz(Reg.A2, alone);
        a.st64(Reg.A2, Chunks.POINTER, CHUNK);
        a.place(alone);
        a.st64(CHUNK, Chunks.POINTER, Reg.A1);
        a.st64(Reg.A1, 0, CHUNK);
        word(a, Reg.A1, Reg.A0);
        a.ld64(Reg.A2, Reg.A1, map);
        a.or(Reg.A2, Reg.A2, Reg.A0);
        a.st64(Reg.A1, map, Reg.A2);
    }

    /** word = where the bin's bit lies from; bin = the bit. */
    private void word(Assembler a, int word, int bin) {
        a.shri(word, bin, WORD_SHIFT);
        a.shli(word, word, 3);
        a.add(word, word, arena);
        a.andi(bin, bin, Long.SIZE - 1);
        tables.bit(a, bin);
    }

    /** CHUNK = a chunk of just so many bytes, fewer than 1 KiB; falls through if there is none. Changes A0. */
    void exact(Assembler a, int bytes, Assembler.Label found) {
        a.shri(Reg.A0, bytes, SMALL_SHIFT);
        a.shli(Reg.A0, Reg.A0, 3);
        a.add(Reg.A0, Reg.A0, arena);
        a.ld64(CHUNK, Reg.A0, heads);
        a.bnez(CHUNK, found);
    }

    /** CHUNK = a chunk of so many bytes or more; falls through if there is none. Changes A0 to A2, T8 and T12. */
    void find(Assembler a, int bytes, Assembler.Label found) {
        Assembler.Label higher = a.label();
        Assembler.Label none = a.label();
        Assembler.Label some = a.label();
        number(a, Reg.A0, bytes, Reg.A1);
        a.shli(Reg.A1, Reg.A0, 3);
        a.add(Reg.A1, Reg.A1, arena);
        a.ld64(CHUNK, Reg.A1, heads);
        Assembler.Label scan = a.here();
        a.beqz(CHUNK, higher);
        Chunks.size(a, SIZE, CHUNK);
        a.bge(SIZE, bytes, found);
        a.ld64(CHUNK, CHUNK, Chunks.NEXT);
        a.jmp(scan);

        a.place(higher);
        word(a, Reg.A1, Reg.A0);
        a.add(Reg.A0, Reg.A0, Reg.A0);
        a.sub(Reg.A0, Reg.ZERO, Reg.A0);
        a.ld64(Reg.A2, Reg.A1, map);
        a.and(Reg.A2, Reg.A2, Reg.A0);
        Assembler.Label word = a.here();
        a.bnez(Reg.A2, some);
        a.addi(OTHER, arena, 8);
        a.beq(Reg.A1, OTHER, none);
        a.mov(Reg.A1, OTHER);
        a.ld64(Reg.A2, Reg.A1, map);
        a.jmp(word);
        a.place(some);
        BitTables.lowest(a, Reg.A0, Reg.A2);
        a.xor(Reg.A2, Reg.A2, Reg.A0);
        first(a, found);
        a.jmp(word);
        a.place(none);
    }

    /** The first chunk of the bin whose bit is in A0, of the word at A1; if there is none the bit is cleared. */
    private void first(Assembler a, Assembler.Label found) {
        Assembler.Label empty = a.label();
        a.mov(SIZE, Reg.A0);
        BitTables.sequence(a, SCRATCH);
        tables.number(a, SIZE, SCRATCH);
        a.shli(SIZE, SIZE, 3);
        a.add(SIZE, SIZE, arena);
        a.sub(OTHER, Reg.A1, arena);
        a.shli(OTHER, OTHER, WORD_SHIFT);
        a.add(SIZE, SIZE, OTHER);
        a.ld64(CHUNK, SIZE, heads);
        a.beqz(CHUNK, empty);
        Chunks.size(a, SIZE, CHUNK);
        a.jmp(found);
        a.place(empty);
        a.ld64(OTHER, Reg.A1, map);
        a.xor(OTHER, OTHER, Reg.A0);
        a.st64(Reg.A1, map, OTHER);
    }

    // ---- audit

    /** The bytes of all chunks of an arena's bins, as far as the lists are whole and the bins the right ones. */
    Map<Long, Long> all(MemoryView memory, long arenaAddress) {
        Map<Long, Long> found = new HashMap<>();
        for (int bin = 0; bin <= LAST; bin++) {
            long pointer = arenaAddress + heads + 8L * bin;
            long bits = memory.read64(arenaAddress + map + (bin >> WORD_SHIFT << 3));
            long chunk = memory.read64(pointer);
            while (chunk != 0 && memory.read64(chunk + Chunks.POINTER) == pointer && (bits >>> bin & 1) != 0) {
                long bytes = memory.read64(chunk + Chunks.HEAD) >>> Chunks.SIZE_SHIFT & Chunks.SIZE_MASK;
                if (number(bytes) == bin) {
                    found.put(chunk, bytes);
                }
                pointer = chunk + Chunks.NEXT;
                chunk = memory.read64(pointer);
            }
        }
        return found;
    }
}
