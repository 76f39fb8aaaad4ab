/* The time-slice extension: who gets it, and what ends it. */

#ifndef PR_RSEQ_SLICE_EXTENSION
#define PR_RSEQ_SLICE_EXTENSION 79
#define PR_RSEQ_SLICE_EXTENSION_SET 2
#define PR_RSEQ_SLICE_EXT_ENABLE 1
#endif
#ifndef SYS_rseq_slice_yield
#define SYS_rseq_slice_yield 471
#endif
#define SLICE_CONTROL 28 /* a byte that asks, and behind it one that grants */
#define ASKING_US 1000000

static int enable_slices(void)
{
    return prctl(PR_RSEQ_SLICE_EXTENSION, PR_RSEQ_SLICE_EXTENSION_SET, PR_RSEQ_SLICE_EXT_ENABLE, 0, 0);
}

static const char *slice_name(long result)
{
    return result == -1 && errno == 524 ? "ENOTSUPP" : result == -1 && errno == ENXIO ? "ENXIO"
                                                     : result == 1                    ? "1"
                                                                                      : name_of((int)result);
}

static const char *slice_enable_unregistered(void) { return slice_name(enable_slices()); }

static const char *slice_enable(void)
{
    register_own();
    return slice_name(enable_slices());
}

static const char *slice_yield_without(void)
{
    register_own();
    enable_slices();
    return slice_name(syscall(SYS_rseq_slice_yield));
}

static volatile unsigned char *control(void) { return (volatile unsigned char *)own.bytes + SLICE_CONTROL; }

/* Asks beside a competitor until the kernel grants or a second is over. */
static bool ask(pid_t *rival)
{
    pin(cpus[0]);
    register_own();
    if (enable_slices())
        return false;
    *rival = competitor(cpus[0]);
    control()[0] = 1;
    for (uint64_t end_of_asking = in_us(ASKING_US); __rdtsc() < end_of_asking;)
        if (control()[1])
            return true;
    return false;
}

static const char *slice_with(long (*then)(void), bool tells_result)
{
    pid_t rival = 0;
    const char *outcome = "refused";
    if (ask(&rival)) {
        long result = then();
        outcome = tells_result ? slice_name(result) : control()[1] ? "kept" : "revoked";
    }
    if (rival)
        end(rival);
    return outcome;
}

static long nothing(void) { return 0; }

static const char *slice_ask(void)
{
    const char *outcome = slice_with(nothing, true);
    return strcmp(outcome, "0") ? outcome : "granted";
}

static long compute_on(void)
{
    spin_us(300);
    return 0;
}

static long call_getppid(void) { return syscall(SYS_getppid); }
static long yield_slice(void) { return syscall(SYS_rseq_slice_yield); }
static const char *slice_compute(void) { return slice_with(compute_on, false); }
static const char *slice_call(void) { return slice_with(call_getppid, false); }
static const char *slice_yield(void) { return slice_with(yield_slice, true); }

static const struct probe slice_probes[] = {
    { "slice-enable-unregistered", slice_enable_unregistered },
    { "slice-enable", slice_enable },
    { "slice-ask", slice_ask },
    { "slice-compute", slice_compute },
    { "slice-call", slice_call },
    { "slice-yield", slice_yield },
    { "slice-yield-without", slice_yield_without },
    { NULL, NULL },
};
