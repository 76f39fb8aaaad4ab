/*
 * How far a core sees past a load that misses: two chains of loads in random order through more memory than any cache
 * holds, and between two loads a number of equal instructions. While the next load of the other chain comes into the core
 * before the one at hand is done, both are under way at once; one instruction more, and each waits for the other. That
 * number tells the entries of what such instructions run out of first (H. Wong, "Measuring Reorder Buffer Capacity",
 * 2013): a mixture that needs little of anything else of the reorder window, additions of the registers, stores of the
 * store buffer, jumps of the taken branches under way. Not no-operations: two of them may share an entry (Zen 4, where
 * the mixture runs out of something else first: 235 of 320). Another guest on the core's other hardware thread takes half
 * of most of these.
 */
#ifndef RSEQLAB_WINDOW_H
#define RSEQLAB_WINDOW_H

#include "costs.h"

enum filler { MIXTURE, ADDITIONS, STORES, JUMPS, ADDITIONS_AND_LOCKED };

/* The fillers' code is written while the program runs, for each number anew. */
enum { CODE_BYTES = 1 << 15, ADDITIONS_PER_LOCKED = 10 };

/* A pointer in each third line of 192 MiB, as the adjacent-line prefetchers bring pairs. */
enum { WINDOW_CELLS = 1 << 20, WINDOW_WORDS = 24 };

static unsigned char *code;
static uint64_t **chain[2];

static unsigned char *emit(unsigned char *at, const char *bytes, size_t count)
{
    memcpy(at, bytes, count);
    return at + count;
}
#define EMIT(bytes) at = emit(at, bytes, sizeof bytes - 1)

static unsigned char *emit_addition(unsigned char *at, unsigned number)
{
    static const char to[] = "\xc0\xc1\xc2\xc6"; /* rax, rcx, rdx, rsi */
    EMIT("\x48\x83");
    *at++ = (unsigned char)to[number % 4];
    *at++ = 1;
    return at;
}

/* In turn a register, a vector's, flags and a vector's again: no more than half of them take entries of one register file. */
static unsigned char *emit_mixture(unsigned char *at, unsigned number)
{
    static const char to[] = "\xc8\xd0\xd8\xe0"; /* xmm1, xmm2, xmm3, xmm4 */
    if (number % 4 == 0)
        return emit_addition(at, number / 4);
    if (number % 4 == 2) { /* cmp $1, %rax */
        EMIT("\x48\x83\xf8\x01");
        return at;
    }
    EMIT("\x66\x0f\xfe"); /* paddd %xmm0, ... */
    *at++ = (unsigned char)to[number / 2 % 4];
    return at;
}

static unsigned char *emit_filler(unsigned char *at, enum filler filler, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        switch (filler) {
        case MIXTURE:
            at = emit_mixture(at, i);
            break;
        case ADDITIONS:
            at = emit_addition(at, i);
            break;
        case STORES: /* mov %rax, -64(%rsp) */
            EMIT("\x48\x89\x44\x24\xc0");
            break;
        case JUMPS: /* over fourteen bytes */
            EMIT("\xeb\x0e\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90\x90");
            break;
        case ADDITIONS_AND_LOCKED: /* lock cmpxchg %r11, -64(%rsp) behind every ten */
            for (unsigned j = 0; j < ADDITIONS_PER_LOCKED; j++)
                at = emit_addition(at, j);
            EMIT("\xf0\x4c\x0f\xb1\x5c\x24\xc0");
            break;
        }
    return at;
}

/* A loop over two loads, a step in each chain, with so many instructions behind each: the arguments are where the chains
 * stand, the turns, and where to leave how far they got. */
static void write_loop(enum filler filler, unsigned count)
{
    unsigned char *at = code, *top;
    EMIT("\x49\x89\xf0\x49\x89\xd1\x49\x89\xca"); /* mov %rsi, %r8; mov %rdx, %r9; mov %rcx, %r10 */
    top = at;
    EMIT("\x48\x8b\x3f"); /* mov (%rdi), %rdi */
    at = emit_filler(at, filler, count);
    EMIT("\x4d\x8b\x00"); /* mov (%r8), %r8 */
    at = emit_filler(at, filler, count);
    EMIT("\x49\xff\xc9\x0f\x85"); /* dec %r9; jnz top */
    int32_t back = (int32_t)(top - (at + 4));
    at = emit(at, (const char *)&back, sizeof back);
    EMIT("\x49\x89\x3a\x4d\x89\x42\x08\xc3"); /* mov %rdi, (%r10); mov %r8, 8(%r10); ret */
    __builtin___clear_cache((char *)code, (char *)at);
}

/* Cycles of the time stamp counter for a turn: a quarter of the samples take less, as nothing makes one shorter. */
static double time_turn(enum filler filler, unsigned count)
{
    enum { TURNS = 40, TIMES = 61 };
    write_loop(filler, count);
    for (unsigned sample = 0; sample < TIMES; sample++) {
        uint64_t start = tsc();
        ((void (*)(uint64_t **, uint64_t **, uint64_t, uint64_t ***))(void *)code)(chain[0], chain[1], TURNS, chain);
        samples[sample] = (tsc() - start) / (double)TURNS;
    }
    qsort(samples, TIMES, sizeof *samples, ascending);
    return quantile(TIMES, 0.25);
}

/* The most instructions over which two misses overlap; 0 if they do not, or if they do over so many as are tried. */
static unsigned most_between(enum filler filler, unsigned most)
{
    const double apart = 1.45; /* of two that overlap; two that do not take twice as long as one */
    unsigned overlap = 1;
    double both = time_turn(filler, overlap);
    if (time_turn(filler, most) < apart * both)
        return 0;
    while (most - overlap > 1) {
        unsigned between = (overlap + most) / 2;
        if (time_turn(filler, between) < apart * both)
            overlap = between;
        else
            most = between;
    }
    return overlap;
}

static void report_window(const char *name, enum filler filler, unsigned most)
{
    unsigned count = most_between(filler, most);
    if (count > 0) {
        samples[0] = count;
        report(name, "count", 1);
    }
}

static void link_chains(uint64_t *heap)
{
    uint32_t *order = malloc(WINDOW_CELLS * sizeof *order);
    if (!order)
        die(1, "out of memory");
    random_order(order, WINDOW_CELLS);
    for (size_t i = 0; i < WINDOW_CELLS; i++)
        heap[(size_t)order[i] * WINDOW_WORDS] =
            (uint64_t)(uintptr_t)&heap[(size_t)order[(i + 1) % WINDOW_CELLS] * WINDOW_WORDS];
    chain[0] = (uint64_t **)(uintptr_t)&heap[(size_t)order[0] * WINDOW_WORDS];
    chain[1] = (uint64_t **)(uintptr_t)&heap[(size_t)order[WINDOW_CELLS / 2] * WINDOW_WORDS];
    free(order);
}

/* Nothing is printed where no code may be written. */
static void window_costs(void)
{
    size_t bytes = (size_t)WINDOW_CELLS * WINDOW_WORDS * sizeof(uint64_t);
    code = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED)
        return;
    uint64_t *heap = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (heap == MAP_FAILED)
        die(1, "out of memory");
    madvise(heap, bytes, MADV_HUGEPAGE);
    link_chains(heap);
    report_window("window_mixture", MIXTURE, 1500);
    report_window("window_additions", ADDITIONS, 1000);
    report_window("window_stores", STORES, 300);
    report_window("window_jumps", JUMPS, 300);
    report_window("window_additions_and_locked", ADDITIONS_AND_LOCKED, 60);
    munmap(heap, bytes);
    munmap(code, CODE_BYTES);
}

#endif
