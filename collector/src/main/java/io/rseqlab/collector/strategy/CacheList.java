package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;

/**
 * A cache of {@link ThreadCaches} that is a list with a count and, if wanted, a key in each of its blocks.
 *
 * <p>Source: glibc {@code malloc.c}, tcache_put and tcache_get.
 */
final class CacheList {
    static final int LENGTH = 8;
    private static final long TCACHE_KEY = 0x5ca1ab1e_0ddba11L;

    private static final int CACHE = ThreadCaches.CACHE;
    private static final int HEAD = Reg.T1;
    private static final int NUMBER = Reg.T2;
    private static final int SCRATCH = ThreadCaches.SCRATCH;

    private final boolean key;

    /** @param key blocks carry a mark against double free */
    CacheList(boolean key) {
        this.key = key;
    }

    void pop(Assembler a, Assembler.Label none) {
        a.ld64(Reg.A0, CACHE, ThreadCaches.TOP);
        a.beqz(Reg.A0, none);
        a.ld64(HEAD, Reg.A0, NodeLayout.NEXT);
        a.st64(CACHE, ThreadCaches.TOP, HEAD);
        a.ld64(NUMBER, CACHE, LENGTH);
        a.addi(NUMBER, NUMBER, -1);
        a.st64(CACHE, LENGTH, NUMBER);
        if (key) {
            a.st64(Reg.A0, NodeLayout.DEPTH, Reg.ZERO);
        }
    }

    /** The key of the block in A0 is looked for; what a search would say is known. */
    void check(Assembler a, Cold cold) {
        if (!key) {
            return;
        }
        Assembler.Label suspicious = a.label();
        Assembler.Label innocent = a.label();
        a.ld64(HEAD, Reg.A0, NodeLayout.DEPTH);
        a.li(SCRATCH, TCACHE_KEY);
        a.beq(HEAD, SCRATCH, suspicious);
        a.place(innocent);
        cold.later(() -> {
            a.place(suspicious);
            a.jmp(innocent);
        });
    }

    void push(Assembler a, int block) {
        a.ld64(HEAD, CACHE, ThreadCaches.TOP);
        a.st64(block, NodeLayout.NEXT, HEAD);
        if (key) {
            a.li(SCRATCH, TCACHE_KEY);
            a.st64(block, NodeLayout.DEPTH, SCRATCH);
        }
        a.st64(CACHE, ThreadCaches.TOP, block);
        a.ld64(NUMBER, CACHE, LENGTH);
        a.addi(NUMBER, NUMBER, 1);
        a.st64(CACHE, LENGTH, NUMBER);
    }

    /** Takes half of the list's blocks, or all, into the buffer, MOVED of them. */
    void take(Assembler a, boolean half) {
        int to = Reg.T5;
        int left = Reg.T6;
        int block = Reg.T7;
        a.ld64(NUMBER, CACHE, LENGTH);
        if (half) {
            a.addi(left, NUMBER, 1);
            a.shri(left, left, 1);
        } else {
            a.mov(left, NUMBER);
        }
        a.mov(ThreadCaches.MOVED, left);
        a.sub(NUMBER, NUMBER, left);
        a.st64(CACHE, LENGTH, NUMBER);
        a.ld64(to, Reg.TLS, ThreadCaches.BUFFER);
        a.ld64(block, CACHE, ThreadCaches.TOP);
        Assembler.Label next = a.here();
        a.st64(to, 0, block);
        a.addi(to, to, 8);
        a.ld64(block, block, NodeLayout.NEXT);
        a.djnz(left, next);
        a.st64(CACHE, ThreadCaches.TOP, block);
    }
}
