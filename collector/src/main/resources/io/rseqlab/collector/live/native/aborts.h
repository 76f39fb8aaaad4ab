/* What aborts a section and what does not; what becomes of the pointer. */

#define TICKS_US 12800 /* three ticks at 250 Hz, one at 100 Hz */
#define LONG_US 400000

static volatile uint32_t stop_word;

static int spin_for(double us) { return spin_section(&own.area, &descriptor, (uintptr_t)&stop_word, in_us(us), 0); }

#define prepare(section) prepare_with(&(section))
static void prepare_with(const struct descriptor *section)
{
    pin(cpus[0]);
    descriptor = *section;
    register_own();
}

/* Timer interrupts of a CPU so far, -1 if the kernel does not say. */
static long timer_interrupts(int cpu)
{
    char line[16384];
    long count = -1;
    FILE *file = fopen("/proc/interrupts", "r");
    if (!file)
        return -1;
    int column = -1;
    if (fgets(line, sizeof line, file)) {
        int index = 0;
        for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n"), index++)
            if (!strncmp(word, "CPU", 3) && atoi(word + 3) == cpu)
                column = index;
    }
    while (column >= 0 && count < 0 && fgets(line, sizeof line, file)) {
        char *word = strtok(line, " \n");
        if (word && !strcmp(word, "LOC:")) {
            for (int i = 0; i <= column && word; i++)
                word = strtok(NULL, " \n");
            count = word ? atol(word) : -1;
        }
    }
    fclose(file);
    return count;
}

static const char *tick(void)
{
    prepare(DESCRIBE(spin_section));
    be_first();
    for (int i = 1; i <= MOST_ATTEMPTS; i++) {
        long before = timer_interrupts(cpus[0]);
        forget_events(&own.area);
        struct switches start = switches();
        int result = spin_for(TICKS_US);
        if (!switched_since(start)) {
            long interrupts = timer_interrupts(cpus[0]) - before;
            if (before >= 0 && interrupts <= 0)
                return cannot("no timer interrupt came in %.1f ms: the CPU has no tick", TICKS_US / 1e3);
            note("attempt %d: %.1f ms, %ld timer interrupts, no switch", i, TICKS_US / 1e3, interrupts);
            return committed(result);
        }
    }
    return cannot("each of %d attempts was switched out: the CPUs are shared", MOST_ATTEMPTS);
}

static const char *preempted(void)
{
    prepare(DESCRIBE(spin_section));
    pid_t rival = competitor(cpus[0]);
    const char *outcome = NULL;
    for (int i = 1; i <= 20 && !outcome; i++) {
        struct switches before = switches();
        int result = spin_for(LONG_US);
        if (switches().involuntary != before.involuntary) {
            note("attempt %d, %ld involuntary switches", i, switches().involuntary - before.involuntary);
            outcome = committed(result);
        }
    }
    end(rival);
    return outcome ? outcome : cannot("was never preempted beside a competitor");
}

/* ---- Signals ---- */

static volatile uint64_t handler_saw;
static volatile int handled;

static void remember_ip(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    handler_saw = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    handled++;
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    sigaction(signal, &action, NULL);
}

/* A SIGALRM after some microseconds, from a timer interrupt. */
static void alarm_in(long us)
{
    struct itimerval timer = { .it_value = { us / 1000000, us % 1000000 } };
    setitimer(ITIMER_REAL, &timer, NULL);
}

static const char *signal_in_section_attempt(void)
{
    alarm_in(1000);
    return committed(spin_for(LONG_US));
}

static const char *signal_in_section(void)
{
    prepare(DESCRIBE(spin_section));
    handle(SIGALRM, remember_ip);
    return without_switch(signal_in_section_attempt);
}

static const char *frame_attempt(void)
{
    alarm_in(1000);
    spin_for(LONG_US);
    uint64_t ip = handler_saw;
    return ip == (uintptr_t)spin_section_abort                                         ? "abort_ip"
           : ip >= (uintptr_t)spin_section_start && ip < (uintptr_t)spin_section_end ? "inside"
                                                                                       : "elsewhere";
}

static const char *signal_frame(void)
{
    prepare(DESCRIBE(spin_section));
    handle(SIGALRM, remember_ip);
    return without_switch(frame_attempt);
}

static volatile int inner_result;
static struct descriptor inner_descriptor;

static void run_section(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    (void)context;
    inner_result = read_section(&own.area, &inner_descriptor, (uintptr_t)&stop_word, 0, 0);
}

static const char *nested_attempt(void)
{
    inner_result = -1;
    alarm_in(1000);
    int outer = spin_for(LONG_US);
    return inner_result != 0 ? "inner aborts" : committed(outer);
}

static const char *nested(void)
{
    prepare(DESCRIBE(spin_section));
    inner_descriptor = DESCRIBE(read_section);
    handle(SIGALRM, run_section);
    return without_switch(nested_attempt);
}

/* ---- System calls ---- */

static const char *getpid_attempt(void)
{
    return committed(call_section(&own.area, &descriptor, SYS_getpid, 0, 0));
}

static const char *getpid_in_section(void)
{
    prepare(DESCRIBE(call_section));
    return without_switch(getpid_attempt);
}

/* A child signals this process out of a section: whatever becomes of the child, the signal has been sent. */
static const char *call_effect(void)
{
    prepare(DESCRIBE(call_section));
    handle(SIGUSR2, remember_ip);
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0)
        _exit(call_section(&own.area, &descriptor, SYS_kill, (uint64_t)getppid(), SIGUSR2) > 2);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    return handled ? "done" : "not done";
}

static const char *yield_attempt(void)
{
    return committed(call_section(&own.area, &descriptor, SYS_sched_yield, 0, 0));
}

static const char *yield_alone(void)
{
    prepare(DESCRIBE(call_section));
    return without_switch(yield_attempt);
}

static const char *yield_to_other(void)
{
    prepare(DESCRIBE(call_section));
    pid_t rival = competitor(cpus[0]);
    const char *outcome = NULL;
    for (int i = 1; i <= 2000 && !outcome; i++) {
        struct switches before = switches();
        const char *result = yield_attempt();
        if (switched_since(before)) {
            note("attempt %d, the first that switched", i);
            outcome = result;
        }
    }
    end(rival);
    return outcome ? outcome : cannot("no sched_yield switched to a competitor");
}

static struct timespec nap = { 0, 2000000 };

static const char *nanosleep_in_section(void)
{
    prepare(DESCRIBE(call_section));
    uint64_t begin = __rdtsc();
    int result = call_section(&own.area, &descriptor, SYS_nanosleep, (uintptr_t)&nap, 0);
    double us = (double)(__rdtsc() - begin) / cycles_per_us;
    note("back after %.0f us of %.0f", us, nap.tv_nsec / 1e3);
    return us < nap.tv_nsec / 1e3 ? "cut short" : committed(result);
}

static const char *start_inside(void)
{
    prepare(DESCRIBE(call_before_section));
    return committed(call_before_section(&own.area, &descriptor, SYS_nanosleep, (uintptr_t)&nap, 0));
}

static const char *end_outside(void)
{
    prepare(DESCRIBE(call_last_section));
    return committed(call_last_section(&own.area, &descriptor, SYS_nanosleep, (uintptr_t)&nap, 0));
}

static const char *fault_attempt(void)
{
    char *fresh = page(PROT_READ | PROT_WRITE);
    struct rusage before, after;
    getrusage(RUSAGE_THREAD, &before);
    const char *outcome = committed(read_section(&own.area, &descriptor, (uintptr_t)fresh, 0, 0));
    getrusage(RUSAGE_THREAD, &after);
    return after.ru_minflt > before.ru_minflt ? outcome : "no fault";
}

static const char *page_fault(void)
{
    prepare(DESCRIBE(read_section));
    return without_switch(fault_attempt);
}

/* A debugger stops the program behind each instruction of its section. */
static const char *single_step(void)
{
    prepare(DESCRIBE(read_section));
    int steps = 0, status;
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
            _exit(99);
        raise(SIGSTOP);
        _exit(read_section(&own.area, &descriptor, (uintptr_t)&stop_word, 0, 0));
    }
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status) && steps < 1000000) {
        steps++;
        if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL))
            break;
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 99) {
        kill(child, SIGKILL);
        return cannot("the program could not be traced");
    }
    note("%d steps in all", steps);
    return committed(WEXITSTATUS(status));
}

/* dup2 over the last reference to a file leaves its end to be worked off on the way out of the call: the exit looks at
 * the section though nothing has happened to it. What it finds set is from before, if anything. */
static const char *notified(void)
{
    int first = open("/dev/null", O_RDONLY), last = open("/dev/null", O_RDONLY);
    need(first >= 0 && last >= 0, "opening /dev/null");
    const char *outcome = committed(call_section(&own.area, &descriptor, SYS_dup2, (uint64_t)first, (uint64_t)last));
    close(first);
    close(last);
    return outcome;
}

/* A switch while no section is armed leaves its event bit behind, where the kernel keeps such bits. */
static const char *old_event_attempt(void)
{
    own.area.rseq_cs = 0;
    sleep_us(200);
    struct switches before = switches();
    const char *outcome = notified();
    return switched_since(before) ? NULL : outcome;
}

/* An abort clears all event bits. */
static const char *no_event_attempt(void)
{
    if (call_section(&own.area, &descriptor, SYS_nanosleep, (uintptr_t)&nap, 0) != 1)
        return cannot("a sleep does not abort here");
    struct switches before = switches();
    const char *outcome = notified();
    return switched_since(before) ? NULL : outcome;
}

/* Whether a system call that returns into a section kills, as in kernels built to find such programs. */
static bool calls_kill(void)
{
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0)
        _exit(call_section(&own.area, &descriptor, SYS_getpid, 0, 0) > 2);
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

static const char *notified_after(const char *(*attempt)(void))
{
    prepare(DESCRIBE(call_section));
    if (calls_kill())
        return cannot("the call that makes the work would kill here");
    be_first();
    for (int i = 1; i <= MOST_ATTEMPTS; i++) {
        const char *outcome = attempt();
        if (outcome && *outcome == '-')
            return outcome;
        if (outcome) {
            note("attempt %d, the first without a switch in the section", i);
            return outcome;
        }
    }
    return cannot("each of %d attempts was switched out: the CPUs are shared", MOST_ATTEMPTS);
}

static const char *notified_old_event(void) { return notified_after(old_event_attempt); }
static const char *notified_no_event(void) { return notified_after(no_event_attempt); }

/* ---- The pointer outside ---- */

static const char *pointer(void) { return own.area.rseq_cs ? "kept" : "cleared"; }

static const char *pointer_call_attempt(void)
{
    own.area.rseq_cs = (uintptr_t)&descriptor;
    syscall(SYS_getpid);
    return pointer();
}

static const char *pointer_after_call(void)
{
    prepare(DESCRIBE(spin_section));
    return without_switch(pointer_call_attempt);
}

static const char *pointer_after_sleep(void)
{
    prepare(DESCRIBE(spin_section));
    own.area.rseq_cs = (uintptr_t)&descriptor;
    sleep_us(1000);
    return pointer();
}

static const char *pointer_after_preemption(void)
{
    prepare(DESCRIBE(spin_section));
    pid_t rival = competitor(cpus[0]);
    const char *outcome = NULL;
    for (int i = 1; i <= 20 && !outcome; i++) {
        own.area.rseq_cs = (uintptr_t)&descriptor;
        struct switches before = switches();
        spin_us(LONG_US / 20);
        const char *found = pointer();
        if (switches().involuntary != before.involuntary)
            outcome = found;
    }
    end(rival);
    return outcome ? outcome : cannot("was never preempted beside a competitor");
}

static const char *pointer_after_commit_attempt(void)
{
    return read_section(&own.area, &descriptor, (uintptr_t)&stop_word, 0, 0) == 0 ? pointer() : "aborts";
}

static const char *pointer_after_commit(void)
{
    prepare(DESCRIBE(read_section));
    return without_switch(pointer_after_commit_attempt);
}

static const char *pointer_after_abort(void)
{
    prepare(DESCRIBE(spin_section));
    handle(SIGALRM, remember_ip);
    alarm_in(1000); /* or a switch: an abort is an abort */
    return spin_for(LONG_US) == 1 ? pointer() : "commits";
}

static const struct probe abort_probes[] = {
    { "tick", tick },
    { "preempted", preempted },
    { "signal", signal_in_section },
    { "signal-frame", signal_frame },
    { "signal-section-in-handler", nested },
    { "syscall", getpid_in_section },
    { "syscall-effect", call_effect },
    { "yield-alone", yield_alone },
    { "yield-switches", yield_to_other },
    { "nanosleep", nanosleep_in_section },
    { "start-ip-is-inside", start_inside },
    { "end-is-outside", end_outside },
    { "page-fault", page_fault },
    { "single-step", single_step },
    { "notified-old-event", notified_old_event },
    { "notified-no-event", notified_no_event },
    { "pointer-after-call", pointer_after_call },
    { "pointer-after-sleep", pointer_after_sleep },
    { "pointer-after-preemption", pointer_after_preemption },
    { "pointer-after-commit", pointer_after_commit },
    { "pointer-after-abort", pointer_after_abort },
    { NULL, NULL },
};
