package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.MemoryView;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;

/**
 * Words that say what a slab is, two lines each, apart from the slab: a heap cuts them from pages of their own, keeps
 * those whose slab went back for the next one, and forgets none. They lie behind the lock of the heap that has them.
 *
 * <p>Source: jemalloc {@code edata_cache.c}, snmalloc 0.7 {@code backend/backend.h} (get_metadata_pool).
 */
final class Descriptors {
    /** Bytes of a descriptor. */
    static final int BYTES = 2 * Layout.LINE;

    private static final int AT_ONCE = 4096;

    // ---- of a heap: the first that is not used, what is not cut yet, the one that was cut last
    private static final int UNUSED = 0;
    private static final int FRESH = 8;
    private static final int END = 16;
    private static final int LATEST = 24;

    private final int words;
    private final int next;
    private final int before;

    /**
     * Where words lie.
     *
     * @param words of a heap: four of them, at first 0
     * @param next in a descriptor that is not used: the next one; else the strategy's
     * @param before in a descriptor: the one that was cut before
     */
    Descriptors(int words, int next, int before) {
        this.words = words;
        this.next = next;
        this.before = before;
    }

    /**
     * rd = a descriptor, whose words are as the strategy has left them, at first 0. Changes A0 too.
     *
     * @param heap register with the heap's address
     * @param ifCut writes what is done besides where a descriptor is cut
     */
    void take(Assembler a, int heap, int rd, int scratch, Runnable ifCut) {
        Assembler.Label cut = a.label();
        Assembler.Label fits = a.label();
        Assembler.Label taken = a.label();
        a.ld64(rd, heap, words + UNUSED);
        a.beqz(rd, cut);
        a.ld64(scratch, rd, next);
        a.st64(heap, words + UNUSED, scratch);
        a.jmp(taken);
        a.place(cut);
        a.ld64(rd, heap, words + FRESH);
        a.ld64(scratch, heap, words + END);
        a.bne(rd, scratch, fits);
        a.li(Reg.A0, AT_ONCE);
        a.host(HostCall.HOST_SPAN);
        a.mov(rd, Reg.A0);
        a.addi(scratch, Reg.A0, AT_ONCE);
        a.st64(heap, words + END, scratch);
        a.place(fits);
        a.addi(scratch, rd, BYTES);
        a.st64(heap, words + FRESH, scratch);
        a.ld64(scratch, heap, words + LATEST);
        a.st64(rd, before, scratch);
        a.st64(heap, words + LATEST, rd);
        ifCut.run();
        a.place(taken);
    }

    /** A descriptor is not used any more. */
    void give(Assembler a, int heap, int descriptor, int scratch) {
        a.ld64(scratch, heap, words + UNUSED);
        a.st64(descriptor, next, scratch);
        a.st64(heap, words + UNUSED, descriptor);
    }

    // ---- audit

    /** All descriptors of a heap, used or not. */
    List<Long> all(MemoryView memory, long heap) {
        List<Long> found = new ArrayList<>();
        for (long one = memory.read64(heap + words + LATEST); one != 0; one = memory.read64(one + before)) {
            found.add(one);
        }
        return found;
    }
}
