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
 * ---- How fast the CPUs are: a busy hardware thread beside one on the host makes a turn of a loop take longer, and so
 * does the other CPU where the host has put both on one core. So both are timed at once.
 */

struct pace {
    unsigned cpu;
    double turn_tsc;
};

static int pace_missing;

static void *time_turns(void *argument)
{
    enum { TURNS = 10000, ROUNDS = 151 };
    double turn[ROUNDS];
    struct pace *pace = argument;
    pin_to(cpu_list[pace->cpu]);
    __atomic_sub_fetch(&pace_missing, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&pace_missing, __ATOMIC_RELAXED) > 0)
        ;
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = tsc();
        spend(TURNS);
        turn[i] = (double)(tsc() - start) / TURNS;
    }
    qsort(turn, ROUNDS, sizeof *turn, ascending);
    /* what interrupts a CPU hits a few rounds; a neighbour that comes and goes hits a part of them */
    pace->turn_tsc = turn[ROUNDS * 4 / 5];
    return NULL;
}

/* Cycles of the time stamp counter for one turn of a decrement-and-branch loop, on the slower of the first two CPUs. */
static double turn_tsc(void)
{
    struct pace pace[2] = {{.cpu = 0}, {.cpu = 1}};
    pthread_t timer[2];
    int timed = cpu_count > 1 ? 2 : 1;
    double most = 0;
    pace_missing = timed;
    for (int i = 0; i < timed; i++)
        if (pthread_create(&timer[i], NULL, time_turns, &pace[i]) != 0)
            die(1, "pthread_create");
    for (int i = 0; i < timed; i++) {
        pthread_join(timer[i], NULL);
        most = pace[i].turn_tsc > most ? pace[i].turn_tsc : most;
    }
    return most;
}

/* What the probes before or after the window say of the host. */
struct host_state {
    double transfer_ns, turn_tsc, waited_s;
};

static struct host_state probe_host(void)
{
    return (struct host_state){.transfer_ns = cpu_count > 1 ? transfer_ns() : 0, .turn_tsc = turn_tsc()};
}

/* The same, once a turn takes no longer than so much; or when that did not come in so many milliseconds. */
static struct host_state probe_quiet_host(double most_turn_tsc, uint64_t wait_ms)
{
    double start = seconds_of(CLOCK_MONOTONIC), waited = 0;
    while (turn_tsc() > most_turn_tsc && waited * 1e3 < wait_ms) {
        sleep_ms(10);
        waited = seconds_of(CLOCK_MONOTONIC) - start;
    }
    struct host_state found = probe_host();
    found.waited_s = waited;
    return found;
}
