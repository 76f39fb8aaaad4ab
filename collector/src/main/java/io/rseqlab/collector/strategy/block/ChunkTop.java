package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * Where arenas of {@link ArenaChunks} have their memory from, and how it becomes whole again: a chunk that comes back
 * is joined with its neighbours or the top. The top chunk grows by 128 KiB, or begins anew where that lies elsewhere,
 * and a fence ends what was before; where it has too much the system gets all but 128 KiB. Large blocks are runs of
 * pages. The arena's address is in T7.
 *
 * <p>Source: glibc {@code malloc.c} (_int_free_merge_chunk, sysmalloc, systrim), {@code arena.c} (heap_trim).
 */
final class ChunkTop {
    /** DEFAULT_TOP_PAD, and DEFAULT_MMAP_THRESHOLD. */
    static final int PIECE_BYTES = 128 << 10;
    /** Address space for all arenas at first, in equal parts; real heaps are 64 MiB. */
    private static final long ALL_BYTES = 32 << 20;

    private static final long MOST_RESERVE_BYTES = 16 << 20;
    private static final long LEAST_RESERVE_BYTES = 256 << 10;

    // ---- an arena's words behind its lock
    static final int TOP = FutexMutex.BYTES;
    static final int END = TOP + 8;
    private static final int NUMBER = TOP + 16;
    private static final int LARGE_NUMBER = TOP + 24;
    /** Where the memory begins that the top lies in, and where the first did. */
    private static final int AREA = TOP + 32;

    static final int FIRST = TOP + 40;
    static final int PIECES = TOP + 48;
    static final int LARGE = TOP + 56;
    static final int REST = TOP + 64;

    private static final int PIECE = Reg.T5;
    private static final int ARENA = Reg.T6;
    private static final int BIN = Reg.T7;
    private static final int BEHIND = Reg.T8;
    private static final int SIZE = Chunks.SIZE;
    private static final int CHUNK = Chunks.CHUNK;
    private static final int OTHER = Reg.T12;

    private final ChunkBins bins;
    private final int arenas;
    private final long trim;
    private final long reserve;

    /** @param trim so many bytes of the top, beyond 128 KiB, make it give all but these to the system; 0: never */
    ChunkTop(ChunkBins bins, int arenas, long trim) {
        this.bins = bins;
        this.arenas = arenas;
        this.trim = trim;
        long share = Long.highestOneBit(ALL_BYTES / arenas);
        reserve = Math.max(LEAST_RESERVE_BYTES, Math.min(MOST_RESERVE_BYTES, share));
    }

    void layOut(Layout layout, long arena, int number) {
        layout.word(arena + NUMBER, number);
        layout.word(arena + LARGE_NUMBER, arenas + number);
    }

    /** Subroutine: CHUNK, which was used, is free, and SIZE what it is a part of then. */
    void emitJoin(Assembler a) {
        Assembler.Label usedBefore = a.label();
        Assembler.Label freeBehind = a.label();
        Assembler.Label whole = a.label();
        Assembler.Label top = a.label();
        a.ld64(Reg.A1, CHUNK, Chunks.HEAD);
        a.shri(Reg.A1, Reg.A1, Chunks.SIZE_SHIFT);
        a.andi(OTHER, Reg.A1, Chunks.PREVIOUS_FREE);
        a.andi(SIZE, Reg.A1, Chunks.SIZE_MASK);
        a.mov(Reg.A0, CHUNK);
        a.mov(Reg.A1, SIZE);
        a.host(HostCall.HOST_IDLE);
        a.beqz(OTHER, usedBefore);
        a.ld64(OTHER, CHUNK, -8);
        a.sub(CHUNK, CHUNK, OTHER);
        a.add(SIZE, SIZE, OTHER);
        Chunks.unlink(a, CHUNK);
        a.place(usedBefore);
        a.add(OTHER, CHUNK, SIZE);
        a.ld64(Reg.A1, BIN, TOP);
        a.beq(OTHER, Reg.A1, top);
        a.ld64(Reg.A1, OTHER, Chunks.HEAD);
        a.shri(BEHIND, Reg.A1, Chunks.SIZE_SHIFT);
        a.andi(Reg.A0, BEHIND, Chunks.FREE);
        a.bnez(Reg.A0, freeBehind);
        a.li(Reg.A0, (long) Chunks.PREVIOUS_FREE << Chunks.SIZE_SHIFT);
        a.or(Reg.A1, Reg.A1, Reg.A0);
        a.st64(OTHER, Chunks.HEAD, Reg.A1);
        a.place(whole);
        bins.free(a);
        a.ret(Reg.T13);
        a.place(freeBehind);
        a.andi(BEHIND, BEHIND, Chunks.SIZE_MASK);
        a.add(SIZE, SIZE, BEHIND);
        Chunks.unlink(a, OTHER);
        a.jmp(whole);
        a.place(top);
        a.st64(BIN, TOP, CHUNK);
        a.ld64(SIZE, BIN, END);
        a.sub(SIZE, SIZE, CHUNK);
        a.ret(Reg.T13);
    }

    /** 128 KiB more for the top, or a new one, if they lie elsewhere. */
    void grow(Assembler a) {
        Assembler.Label extended = a.label();
        Assembler.Label first = a.label();
        Assembler.Label begun = a.label();
        a.li(Reg.A0, PIECE_BYTES);
        a.ld64(Reg.A1, BIN, NUMBER);
        a.li(Reg.A2, reserve);
        a.host(HostCall.HOST_RUN);
        a.li(Reg.A1, PIECE_BYTES);
        a.host(HostCall.HOST_IDLE);
        a.mov(PIECE, Reg.A0);
        add(a, PIECES, 1);
        a.ld64(Reg.A1, BIN, END);
        a.beq(Reg.A1, PIECE, extended);
        a.beqz(Reg.A1, first);
        retire(a);
        a.jmp(begun);
        a.place(first);
        a.st64(BIN, FIRST, PIECE);
        a.place(begun);
        a.st64(BIN, TOP, PIECE);
        a.st64(BIN, AREA, PIECE);
        a.mov(Reg.A1, PIECE);
        a.place(extended);
        a.addi(Reg.A1, Reg.A1, PIECE_BYTES);
        a.st64(BIN, END, Reg.A1);
    }

    /** What the top has is a free chunk, and the end of it, which A1 is, a fence; the arena goes on at PIECE. */
    private void retire(Assembler a) {
        Assembler.Label none = a.label();
        a.addi(OTHER, Reg.A1, -Chunks.LEAST_BYTES);
        a.mov(Reg.A0, OTHER);
        a.li(Reg.A1, Chunks.LEAST_BYTES);
        a.host(HostCall.HOST_IDLE_USE);
        a.st64(OTHER, Chunks.NEXT, PIECE);
        a.ld64(CHUNK, BIN, TOP);
        a.sub(SIZE, OTHER, CHUNK);
        fence(a, 0);
        a.beqz(SIZE, none);
        fence(a, Chunks.PREVIOUS_FREE);
        bins.free(a);
        a.place(none);
    }

    private static void fence(Assembler a, int flag) {
        a.li(Reg.A0, (long) (Chunks.LEAST_BYTES | Chunks.FENCE | flag) << Chunks.SIZE_SHIFT);
        a.st64(OTHER, Chunks.HEAD, Reg.A0);
    }

    /** CHUNK = so many bytes of pages, if these are large. */
    void takeLarge(Assembler a, int wanted, Assembler.Label got) {
        Assembler.Label small = a.label();
        a.li(Reg.A0, PIECE_BYTES);
        a.blt(wanted, Reg.A0, small);
        a.mov(Reg.A0, wanted);
        a.ld64(Reg.A1, BIN, LARGE_NUMBER);
        a.li(Reg.A2, reserve);
        a.host(HostCall.HOST_RUN);
        a.mov(CHUNK, Reg.A0);
        Chunks.use(a, wanted, ARENA, Chunks.LARGE);
        add(a, LARGE, 1);
        a.jmp(got);
        a.place(small);
    }

    /** A block that is a run of pages goes back. */
    void giveLarge(Assembler a, int block, Assembler.Label seen) {
        Assembler.Label small = a.label();
        a.ld64(Reg.A1, block, Chunks.HEAD);
        a.shri(Reg.A1, Reg.A1, Chunks.SIZE_SHIFT);
        a.andi(Reg.A0, Reg.A1, Chunks.LARGE);
        a.beqz(Reg.A0, small);
        a.andi(Reg.A1, Reg.A1, Chunks.SIZE_MASK);
        a.mov(Reg.A0, block);
        a.ld64(Reg.A2, BIN, LARGE_NUMBER);
        a.host(HostCall.HOST_RUN_BACK);
        add(a, LARGE, -1);
        a.jmp(seen);
        a.place(small);
    }

    /** Where the top is too large, the system gets its pieces of 128 KiB but one and what is less than one. */
    void trim(Assembler a, Assembler.Label enough) {
        if (trim == 0) {
            return;
        }
        Assembler.Label last = a.label();
        a.ld64(CHUNK, BIN, TOP);
        a.ld64(Reg.A0, BIN, END);
        a.sub(SIZE, Reg.A0, CHUNK);
        a.li(Reg.A1, trim + PIECE_BYTES);
        a.blt(SIZE, Reg.A1, enough);
        Assembler.Label next = a.here();
        a.ld64(Reg.A0, BIN, END);
        a.addi(Reg.A0, Reg.A0, -PIECE_BYTES);
        a.ld64(Reg.A1, BIN, AREA);
        a.blt(Reg.A0, Reg.A1, last);
        a.sub(SIZE, Reg.A0, CHUNK);
        a.li(Reg.A1, PIECE_BYTES);
        a.blt(SIZE, Reg.A1, last);
        a.st64(BIN, END, Reg.A0);
        a.host(HostCall.HOST_IDLE_USE);
        a.ld64(Reg.A2, BIN, NUMBER);
        a.host(HostCall.HOST_RUN_BACK);
        add(a, PIECES, -1);
        a.jmp(next);
        a.place(last);
        a.ld64(Reg.A0, BIN, NUMBER);
        a.li(Reg.A1, 0);
        a.host(HostCall.HOST_RUN_DECAY);
    }

    private static void add(Assembler a, int word, int by) {
        a.ld64(Reg.A0, BIN, word);
        a.addi(Reg.A0, Reg.A0, by);
        a.st64(BIN, word, Reg.A0);
    }
}
