/* What kills: descriptors, pointers and areas that are not as they should be, looked at by the kernel at a timer signal
 * (`-inside`: the interrupted code lies in the section; otherwise it lies elsewhere) or after a sleep. */

#define KERNEL_ADDRESS 0xffff800000000000u
#define FIRST_NO_USER 0x7ffffffff000u

static void spoil_nothing(void) {}
static void spoil_version(void) { descriptor.version = 1; }
static void spoil_start(void) { descriptor.start_ip = FIRST_NO_USER; }
static void spoil_tail(void) { descriptor.post_commit_offset = FIRST_NO_USER - descriptor.start_ip; }
static void spoil_overflow(void) { descriptor.post_commit_offset = -descriptor.start_ip + 16; }
static void spoil_abort_kernel(void) { descriptor.abort_ip = KERNEL_ADDRESS; }
/* The section reaches over its own handler. */
static void spoil_abort_inside(void) { descriptor.post_commit_offset = descriptor.abort_ip + 1 - descriptor.start_ip; }
static void spoil_signature(void) { descriptor.abort_ip = (uintptr_t)spin_section; }
static void spoil_flag_preempt(void) { descriptor.flags = 1; }
static void spoil_flag_signal(void) { descriptor.flags = 2; }
static void spoil_flag_migrate(void) { descriptor.flags = 4; }
static void spoil_flag_unknown(void) { descriptor.flags = 8; }
static void spoil_area_flag(void) { own.area.flags = 1; }

static void spoil_handler(void) { descriptor.abort_ip = (uintptr_t)call_section_abort; }

/* The handler at the start of a page with nothing mapped before it: its signature cannot be read. */
static void spoil_unreadable(void)
{
    char *pages = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(pages != MAP_FAILED, "mapping pages");
    munmap(pages, PAGE);
    descriptor.abort_ip = (uintptr_t)pages + PAGE;
}

/* Repeats an attempt until its signal came and no switch did: a switch would have been looked at in the signal's place. */
static const char *at_signal(const char *(*attempt)(void))
{
    handle(SIGALRM, remember_ip);
    be_first();
    for (int i = 1; i <= MOST_ATTEMPTS; i++) {
        struct switches before = switches();
        handled = 0;
        alarm_in(1000);
        const char *outcome = attempt();
        if (handled && !switched_since(before)) {
            note("attempt %d, the first with a signal and without a switch", i);
            return outcome;
        }
    }
    return cannot("no signal came without a switch in %d attempts: the CPUs are shared", MOST_ATTEMPTS);
}

static const char *inside_attempt(void) { return committed(spin_for(50000)); }

/* Interrupted by a signal inside a section with a spoilt descriptor. */
static const char *inside(void (*spoil)(void))
{
    prepare(DESCRIBE(spin_section));
    spoil();
    return at_signal(inside_attempt);
}

static uint64_t pointer_outside;

static const char *outside_attempt(void)
{
    own.area.rseq_cs = pointer_outside;
    for (uint64_t end = in_us(50000); !handled && __rdtsc() < end;)
        ;
    return pointer();
}

/* Interrupted by a signal outside, while rseq_cs holds a pointer. */
static const char *outside_pointer(uint64_t rseq_cs)
{
    pointer_outside = rseq_cs;
    return at_signal(outside_attempt);
}

static const char *outside(void (*spoil)(void))
{
    prepare(DESCRIBE(spin_section));
    spoil();
    return outside_pointer((uintptr_t)&descriptor);
}

#define INSIDE(name) static const char *name##_inside(void) { return inside(spoil_##name); }
#define OUTSIDE(name) static const char *name##_outside(void) { return outside(spoil_##name); }
INSIDE(version) OUTSIDE(version)
OUTSIDE(start)
INSIDE(tail) INSIDE(overflow)
INSIDE(abort_kernel) OUTSIDE(abort_kernel)
INSIDE(abort_inside) OUTSIDE(abort_inside)
INSIDE(signature) OUTSIDE(signature)
INSIDE(unreadable) OUTSIDE(unreadable)
INSIDE(flag_preempt) INSIDE(flag_signal) INSIDE(flag_migrate) INSIDE(flag_unknown) OUTSIDE(flag_unknown)
INSIDE(area_flag) OUTSIDE(area_flag)
INSIDE(nothing) OUTSIDE(nothing)
INSIDE(handler)

static const char *pointer_kernel(void)
{
    prepare(DESCRIBE(spin_section));
    return outside_pointer(KERNEL_ADDRESS);
}

static const char *pointer_unmapped(void)
{
    prepare(DESCRIBE(spin_section));
    char *gone = page(PROT_READ);
    munmap(gone, PAGE);
    return outside_pointer((uintptr_t)gone);
}

/* A descriptor that was good when it was armed, in memory that is given back afterwards. */
static const char *pointer_stale(void)
{
    prepare(DESCRIBE(spin_section));
    char *memory = page(PROT_READ | PROT_WRITE);
    memcpy(memory, &descriptor, sizeof descriptor);
    own.area.rseq_cs = (uintptr_t)memory;
    munmap(memory, PAGE);
    sleep_us(1000);
    return pointer();
}

static const char *pointer_bad_after_call_attempt(void)
{
    own.area.rseq_cs = KERNEL_ADDRESS;
    syscall(SYS_getpid);
    const char *outcome = pointer();
    own.area.rseq_cs = 0;
    return outcome;
}

static const char *pointer_bad_after_call(void)
{
    prepare(DESCRIBE(spin_section));
    return without_switch(pointer_bad_after_call_attempt);
}

/* An area in memory of its own, registered; then something is done to it, and a signal comes. */
static const char *area_lost(bool unmap, bool sleep)
{
    char *area = page(PROT_READ | PROT_WRITE);
    handle(SIGALRM, remember_ip);
    need(rseq(area, area_bytes, 0, SIGNATURE) == 0, "registering an area");
    if (unmap)
        munmap(area, PAGE);
    else
        mprotect(area, PAGE, PROT_READ);
    if (sleep) {
        sleep_us(1000);
        return "lives";
    }
    alarm_in(1000);
    for (uint64_t end = in_us(50000); !handled && __rdtsc() < end;)
        ;
    return handled ? "lives" : cannot("no signal came");
}

static const char *area_unmapped(void) { return area_lost(true, false); }
static const char *area_unmapped_sleep(void) { return area_lost(true, true); }
static const char *area_read_only(void) { return area_lost(false, true); }

/* What handlers saw, in memory that outlives the process. */
struct handled {
    volatile int runs, last_signal;
};
static struct handled *seen;

static void count_handler(int signal, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    seen->runs++;
    seen->last_signal = signal;
}

static void handlers_child(bool sleep)
{
    prepare(DESCRIBE(spin_section));
    be_first();
    handle(SIGSEGV, count_handler);
    handle(SIGALRM, count_handler);
    char *gone = page(PROT_READ);
    munmap(gone, PAGE);
    own.area.rseq_cs = (uintptr_t)gone;
    if (sleep) {
        sleep_us(1000);
    } else {
        alarm_in(1000);
        for (uint64_t end = in_us(50000); !seen->runs && __rdtsc() < end;)
            ;
    }
    own.area.rseq_cs = 0;
}

/* A pointer to nothing, and handlers for SIGSEGV and for the signal that makes the kernel look. */
static const char *handlers(bool sleep)
{
    int status;
    seen = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(seen != MAP_FAILED, "mapping a page");
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
        handlers_child(sleep);
        _exit(0);
    }
    waitpid(child, &status, 0);
    bool segv = seen->runs && seen->last_signal == SIGSEGV;
    note("%d runs of handlers, the last for signal %d", seen->runs, seen->last_signal);
    return WIFSIGNALED(status) ? segv ? "handled" : "SIGSEGV" : segv ? "survives" : "lives";
}

static const char *handler_segv_signal(void) { return handlers(false); }
static const char *handler_segv_sleep(void) { return handlers(true); }

static const struct probe descriptor_probes[] = {
    { "handler-segv-signal", handler_segv_signal },
    { "handler-segv-sleep", handler_segv_sleep },
    { "pointer-at-signal", nothing_outside },
    { "area-unmapped", area_unmapped },
    { "area-unmapped-sleep", area_unmapped_sleep },
    { "area-read-only", area_read_only },
    { "pointer-kernel", pointer_kernel },
    { "pointer-unmapped", pointer_unmapped },
    { "pointer-stale-sleep", pointer_stale },
    { "pointer-bad-call", pointer_bad_after_call },
    { "version-inside", version_inside },
    { "version-outside", version_outside },
    { "start-ip-no-user-outside", start_outside },
    { "end-no-user-inside", tail_inside },
    { "length-overflow-inside", overflow_inside },
    { "abort-ip-kernel-inside", abort_kernel_inside },
    { "abort-ip-kernel-outside", abort_kernel_outside },
    { "abort-ip-in-section-inside", abort_inside_inside },
    { "abort-ip-in-section-outside", abort_inside_outside },
    { "signature-wrong-inside", signature_inside },
    { "signature-wrong-outside", signature_outside },
    { "signature-unread-inside", unreadable_inside },
    { "signature-unread-outside", unreadable_outside },
    { "flag-preempt-inside", flag_preempt_inside },
    { "flag-signal-inside", flag_signal_inside },
    { "flag-migrate-inside", flag_migrate_inside },
    { "flag-unknown-inside", flag_unknown_inside },
    { "flag-unknown-outside", flag_unknown_outside },
    { "area-flag-inside", area_flag_inside },
    { "area-flag-outside", area_flag_outside },
    { "descriptor-own-inside", nothing_inside },
    { "abort-ip-other-inside", handler_inside },
    { NULL, NULL },
};
