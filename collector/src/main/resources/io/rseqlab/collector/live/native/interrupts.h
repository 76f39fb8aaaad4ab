/* What it costs a thread to be interrupted: an abort, an interrupt from another CPU, a timer, a tick. A probe of its own,
 * since a kernel built to find system calls inside of sections kills it. */
#ifndef RSEQLAB_INTERRUPTS_H
#define RSEQLAB_INTERRUPTS_H

#include "costs.h"

#include <errno.h>

static uint64_t now_ns(clockid_t clock);
static struct rseq_area *rseq_of_this_thread(void);

/* ---- An abort ---- */

/* A yield, of which the kernel returns into a section: after a switch it aborts. Counts the aborts. */
INLINE void yield_inside(struct rseq_area *rseq, uint64_t *aborts)
{
    uint64_t number = SYS_sched_yield;
    __asm__ volatile(".pushsection rseqlab_yield, \"aw\", @progbits\n\t"
                     ".balign 32\n"
                     "3:\t.long 0, 0\n\t"
                     ".quad 2f, 4f - 2f, 5f\n\t"
                     ".popsection\n\t"
                     "lea 3b(%%rip), %%rdx\n\t"
                     "mov %%rdx, 8(%[rseq])\n"
                     "2:\tsyscall\n\t"
                     "nop\n"
                     "4:\n\t"
                     ".pushsection .text.unlikely, \"ax\", @progbits\n\t"
                     ".byte 0x0f, 0xb9, 0x3d\n\t"
                     ".long " RSEQ_SIGNATURE "\n"
                     "5:\tincq %[aborts]\n\t"
                     "jmp 4b\n\t"
                     ".popsection"
                     : "+a"(number), [aborts] "+m"(*aborts)
                     : [rseq] "r"(rseq)
                     : "rcx", "rdx", "r11", "cc", "memory");
}

/* The same without a section to return into. */
INLINE void yield_outside(struct rseq_area *rseq)
{
    uint64_t number = SYS_sched_yield;
    __asm__ volatile("movq $0, 8(%[rseq])\n\t"
                     "syscall"
                     : "+a"(number)
                     : [rseq] "r"(rseq)
                     : "rcx", "rdx", "r11", "cc", "memory");
}

static void abort_cost(void)
{
    enum { YIELDS = 20 };
    static double without[SAMPLES], with[SAMPLES];
    struct rseq_area *rseq = rseq_of_this_thread();
    uint64_t aborts = 0;
    pthread_t other = helper(yield_along);
    sleep_ms(2);
    for (unsigned sample = 0; sample < SAMPLES; sample++) { /* in turns, so that drift hits both */
        uint64_t start = tsc();
        for (unsigned i = 0; i < YIELDS; i++)
            yield_outside(rseq);
        without[sample] = (tsc() - start) / (double)YIELDS;
        start = tsc();
        for (unsigned i = 0; i < YIELDS; i++)
            yield_inside(rseq, &aborts);
        with[sample] = (tsc() - start) / (double)YIELDS;
    }
    rseq->rseq_cs = 0;
    stop_helper(other);
    memcpy(samples, without, sizeof without);
    report("yield_outside_section", "tsc", SAMPLES);
    memcpy(samples, with, sizeof with);
    report("yield_inside_section", "tsc", SAMPLES);
    for (unsigned sample = 0; sample < SAMPLES; sample++)
        samples[sample] = with[sample] - without[sample];
    report("abort", "tsc", SAMPLES);
    printf(",\"aborts_per_yield\":%.4f", aborts / (double)(SAMPLES * YIELDS));
}

/* ---- An interrupt from another CPU ---- */

static volatile uint64_t gap_from, gap_length;

/* Notes the last gap in its own time. */
static void *feel_along(void *unused)
{
    (void)unused;
    pin_to(cpu_list[1]);
    for (uint64_t last = tsc(); helper_goes; ) {
        uint64_t now = tsc();
        if (now - last > 400) {
            gap_length = now - last;
            gap_from = last;
        }
        last = now;
    }
    return NULL;
}

static void ipi_cost(void)
{
    enum { EXPEDITED = 1 << 3, REGISTER = 1 << 4, LONGEST = 1000000 };
    static double lengths[SAMPLES];
    unsigned count = 0;
    if (syscall(SYS_membarrier, REGISTER, 0, 0) != 0)
        return;
    pthread_t other = helper(feel_along);
    sleep_ms(2);
    for (unsigned sample = 0; sample < SAMPLES; sample++) {
        uint64_t start = tsc();
        syscall(SYS_membarrier, EXPEDITED, 0, 0);
        while (gap_from < start && tsc() - start < LONGEST)
            ;
        if (gap_from >= start && gap_from - start < LONGEST) {
            lengths[count] = (double)gap_length;
            samples[count++] = (double)(gap_from - start);
        }
        for (uint64_t idle = tsc() + 50000; tsc() < idle; )
            ;
    }
    stop_helper(other);
    if (count < SAMPLES / 2)
        return;
    report("membarrier_to_interrupt", "tsc", count);
    memcpy(samples, lengths, count * sizeof *lengths);
    report("membarrier_interrupt", "tsc", count);
    COST("membarrier_alone", 1, syscall(SYS_membarrier, EXPEDITED, 0, 0));
}

/* ---- Timers ---- */

enum { TIMER_HZ = 1000, TIMER_SIGNALS = 400, GAP_LEAST = 1000 };
static volatile unsigned timer_signals;
static uint64_t timer_start_ns;

static void note_lateness(int number)
{
    (void)number;
    uint64_t late = now_ns(CLOCK_MONOTONIC) - timer_start_ns;
    if (timer_signals < TIMER_SIGNALS)
        samples[timer_signals++] = (double)(late % (1000000000 / TIMER_HZ)); /* a period late or more: no matter which */
}

static struct itimerspec beginning_at(uint64_t ns)
{
    return (struct itimerspec){.it_value = {ns / 1000000000, ns % 1000000000},
                               .it_interval = {0, 1000000000 / TIMER_HZ}};
}

static void timer_signal_cost(void)
{
    struct sigaction action = {.sa_handler = note_lateness};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    timer_t timer;
    sigaction(SIGALRM, &action, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
        die(1, "timer_create: %s", strerror(errno));
    timer_start_ns = now_ns(CLOCK_MONOTONIC) + 2000000;
    struct itimerspec when = beginning_at(timer_start_ns);
    timer_settime(timer, TIMER_ABSTIME, &when, NULL);
    while (timer_signals < TIMER_SIGNALS)
        ;
    timer_delete(timer);
    report("timer_signal_lateness", "ns", TIMER_SIGNALS);
}

static void ignore_signal(int number) { (void)number; }

/* Of a stretch of time, how much goes into gaps. */
static double time_in_gaps(uint64_t stretch)
{
    uint64_t sum = 0, begin = tsc();
    for (uint64_t last = begin, now; last - begin < stretch; last = now) {
        now = tsc();
        sum += now - last >= GAP_LEAST ? now - last : 0;
    }
    return (double)sum;
}

/* All that a periodic timer's signal takes from the thread that it comes to, its handler empty: what goes into gaps with
 * the timer and without it, in turns. Some of it comes later than the signal, where setting the timer anew is the work
 * of a hypervisor, so that a gap alone does not tell. */
static void timer_signal_gaps(double tsc_per_ns)
{
    enum { STRETCHES = 24, STRETCH_NS = 40000000, EACH_NS = 200000 };
    struct sigaction action = {.sa_handler = ignore_signal};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec often = {.it_value = {0, EACH_NS}, .it_interval = {0, EACH_NS}}, never = {{0, 0}, {0, 0}};
    uint64_t stretch = (uint64_t)(STRETCH_NS * tsc_per_ns);
    timer_t timer;
    sigaction(SIGALRM, &action, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0)
        die(1, "timer_create: %s", strerror(errno));
    for (unsigned i = 0; i < STRETCHES; i++) {
        double without = time_in_gaps(stretch);
        timer_settime(timer, 0, &often, NULL);
        samples[i] = (time_in_gaps(stretch) - without) / (STRETCH_NS / EACH_NS);
        timer_settime(timer, 0, &never, NULL);
    }
    timer_delete(timer);
    report("timer_signal", "tsc", STRETCHES);
}

/* ---- Ticks ---- */

enum { GAP_MOST = 1000000, GAPS_SECONDS = 2, GAPS_KEPT = 1 << 14 };
static double gap_begins[GAPS_KEPT], gap_lengths[GAPS_KEPT], gap_late[GAPS_KEPT];
static unsigned gap_count;

/* How many gaps begin in step with a period: in the four hundredths of it in which the most do. How late each is
 * behind the first of these is in gap_late, negative for those out of step. */
static unsigned gaps_in_step(double period)
{
    enum { PARTS = 100, WIDTH = 4 };
    unsigned in_part[PARTS] = {0}, in_step = 0, best = 0;
    for (unsigned i = 0; i < gap_count; i++) {
        double periods = gap_begins[i] / period;
        gap_late[i] = (periods - (uint64_t)periods) * PARTS;
        in_part[(unsigned)gap_late[i] % PARTS]++;
    }
    for (unsigned part = 0; part < PARTS; part++) {
        unsigned count = 0;
        for (unsigned i = 0; i < WIDTH; i++)
            count += in_part[(part + i) % PARTS];
        if (count > in_step)
            in_step = count, best = part;
    }
    for (unsigned i = 0; i < gap_count; i++) {
        double off = gap_late[i] - best;
        off = off < 0 ? off + PARTS : off;
        gap_late[i] = off < WIDTH ? off * period / PARTS : -1;
    }
    return in_step;
}

/* Ticks a second: the coarse clock moves at ticks only. 0 if the kernel has none. */
static unsigned tick_rate(void)
{
    struct timespec step;
    return clock_getres(CLOCK_MONOTONIC_COARSE, &step) == 0 && step.tv_sec == 0 && step.tv_nsec > 0
               ? (unsigned)(1e9 / step.tv_nsec + 0.5)
               : 0;
}

/* What a thread that computes alone loses to ticks: the gaps of its time that come at their rate. A host has ticks of
 * its own, so that the gaps do not tell the rate. */
static void tick_costs(double tsc_per_ns)
{
    double tsc_hz = 1e9 * tsc_per_ns;
    double on_cpu_s = -seconds_of(CLOCK_THREAD_CPUTIME_ID);
    uint64_t begin = tsc(), end = begin + (uint64_t)(GAPS_SECONDS * tsc_hz), last = begin;
    while (last < end) {
        uint64_t now = tsc();
        if (now - last >= GAP_LEAST && now - last < GAP_MOST && gap_count < GAPS_KEPT) {
            gap_begins[gap_count] = (double)(last - begin);
            gap_lengths[gap_count++] = (double)(now - last);
        }
        last = now;
    }
    on_cpu_s += seconds_of(CLOCK_THREAD_CPUTIME_ID);
    if (on_cpu_s < 0.9 * GAPS_SECONDS) /* others run, and come and go with the ticks */
        return;
    unsigned rate = tick_rate(), at = 0, ticks = rate == 0 ? 0 : gaps_in_step(tsc_hz / rate);
    if (rate == 0 || ticks < 0.8 * rate * GAPS_SECONDS) /* where a lone thread has no ticks, their costs do not matter */
        return;
    printf(",\"tick_hz\":%u", rate);
    for (unsigned gap = 0; gap < gap_count; gap++)
        if (gap_late[gap] >= 0)
            samples[at++] = gap_lengths[gap];
    report("tick", "tsc", ticks);
    for (unsigned gap = at = 0; gap < gap_count; gap++)
        if (gap_late[gap] >= 0)
            samples[at++] = gap_late[gap];
    report("tick_lateness", "tsc", ticks);
}

static void probe_interrupts(void)
{
    pin_to(cpu_list[0]);
    uint64_t from_ns = now_ns(CLOCK_MONOTONIC), from = tsc();
    while (now_ns(CLOCK_MONOTONIC) - from_ns < 100000000)
        ;
    double tsc_per_ns = (tsc() - from) / (double)(now_ns(CLOCK_MONOTONIC) - from_ns);
    printf("{\"probe\":\"interrupts\",\"format\":1,\"tsc_hz\":%.0f,\"costs\":{", tsc_per_ns * 1e9);
    abort_cost();
    /* Where that is allowed, what else runs does not come in between. (The kernel takes a twentieth of the time back.) */
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
    if (cpu_count > 1)
        ipi_cost();
    timer_signal_cost();
    timer_signal_gaps(tsc_per_ns);
    tick_costs(tsc_per_ns);
    printf("}}\n");
}

#endif
