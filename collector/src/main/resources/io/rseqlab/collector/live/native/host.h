/*
 * The state of the host: how long a line takes between the first two CPUs, and how fast these are when both work. Part
 * of driver.c.
 */

/* ---- Line transfers between two CPUs: tells which state the host is in ---- */

static struct {
    volatile uint64_t turn;
} __attribute__((aligned(128))) ball;

static void *return_balls(void *argument)
{
    pin_to(cpu_list[1]);
    for (uint64_t i = 1; i < (uint64_t)(uintptr_t)argument; i += 2) {
        while (ball.turn != i)
            ;
        ball.turn = i + 1;
    }
    return NULL;
}

static double transfer_ns(void)
{
    enum { PASSES = 20000 };
    double best = 1e9;
    for (int round = 0; round < 3; round++) {
        pthread_t other;
        ball.turn = 0;
        if (pthread_create(&other, NULL, return_balls, (void *)(uintptr_t)PASSES) != 0)
            die(1, "pthread_create");
        while (ball.turn == 0 && seconds_of(CLOCK_MONOTONIC) > 0) {
            ball.turn = 1;
            while (ball.turn == 1)
                ;
        }
        double start = seconds_of(CLOCK_MONOTONIC);
        for (uint64_t i = 2; i < PASSES; i += 2) {
            ball.turn = i + 1;
            while (ball.turn == i + 1)
                ;
        }
        double ns = (seconds_of(CLOCK_MONOTONIC) - start) * 1e9 / (PASSES - 2);
        pthread_join(other, NULL);
        best = ns < best ? ns : best;
    }
    return best;
}

/*
 * ---- How fast the CPUs are, both timed at once, for the host may have put both on one core.
 * A chain of multiplications tells the clock, whoever else is on the core: with a busy hardware thread beside the CPU it
 * took no longer, an aligned decrement-and-branch loop 1.2 to 1.7 times as long, and what the workloads do 1.3 times.
 * No-operations want all of the front end and took 1.75 times as long (Zen 5). Their mean also has the time in which the
 * host ran something else on the CPU, which that does not show otherwise.
 */

struct pace {
    unsigned cpu;
    double cycle_tsc, nops_tsc;
    /* gaps in which nothing went on, ticks among them; the time that they took, and the time that was looked at */
    uint64_t gaps, gaps_tsc, looked_tsc;
};

static int pace_missing;

#define EIGHT(x) x x x x x x x x

/* Cycles of the time stamp counter for eight no-operations. */
static double time_nops(void)
{
    enum { BLOCKS = 100, EIGHTS = 64 };
    uint64_t start = tsc();
    for (int i = 0; i < BLOCKS; i++)
        __asm__ volatile(EIGHT(EIGHT(EIGHT("nop\n\t"))));
    return (double)(tsc() - start) / (BLOCKS * EIGHTS);
}

/* Cycles of the time stamp counter for one of the core: a multiplication takes three on Zen and on Intel's larger cores.
 * Where it takes more, the clock seems slower than it is. */
static double time_cycle(void)
{
    enum { BLOCKS = 50, MULTIPLICATIONS = 64, CYCLES = 3 };
    uint64_t value = 1, start = tsc();
    for (int i = 0; i < BLOCKS; i++)
        __asm__ volatile(EIGHT(EIGHT("imul %0, %0\n\t")) : "+r"(value) : : "cc");
    return (double)(tsc() - start) / (BLOCKS * MULTIPLICATIONS * CYCLES);
}

enum { ROUNDS = 1001 }; /* some 4 ms */

/* Rounds take 4 us, and an exit of the virtual machine 12 to 30: one of twice the time that most take has one. */
static void count_gaps(struct pace *pace, double *round)
{
    for (int i = 0; i < ROUNDS; i++)
        pace->looked_tsc += round[i];
    qsort(round, ROUNDS, sizeof *round, ascending);
    double usual = round[ROUNDS / 2];
    for (int i = ROUNDS - 1; i > 0 && round[i] > 2 * usual; i--) {
        pace->gaps++;
        pace->gaps_tsc += round[i] - usual;
    }
}

static void *time_cpu(void *argument)
{
    static double cycle_of[2][ROUNDS], round_of[2][ROUNDS];
    struct pace *pace = argument;
    double *cycle = cycle_of[pace->cpu], *round = round_of[pace->cpu], nops = 0;
    pin_to(cpu_list[pace->cpu]);
    __atomic_sub_fetch(&pace_missing, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&pace_missing, __ATOMIC_RELAXED) > 0)
        ;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = tsc();
        cycle[i] = time_cycle();
        nops += time_nops();
        round[i] = tsc() - start;
    }
    count_gaps(pace, round);
    qsort(cycle, ROUNDS, sizeof *cycle, ascending);
    /* the clock is what most rounds say; the mean has the neighbours that come and go, and what the host takes away */
    pace->cycle_tsc = cycle[ROUNDS / 2];
    pace->nops_tsc = nops / ROUNDS;
    return NULL;
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The slower of the first two CPUs, each figure by itself; gaps of both. */
static struct pace pace_of_cpus(void)
{
    struct pace pace[2] = {{.cpu = 0}, {.cpu = 1}}, most = {0};
    pthread_t timer[2];
    int timed = cpu_count > 1 ? 2 : 1;
    pace_missing = timed;
    for (int i = 0; i < timed; i++)
        if (pthread_create(&timer[i], NULL, time_cpu, &pace[i]) != 0)
            die(1, "pthread_create");
    for (int i = 0; i < timed; i++) {
        pthread_join(timer[i], NULL);
        most.cycle_tsc = larger(most.cycle_tsc, pace[i].cycle_tsc);
        most.nops_tsc = larger(most.nops_tsc, pace[i].nops_tsc);
        most.gaps += pace[i].gaps;
        most.gaps_tsc += pace[i].gaps_tsc;
        most.looked_tsc += pace[i].looked_tsc;
    }
    return most;
}

/* What the probes before or after the window say of the host. */
struct host_state {
    struct pace pace;
    double transfer_ns, waited_s;
    /* when that was, by both clocks: together with another one they tell the rate of the time stamp counter */
    double seconds;
    uint64_t tsc;
};

static struct host_state probe_host(void)
{
    double transfer = cpu_count > 1 ? transfer_ns() : 0;
    struct pace pace = pace_of_cpus();
    return (struct host_state){
        .transfer_ns = transfer, .pace = pace, .seconds = seconds_of(CLOCK_MONOTONIC), .tsc = tsc()};
}

/* The same, once eight no-operations take no longer than so much; or when that did not come in so many milliseconds. */
static struct host_state probe_quiet_host(double most_nops_tsc, uint64_t wait_ms)
{
    double start = seconds_of(CLOCK_MONOTONIC), waited = 0;
    while (pace_of_cpus().nops_tsc > most_nops_tsc && waited * 1e3 < wait_ms) {
        sleep_ms(10);
        waited = seconds_of(CLOCK_MONOTONIC) - start;
    }
    struct host_state found = probe_host();
    found.waited_s = waited;
    return found;
}
