/* What the conformance probes share: the area, the system call, CPUs, attempts, and sections whose descriptors are
 * plain data, so that a probe can spoil them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <x86intrin.h>

#ifndef __NR_rseq
#define __NR_rseq 334
#endif
#define SIGNATURE 0x53053053u
#define UNREGISTER 1
#define LENGTH_VARIABLE "RSEQLAB_AREA_BYTES"
#define PAGE 4096

struct area {
    volatile uint32_t cpu_id_start, cpu_id;
    volatile uint64_t rseq_cs;
    volatile uint32_t flags, node_id, mm_cid;
};

union aligned_area {
    struct area area;
    char bytes[PAGE];
} __attribute__((aligned(PAGE)));

/* The area of a probe's first thread, and a second one. */
static union aligned_area own, other;

/* Bytes that probes register where the rule is not about them: more than 32 asks for the newest mode of the kernel. */
static unsigned area_bytes = 32;

struct descriptor {
    uint32_t version, flags;
    uint64_t start_ip, post_commit_offset, abort_ip;
} __attribute__((aligned(32)));

struct probe {
    const char *id;
    const char *(*run)(void);
};

/* ---- Answers ---- */

static int answer_end = -1;
static char rest_of_line[256];

static void die(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("conformance: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(code);
}

static void answer(const char *outcome, const char *note)
{
    char line[512];
    int length = snprintf(line, sizeof line, "%s\t%s\n", outcome, note);
    if (write(answer_end, line, (size_t)length) != length)
        _exit(1);
}

/* Says how the outcome was come by. */
static void note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(rest_of_line, sizeof rest_of_line, format, arguments);
    va_end(arguments);
}

/* The answer of a probe that cannot show its rule here. */
static const char *cannot(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(rest_of_line, sizeof rest_of_line, format, arguments);
    va_end(arguments);
    return "-";
}

/* For what a probe needs and does not get. */
static void need(bool had, const char *what)
{
    if (!had) {
        answer(cannot("%s: %s", what, strerror(errno)), rest_of_line);
        _exit(0);
    }
}

/* ---- The call ---- */

static int rseq(void *area, unsigned length, int flags, unsigned signature)
{
    return (int)syscall(__NR_rseq, area, length, flags, signature);
}

/* A result as the manual names it. */
static const char *name_of(int result)
{
    if (result >= 0)
        return result == 0 ? "0" : "positive";
    switch (errno) {
    case EBUSY: return "EBUSY";
    case EPERM: return "EPERM";
    case EINVAL: return "EINVAL";
    case EFAULT: return "EFAULT";
    case ENOSYS: return "ENOSYS";
    default: return strerror(errno);
    }
}

static void register_own(void)
{
    need(rseq(own.bytes, area_bytes, 0, SIGNATURE) == 0, "registering an area");
}

/* ---- Time and CPUs ---- */

static double cycles_per_us;
static int cpus[2] = { -1, -1 };
static int cpu_count;

static void calibrate(void)
{
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    uint64_t begin = __rdtsc();
    do
        clock_gettime(CLOCK_MONOTONIC, &b);
    while ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec) < 20e6);
    cycles_per_us = (double)(__rdtsc() - begin) / ((b.tv_sec - a.tv_sec) * 1e6 + (b.tv_nsec - a.tv_nsec) / 1e3);
}

static uint64_t in_us(double us) { return __rdtsc() + (uint64_t)(us * cycles_per_us); }

static void spin_us(double us)
{
    uint64_t end = in_us(us);
    while (__rdtsc() < end)
        ;
}

static void sleep_us(long us)
{
    struct timespec time = { us / 1000000, us % 1000000 * 1000 };
    syscall(SYS_nanosleep, &time, NULL);
}

static void find_cpus(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set)) {
            if (cpu_count < 2)
                cpus[cpu_count] = cpu;
            cpu_count++;
        }
}

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    need(sched_setaffinity(0, sizeof set, &set) == 0, "moving to a CPU");
}

/* The CPU according to the system call: neither the area nor the vDSO is asked. */
static uint32_t real_cpu(void)
{
    unsigned cpu = ~0u;
    syscall(SYS_getcpu, &cpu, NULL, NULL);
    return cpu;
}

/* Keeps other programs off this thread's CPU where that is allowed: fewer attempts are lost to their switches. */
static void be_first(void)
{
    struct sched_param first = { .sched_priority = 1 };
    sched_setscheduler(0, SCHED_FIFO, &first);
}

/* ---- Attempts ---- */

struct switches {
    long voluntary, involuntary;
};

static struct switches switches(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (struct switches){ usage.ru_nvcsw, usage.ru_nivcsw };
}

static bool switched_since(struct switches before)
{
    struct switches now = switches();
    return now.voluntary != before.voluntary || now.involuntary != before.involuntary;
}

#define MOST_ATTEMPTS 300

/* The first outcome of an attempt in which this thread was not switched out. */
static const char *without_switch(const char *(*attempt)(void))
{
    be_first();
    for (int i = 1; i <= MOST_ATTEMPTS; i++) {
        struct switches before = switches();
        const char *outcome = attempt();
        if (!switched_since(before)) {
            note("attempt %d, the first without a switch", i);
            return outcome;
        }
    }
    return cannot("each of %d attempts was switched out: the CPUs are shared", MOST_ATTEMPTS);
}

/* A process that computes on a CPU; ends with its parent's group. */
static pid_t competitor(int cpu)
{
    pid_t child = fork();
    need(child >= 0, "starting a competitor");
    if (child == 0) {
        pin(cpu);
        for (;;)
            spin_us(1000);
    }
    return child;
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* ---- Sections ----
 * Each is a function f(area, descriptor, a, b, c) that arms the descriptor, runs the section and returns 0 if it was
 * committed, 1 if it went to its abort handler, 2 if it left without commit. Labels f_start, f_end and f_abort. */

#define SECTION(name, before, body)                                                                                   \
    int name(volatile struct area *, struct descriptor *, uint64_t a, uint64_t b, uint64_t c);                        \
    extern char name##_start[], name##_end[], name##_abort[];                                                         \
    __asm__(".text\n"                                                                                                 \
            ".globl " #name ", " #name "_start, " #name "_end, " #name "_abort\n"                                     \
            ".balign 64\n" #name ":\n\t" before #name "_start:\n\t" body #name "_end:\n\t"                            \
            "xor %eax, %eax\n\tret\n\t"                                                                               \
            ".byte 0x0f, 0xb9, 0x3d\n\t.long 0x53053053\n" #name "_abort:\n\t"                                        \
            "mov $1, %eax\n\tret\n" #name "_left:\n\tmov $2, %eax\n\tret\n")

#define ARM "mov %rsi, 8(%rdi)\n"

static volatile uint64_t commits __attribute__((used));
#define COMMIT "incq commits(%rip)\n"

/* Spins until the word at a is not 0 or the time stamp counter reaches b. */
SECTION(spin_section, "mov %rdx, %r9\n\t" ARM,
        "1:\trdtsc\n\tshl $32, %rdx\n\tor %rdx, %rax\n\tcmp %rcx, %rax\n\tjae 2f\n\tcmpl $0, (%r9)\n\tje 1b\n2:\t" COMMIT);

/* System call a with arguments b and c, inside. */
SECTION(call_section, "mov %rdx, %rax\n\t" ARM,
        "mov %rcx, %rdi\n\tmov %r8, %rsi\n\txor %edx, %edx\n\txor %r10d, %r10d\n\tsyscall\n\t" COMMIT);

/* The call returns to the first instruction inside. */
SECTION(call_before_section,
        "mov %rdx, %rax\n\t" ARM "\tmov %rcx, %rdi\n\tmov %r8, %rsi\n\txor %edx, %edx\n\txor %r10d, %r10d\n\tsyscall\n",
        COMMIT);

/* The call is the last instruction inside: it returns to the first behind. */
SECTION(call_last_section, "mov %rdx, %rax\n\t" ARM,
        "mov %rcx, %rdi\n\tmov %r8, %rsi\n\txor %edx, %edx\n\txor %r10d, %r10d\n\tsyscall\n");

/* Reads the word at a. */
SECTION(read_section, ARM, "mov (%rdx), %rax\n\t" COMMIT);

/* If mm_cid is a: adds 1 to the word at b, slowly. */
SECTION(cid_section, ARM,
        "cmp %edx, 24(%rdi)\n\tjne cid_section_left\n\tmov (%rcx), %rax\n\tinc %rax\n\tpause\n\tmov %rax, (%rcx)\n");

#define DESCRIBE(name)                                                                                                \
    ((struct descriptor){ 0, 0, (uintptr_t)name##_start, (uint64_t)(name##_end - name##_start), (uintptr_t)name##_abort })

static struct descriptor descriptor;

static const char *committed(int result) { return result == 0 ? "commits" : result == 1 ? "aborts" : "left"; }

/* Lets the kernel forget what has happened so far: up to 6.18 it keeps the events of switches outside of sections, and
 * aborts the next section that it looks at for whatever reason. An abort clears them. */
static void forget_events(volatile struct area *area)
{
    static __thread struct descriptor section;
    struct timespec shortly = { 0, 50000 };
    section = DESCRIBE(call_section);
    call_section(area, &section, SYS_nanosleep, (uintptr_t)&shortly, 0);
    area->rseq_cs = 0;
}
