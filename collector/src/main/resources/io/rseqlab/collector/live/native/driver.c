/* The native driver: real restartable sections and real atomics under the workloads `churn` and `producer-consumer`,
 * as the simulator runs them. One JSON object on stdout.
 *
 *   cc -O2 -pthread -o driver driver.c
 *
 * Exit codes: 0 done, 1 failure, 2 usage, 3 no rseq here, 4 the books do not balance. */
#define _GNU_SOURCE
#include "machine.h"
#include "strategies.h"
#include "costs.h"
#include "landing.h"
#include "lines.h"
#include "interrupts.h"
#include "host.h"
#include "fights.h"
#include "window.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static void die(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("driver: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    _exit(code);
}

void out_of_objects(void) { die(1, "out of objects: the region for free lists is used up"); }

/* ---- Workloads ---- */

static struct {
    struct object *object;
} __attribute__((aligned(64))) table[SLOTS];

/* xorshift64 (13, 7, 17): one draw per operation; the low half decides, the top ten bits are the slot. */
INLINE struct object *hand_off(struct thread *t, struct object *object)
{
    uint64_t x = t->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    t->random = x;
    if (object && (uint32_t)x < params.handoff_below)
        object = __atomic_exchange_n(&table[x >> 54].object, object, __ATOMIC_ACQ_REL);
    return object;
}

INLINE void churn(struct thread *t, allocate_fn allocate, release_fn release)
{
    while (LIKELY(!stop.flag)) {
        struct object *object = allocate(t);
        t->n[ALLOCS]++;
        object->word = t->id;
        spend(params.think);
        uint64_t position = t->position;
        struct object *old = t->ring[position];
        t->ring[position] = object;
        if (UNLIKELY(++position == params.live))
            position = 0;
        t->position = position;
        if (UNLIKELY(params.handoff_below != 0))
            old = hand_off(t, old);
        if (LIKELY(old)) { /* null in the first `live` operations and where an empty slot was drawn */
            if (old->word != t->id)
                t->n[FOREIGN_FREES]++;
            release(t, old);
            t->n[FREES]++;
        }
        t->n[OPS]++;
    }
}

/* Even threads produce, odd ones consume; an odd last thread does both by itself. An operation is one allocate or one
 * free, so that a hand-over counts as two. */
INLINE void produce_consume(struct thread *t, allocate_fn allocate, release_fn release)
{
    struct spsc *pair = t->pair;
    bool producer = t->id % 2 == 0, alone = producer && t->id + 1 == thread_count;
    while (LIKELY(!stop.flag)) {
        struct object *object;
        if (producer) {
            object = allocate(t);
            t->n[ALLOCS]++;
            object->word = t->id;
            spend(params.think);
            t->n[OPS]++;
            if (!alone) {
                uint64_t written = pair->written;
                while (written - __atomic_load_n(&pair->read, __ATOMIC_ACQUIRE) == RING) {
                    if (stop.flag) { /* nobody may come to take it: it stays with this thread */
                        t->ring[0] = object;
                        return;
                    }
                    yield(t);
                }
                pair->entry[written % RING] = object;
                __atomic_store_n(&pair->written, written + 1, __ATOMIC_RELEASE);
                continue;
            }
        } else {
            uint64_t read = pair->read;
            while (__atomic_load_n(&pair->written, __ATOMIC_ACQUIRE) == read) {
                if (stop.flag)
                    return;
                yield(t);
            }
            object = pair->entry[read % RING];
            __atomic_store_n(&pair->read, read + 1, __ATOMIC_RELEASE);
        }
        if (object->word != t->id)
            t->n[FOREIGN_FREES]++;
        release(t, object);
        t->n[FREES]++;
        t->n[OPS]++;
    }
}

/* ---- Strategies by name, and which counters mean something under each ---- */

#define BIT(counter) (1u << (counter))
#define ALWAYS (BIT(OPS) | BIT(ALLOCS) | BIT(FREES) | BIT(FOREIGN_FREES) | BIT(SIGNALS) | BIT(YIELDS) | BIT(REFILLS))
#define SECTION_COUNTERS                                                                                              \
    (BIT(ABORTS_MALLOC) | BIT(ABORTS_FREE) | BIT(ABORTS_REFILL) | BIT(ABORTS_FLUSH) | BIT(STALE_MALLOC)               \
     | BIT(STALE_FREE) | BIT(STALE_REFILL) | BIT(STALE_FLUSH))

struct strategy {
    const char *name;
    void (*churn)(struct thread *);
    void (*produce_consume)(struct thread *);
    uint32_t counters;
    bool depths; /* top nodes hold the depth of their list */
};

#define WORKLOADS(prefix)                                                                                             \
    CALLED void prefix##_churn(struct thread *t) { churn(t, prefix##_allocate, prefix##_release); }                   \
    CALLED void prefix##_pairs(struct thread *t) { produce_consume(t, prefix##_allocate, prefix##_release); }
WORKLOADS(rseq)
WORKLOADS(lock)
WORKLOADS(cas)
WORKLOADS(mutex)
WORKLOADS(treiber)
WORKLOADS(message)
WORKLOADS(remote)

static const struct strategy strategies[] = {
    {"rseq-freelist", rseq_churn, rseq_pairs, ALWAYS | BIT(FLUSHES) | SECTION_COUNTERS, true},
    {"percpu-lock", lock_churn, lock_pairs, ALWAYS | BIT(FLUSHES) | BIT(LOCK_FAILURES), true},
    {"percpu-cas", cas_churn, cas_pairs, ALWAYS | BIT(FLUSHES) | BIT(CAS_FAILURES), true},
    {"global-mutex", mutex_churn, mutex_pairs, ALWAYS, false},
    {"global-treiber", treiber_churn, treiber_pairs, ALWAYS | BIT(CAS_FAILURES), false},
    {"message-passing", message_churn, message_pairs,
     ALWAYS | BIT(REMOTE_FREES) | BIT(POSTS) | BIT(POSTED_OBJECTS) | BIT(DRAINS) | BIT(DRAINED_OBJECTS), false},
    {"thread-cache-remote-cas", remote_churn, remote_pairs,
     ALWAYS | BIT(REMOTE_FREES) | BIT(CAS_FAILURES) | BIT(DRAINS), false},
};
enum { STRATEGIES = sizeof strategies / sizeof *strategies };

/* ---- Options ---- */

static struct {
    const struct strategy *strategy;
    bool pairs, pin, probe_host, probe_two, probe_costs, probe_interrupts, probe_landing, probe_fights;
    double handoff, quiet_nops_tsc;
    uint64_t pad, signal_hz, warmup_ms, duration_ms, seed, quiet_wait_ms;
    double probe_loop_ms;
} option = {.strategy = strategies, .duration_ms = 1000, .warmup_ms = 100, .seed = 1};

static uint64_t number(const char *name, const char *text, uint64_t least, uint64_t most)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || end == text || *text == '-' || value < least || value > most)
        die(2, "%s needs a whole number from %llu to %llu, not '%s'", name, (unsigned long long)least,
            (unsigned long long)most, text);
    return value;
}

static double real(const char *name, const char *text, double least, double most)
{
    char *end;
    double value = strtod(text, &end);
    if (*end || end == text || !(value >= least && value <= most))
        die(2, "%s needs a number from %g to %g, not '%s'", name, least, most, text);
    return value;
}

static void cpus_of(const char *text, const cpu_set_t *allowed, size_t allowed_size)
{
    cpu_count = 0;
    char *copy = strdup(text), *rest;
    for (char *word = strtok_r(copy, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        unsigned cpu = number("--cpus", word, 0, MAX_CPUS - 1);
        if (!CPU_ISSET_S(cpu, allowed_size, allowed))
            die(2, "--cpus: CPU %u is not available to this process", cpu);
        for (unsigned i = 0; i < cpu_count; i++)
            if (cpu_list[i] == cpu)
                die(2, "--cpus: CPU %u is named twice", cpu);
        cpu_list[cpu_count++] = cpu;
    }
    free(copy);
    if (cpu_count == 0)
        die(2, "--cpus needs a list such as 0,1");
}

static void read_options(int argc, char **argv)
{
    size_t size = CPU_ALLOC_SIZE(MAX_CPUS);
    cpu_set_t *allowed = CPU_ALLOC(MAX_CPUS);
    const char *cpus = NULL;
    CPU_ZERO_S(size, allowed);
    if (sched_getaffinity(0, size, allowed) != 0)
        die(1, "sched_getaffinity: %s", strerror(errno));
    params.live = 16;
    thread_count = 1;
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (!strcmp(name, "--probe-host")) {
            option.probe_host = true;
            continue;
        }
        if (!strcmp(name, "--probe-two")) {
            option.probe_two = true;
            continue;
        }
        if (!strcmp(name, "--probe-landing")) {
            option.probe_landing = true;
            continue;
        }
        if (!strcmp(name, "--probe-fights")) {
            option.probe_fights = true;
            continue;
        }
        if (!strcmp(name, "--probe-costs")) {
            option.probe_costs = true;
            continue;
        }
        if (!strcmp(name, "--probe-interrupts")) {
            option.probe_interrupts = true;
            continue;
        }
        if (i + 1 == argc)
            die(2, "%s: unknown option, or its value is missing", name);
        const char *value = argv[++i];
        if (!strcmp(name, "--strategy")) {
            int s = 0;
            while (s < STRATEGIES && strcmp(strategies[s].name, value))
                s++;
            if (s == STRATEGIES)
                die(2, "--strategy: unknown '%s' (rseq-freelist, percpu-lock, percpu-cas, global-mutex, "
                       "global-treiber, message-passing, thread-cache-remote-cas)", value);
            option.strategy = &strategies[s];
        } else if (!strcmp(name, "--workload")) {
            option.pairs = !strcmp(value, "producer-consumer");
            if (!option.pairs && strcmp(value, "churn"))
                die(2, "--workload: unknown '%s' (churn, producer-consumer)", value);
        } else if (!strcmp(name, "--pin")) {
            option.pin = !strcmp(value, "rr");
            if (!option.pin && strcmp(value, "none"))
                die(2, "--pin: none or rr, not '%s'", value);
        } else if (!strcmp(name, "--cpus"))
            cpus = value;
        else if (!strcmp(name, "--threads"))
            thread_count = number(name, value, 1, MAX_THREADS);
        else if (!strcmp(name, "--live"))
            params.live = number(name, value, 1, MAX_LIVE);
        else if (!strcmp(name, "--think"))
            params.think = number(name, value, 0, 1000000000);
        else if (!strcmp(name, "--pad"))
            params.pad_turns = (option.pad = number(name, value, 0, 1000000000)) / 2;
        else if (!strcmp(name, "--handoff"))
            params.handoff_below = (uint64_t)((option.handoff = real(name, value, 0, 1)) * 4294967296.0);
        else if (!strcmp(name, "--signal-hz"))
            option.signal_hz = number(name, value, 0, 100000);
        else if (!strcmp(name, "--warmup-ms"))
            option.warmup_ms = number(name, value, 0, 3600000);
        else if (!strcmp(name, "--duration-ms"))
            option.duration_ms = number(name, value, 1, 3600000);
        else if (!strcmp(name, "--seed"))
            option.seed = number(name, value, 0, UINT64_MAX);
        else if (!strcmp(name, "--quiet-nops-tsc"))
            option.quiet_nops_tsc = real(name, value, 0, 1e6);
        else if (!strcmp(name, "--quiet-wait-ms"))
            option.quiet_wait_ms = number(name, value, 0, 3600000);
        else if (!strcmp(name, "--probe-section-loop"))
            option.probe_loop_ms = real(name, value, 0.001, 10000);
        else
            die(2, "unknown option %s", name);
    }
    if (cpus)
        cpus_of(cpus, allowed, size);
    else
        for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
            if (CPU_ISSET_S(cpu, size, allowed))
                cpu_list[cpu_count++] = cpu;
    CPU_ZERO_S(size, allowed);
    for (unsigned i = 0; i < cpu_count; i++) {
        cpu_index[cpu_list[i]] = i;
        CPU_SET_S(cpu_list[i], size, allowed);
    }
    if (sched_setaffinity(0, size, allowed) != 0)
        die(1, "sched_setaffinity: %s", strerror(errno));
    CPU_FREE(allowed);
}

/* ---- rseq as glibc registered it (2.35 and later); weak, so that an older C library gives a message ---- */

extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned int __rseq_size __attribute__((weak));

static struct rseq_area *rseq_of_this_thread(void)
{
    char *thread_pointer;
    __asm__("mov %%fs:0, %0" : "=r"(thread_pointer));
    return (struct rseq_area *)(thread_pointer + __rseq_offset);
}

static void require_rseq(void)
{
    if (!&__rseq_size)
        die(3, "this C library does not register restartable sequences (glibc 2.35 or later is needed)");
    if (__rseq_size == 0 || (int32_t)rseq_of_this_thread()->cpu_id < 0)
        die(3, "restartable sequences are not registered: the kernel lacks rseq, or GLIBC_TUNABLES has "
               "glibc.pthread.rseq=0");
    struct rseq_area *area = rseq_of_this_thread();
    volatile uint64_t *armed = &area->rseq_cs;
    struct timespec moment = {0, 1000000};
    *armed = (uint64_t)(uintptr_t)&__start_rseqlab_cs[0];
    nanosleep(&moment, NULL);
    switches_clear_descriptor = *armed == 0;
    *armed = 0;
}

/* ---- Threads ---- */

static __thread struct thread *self;
static pthread_barrier_t ready;

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A signal that comes late was waiting for its thread to be switched in, and shares that return to user mode. The
 * kernel re-arms the timer at delivery, with the periods missed as the overrun. */
static void count_signal(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    self->n[SIGNALS]++;
    if (now_ns(CLOCK_MONOTONIC) > self->signal_due_ns + LATE_SIGNAL_NS)
        self->n[SIGNALS_LATE]++;
    self->signal_due_ns += (1 + (uint64_t)info->si_overrun) * (1000000000 / option.signal_hz);
}

static void pin_to(unsigned cpu)
{
    size_t size = CPU_ALLOC_SIZE(MAX_CPUS);
    cpu_set_t *set = CPU_ALLOC(MAX_CPUS);
    CPU_ZERO_S(size, set);
    CPU_SET_S(cpu, size, set);
    if (sched_setaffinity(0, size, set) != 0)
        die(1, "cannot pin to CPU %u: %s", cpu, strerror(errno));
    CPU_FREE(set);
}

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static void enter(struct thread *t)
{
    self = t;
    t->tid = syscall(SYS_gettid);
    t->rseq = rseq_of_this_thread();
    if (option.pin)
        pin_to(cpu_list[t->id % cpu_count]);
}

static timer_t start_timer(struct thread *t)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
    event.sigev_notify_thread_id = t->tid;
    uint64_t period = 1000000000 / option.signal_hz, phase = 1 + mix(t->random) % period;
    t->signal_due_ns = now_ns(CLOCK_MONOTONIC) + phase;
    struct itimerspec when = {.it_interval = {period / 1000000000, period % 1000000000},
                              .it_value = {t->signal_due_ns / 1000000000, t->signal_due_ns % 1000000000}};
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, TIMER_ABSTIME, &when, NULL) != 0)
        die(1, "cannot start a timer: %s", strerror(errno));
    return timer;
}

static void *run(void *argument)
{
    struct thread *t = argument;
    timer_t timer = NULL;
    enter(t);
    pthread_barrier_wait(&ready);
    if (option.signal_hz)
        timer = start_timer(t);
    (option.pairs ? option.strategy->produce_consume : option.strategy->churn)(t);
    if (option.signal_hz)
        timer_delete(timer);
    return NULL;
}

static void *aligned(size_t size)
{
    void *memory = aligned_alloc(128, (size + 127) / 128 * 128);
    if (!memory)
        die(1, "out of memory");
    return memset(memory, 0, size);
}

static void prepare(void)
{
    const size_t region = (size_t)1 << 30; /* addresses; pages come as they are touched */
    central.region = mmap(NULL, region, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (central.region == MAP_FAILED)
        die(1, "mmap: %s", strerror(errno));
    central.fresh = central.region;
    central.end = central.region + region / sizeof(struct object);
    size_t expected = thread_count * (params.live + RING + 8 * REFILL) + cpu_count * LIST_CAP + SLOTS;
    for (size_t i = 0; i < 2 * expected && i < region / sizeof(struct object); i += 4096 / sizeof(struct object))
        *(volatile uint64_t *)&central.region[i].word = 0;

    threads = aligned(thread_count * sizeof *threads);
    for (uint64_t i = 0; i < thread_count; i++) {
        struct thread *t = &threads[i];
        t->id = i;
        t->random = mix(option.seed + mix(i));
        if (t->random == 0)
            t->random = 1;
        t->ring = aligned(params.live * sizeof *t->ring);
        t->buckets = aligned(thread_count * sizeof *t->buckets);
        t->remote = aligned(sizeof *t->remote);
        t->queue = aligned(sizeof *t->queue);
        t->pair = i % 2 ? threads[i - 1].pair : aligned(sizeof *t->pair);
        if (option.strategy->churn == message_churn) {
            struct object *stub = central_take(1);
            stub->owner = i;
            t->queue->front = t->queue->tail = stub;
        }
    }
}

/* ---- What is read at both ends of the window ---- */

struct sample {
    double seconds; /* CLOCK_MONOTONIC */
    struct reading {
        uint64_t n[COUNTERS], cpu_ns, voluntary, involuntary, migrations;
    } *thread;
};

static bool migrations_known = true;

static double seconds_of(clockid_t clock)
{
    return now_ns(clock) * 1e-9;
}

/* The number behind `key` and a colon in /proc/self/task/TID/file. */
static bool proc_value(int tid, const char *file, const char *const *keys, uint64_t *const *values)
{
    char path[64], line[256];
    unsigned found = 0, wanted = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/%s", tid, file);
    FILE *in = fopen(path, "r");
    if (!in)
        return false;
    while (keys[wanted])
        wanted++;
    while (fgets(line, sizeof line, in))
        for (unsigned k = 0; k < wanted; k++) {
            size_t length = strlen(keys[k]);
            char *colon = strncmp(line, keys[k], length) == 0 ? strchr(line + length, ':') : NULL;
            if (colon && strspn(line + length, " ") == (size_t)(colon - line) - length) {
                *values[k] = strtoull(colon + 1, NULL, 10);
                found++;
            }
        }
    fclose(in);
    return found == wanted;
}

static void take(struct sample *sample)
{
    sample->seconds = seconds_of(CLOCK_MONOTONIC);
    for (uint64_t i = 0; i < thread_count; i++)
        for (int c = 0; c < COUNTERS; c++)
            sample->thread[i].n[c] = threads[i].n[c];
    for (uint64_t i = 0; i < thread_count; i++) {
        struct reading *r = &sample->thread[i];
        clockid_t clock;
        if (pthread_getcpuclockid(threads[i].handle, &clock) == 0)
            r->cpu_ns = now_ns(clock);
        if (!proc_value(threads[i].tid, "status",
                        (const char *const[]){"voluntary_ctxt_switches", "nonvoluntary_ctxt_switches", NULL},
                        (uint64_t *const[]){&r->voluntary, &r->involuntary}))
            die(1, "cannot read /proc/self/task/%d/status", threads[i].tid);
        migrations_known &= proc_value(threads[i].tid, "sched", (const char *const[]){"se.nr_migrations", NULL},
                                       (uint64_t *const[]){&r->migrations});
    }
}

static void sleep_ms(uint64_t ms)
{
    struct timespec span = {ms / 1000, ms % 1000 * 1000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &span, &span) == EINTR)
        ;
}

/* ---- The audit: every object ever carved is in exactly one place ---- */

static unsigned char *seen;
static uint64_t found_free, found_live;
static const char *fault;

static bool see(const struct object *object, uint64_t *count)
{
    if (object < central.region || object >= central.fresh || (uintptr_t)object % sizeof *object)
        fault = "a pointer that is no object";
    else if (seen[object - central.region]++)
        fault = "an object in two places";
    else
        ++*count;
    return fault == NULL;
}

static void walk(const struct object *head, bool depths)
{
    uint64_t before = found_free, depth = head && depths ? head->depth : 0;
    for (const struct object *object = head; object; object = object->next)
        if (!see(object, &found_free))
            return;
    if (depths && depth != found_free - before)
        fault = "a list whose top node has the wrong depth";
}

static void audit(void)
{
    uint64_t carved = central.fresh - central.region, allocated = 0, freed = 0;
    bool depths = option.strategy->depths;
    seen = calloc(carved + 1, 1);
    walk(central.head, false);
    walk(global.head, false);
    for (unsigned cpu = 0; cpu < MAX_CPUS && !fault; cpu++)
        walk(lists[cpu].head, depths);
    for (uint64_t i = 0; i < thread_count && !fault; i++) {
        struct thread *t = &threads[i];
        allocated += t->n[ALLOCS];
        freed += t->n[FREES];
        walk(t->local, false);
        walk(t->remote->head, false);
        walk(t->queue->front, false);
        for (uint64_t owner = 0; owner < thread_count; owner++)
            walk(t->buckets[owner].first, false);
        for (uint64_t k = 0; k < params.live && !fault; k++)
            if (t->ring[k])
                see(t->ring[k], &found_live);
        if (i % 2 == 0)
            for (uint64_t k = t->pair->read; k != t->pair->written && !fault; k++)
                see(t->pair->entry[k % RING], &found_live);
    }
    for (unsigned slot = 0; slot < SLOTS && !fault; slot++)
        if (table[slot].object)
            see(table[slot].object, &found_live);
    if (!fault && found_free + found_live != carved)
        fault = "objects lost";
    if (!fault && allocated - freed != found_live)
        fault = "allocated - freed differs from the live objects";
    free(seen);
}

/* ---- Output ---- */

static uint64_t sum_window(const struct sample *from, const struct sample *to, int counter)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < thread_count; i++)
        sum += to->thread[i].n[counter] - from->thread[i].n[counter];
    return sum;
}

static uint64_t sum_life(int counter)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < thread_count; i++)
        sum += threads[i].n[counter];
    return sum;
}

static void put(const char *name, uint64_t value) { printf(",\"%s\":%llu", name, (unsigned long long)value); }

static const char *const counter_names[COUNTERS] = {
    [OPS] = "ops", [ALLOCS] = "allocs", [FREES] = "frees", [FOREIGN_FREES] = "foreign_frees", [SIGNALS] = "signals",
    [YIELDS] = "yields", [REFILLS] = "refills", [FLUSHES] = "flushes", [ABORTS_MALLOC] = "aborts_malloc",
    [ABORTS_FREE] = "aborts_free", [ABORTS_REFILL] = "aborts_refill", [ABORTS_FLUSH] = "aborts_flush",
    [STALE_MALLOC] = "stale_cpu_restarts_malloc", [STALE_FREE] = "stale_cpu_restarts_free",
    [STALE_REFILL] = "stale_cpu_restarts_refill", [STALE_FLUSH] = "stale_cpu_restarts_flush",
    [CAS_FAILURES] = "cas_failures", [LOCK_FAILURES] = "lock_failures", [REMOTE_FREES] = "remote_frees",
    [POSTS] = "posts", [POSTED_OBJECTS] = "posted_objects", [DRAINS] = "drains",
    [DRAINED_OBJECTS] = "drained_objects"};

static void print(const struct sample *from, const struct sample *to, struct host_state before, struct host_state after)
{
    double elapsed = to->seconds - from->seconds;
    uint64_t cpu_ns = 0, voluntary = 0, involuntary = 0, migrations = 0, least = UINT64_MAX, most = 0;
    for (uint64_t i = 0; i < thread_count; i++) {
        const struct reading *a = &from->thread[i], *b = &to->thread[i];
        uint64_t ops = b->n[OPS] - a->n[OPS];
        cpu_ns += b->cpu_ns - a->cpu_ns;
        voluntary += b->voluntary - a->voluntary;
        involuntary += b->involuntary - a->involuntary;
        migrations += b->migrations - a->migrations;
        least = ops < least ? ops : least;
        most = ops > most ? ops : most;
    }
    uint64_t ops = sum_window(from, to, OPS), signals = sum_window(from, to, SIGNALS);
    uint64_t late = sum_window(from, to, SIGNALS_LATE);
    uint64_t yields = sum_window(from, to, YIELDS), switched = sum_window(from, to, YIELDS_SWITCHED);

    printf("{\"format\":1,\"strategy\":\"%s\",\"workload\":\"%s\",\"threads\":%llu,\"cpus\":[", option.strategy->name,
           option.pairs ? "producer-consumer" : "churn", (unsigned long long)thread_count);
    for (unsigned i = 0; i < cpu_count; i++)
        printf("%s%u", i ? "," : "", cpu_list[i]);
    printf("],\"pin\":\"%s\"", option.pin ? "rr" : "none");
    put("live", params.live);
    put("think", params.think);
    printf(",\"handoff\":%.17g", option.handoff);
    put("pad", option.pad);
    put("signal_hz", option.signal_hz);
    put("warmup_ms", option.warmup_ms);
    put("duration_ms", option.duration_ms);
    put("seed", option.seed);
    printf(",\"elapsed_s\":%.6f,\"cpu_s\":%.6f,\"throughput_ops_per_s\":%.1f", elapsed, cpu_ns * 1e-9, ops / elapsed);
    for (int c = 0; c < COUNTERS; c++)
        if (counter_names[c] && (option.strategy->counters & BIT(c)))
            put(counter_names[c], sum_window(from, to, c));
    if (option.strategy->counters & BIT(ABORTS_MALLOC)) {
        uint64_t aborts = 0, stale = 0, life = 0;
        for (int i = 0; i < 4; i++) {
            aborts += sum_window(from, to, ABORTS_MALLOC + i);
            stale += sum_window(from, to, STALE_MALLOC + i);
            life += sum_life(ABORTS_MALLOC + i);
        }
        put("aborts", aborts);
        put("stale_cpu_restarts", stale);
        put("aborts_total", life);
    }
    put("involuntary_switches", involuntary);
    put("voluntary_switches", voluntary);
    put("signals_at_switch_in", late);
    /* returns to user mode with a switch-in or a signal; switches out stand for switches in */
    put("interruptions", involuntary + voluntary + signals - late);
    if (switches_clear_descriptor)
        put("yields_switched", switched);
    if (switches_clear_descriptor || yields == 0)
        put("preemptions", involuntary > switched ? involuntary - switched : 0);
    if (migrations_known)
        put("migrations", migrations);
    put("signals_total", sum_life(SIGNALS));
    put("signals_at_switch_in_total", sum_life(SIGNALS_LATE));
    put("ops_total", sum_life(OPS));
    put("per_thread_ops_min", least);
    put("per_thread_ops_max", most);
    put("objects", central.fresh - central.region);
    put("objects_live", found_live);
    if (before.transfer_ns > 0)
        printf(",\"line_transfer_before_ns\":%.1f,\"line_transfer_after_ns\":%.1f", before.transfer_ns,
               after.transfer_ns);
    if (before.pace.cycle_tsc > 0) {
        printf(",\"cycle_before_tsc\":%.3f,\"cycle_after_tsc\":%.3f", before.pace.cycle_tsc, after.pace.cycle_tsc);
        printf(",\"nops_before_tsc\":%.3f,\"nops_after_tsc\":%.3f", before.pace.nops_tsc, after.pace.nops_tsc);
        printf(",\"gaps\":%llu,\"gaps_tsc\":%llu,\"looked_tsc\":%llu",
               (unsigned long long)(before.pace.gaps + after.pace.gaps),
               (unsigned long long)(before.pace.gaps_tsc + after.pace.gaps_tsc),
               (unsigned long long)(before.pace.looked_tsc + after.pace.looked_tsc));
        printf(",\"tsc_hz\":%.0f,\"waited_s\":%.3f", (after.tsc - before.tsc) / (after.seconds - before.seconds),
               before.waited_s);
    }
    put("pid", getpid());
    printf(",\"tids\":[");
    for (uint64_t i = 0; i < thread_count; i++)
        printf("%s%d", i ? "," : "", threads[i].tid);
    printf("],\"sections\":[");
    for (const struct named_section *s = __start_rseqlab_names; s < __stop_rseqlab_names; s++)
        printf("%s{\"name\":\"%s\",\"start_ip\":\"0x%llx\",\"post_commit_offset\":%llu}",
               s == __start_rseqlab_names ? "" : ",", s->name, (unsigned long long)s->descriptor->start_ip,
               (unsigned long long)s->descriptor->post_commit_offset);
    printf("],\"steps\":[");
    for (const struct named_step *s = __start_rseqlab_steps; s < __stop_rseqlab_steps; s++)
        printf("%s{\"name\":\"%s\",\"ip\":\"0x%llx\"}", s == __start_rseqlab_steps ? "" : ",", s->name,
               (unsigned long long)s->ip);
    printf("],\"balanced\":%s}\n", fault ? "false" : "true");
}

/* ---- Probes: the kernel's rules in small ---- */

static double ns_per_turn(struct thread *t)
{
    enum { TURNS = 2000000 };
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        double start = seconds_of(CLOCK_MONOTONIC);
        section_long(t, TURNS);
        double ns = (seconds_of(CLOCK_MONOTONIC) - start) * 1e9 / TURNS;
        best = ns < best ? ns : best;
    }
    return best;
}

/* One thread, alone on its CPU or not: ticks pass, only switches abort. */
static void probe_section_loop(void)
{
    enum { ATTEMPTS = 50 };
    struct thread t = {.rseq = rseq_of_this_thread()};
    struct rusage a, b;
    uint64_t committed = 0;
    pin_to(cpu_list[0]);
    uint64_t turns = (uint64_t)(option.probe_loop_ms * 1e6 / ns_per_turn(&t)) + 1;
    getrusage(RUSAGE_THREAD, &a);
    double start = seconds_of(CLOCK_MONOTONIC);
    for (int i = 0; i < ATTEMPTS; i++)
        committed += section_long(&t, turns);
    double elapsed = seconds_of(CLOCK_MONOTONIC) - start;
    getrusage(RUSAGE_THREAD, &b);
    printf("{\"probe\":\"section-loop\",\"section_ms\":%g,\"turns\":%llu,\"attempts\":%d,\"commits\":%llu,"
           "\"aborts\":%llu,\"elapsed_s\":%.6f,\"involuntary_switches\":%ld,\"voluntary_switches\":%ld}\n",
           option.probe_loop_ms, (unsigned long long)turns, ATTEMPTS, (unsigned long long)committed,
           (unsigned long long)(ATTEMPTS - committed), elapsed, b.ru_nivcsw - a.ru_nivcsw, b.ru_nvcsw - a.ru_nvcsw);
}

struct probe {
    struct thread t;
    struct rusage before, after;
    uint64_t attempts, commits;
};

static void *probe_one_of_two(void *argument)
{
    struct probe *p = argument;
    p->t.rseq = rseq_of_this_thread();
    pin_to(cpu_list[0]);
    uint64_t turns = 10000000; /* some 3 ms */
    pthread_barrier_wait(&ready);
    getrusage(RUSAGE_THREAD, &p->before);
    while (!stop.flag) {
        p->attempts++;
        p->commits += section_long(&p->t, turns);
    }
    getrusage(RUSAGE_THREAD, &p->after);
    return NULL;
}

/* Two threads on one CPU, inside sections almost always: one abort per switch-out. */
static void probe_two(void)
{
    struct probe *p = aligned(2 * sizeof *p);
    pthread_t handle[2];
    pthread_barrier_init(&ready, NULL, 2);
    for (int i = 0; i < 2; i++)
        if (pthread_create(&handle[i], NULL, probe_one_of_two, &p[i]) != 0)
            die(1, "pthread_create");
    sleep_ms(option.duration_ms);
    stop.flag = 1;
    for (int i = 0; i < 2; i++)
        pthread_join(handle[i], NULL);
    printf("{\"probe\":\"two\",\"attempts\":%llu,\"commits\":%llu,\"aborts\":%llu,\"involuntary_switches\":%ld,"
           "\"voluntary_switches\":%ld}\n",
           (unsigned long long)(p[0].attempts + p[1].attempts), (unsigned long long)(p[0].commits + p[1].commits),
           (unsigned long long)(p[0].attempts + p[1].attempts - p[0].commits - p[1].commits),
           p[0].after.ru_nivcsw - p[0].before.ru_nivcsw + p[1].after.ru_nivcsw - p[1].before.ru_nivcsw,
           p[0].after.ru_nvcsw - p[0].before.ru_nvcsw + p[1].after.ru_nvcsw - p[1].before.ru_nvcsw);
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    require_rseq();
    if (option.probe_loop_ms > 0)
        return probe_section_loop(), 0;
    if (option.probe_two)
        return probe_two(), 0;
    if (option.probe_costs || option.probe_interrupts)
        setpriority(PRIO_PROCESS, 0, -20); /* where that is allowed: what else runs is not what is measured */
    if (option.probe_costs)
        return probe_costs(), 0;
    if (option.probe_interrupts)
        return probe_interrupts(), 0;
    if (option.probe_landing) {
        pin_to(cpu_list[0]);
        return probe_landing(), 0;
    }
    if (option.probe_fights)
        return probe_fights(), 0;

    prepare();
    struct host_state before = {0};
    if (option.probe_host)
        before = probe_quiet_host(option.quiet_nops_tsc, option.quiet_wait_ms);
    struct sigaction action = {.sa_sigaction = count_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGPROF, &action, NULL);
    struct sample from = {.thread = aligned(thread_count * sizeof(struct reading))};
    struct sample to = {.thread = aligned(thread_count * sizeof(struct reading))};

    pthread_barrier_init(&ready, NULL, thread_count + 1);
    for (uint64_t i = 0; i < thread_count; i++)
        if ((errno = pthread_create(&threads[i].handle, NULL, run, &threads[i])) != 0)
            die(1, "pthread_create: %s", strerror(errno));
    pthread_barrier_wait(&ready);
    /* So that the two readings are not themselves interrupted; without the right to it, they may be. */
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
    sleep_ms(option.warmup_ms);
    take(&from);
    sleep_ms(option.duration_ms);
    take(&to);
    stop.flag = 1;
    pthread_setschedparam(pthread_self(), SCHED_OTHER, &(struct sched_param){0});
    for (uint64_t i = 0; i < thread_count; i++)
        pthread_join(threads[i].handle, NULL);

    struct host_state after = option.probe_host ? probe_host() : (struct host_state){0};
    audit();
    print(&from, &to, before, after);
    fflush(stdout);
    if (fault)
        die(4, "the books do not balance: %s", fault);
    return 0;
}
