/*
 * What the scheduler of this machine does with a set of threads. Usage:
 *
 *   sched --threads SPEC[,SPEC...] --cpus 0,1 [--warmup-ms N] [--duration-ms N]
 *
 * SPEC is KIND[:US[:US]][/NICE][@CPU], CPU an index into --cpus:
 *   hog             computes
 *   yield:W         computes W microseconds, then calls sched_yield, again and again
 *   sleep:P:W       sleeps P microseconds, then computes W
 *   wake:P          computes P microseconds, then wakes the next `wait` thread behind it in the list
 *   wait:W          waits for its `wake` thread, then computes W microseconds
 *
 * Prints one line of JSON: for each thread its CPU time, switches, migrations, turns, run slices and times from wake-up
 * to run. A spinning thread sees that it was off its CPU by gaps between two
 * reads of the time stamp counter; the tick and other short interrupts are below GAP_US.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

/* A spinning thread that loses this much time at once was off its CPU. */
#define GAP_US 150
#define MOST_THREADS 64
#define MOST_CPUS 64
#define MOST_SAMPLES 65536

enum kind { HOG, YIELD, SLEEP, WAKE, WAIT };

static const char *const kind_names[] = { "hog", "yield", "sleep", "wake", "wait" };

struct samples {
    uint32_t count;
    float us[MOST_SAMPLES];
};

struct thread {
    enum kind kind;
    long first_us, second_us;
    int nice, cpu;
    pthread_t handle;
    struct thread *partner;
    pid_t tid;
    int start_cpu;
    volatile uint32_t word;
    volatile uint64_t woken_at;
    uint64_t slice_from;
    uint64_t turns;
    double cpu_s;
    long voluntary, involuntary, migrations;
    struct samples slices, latencies;
};

static struct thread threads[MOST_THREADS];
static int thread_count;
static int cpus[MOST_CPUS];
static int cpu_count;
static double tsc_per_us;
static uint64_t gap_tsc;
static long warmup_ms = 200, duration_ms = 1000;
static pthread_barrier_t ready;
static volatile int measuring, stop;

static void die(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "sched: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    exit(code);
}

static void add(struct samples *samples, double us)
{
    if (measuring && samples->count < MOST_SAMPLES)
        samples->us[samples->count++] = us;
}

/* Computes for some microseconds of the thread's own time; ends early when the run does. */
static void compute(struct thread *self, double us)
{
    uint64_t left = us * tsc_per_us, last = __rdtsc(), done = 0;
    while (done < left && !stop) {
        uint64_t now = __rdtsc(), step = now - last;
        if (step > gap_tsc) {
            add(&self->slices, (last - self->slice_from) / tsc_per_us);
            self->slice_from = now;
        } else {
            done += step;
        }
        last = now;
    }
}

static double clock_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void futex(volatile uint32_t *word, int op, int value)
{
    syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void turn(struct thread *self)
{
    switch (self->kind) {
    case HOG:
        compute(self, 1e5);
        break;
    case YIELD:
        if (self->first_us > 0)
            compute(self, self->first_us);
        sched_yield();
        break;
    case SLEEP: {
        double due = clock_us(CLOCK_MONOTONIC) + self->first_us;
        struct timespec when = { (time_t)(due / 1e6), (long)((due - 1e6 * (time_t)(due / 1e6)) * 1e3) };
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
        self->slice_from = __rdtsc();
        add(&self->latencies, clock_us(CLOCK_MONOTONIC) - due);
        compute(self, self->second_us);
        break;
    }
    case WAKE:
        compute(self, self->first_us);
        if (self->partner->word == 0) {
            self->partner->woken_at = __rdtsc();
            self->partner->word = 1;
            futex(&self->partner->word, FUTEX_WAKE, 1);
        }
        break;
    case WAIT:
        while (self->word == 0 && !stop)
            futex(&self->word, FUTEX_WAIT, 0);
        self->slice_from = __rdtsc();
        if (!stop)
            add(&self->latencies, (self->slice_from - self->woken_at) / tsc_per_us);
        compute(self, self->first_us);
        self->word = 0;
        break;
    }
    if (measuring)
        self->turns++;
}

/* A number behind a name in a file of /proc, -1 if it is not there. */
static long field(const char *file, pid_t tid, const char *name)
{
    char path[64], line[256];
    long value = -1;
    snprintf(path, sizeof path, "/proc/self/task/%d/%s", tid, file);
    FILE *stream = fopen(path, "r");
    while (stream && fgets(line, sizeof line, stream))
        if (strncmp(line, name, strlen(name)) == 0)
            value = atol(strchr(line, ':') + 1);
    if (stream)
        fclose(stream);
    return value;
}

static void snapshot(struct thread *t, int sign)
{
    clockid_t clock;
    if (pthread_getcpuclockid(t->handle, &clock) != 0)
        die(1, "pthread_getcpuclockid");
    t->cpu_s += sign * clock_us(clock) / 1e6;
    t->voluntary += sign * field("status", t->tid, "voluntary_ctxt_switches");
    t->involuntary += sign * field("status", t->tid, "nonvoluntary_ctxt_switches");
    t->migrations += sign * field("sched", t->tid, "se.nr_migrations");
}

static void pin(struct thread *self)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpus[self->cpu], &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        die(1, "cannot stay on CPU %d: %s", cpus[self->cpu], strerror(errno));
}

static void *run(void *argument)
{
    struct thread *self = argument;
    self->tid = gettid();
    prctl(PR_SET_TIMERSLACK, 1);
    if (setpriority(PRIO_PROCESS, self->tid, self->nice) != 0)
        die(1, "cannot set nice %d: %s", self->nice, strerror(errno));
    if (self->cpu >= 0)
        pin(self);
    pthread_barrier_wait(&ready);
    unsigned cpu = 0;
    getcpu(&cpu, NULL);
    for (int i = 0; i < cpu_count; i++)
        if (cpus[i] == (int)cpu)
            self->start_cpu = i;
    self->slice_from = __rdtsc();
    while (!stop)
        turn(self);
    return NULL;
}

static void parse_thread(char *text)
{
    if (thread_count == MOST_THREADS)
        die(2, "--threads: at most %d", MOST_THREADS);
    struct thread *t = &threads[thread_count++];
    char *rest = text + strcspn(text, ":/@");
    size_t length = rest - text;
    int kind = 0;
    while (kind <= WAIT && (strlen(kind_names[kind]) != length || strncmp(text, kind_names[kind], length) != 0))
        kind++;
    if (kind > WAIT)
        die(2, "--threads: '%s' is not hog, yield, sleep, wake or wait", text);
    t->kind = kind;
    t->cpu = -1;
    int numbers = 0;
    while (*rest) {
        char mark = *rest;
        long value = strtol(rest + 1, &rest, 10);
        if (mark == '/')
            t->nice = value;
        else if (mark == '@')
            t->cpu = value;
        else if (mark == ':' && numbers++ == 0)
            t->first_us = value;
        else if (mark == ':')
            t->second_us = value;
        else
            die(2, "--threads: '%c' is unexpected", mark);
    }
}

static void parse_list(char *text, void (*one)(char *))
{
    for (char *part = strtok(text, ","); part; part = strtok(NULL, ","))
        one(part);
}

static void parse_cpu(char *text)
{
    if (cpu_count == MOST_CPUS)
        die(2, "--cpus: at most %d", MOST_CPUS);
    cpus[cpu_count++] = atoi(text);
}

static void pair_up(void)
{
    for (int i = 0; i < thread_count; i++) {
        if (threads[i].cpu >= cpu_count)
            die(2, "--threads: there is no CPU %d in --cpus", threads[i].cpu);
        if (threads[i].kind != WAKE)
            continue;
        for (int j = i + 1; j < thread_count && !threads[i].partner; j++)
            if (threads[j].kind == WAIT && !threads[j].partner) {
                threads[i].partner = &threads[j];
                threads[j].partner = &threads[i];
            }
        if (!threads[i].partner)
            die(2, "--threads: a wake thread needs a wait thread behind it");
    }
}

static void print_samples(const char *name, struct samples *samples)
{
    printf(",\"%s\":[", name);
    for (uint32_t i = 0; i < samples->count; i++)
        printf("%s%.1f", i ? "," : "", samples->us[i]);
    printf("]");
}

static void print(double seconds)
{
    printf("{\"seconds\":%.6f,\"cpus\":%d,\"threads\":[", seconds, cpu_count);
    for (int i = 0; i < thread_count; i++) {
        struct thread *t = &threads[i];
        printf("%s{\"start_cpu\":%d,\"cpu_s\":%.6f", i ? "," : "", t->start_cpu, t->cpu_s);
        printf(",\"turns\":%lu,\"voluntary_switches\":%ld,\"involuntary_switches\":%ld,\"migrations\":%ld", t->turns,
               t->voluntary, t->involuntary, t->migrations);
        print_samples("slices_us", &t->slices);
        print_samples("latencies_us", &t->latencies);
        printf("}");
    }
    printf("]}\n");
}

static void measure_tsc(void)
{
    double from = clock_us(CLOCK_MONOTONIC);
    uint64_t tsc = __rdtsc();
    while (clock_us(CLOCK_MONOTONIC) < from + 20000)
        ;
    tsc_per_us = (__rdtsc() - tsc) / (clock_us(CLOCK_MONOTONIC) - from);
    gap_tsc = GAP_US * tsc_per_us;
}

static void stay_on_cpus(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int i = 0; i < cpu_count; i++)
        CPU_SET(cpus[i], &set);
    if (cpu_count == 0 || sched_setaffinity(0, sizeof set, &set) != 0)
        die(2, "--cpus: these CPUs are not to be had");
}

static void pass(long ms)
{
    struct timespec span = { ms / 1000, ms % 1000 * 1000000 };
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &span, &span) == EINTR)
        ;
}

int main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--threads") == 0)
            parse_list(argv[i + 1], parse_thread);
        else if (strcmp(argv[i], "--cpus") == 0)
            parse_list(argv[i + 1], parse_cpu);
        else if (strcmp(argv[i], "--warmup-ms") == 0)
            warmup_ms = atol(argv[i + 1]);
        else if (strcmp(argv[i], "--duration-ms") == 0)
            duration_ms = atol(argv[i + 1]);
        else
            die(2, "unknown option %s", argv[i]);
    }
    if (thread_count == 0 || duration_ms <= 0)
        die(2, "--threads and a --duration-ms above 0 are needed");
    pair_up();
    measure_tsc();
    stay_on_cpus();
    /* The director answers at once: it must not wait behind the threads that it measures. */
    setpriority(PRIO_PROCESS, gettid(), -20);
    pthread_barrier_init(&ready, NULL, thread_count + 1);
    for (int i = 0; i < thread_count; i++)
        if ((errno = pthread_create(&threads[i].handle, NULL, run, &threads[i])) != 0)
            die(1, "pthread_create: %s", strerror(errno));
    pthread_barrier_wait(&ready);
    pass(warmup_ms);
    for (int i = 0; i < thread_count; i++)
        snapshot(&threads[i], -1);
    double from = clock_us(CLOCK_MONOTONIC);
    measuring = 1;
    pass(duration_ms);
    measuring = 0;
    double seconds = (clock_us(CLOCK_MONOTONIC) - from) / 1e6;
    for (int i = 0; i < thread_count; i++)
        snapshot(&threads[i], 1);
    stop = 1;
    for (int i = 0; i < thread_count; i++)
        if (threads[i].kind == WAIT)
            futex(&threads[i].word, FUTEX_WAKE, 1);
    for (int i = 0; i < thread_count; i++)
        pthread_join(threads[i].handle, NULL);
    print(seconds);
    return 0;
}
