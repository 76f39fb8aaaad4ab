/* fork, threads, exec; membarrier from another thread. */

static const char *from_child(const char *(*in_child)(void))
{
    int ends[2];
    static char line[64];
    need(pipe(ends) == 0, "a pipe");
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
        const char *outcome = in_child();
        _exit(write(ends[1], outcome, strlen(outcome)) < 0);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], line, sizeof line - 1);
    waitpid(child, NULL, 0);
    line[length > 0 ? length : 0] = 0;
    return length > 0 ? line : cannot("the child gave no answer");
}

static const char *register_same(void) { return name_of(rseq(own.bytes, area_bytes, 0, SIGNATURE)); }

static const char *fork_inherits(void)
{
    register_own();
    return from_child(register_same);
}

static const char *child_section(void)
{
    return committed(call_section(&own.area, &descriptor, SYS_nanosleep, (uintptr_t)&nap, 0));
}

static const char *fork_section(void)
{
    prepare(DESCRIBE(call_section));
    return from_child(child_section);
}

static void *in_thread(void *probe)
{
    return (void *)((const char *(*)(void))probe)();
}

static const char *from_thread(const char *(*probe)(void))
{
    pthread_t thread;
    void *outcome;
    need(!pthread_create(&thread, NULL, in_thread, (void *)probe), "starting a thread");
    pthread_join(thread, &outcome);
    return outcome;
}

static const char *unregister_own(void) { return name_of(rseq(own.bytes, area_bytes, UNREGISTER, SIGNATURE)); }
static const char *register_other(void) { return name_of(rseq(other.bytes, area_bytes, 0, SIGNATURE)); }

static const char *thread_registers(void)
{
    register_own();
    return from_thread(register_other);
}

static const char *thread_unregisters(void)
{
    register_own();
    return from_thread(unregister_own);
}

static const char *vfork_registers(void)
{
    static const char *volatile outcome;
    register_own();
    pid_t child = vfork();
    need(child >= 0, "vfork");
    if (child == 0) {
        outcome = register_other();
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return outcome;
}

static const char *exec_resets(void)
{
    char end[16];
    register_own();
    snprintf(end, sizeof end, "%d", answer_end);
    char *arguments[] = { "conformance", "--registered-child", end, NULL };
    execv("/proc/self/exe", arguments);
    return cannot("exec: %s", strerror(errno));
}

static const char *exec_fails(void)
{
    char *arguments[] = { "nothing", NULL };
    register_own();
    execv("/nonexistent/nothing", arguments);
    return register_same();
}

/* ---- membarrier ---- */

#ifndef MEMBARRIER_CMD_FLAG_CPU
#define MEMBARRIER_CMD_FLAG_CPU 1
#endif
#define PRIVATE 8
#define REGISTER_PRIVATE 16
#define RSEQ 128
#define REGISTER_RSEQ 256

static int membarrier(int command, unsigned flags, int cpu)
{
    return (int)syscall(SYS_membarrier, command, flags, cpu);
}

static volatile int target_ready, target_result, target_switched;

static void *target(void *unused)
{
    (void)unused;
    static struct descriptor section;
    section = DESCRIBE(spin_section);
    pin(cpus[1]);
    be_first();
    need(rseq(other.bytes, area_bytes, 0, SIGNATURE) == 0, "registering an area");
    forget_events(&other.area);
    struct switches before = switches();
    __atomic_store_n(&target_ready, 1, __ATOMIC_SEQ_CST);
    target_result = spin_section(&other.area, &section, (uintptr_t)&stop_word, in_us(LONG_US), 0);
    target_switched = switched_since(before);
    other.area.rseq_cs = 0;
    return NULL;
}

/* A barrier while another thread spins in a section on another CPU. */
static const char *barrier_beside(int registration, int command, unsigned flags, int cpu)
{
    if (cpu_count < 2)
        return cannot("one CPU only");
    pin(cpus[0]);
    need(membarrier(registration, 0, 0) == 0, "registering for membarrier");
    for (int i = 1; i <= 50; i++) {
        pthread_t thread;
        stop_word = 0;
        target_ready = 0;
        need(!pthread_create(&thread, NULL, target, NULL), "starting a thread");
        while (!__atomic_load_n(&target_ready, __ATOMIC_SEQ_CST))
            ;
        sleep_us(500);
        need(membarrier(command, flags, cpu) == 0, "membarrier");
        sleep_us(500);
        stop_word = 1;
        pthread_join(thread, NULL);
        if (!target_switched) {
            note("attempt %d, the first without a switch of the target", i);
            return committed(target_result);
        }
    }
    return cannot("the target was switched out in each of 50 attempts: the CPUs are shared");
}

static const char *barrier_rseq(void) { return barrier_beside(REGISTER_RSEQ, RSEQ, 0, 0); }

static const char *barrier_its_cpu(void)
{
    return barrier_beside(REGISTER_RSEQ, RSEQ, MEMBARRIER_CMD_FLAG_CPU, cpus[1]);
}

static const char *barrier_other_cpu(void)
{
    return barrier_beside(REGISTER_RSEQ, RSEQ, MEMBARRIER_CMD_FLAG_CPU, cpus[0]);
}

static const char *barrier_plain(void) { return barrier_beside(REGISTER_PRIVATE, PRIVATE, 0, 0); }
static const char *barrier_unregistered(void) { return name_of(membarrier(RSEQ, 0, 0)); }

static const struct probe family_probes[] = {
    { "fork-inherits", fork_inherits },
    { "fork-section", fork_section },
    { "thread-registers", thread_registers },
    { "thread-unregisters", thread_unregisters },
    { "vfork-registers", vfork_registers },
    { "exec-resets", exec_resets },
    { "exec-fails", exec_fails },
    { "membarrier-unregistered", barrier_unregistered },
    { "membarrier", barrier_rseq },
    { "membarrier-its-cpu", barrier_its_cpu },
    { "membarrier-other-cpu", barrier_other_cpu },
    { "membarrier-plain", barrier_plain },
    { NULL, NULL },
};
