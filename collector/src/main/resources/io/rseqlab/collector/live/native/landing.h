/* Where interrupts land: a loop of known operations, four bytes each, under a timer, and how often each of them was the
 * interrupted one. Tells whether an interrupt is taken behind the operation that is waited for, or behind the group that
 * retires with it. */
#ifndef RSEQLAB_LANDING_H
#define RSEQLAB_LANDING_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

enum { LANDING_BYTES = 128, LANDING_SIGNALS = 8000, LANDING_PERIOD_NS = 150000 };

static struct {
    uintptr_t start;
    volatile uint64_t inside, at[LANDING_BYTES / 4];
} landing;

static void note_landing(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info;
    uintptr_t offset = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] - landing.start;
    if (offset < LANDING_BYTES) {
        landing.inside++;
        landing.at[offset / 4]++;
    }
}

#define ADD_1_TO(register) "add $1, %%" register "\n\t"
#define EIGHT_ADDS ADD_1_TO("rcx") ADD_1_TO("rdx") ADD_1_TO("rsi") ADD_1_TO("rdi") ADD_1_TO("r8") ADD_1_TO("r9") \
                   ADD_1_TO("r10") ADD_1_TO("r11")
/* Jumps to the next instruction: nothing waits for them, so that what a load or a store holds up is seen. */
#define TWO_JUMPS "jmp 2f\n2:\tjmp 2f\n2:\t"
#define SIXTEEN_JUMPS TWO_JUMPS TWO_JUMPS TWO_JUMPS TWO_JUMPS TWO_JUMPS TWO_JUMPS TWO_JUMPS TWO_JUMPS
#define CHASE "mov (%%r12), %%r12\n\t"

/* Turns of a body until enough signals came; the loop's own branch is behind the last operation. */
#define LANDINGS(name, body)                                                                                         \
    do {                                                                                                             \
        static void *self_pointer;                                                                                   \
        self_pointer = &self_pointer;                                                                                \
        memset((void *)&landing, 0, sizeof landing);                                                                 \
        while (landing.inside < LANDING_SIGNALS) {                                                                   \
            uint64_t turns = 20000;                                                                                  \
            __asm__ volatile("mov %[self], %%r12\n\t"                                                                \
                             "lea 1f(%%rip), %%rcx\n\t"                                                              \
                             "mov %%rcx, %[start]\n\t"                                                               \
                             ".p2align 6\n"                                                                          \
                             "1:\t" body "dec %[turns]\n\t"                                                          \
                             "jnz 1b\n\t"                                                                            \
                             : [turns] "+r"(turns), [start] "=m"(landing.start)                                      \
                             : [self] "r"(self_pointer)                                                              \
                             : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "xmm0", "cc", "memory"); \
        }                                                                                                            \
        print_landings(name);                                                                                        \
    } while (0)

static void print_landings(const char *name)
{
    const char *comma = "";
    printf("{\"body\":\"%s\",\"landings\":[", name);
    for (int i = 0; i < LANDING_BYTES / 4; i++)
        if (landing.at[i]) {
            printf("%s{\"operation\":%d,\"share\":%.4f}", comma, i, (double)landing.at[i] / landing.inside);
            comma = ",";
        }
    printf("]}");
}

static void probe_landing(void)
{
    struct sigaction action = {.sa_sigaction = note_landing, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    struct itimerspec period = {{0, LANDING_PERIOD_NS}, {0, LANDING_PERIOD_NS}};
    timer_t timer;
    sigaction(SIGALRM, &action, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 || timer_settime(timer, 0, &period, NULL) != 0)
        return;
    printf("{\"probe\":\"landing\",\"format\":1,\"bodies\":[");
    LANDINGS("sqrtsd, 16 independent additions", "sqrtsd %%xmm0, %%xmm0\n\t" EIGHT_ADDS EIGHT_ADDS);
    printf(",");
    LANDINGS("store, load fed by it, 16 independent additions",
             "mov %%r12, (%%r12)\n\tmov (%%r12), %%rax\n\t" EIGHT_ADDS EIGHT_ADDS);
    printf(",");
    LANDINGS("4 dependent loads", CHASE CHASE CHASE CHASE);
    printf(",");
    LANDINGS("4 dependent loads, 2 additions behind each",
             CHASE ADD_1_TO("rcx") ADD_1_TO("rdx") CHASE ADD_1_TO("rsi") ADD_1_TO("rdi") CHASE ADD_1_TO("r8")
             ADD_1_TO("r9") CHASE ADD_1_TO("r10") ADD_1_TO("r11"));
    printf(",");
    LANDINGS("load, 16 jumps", "mov (%%r12), %%rax\n\t" SIXTEEN_JUMPS);
    printf(",");
    LANDINGS("store, 16 jumps", "mov %%r12, (%%r12)\n\t" SIXTEEN_JUMPS);
    printf(",");
    LANDINGS("store, load fed by it, 16 jumps", "mov %%r12, (%%r12)\n\tmov (%%r12), %%rax\n\t" SIXTEEN_JUMPS);
    printf("]}\n");
    timer_delete(timer);
}

#endif
