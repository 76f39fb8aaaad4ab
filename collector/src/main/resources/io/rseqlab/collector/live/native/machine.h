/* What the allocators and workloads stand on: objects, lists, per-thread state, counters, the two restartable
 * sections, and the atomics. x86-64 Linux, C11 with GNU inline assembly. */
#ifndef RSEQLAB_MACHINE_H
#define RSEQLAB_MACHINE_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(__x86_64__) || !defined(__linux__)
#error "the native driver is written for x86-64 Linux"
#endif

#define INLINE static inline __attribute__((always_inline))
/* A real call, and no specialised copy: malloc and free cost what a call costs. */
#define CALLED static __attribute__((noinline, noclone))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

enum { MAX_CPUS = 4096, MAX_THREADS = 1024, MAX_LIVE = 65536, SLOTS = 1024, RING = 1024 };
enum { LIST_CAP = 256, REFILL = 32, FLUSH = 128, PENDING = 64, ROUNDS_PER_YIELD = 64 };
enum { LATE_SIGNAL_NS = 100000 };

/* 64 bytes, one line. next and depth belong to the lists, owner to the strategies with owners, word to the program. */
struct object {
    struct object *next;
    uint64_t depth;
    uint64_t owner;
    uint64_t word;
    uint64_t unused[4];
} __attribute__((aligned(64)));

/* Processors compare the low twelve bits of a load's address with those of stores under way, and where these are the
 * same and the rest is not, the load waits: some two cycles on a Zen 5, longer than all that came before it, so that
 * interrupts land there. Words that every operation touches therefore have places of their own: lists have theirs at 32
 * and 40 of 128 bytes, parameters and the stop flag at 0 to 24; the C library's area lies at 4064 of a page. */

/* A list head alone on 128 bytes, with its lock word or its version beside it (cmpxchg16b needs them adjacent). */
struct list {
    uint64_t apart[4];
    struct object *head;
    union {
        uint64_t version;
        uint32_t lock;
    };
} __attribute__((aligned(128)));

/* The kernel's area, as glibc registers it. */
struct rseq_area {
    uint32_t cpu_id_start;
    uint32_t cpu_id;
    uint64_t rseq_cs;
    uint32_t flags;
};

struct rseq_descriptor {
    uint32_t version, flags;
    uint64_t start_ip, post_commit_offset, abort_ip;
} __attribute__((aligned(32)));

struct named_section {
    const char *name;
    const struct rseq_descriptor *descriptor;
};

/* A place inside a section. */
struct named_step {
    const char *name;
    uint64_t ip;
};

enum counter {
    OPS, ALLOCS, FREES, /* the three bumped by every operation; the rest are off the common path */
    FOREIGN_FREES, SIGNALS, SIGNALS_LATE, YIELDS, YIELDS_SWITCHED,
    REFILLS, FLUSHES,
    ABORTS_MALLOC, ABORTS_FREE, ABORTS_REFILL, ABORTS_FLUSH, STALE_MALLOC, STALE_FREE, STALE_REFILL, STALE_FLUSH,
    CAS_FAILURES, LOCK_FAILURES,
    REMOTE_FREES, POSTS, POSTED_OBJECTS, DRAINS, DRAINED_OBJECTS,
    COUNTERS
};

struct bucket {
    struct object *first, *last;
};

/* Producers exchange tail; only the owner reads front. One object, the stub, is always inside. */
struct queue {
    struct object *tail __attribute__((aligned(128)));
    struct object *front __attribute__((aligned(128)));
};

struct spsc {
    uint64_t written __attribute__((aligned(128)));
    uint64_t read __attribute__((aligned(128)));
    struct object *entry[RING] __attribute__((aligned(128)));
};

struct thread {
    /* one line: all that an operation touches of its thread at hand-off 0 */
    struct rseq_area *rseq;
    uint64_t id;
    struct object **ring;
    uint64_t position;
    struct object *local;
    volatile uint64_t n[COUNTERS];

    uint64_t random __attribute__((aligned(128)));
    uint64_t pending;
    struct bucket *buckets;
    uint64_t signal_due_ns;
    pthread_t handle;
    int tid;

    /* what other threads read to find this one's lists: never beside what it writes in every operation */
    struct queue *queue __attribute__((aligned(128)));
    struct list *remote;
    struct spsc *pair;
} __attribute__((aligned(128)));

/* Read again from memory by every operation. The first word here, and the stop flag, are the first of their symbols:
 * compilers keep those addresses in registers. Addressed relative to the instruction pointer, each of the two loads made
 * an operation a cycle longer (Zen 5, one thread: 240, 262 and 279 M operations/s with none, one and both in registers). */
struct parameters {
    uint64_t live;
    uint64_t think;          /* turns */
    uint64_t pad_turns;      /* pad / 2 */
    uint64_t handoff_below;  /* hand-off probability times 2^32 */
} __attribute__((aligned(128)));

static volatile struct parameters params;
static struct {
    volatile uint64_t flag;
} __attribute__((aligned(128))) stop;

static const uint64_t no_turns;
static struct list lists[MAX_CPUS];
static struct thread *threads;
static uint64_t thread_count;
static unsigned cpu_count;
static unsigned cpu_list[MAX_CPUS];
static unsigned cpu_index[MAX_CPUS];

/* ---- Turns: a decrement-and-branch loop. None: test and branch around it, here and in the sections. Aligned, because
 * a loop that lies across a fetch boundary takes half as long again per turn (Zen 4). ---- */

INLINE void spend(uint64_t turns)
{
    __asm__ volatile("test %0, %0\n\t"
                     "jz 2f\n\t"
                     ".p2align 3\n"
                     "1:\tdec %0\n\t"
                     "jnz 1b\n"
                     "2:"
                     : "+r"(turns)
                     :
                     : "cc", "memory"); /* reads stay before, the commit behind */
}

/* ---- Restartable sections ----
 * Label 1 reads the CPU, computes the list and arms; 2 is the first instruction inside; 4 the first one behind the
 * commit; 5 the kernel's abort handler, behind the signature; 6 where an unequal cpu_id leads. 5 and 6 count apart and
 * start over. An aborted or stale attempt has written nothing but the words of the object that is being freed. */

#define RSEQ_SIGNATURE "0x53053053"

#define DESCRIPTOR(name)                                  \
    ".pushsection rseqlab_cs, \"aw\", @progbits\n\t"      \
    ".balign 32\n"                                        \
    "3:\t.long 0, 0\n\t"                                  \
    ".quad 2f, 4f - 2f, 5f\n\t"                           \
    ".popsection\n\t"                                     \
    ".pushsection .rodata.str1.1, \"aMS\", @progbits, 1\n"\
    "7:\t.asciz \"" name "\"\n\t"                         \
    ".popsection\n\t"                                     \
    ".pushsection rseqlab_names, \"aw\", @progbits\n\t"   \
    ".balign 8\n\t"                                       \
    ".quad 7b, 3b\n\t"                                    \
    ".popsection\n"

/* Names the place of the next instruction, so that abort positions can be told without a disassembler. */
#define STEP(name)                                        \
    ".pushsection .rodata.str1.1, \"aMS\", @progbits, 1\n"\
    "41:\t.asciz \"" name "\"\n\t"                         \
    ".popsection\n"                                       \
    "40:\t.pushsection rseqlab_steps, \"aw\", @progbits\n\t"\
    ".balign 8\n\t"                                       \
    ".quad 41b, 40b\n\t"                                  \
    ".popsection\n"

#define ARM                                               \
    "mov (%[rseq]), %k[cpu]\n\t"                          \
    "mov %[turns], %[left]\n\t"                           \
    "mov %[cpu], %[scratch]\n\t"                          \
    "shl $7, %[scratch]\n\t"                              \
    "lea %[base], %[list]\n\t"                            \
    "add %[scratch], %[list]\n\t"                         \
    "lea 3b(%%rip), %[scratch]\n\t"                       \
    "mov %[scratch], 8(%[rseq])\n"                        \
    STEP("check CPU")                                     \
    "2:\tcmp %k[cpu], 4(%[rseq])\n\t"                     \
    "jne 6f\n\t"

#define PAD                                               \
    STEP("pad")                                           \
    "test %[left], %[left]\n\t"                           \
    "jz 9f\n\t"                                           \
    ".p2align 3\n"                                        \
    "8:\tdec %[left]\n\t"                                 \
    "jnz 8b\n"                                            \
    "9:\t"

#define RESTARTS                                          \
    ".pushsection .text.unlikely, \"ax\", @progbits\n\t"  \
    ".byte 0x0f, 0xb9, 0x3d\n\t" /* ud1: the signature reads as an instruction */ \
    ".long " RSEQ_SIGNATURE "\n"                          \
    "5:\tincq %[aborts]\n\t"                              \
    "jmp 1b\n"                                            \
    "6:\tincq %[stale]\n\t"                               \
    "jmp 1b\n\t"                                          \
    ".popsection\n"

/* Null: the list of this CPU was empty. */
#define DEFINE_POP(function, name, abort_counter, stale_counter, turns_memory)                        \
    INLINE struct object *function(struct thread *t)                                                  \
    {                                                                                                 \
        struct object *object, *next;                                                                 \
        uint64_t cpu, left;                                                                           \
        struct list *list;                                                                            \
        void *scratch;                                                                                \
        __asm__ volatile(DESCRIPTOR(name)                                                             \
                         "1:\t" ARM                                                                   \
                         STEP("read head")                                                            \
                         "mov (%[list]), %[object]\n\t"                                               \
                         "test %[object], %[object]\n\t"                                              \
                         "jz 4f\n\t"                                                                  \
                         STEP("read next")                                                            \
                         "mov (%[object]), %[next]\n\t"                                               \
                         PAD                                                                          \
                         STEP("commit")                                                               \
                         "mov %[next], (%[list])\n"                                                   \
                         "4:\n" RESTARTS                                                              \
                         : [object] "=&r"(object), [next] "=&r"(next), [cpu] "=&r"(cpu),              \
                           [left] "=&r"(left), [list] "=&r"(list), [scratch] "=&r"(scratch),          \
                           [aborts] "+m"(t->n[abort_counter]), [stale] "+m"(t->n[stale_counter])      \
                         : [rseq] "r"(t->rseq), [base] "m"(lists->head), [turns] "m"(turns_memory)          \
                         : "cc", "memory");                                                           \
        return object;                                                                                \
    }

/* False: the list of this CPU was at its cap and the object is still the caller's. */
#define DEFINE_PUSH(function, name, abort_counter, stale_counter, turns_memory)                       \
    INLINE bool function(struct thread *t, struct object *object)                                     \
    {                                                                                                 \
        struct object *head;                                                                          \
        uint64_t cpu, left, depth;                                                                    \
        struct list *list;                                                                            \
        void *scratch;                                                                                \
        __asm__ volatile(DESCRIPTOR(name)                                                             \
                         "1:\txor %k[depth], %k[depth]\n\t" ARM                                       \
                         STEP("read head")                                                            \
                         "mov (%[list]), %[head]\n\t"                                                 \
                         "test %[head], %[head]\n\t"                                                  \
                         "jz 7f\n\t"                                                                  \
                         STEP("read depth")                                                           \
                         "mov 8(%[head]), %[depth]\n"                                                 \
                         "7:\tcmp %[cap], %[depth]\n\t"                                               \
                         "jae 4f\n\t"                                                                 \
                         STEP("link")                                                                 \
                         "mov %[head], (%[object])\n\t"                                               \
                         "lea 1(%[depth]), %[scratch]\n\t"                                            \
                         "mov %[scratch], 8(%[object])\n\t"                                           \
                         PAD                                                                          \
                         STEP("commit")                                                               \
                         "mov %[object], (%[list])\n"                                                 \
                         "4:\n" RESTARTS                                                              \
                         : [head] "=&r"(head), [depth] "=&r"(depth), [cpu] "=&r"(cpu),                \
                           [left] "=&r"(left), [list] "=&r"(list), [scratch] "=&r"(scratch),          \
                           [aborts] "+m"(t->n[abort_counter]), [stale] "+m"(t->n[stale_counter])      \
                         : [rseq] "r"(t->rseq), [base] "m"(lists->head), [object] "r"(object),              \
                           [cap] "i"(LIST_CAP), [turns] "m"(turns_memory)                             \
                         : "cc", "memory");                                                           \
        return LIKELY(depth < LIST_CAP);                                                              \
    }

DEFINE_POP(section_pop, "pop", ABORTS_MALLOC, STALE_MALLOC, params.pad_turns)
DEFINE_PUSH(section_push, "push", ABORTS_FREE, STALE_FREE, params.pad_turns)
DEFINE_POP(section_flush_pop, "flush_pop", ABORTS_FLUSH, STALE_FLUSH, no_turns)
DEFINE_PUSH(section_refill_push, "refill_push", ABORTS_REFILL, STALE_REFILL, no_turns)

/* Stays inside for that many turns. True: committed, false: the kernel aborted it. */
CALLED bool section_long(struct thread *t, uint64_t turns)
{
    uint64_t committed;
    void *scratch;
    __asm__ volatile(DESCRIPTOR("long")
                     "xor %k[committed], %k[committed]\n\t"
                     "lea 3b(%%rip), %[scratch]\n\t"
                     "mov %[scratch], 8(%[rseq])\n\t"
                     ".p2align 3\n"
                     "2:\tdec %[turns]\n\t"
                     "jnz 2b\n\t"
                     "inc %[committed]\n"
                     "4:\n"
                     ".pushsection .text.unlikely, \"ax\", @progbits\n\t"
                     ".byte 0x0f, 0xb9, 0x3d\n\t"
                     ".long " RSEQ_SIGNATURE "\n"
                     "5:\txor %k[committed], %k[committed]\n\t"
                     "jmp 4b\n\t"
                     ".popsection\n"
                     : [committed] "=&r"(committed), [scratch] "=&r"(scratch), [turns] "+r"(turns)
                     : [rseq] "r"(t->rseq)
                     : "cc", "memory");
    return committed;
}

extern const struct rseq_descriptor __start_rseqlab_cs[];
extern const struct named_step __start_rseqlab_steps[], __stop_rseqlab_steps[];
extern const struct named_section __start_rseqlab_names[], __stop_rseqlab_names[];

INLINE unsigned current_cpu(const struct thread *t)
{
    return *(volatile uint32_t *)&t->rseq->cpu_id_start;
}

/* ---- Atomics ---- */

INLINE bool swap_versioned(struct list *list, struct object *head, uint64_t version, struct object *new_head)
{
    bool swapped;
    uint64_t new_version = version + 1;
    __asm__ volatile("lock cmpxchg16b %[at]"
                     : "=@ccz"(swapped), [at] "+m"(list->head), "+m"(list->version), "+a"(head), "+d"(version)
                     : "b"(new_head), "c"(new_version)
                     : "memory");
    return swapped;
}

INLINE bool try_lock(struct list *list)
{
    return LIKELY(__atomic_load_n(&list->lock, __ATOMIC_RELAXED) == 0)
           && LIKELY(__atomic_exchange_n(&list->lock, 1, __ATOMIC_ACQUIRE) == 0);
}

INLINE void unlock(struct list *list)
{
    __atomic_store_n(&list->lock, 0, __ATOMIC_RELEASE);
}

/* Linux counts a yield that switched as an involuntary switch. To tell them apart without a system call: the legacy
 * rseq rules clear a descriptor pointer at the first return to user mode after a switch (or signal), wherever the ip
 * is. */
static bool switches_clear_descriptor;

CALLED void yield(struct thread *t)
{
    volatile uint64_t *armed = &t->rseq->rseq_cs;
    t->n[YIELDS]++;
    *armed = (uint64_t)(uintptr_t)&__start_rseqlab_cs[0];
    sched_yield();
    if (*armed == 0)
        t->n[YIELDS_SWITCHED]++;
}

#endif
