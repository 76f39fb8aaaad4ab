/* What this machine's instructions, caches, lines and system calls cost: one sample per repetition of a short loop, in
 * cycles of the time stamp counter, as p5, p50 and p95. Needs an idle machine; with the right to nice -20, which it takes, a busy one
 * will do. */
#ifndef RSEQLAB_COSTS_H
#define RSEQLAB_COSTS_H

#include "machine.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

static void die(int code, const char *format, ...);
static void pin_to(unsigned cpu);
static double seconds_of(clockid_t clock);
static void sleep_ms(uint64_t ms);

enum { SAMPLES = 400 };
static double samples[1 << 16];
static double core_per_tsc = 1; /* core cycles per cycle of the time stamp counter */

INLINE uint64_t tsc(void)
{
    unsigned aux;
    uint64_t now = __rdtscp(&aux);
    _mm_lfence();
    return now;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(unsigned count, double q) { return samples[(unsigned)(q * (count - 1) + 0.5)]; }

static void report(const char *name, const char *unit, unsigned count)
{
    static bool first = true;
    qsort(samples, count, sizeof *samples, ascending);
    printf("%s\"%s\":{\"unit\":\"%s\",\"p5\":%.3f,\"p50\":%.3f,\"p95\":%.3f,\"samples\":%u}", first ? "" : ",", name,
           unit, quantile(count, 0.05), quantile(count, 0.5), quantile(count, 0.95), count);
    first = false;
}

/* SAMPLES times: the cost of one of `per` repetitions that `statement` makes. */
#define MEASURE(per, statement)                                \
    do {                                                       \
        for (unsigned sample = 0; sample < SAMPLES; sample++) {\
            uint64_t start = tsc();                            \
            statement;                                         \
            samples[sample] = (tsc() - start) / (double)(per); \
        }                                                      \
    } while (0)
#define COST(name, per, statement)       \
    do {                                 \
        MEASURE(per, statement);         \
        report(name, "tsc", SAMPLES);    \
    } while (0)

/* LOOPS turns of a loop over TEXT; two instructions of each turn are the loop's own. */
enum { LOOPS = 500 };
#define LOOP(text, ...)                                                                    \
    do {                                                                                   \
        uint64_t left = LOOPS;                                                             \
        __asm__ volatile(".p2align 6\n1:\t" text "\n\tdec %[left]\n\tjnz 1b"               \
                         : [left] "+r"(left)                                               \
                         : __VA_ARGS__                                                     \
                         : "rax", "rcx", "rdx", "rbx", "r8", "r9", "r10", "r11", "cc", "memory"); \
    } while (0)
#define REPEAT(count, text) ".rept " #count "\n\t" text "\n\t.endr"

static struct {
    uint64_t word[16];
} __attribute__((aligned(128))) ground;

/* ---- Core ---- */

static void core_costs(void)
{
    uint64_t *at = ground.word, *same = ground.word;
    __asm__("" : "+r"(same)); /* the compiler and the core must not see that they are equal */
    COST("turn", 20000, { uint64_t n = 20000; spend(n); });
    MEASURE(LOOPS * 20, LOOP(REPEAT(20, "imul %%rax, %%rax"), "r"(at)));
    qsort(samples, SAMPLES, sizeof *samples, ascending);
    core_per_tsc = 3 / quantile(SAMPLES, 0.1);
    report("imul", "tsc", SAMPLES);
    COST("add_chain", LOOPS * 20, LOOP(REPEAT(20, "add $1, %%rax"), "r"(at)));
    COST("nop", LOOPS * 120, LOOP(REPEAT(120, "nop"), "r"(at)));
    COST("add_independent", LOOPS * 80,
         LOOP(REPEAT(20, "add $1, %%rax\n\tadd $1, %%rcx\n\tadd $1, %%rdx\n\tadd $1, %%r8"), "r"(at)));
    COST("mov_immediate", LOOPS * 80,
         LOOP(REPEAT(20, "mov $1, %%eax\n\tmov $2, %%ecx\n\tmov $3, %%edx\n\tmov $4, %%r8d"), "r"(at)));
    COST("mixed_independent", LOOPS * 60, /* no unit twice: what dispatch and retirement let through */
         LOOP(REPEAT(10, "mov (%[at]), %%rax\n\tadd $1, %%rcx\n\tmov %%rdx, 8(%[at])\n\tadd $1, %%r8\n\t"
                         "mov 16(%[at]), %%r9\n\tmov %%r8, %%r10"), [at] "r"(at)));
    COST("load_independent", LOOPS * 60,
         LOOP(REPEAT(20, "mov (%[at]), %%rax\n\tmov 8(%[at]), %%rcx\n\tmov 16(%[at]), %%rdx"), [at] "r"(at)));
    COST("store_independent", LOOPS * 60,
         LOOP(REPEAT(20, "mov %%rax, (%[at])\n\tmov %%rax, 8(%[at])\n\tmov %%rax, 16(%[at])"), [at] "r"(at)));
    COST("test_branch_not_taken", LOOPS * 60,
         LOOP("or $1, %%eax\n\t" REPEAT(60, "test %%rax, %%rax\n\tjz 9f") "\n9:", "r"(at)));
    COST("jump", LOOPS * 30, LOOP(REPEAT(30, "jmp 2f\n\t.p2align 4\n2:"), "r"(at)));
    COST("jump_dense", LOOPS * 30, LOOP(REPEAT(30, "jmp 2f\n\tnop\n2:"), "r"(at)));
    COST("call_return", LOOPS * 10, /* a line for each, as in code that is not packed with branches */
         LOOP(REPEAT(10, ".p2align 6\n\tcall 3f") "\n\tjmp 4f\n\t.p2align 6\n3:\tret\n4:", "r"(at)));
    COST("call_return_and_jumps", LOOPS * 10, /* two jumps behind each */
         LOOP(REPEAT(10, ".p2align 6\n\tcall 3f\n\tjmp 2f\n\t.p2align 4\n2:\tjmp 5f\n\t.p2align 4\n5:")
              "\n\tjmp 4f\n\t.p2align 6\n3:\tjmp 6f\n\t.p2align 4\n6:\tjmp 7f\n\t.p2align 4\n7:\tret\n4:", "r"(at)));
    COST("jump_over_five", LOOPS * 30, /* six operations to a taken branch */
         LOOP(REPEAT(30, "mov $1, %%eax\n\tmov %%eax, (%[at])\n\tmov 8(%[at]), %%rcx\n\tmov $1, %%edx\n\t"
                         "mov 8(%[at]), %%r8\n\tjmp 2f\n\t.p2align 5\n2:"), [at] "r"(at)));
    COST("jump_over_eight", LOOPS * 30, /* nine */
         LOOP(REPEAT(30, "mov $1, %%eax\n\tmov %%eax, (%[at])\n\tmov 8(%[at]), %%rcx\n\tmov $1, %%edx\n\t"
                         "mov 8(%[at]), %%r8\n\tmov 8(%[at]), %%r9\n\tmov $1, %%r10d\n\tmov $1, %%r11d\n\t"
                         "jmp 2f\n\t.p2align 6\n2:"), [at] "r"(at)));
    COST("store_forward", LOOPS * 20,
         LOOP(REPEAT(20, "mov %%rax, (%[at])\n\tmov (%[at]), %%rax"), [at] "r"(at)));
    COST("store_forward_other_base", LOOPS * 20,
         LOOP(REPEAT(20, "mov %%rax, (%[at])\n\tmov (%[same]), %%rax"), [at] "r"(at), [same] "r"(same)));
    COST("store_forward_address", LOOPS * 20, /* the load's address hangs on the forwarded value, too */
         LOOP("mov %[at], %%rax\n\t" REPEAT(20, "mov %%rax, (%%rax)\n\tmov (%%rax), %%rax"), [at] "r"(at)));
    COST("counter_in_memory", LOOPS * 20, LOOP(REPEAT(20, "incq (%[at])"), [at] "r"(at)));
    COST("store_forward_indexed", LOOPS * 20, /* base and index on one side only */
         LOOP("xor %%ecx, %%ecx\n\t" REPEAT(20, "mov %%rax, (%[at], %%rcx)\n\tmov (%[same]), %%rax"), [at] "r"(at),
              [same] "r"(same)));
    COST("store_forward_far", LOOPS * 20, /* thirty instructions lie between, six stores among them; 9 cycles are multiplications */
         LOOP(REPEAT(20, "mov %%rax, (%[at])\n\t" REPEAT(6, "mov %%rcx, 64(%[at])\n\tnop\n\tadd $1, %%rdx\n\tadd $1, %%r8\n\tadd $1, %%r9")
                         "\n\tmov (%[same]), %%rax\n\timul %%rax, %%rax\n\timul %%rax, %%rax\n\timul %%rax, %%rax"), [at] "r"(at), [same] "r"(same)));
    COST("store_forward_width", LOOPS * 20, /* 64 bits stored, 32 loaded: never renamed */
         LOOP(REPEAT(20, "mov %%rax, (%[at])\n\tmov (%[at]), %%eax"), [at] "r"(at)));
}

static void branch_costs(void)
{
    enum { PASS = 4096 };
    static unsigned char bit[PASS];
    uint64_t x = 88172645463325252;
    double median[2];
    for (int kind = 0; kind < 2; kind++) {
        for (unsigned sample = 0; sample < SAMPLES; sample++) {
            for (unsigned i = 0; i < PASS; i++) { /* new ones each time: predictors remember thousands */
                x ^= x << 13, x ^= x >> 7, x ^= x << 17;
                bit[i] = kind ? x >> 40 & 1 : 0;
            }
            uint64_t left = PASS;
            const unsigned char *p = bit;
            uint64_t start = tsc();
            __asm__ volatile(".p2align 6\n1:\tmovzbl (%[p]), %%eax\n\tinc %[p]\n\ttest %%eax, %%eax\n\tjnz 2f\n\t"
                             "nop\n2:\tdec %[left]\n\tjnz 1b"
                             : [p] "+r"(p), [left] "+r"(left)::"rax", "cc", "memory");
            samples[sample] = (tsc() - start) / (double)PASS;
        }
        qsort(samples, SAMPLES, sizeof *samples, ascending);
        median[kind] = quantile(SAMPLES, 0.2);
    }
    samples[0] = samples[1] = samples[2] = (median[1] - median[0]) * 2; /* one half is mispredicted */
    double penalty = samples[0];
    report("mispredict", "tsc", 3);

    /* What the exit of a loop costs beyond its turns, as a share of a misprediction; in a constant context. */
    static const unsigned trips[] = {4, 8, 16, 25, 32, 48, 64, 96, 100, 128, 160, 192, 250, 256, 384, 500, 512, 1000, 2500};
    unsigned longest = 0;
    printf(",\"loop_exit\":[");
    for (unsigned i = 0; i < sizeof trips / sizeof *trips; i++) {
        unsigned rounds = 40000 / trips[i] + 40;
        for (unsigned sample = 0; sample < 60; sample++) {
            uint64_t start = tsc();
            for (unsigned round = 0; round < rounds; round++) {
                uint64_t n = trips[i];
                spend(n);
            }
            samples[sample] = (tsc() - start) / (double)rounds * core_per_tsc - trips[i];
        }
        qsort(samples, 60, sizeof *samples, ascending);
        double extra = quantile(60, 0.2);
        printf("%s{\"trip\":%u,\"extra_cycles\":%.2f}", i ? "," : "", trips[i], extra);
        if (extra < penalty * core_per_tsc * 0.5)
            longest = trips[i];
    }
    printf("]");
    samples[0] = samples[1] = samples[2] = longest;
    report("longest_predicted_trip", "turns", 3);
}

static void atomic_costs(void)
{
    uint64_t *at = ground.word;
    COST("lock_cmpxchg", LOOPS * 10, LOOP(REPEAT(10, "xor %%eax, %%eax\n\txor %%ecx, %%ecx\n\tlock cmpxchg %%rcx, (%[at])"), [at] "r"(at)));
    COST("lock_cmpxchg16b", LOOPS * 10,
         LOOP(REPEAT(10, "mov (%[at]), %%rax\n\tmov 8(%[at]), %%rdx\n\tmov %%rax, %%rbx\n\tmov %%rdx, %%rcx\n\tlock cmpxchg16b (%[at])"), [at] "r"(at)));
    COST("lock_cmpxchg16b_alone", LOOPS * 10, LOOP(REPEAT(10, "lock cmpxchg16b (%[at])"), [at] "r"(at)));
    COST("xchg", LOOPS * 10, LOOP(REPEAT(10, "xchg %%rax, (%[at])"), [at] "r"(at)));
    COST("lock_xadd", LOOPS * 10, LOOP(REPEAT(10, "lock xadd %%rax, (%[at])"), [at] "r"(at)));
    COST("xchg_and_store", LOOPS * 4, LOOP(REPEAT(4, "mov %%rcx, 64(%[at])\n\txchg %%rax, (%[at])"), [at] "r"(at)));
    COST("xchg_and_12_stores", LOOPS * 4,
         LOOP(REPEAT(4, REPEAT(12, "mov %%rcx, 64(%[at])") "\n\txchg %%rax, (%[at])"), [at] "r"(at)));
    COST("xchg_and_40_nops", LOOPS * 4, LOOP(REPEAT(4, REPEAT(40, "nop") "\n\txchg %%rax, (%[at])"), [at] "r"(at)));
    COST("nops_200", LOOPS, LOOP(REPEAT(200, "nop"), "r"(at)));
    COST("lock_cmpxchg_and_200_nops", LOOPS, LOOP(REPEAT(200, "nop") "\n\tlock cmpxchg %%rcx, (%[at])", [at] "r"(at)));
    COST("lock_cmpxchg16b_and_200_nops", LOOPS, LOOP(REPEAT(200, "nop") "\n\tlock cmpxchg16b (%[at])", [at] "r"(at)));
    COST("mfence", LOOPS * 4, LOOP(REPEAT(4, "mfence"), "r"(at)));
    COST("pause", LOOPS * 4, LOOP(REPEAT(4, "pause"), "r"(at)));
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    COST("mutex_lock_unlock", LOOPS * 4, for (int i = 0; i < LOOPS * 4; i++) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    });
}

/* ---- Caches ---- */

struct cell {
    struct cell *next;
    char rest[56];
};

/* The numbers below count, each once. */
static void random_order(uint32_t *order, size_t count)
{
    uint64_t x = 88172645463325252;
    for (size_t i = 0; i < count; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        size_t j = x % (i + 1);
        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
}

static void chase(const char *name, size_t bytes, unsigned steps)
{
    size_t count = bytes / sizeof(struct cell);
    struct cell *cell = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t *order = malloc(count * sizeof *order);
    if (cell == MAP_FAILED || !order)
        die(1, "out of memory");
    madvise(cell, bytes, MADV_HUGEPAGE); /* lines, not page walks */
    random_order(order, count);
    for (size_t i = 0; i < count; i++)
        cell[order[i]].next = &cell[order[(i + 1) % count]];
    struct cell *at = cell;
    for (size_t i = 0; i < 2 * count; i++)
        at = at->next;
    for (unsigned sample = 0; sample < 100; sample++) {
        uint64_t start = tsc();
        for (unsigned i = 0; i < steps; i++)
            at = at->next;
        samples[sample] = (tsc() - start) / (double)steps;
        __asm__ volatile("" ::"r"(at));
    }
    report(name, "tsc", 100);
    free(order);
    munmap(cell, bytes);
}

static void cache_costs(void)
{
    chase("load_16_kib", 16 << 10, 20000);
    chase("load_128_kib", 128 << 10, 20000);
    chase("load_512_kib", 512 << 10, 20000);
    chase("load_900_kib", 900 << 10, 20000);
    chase("load_2_mib", 2 << 20, 10000);
    chase("load_4_mib", 4 << 20, 10000);
    chase("load_8_mib", 8 << 20, 10000);
    chase("load_16_mib", 16 << 20, 5000);
    chase("load_32_mib", 32 << 20, 5000);
    chase("load_256_mib", 256 << 20, 5000);
}

/* ---- Two CPUs ---- */

static struct {
    volatile uint64_t value;
} __attribute__((aligned(128))) shared[1024 + 2];
static volatile uint64_t helper_goes;

static void *add_along(void *unused)
{
    (void)unused;
    pin_to(cpu_list[1]);
    helper_goes = 2;
    while (helper_goes)
        __atomic_fetch_add(&shared[0].value, 1, __ATOMIC_RELAXED);
    return NULL;
}

/* Takes a lock and releases it, as fast as it can. */
static void *lock_along(void *unused)
{
    (void)unused;
    pin_to(cpu_list[1]);
    helper_goes = 2;
    while (helper_goes) {
        __atomic_exchange_n(&shared[0].value, 1, __ATOMIC_SEQ_CST);
        __atomic_store_n(&shared[0].value, 0, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* How far apart the lines are that dirty_along writes, in bytes. */
static unsigned dirty_step;

static volatile uint64_t *dirty_line(uint64_t i)
{
    return (volatile uint64_t *)((char *)shared + i * dirty_step);
}

/* Dirties every line when asked by an odd turn, then answers with an even one. */
static void *dirty_along(void *unused)
{
    (void)unused;
    pin_to(cpu_list[1]);
    for (uint64_t turn = 1; helper_goes; ) {
        if (shared[1024].value != turn)
            continue;
        for (unsigned i = 0; i < 1024; i++)
            *dirty_line(i) = turn;
        shared[1025].value = turn++;
    }
    return NULL;
}

static void *mirror(void *unused)
{
    (void)unused;
    pin_to(cpu_list[1]);
    for (uint64_t turn = 1; helper_goes; )
        if (shared[0].value == turn) {
            shared[0].value = turn + 1;
            turn += 2;
        }
    return NULL;
}

static pthread_t helper(void *(*body)(void *))
{
    pthread_t thread;
    memset((void *)shared, 0, sizeof shared);
    helper_goes = 1;
    if (pthread_create(&thread, NULL, body, NULL) != 0)
        die(1, "pthread_create");
    return thread;
}

static void stop_helper(pthread_t thread)
{
    helper_goes = 0;
    pthread_join(thread, NULL);
}

enum { LOOKS = 500 };

/* Cycles a look at a lock, with a pause behind it; counts the looks that saw it taken. */
static double look_at_lock(unsigned *taken)
{
    uint64_t start = tsc();
    for (unsigned i = 0; i < LOOKS; i++) {
        *taken += shared[0].value;
        _mm_lfence(); /* the pause must not begin before the line is there */
        __builtin_ia32_pause();
    }
    return (tsc() - start) / (double)LOOKS;
}

/* Looks at a lock that the other CPU takes and releases all the time, less looks at one that nobody does. */
static void lock_looks(void)
{
    static double seen_free[SAMPLES];
    unsigned none = 0;
    shared[0].value = 0;
    for (unsigned sample = 0; sample < SAMPLES; sample++)
        samples[sample] = look_at_lock(&none);
    qsort(samples, SAMPLES, sizeof *samples, ascending);
    double alone = quantile(SAMPLES, 0.5);
    pthread_t other = helper(lock_along);
    while (helper_goes != 2)
        ;
    for (unsigned sample = 0; sample < SAMPLES; sample++) {
        unsigned taken = 0;
        samples[sample] = look_at_lock(&taken) - alone;
        seen_free[sample] = 1 - taken / (double)LOOKS;
    }
    stop_helper(other);
    report("lock_look", "tsc", SAMPLES);
    memcpy(samples, seen_free, sizeof seen_free);
    report("lock_seen_free", "share", SAMPLES);
}

/* Loads of lines that the other CPU has written; the lines follow each other in equal strides, which some prefetchers
 * foresee, or along one ring in an order that none does. They lie 128 bytes apart, or beside each other, where a
 * prefetcher of neighbours finds some before they are wanted. */
static void dirty_costs(const char *name, bool at_random, unsigned step)
{
    dirty_step = step;
    static uint16_t next[1024];
    uint64_t x = 88172645463325252;
    for (unsigned i = 0; i < 1024; i++)
        next[i] = at_random ? i : (i + 389) & 1023;
    for (unsigned i = 1023; i > 0 && at_random; i--) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        unsigned j = x % i;
        uint16_t keep = next[i];
        next[i] = next[j], next[j] = keep;
    }
    pthread_t other = helper(dirty_along);
    for (unsigned sample = 0; sample < SAMPLES; sample++) {
        shared[1024].value = sample + 1;
        while (shared[1025].value != sample + 1)
            ;
        uint64_t start = tsc(), at = 0;
        for (unsigned i = 0; i < 1024; i++) /* each address hangs on the value before: no two at once */
            at = next[(at + (*dirty_line(at) >> 40)) & 1023];
        samples[sample] = (tsc() - start) / 1024.0;
        __asm__ volatile("" ::"r"(at));
    }
    stop_helper(other);
    report(name, "tsc", SAMPLES);
}

static void line_costs(void)
{
    pthread_t other = helper(mirror);
    uint64_t turn = 1;
    for (unsigned sample = 0; sample < 2000; sample++) {
        uint64_t start = tsc();
        for (unsigned i = 0; i < 20; i++) {
            shared[0].value = turn;
            while (shared[0].value == turn)
                ;
            turn += 2;
        }
        samples[sample] = (tsc() - start) / 40.0;
    }
    stop_helper(other);
    report("line_ping_pong_one_way", "tsc", 2000);

    dirty_costs("load_dirty_elsewhere", false, 128);
    dirty_costs("load_dirty_at_random", true, 128);
    dirty_costs("load_dirty_neighbours", true, 64);

    other = helper(add_along);
    while (helper_goes != 2)
        ;
    for (unsigned sample = 0; sample < 2000; sample++) {
        uint64_t before = shared[0].value, start = tsc();
        for (unsigned i = 0; i < 500; i++)
            __atomic_fetch_add(&shared[0].value, 1, __ATOMIC_RELAXED);
        uint64_t span = tsc() - start;
        samples[sample] = span / (double)(shared[0].value - before);
    }
    stop_helper(other);
    report("contended_xadd", "tsc", 2000);
    lock_looks();
}

/* ---- The kernel ---- */

static void *yield_along(void *unused)
{
    (void)unused;
    pin_to(cpu_list[0]);
    while (helper_goes)
        sched_yield();
    return NULL;
}

static volatile int ball_word;

static void futex(volatile int *word, int op, int value)
{
    syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void pass_ball(int mine, int next)
{
    while (ball_word != mine && helper_goes)
        futex(&ball_word, FUTEX_WAIT, next);
    ball_word = next;
    futex(&ball_word, FUTEX_WAKE, 1);
}

static void *futex_along(void *unused)
{
    (void)unused;
    pin_to(cpu_list[0]);
    while (helper_goes)
        pass_ball(1, 0);
    return NULL;
}

static volatile uint64_t woken_at;

static void *sleep_along(void *unused)
{
    (void)unused;
    pin_to(cpu_list[1]);
    while (helper_goes) {
        while (ball_word == 0 && helper_goes)
            futex(&ball_word, FUTEX_WAIT, 0);
        woken_at = tsc();
        ball_word = 0;
    }
    return NULL;
}

static volatile uint64_t handled_at;

static void note_time(int number)
{
    (void)number;
    handled_at = tsc();
}

static void kernel_costs(void)
{
    COST("getppid", 20, for (int i = 0; i < 20; i++) syscall(SYS_getppid));
    COST("sched_yield_alone", 20, for (int i = 0; i < 20; i++) sched_yield());
    pthread_t other = helper(yield_along);
    sleep_ms(2);
    COST("sched_yield_switch", 40, for (int i = 0; i < 20; i++) sched_yield());
    stop_helper(other);
    ball_word = 0;
    other = helper(futex_along);
    COST("futex_ping_pong_switch", 40, for (int i = 0; i < 20; i++) pass_ball(0, 1));
    helper_goes = 0;
    ball_word = 1;
    futex(&ball_word, FUTEX_WAKE, 1);
    stop_helper(other);

    ball_word = 0;
    COST("futex_wait_again", 20, for (int i = 0; i < 20; i++) futex(&ball_word, FUTEX_WAIT, 1));
    COST("futex_wake_nobody", 20, for (int i = 0; i < 20; i++) futex(&ball_word, FUTEX_WAKE, 1));
    static double calls[SAMPLES];
    ball_word = 0;
    other = helper(sleep_along);
    sleep_ms(2);
    for (unsigned sample = 0; sample < SAMPLES; sample++) {
        uint64_t idle = tsc() + 100000, start;
        while (tsc() < idle)
            ;
        woken_at = 0;
        start = tsc();
        ball_word = 1;
        futex(&ball_word, FUTEX_WAKE, 1);
        calls[sample] = (double)(tsc() - start);
        while (woken_at == 0 || ball_word)
            ;
        samples[sample] = (double)(woken_at - start);
    }
    helper_goes = 0;
    ball_word = 1;
    futex(&ball_word, FUTEX_WAKE, 1);
    stop_helper(other);
    report("futex_wake_idle_cpu", "tsc", SAMPLES);
    memcpy(samples, calls, sizeof calls);
    report("futex_wake_idle_call", "tsc", SAMPLES);

    struct sigaction action = {.sa_handler = note_time};
    sigaction(SIGUSR1, &action, NULL);
    pid_t pid = getpid(), tid = (pid_t)syscall(SYS_gettid);
    for (unsigned sample = 0; sample < SAMPLES; sample++) {
        uint64_t start = tsc();
        syscall(SYS_tgkill, pid, tid, SIGUSR1);
        samples[sample] = (double)(handled_at - start);
    }
    report("tgkill_to_handler", "tsc", SAMPLES);
    COST("tgkill_round_trip", 1, syscall(SYS_tgkill, pid, tid, SIGUSR1));
}

static volatile uint64_t write_at, written_turn;

static void *write_along(void *unused)
{
    (void)unused;
    pin_to(cpu_list[1]);
    for (uint64_t turn = 1; helper_goes; turn++) {
        while (written_turn != turn && helper_goes)
            ;
        while (tsc() < write_at && helper_goes)
            ;
        ball_word = 1;
        while (written_turn == turn && helper_goes) {
            for (volatile int i = 0; i < 20000; i++)
                ;
            futex(&ball_word, FUTEX_WAKE, 1);
        }
    }
    return NULL;
}

/* How long behind the call a wait looks at its word: the longest delay, in steps of 25, at which a write by the other
 * CPU is still seen by three of four. (Calls that find the kernel's code cold look 700 cycles later.) */
static void futex_look_cost(void)
{
    enum { TRIES = 100, STEP = 25 };
    written_turn = 0;
    pthread_t other = helper(write_along);
    unsigned delay = 0, seen = TRIES;
    for (uint64_t turn = 1; seen * 4 >= TRIES * 3; delay += STEP) {
        seen = 0;
        for (unsigned i = 0; i < TRIES; i++, turn++) {
            ball_word = 0;
            uint64_t at = tsc() + 30000;
            write_at = at;
            written_turn = turn;
            while (tsc() < at - delay)
                ;
            seen += syscall(SYS_futex, &ball_word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0) != 0;
            while (ball_word == 0) /* a wake-up left over from the turn before must not end this one */
                ;
            written_turn = 0;
            for (volatile int j = 0; j < 40000; j++)
                ;
        }
    }
    stop_helper(other);
    samples[0] = delay - STEP;
    report("futex_look", "tsc", 1);
}

/* Time a spinning thread loses: gaps above a threshold, with their number per second. */
static void gap_costs(void)
{
    enum { LEAST = 300, BIG = 8000, OTHERS = 1000000 }; /* whoever is gone for longer was switched out */
    unsigned small = 0, big = 0;
    double seconds = 1.0, begin = seconds_of(CLOCK_MONOTONIC), now = begin;
    static double big_gaps[1 << 14];
    uint64_t last = tsc();
    while (now - begin < seconds) {
        for (int i = 0; i < 1000; i++) {
            uint64_t next = tsc();
            uint64_t gap = next - last;
            last = next;
            if (gap >= OTHERS)
                continue;
            if (gap >= BIG && big < sizeof big_gaps / sizeof *big_gaps)
                big_gaps[big++] = (double)gap;
            else if (gap >= LEAST && small < sizeof samples / sizeof *samples)
                samples[small++] = (double)gap;
        }
        now = seconds_of(CLOCK_MONOTONIC);
        last = tsc();
    }
    if (small)
        report("gap_small", "tsc", small);
    if (big) {
        memcpy(samples, big_gaps, big * sizeof *samples);
        report("gap_tick", "tsc", big);
    }
    printf(",\"gap_small_per_s\":%.1f,\"gap_tick_per_s\":%.1f", small / (now - begin), big / (now - begin));
}

static void shared_line_costs(void);
static void window_costs(void);

static void probe_costs(void)
{
    pin_to(cpu_list[0]);
    double at = seconds_of(CLOCK_MONOTONIC);
    uint64_t from = tsc();
    while (seconds_of(CLOCK_MONOTONIC) - at < 0.2)
        ;
    double tsc_hz = (tsc() - from) / (seconds_of(CLOCK_MONOTONIC) - at);
    pthread_t alive = helper(yield_along); /* so that the C library takes no single-threaded shortcut */
    stop_helper(alive);
    printf("{\"probe\":\"costs\",\"format\":1,\"tsc_hz\":%.0f,\"costs\":{", tsc_hz);
    core_costs();
    branch_costs();
    cache_costs();
    window_costs();
    kernel_costs();
    gap_costs();
    if (cpu_count > 1) {
        futex_look_cost();
        line_costs();
        shared_line_costs();
    }
    pthread_t other = helper(sleep_along);
    atomic_costs();
    helper_goes = 0;
    ball_word = 1;
    futex(&ball_word, FUTEX_WAKE, 1);
    stop_helper(other);
    printf("},\"clock_hz\":%.0f}\n", tsc_hz * core_per_tsc);
}

#endif
