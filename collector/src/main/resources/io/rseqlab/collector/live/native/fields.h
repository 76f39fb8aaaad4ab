/* The id fields: when the kernel writes them, and what mm_cid promises. */

#define SCRIBBLE 99

static volatile uint32_t seen_in_handler;

static void look_at_id(int signal)
{
    (void)signal;
    seen_in_handler = own.area.cpu_id;
}

static const char *rewritten(uint32_t id) { return id == SCRIBBLE ? "kept" : id == real_cpu() ? "rewritten" : "other"; }

static const char *ids_after_sleep(void)
{
    pin(cpus[0]);
    register_own();
    own.area.cpu_id = SCRIBBLE;
    sleep_us(1000);
    return rewritten(own.area.cpu_id);
}

static const char *signal_attempt(void)
{
    own.area.cpu_id = SCRIBBLE;
    raise(SIGUSR1);
    return rewritten(seen_in_handler);
}

static const char *ids_at_signal(void)
{
    pin(cpus[0]);
    signal(SIGUSR1, look_at_id);
    register_own();
    return without_switch(signal_attempt);
}

static const char *call_attempt(void)
{
    own.area.cpu_id = SCRIBBLE;
    syscall(SYS_getpid);
    uint32_t id = own.area.cpu_id;
    own.area.cpu_id = real_cpu();
    return id == SCRIBBLE ? "kept" : "rewritten";
}

static const char *ids_after_call(void)
{
    pin(cpus[0]);
    register_own();
    return without_switch(call_attempt);
}

static const char *ids_after_move(void)
{
    if (cpu_count < 2)
        return cannot("one CPU only");
    pin(cpus[0]);
    register_own();
    for (int i = 0; i < 20; i++) {
        pin(cpus[i % 2]);
        if (own.area.cpu_id != (uint32_t)cpus[i % 2] || own.area.cpu_id_start != own.area.cpu_id)
            return "stale";
    }
    note("20 moves");
    return "follow";
}

static const char *ids_written_move(void)
{
    if (cpu_count < 2)
        return cannot("one CPU only");
    pin(cpus[0]);
    register_own();
    own.area.cpu_id = SCRIBBLE;
    pin(cpus[1]);
    return rewritten(own.area.cpu_id);
}

/* Longer than two rounds of the scan that takes ids away which nobody has used for 100 ms. */
#define SCAN_US 300000

/* Each thread counts in its concurrency id's word, inside a section that no other thread may interrupt there. */
#define CID_TURNS 200000
#define MOST_CIDS 4096
static struct {
    volatile uint64_t word;
    char rest[56];
} cid_words[MOST_CIDS];
static volatile uint32_t highest_cid;

static void *count_cids(void *unused)
{
    (void)unused;
    static __thread union {
        struct area area;
        char bytes[64];
    } mine __attribute__((aligned(64)));
    static struct descriptor section;
    section = DESCRIBE(cid_section);
    need(rseq(&mine, area_bytes, 0, SIGNATURE) == 0, "registering an area");
    for (int turn = 0; turn < CID_TURNS;) {
        uint32_t cid = mine.area.mm_cid;
        if (cid >= MOST_CIDS) {
            highest_cid = cid;
            break;
        }
        if (cid > highest_cid)
            highest_cid = cid;
        if (cid_section(&mine.area, &section, cid, (uintptr_t)&cid_words[cid].word, 0) == 0)
            turn++;
    }
    mine.area.rseq_cs = 0;
    rseq(&mine, area_bytes, UNREGISTER, SIGNATURE);
    return NULL;
}

/* False if an update was lost, which takes two running threads with one id. */
static bool count_in_threads(int *count)
{
    pthread_t threads[64];
    *count = cpu_count * 6 < 64 ? cpu_count * 6 : 64;
    for (int i = 0; i < *count; i++)
        need(!pthread_create(&threads[i], NULL, count_cids, NULL), "starting threads");
    for (int i = 0; i < *count; i++)
        pthread_join(threads[i], NULL);
    uint64_t sum = 0;
    for (int i = 0; i < MOST_CIDS; i++)
        sum += cid_words[i].word;
    return sum == (uint64_t)*count * CID_TURNS;
}

static const char *cid_distinct(void)
{
    if (cpu_count < 2)
        return cannot("one CPU only");
    if (getauxval(27) < 28)
        return cannot("this kernel has no mm_cid");
    int threads;
    bool distinct = count_in_threads(&threads);
    note("%d threads, %d updates each", threads, CID_TURNS);
    return distinct ? "distinct" : "shared";
}

static const char *cid_small(void)
{
    if (getauxval(27) < 28)
        return cannot("this kernel has no mm_cid");
    int threads;
    count_in_threads(&threads);
    note("%d threads on %d CPUs, highest id %u", threads, cpu_count, highest_cid);
    return highest_cid < (uint32_t)sysconf(_SC_NPROCESSORS_CONF) ? "below" : "beyond";
}

/* ---- Who has which concurrency id: this thread on the second CPU, another on the first ---- */

static volatile int member_running, member_told;
static volatile uint32_t member_cid;
static volatile bool member_busy;

/* Works with its id, for a while if it is told to be busy, and says which id it has behind a short sleep. */
static void *member(void *unused)
{
    (void)unused;
    pin(cpus[0]);
    need(rseq(other.bytes, area_bytes, 0, SIGNATURE) == 0, "registering an area");
    member_running = 1;
    while (!member_told)
        ;
    sched_yield();
    member_cid = other.area.mm_cid;
    member_running = 2;
    while (member_told < 2)
        ;
    if (member_busy) {
        spin_us(SCAN_US);
        sleep_us(1000);
        member_cid = other.area.mm_cid;
    } else {
        sleep_us(3 * SCAN_US);
    }
    rseq(other.bytes, area_bytes, UNREGISTER, SIGNATURE);
    return NULL;
}

/* Both run at the same time, so that they have an id each; answers this thread's. */
static uint32_t settle(pthread_t *thread)
{
    pin(cpus[1]);
    register_own();
    need(!pthread_create(thread, NULL, member, NULL), "starting a thread");
    while (member_running < 1)
        ;
    sched_yield();
    member_told = 1;
    while (member_running < 2)
        ;
    return own.area.mm_cid;
}

static const char *which(uint32_t now, uint32_t before, uint32_t others)
{
    note("id %u before, %u behind; the other thread's %u", before, now, others);
    return now == before ? "kept" : now == others ? "other's" : "new";
}

static bool no_cids(void) { return cpu_count < 2 || getauxval(27) < 28; }

/* A thread goes to the CPU where another has run, while that sleeps. */
static const char *cid_to_other_cpu(void)
{
    if (no_cids())
        return cannot("one CPU only, or no mm_cid");
    pthread_t thread;
    uint32_t before = settle(&thread);
    member_told = 2;
    sleep_us(2000);
    pin(cpus[0]);
    return which(own.area.mm_cid, before, member_cid);
}

static void *sleeper(void *unused)
{
    sleep_us(3 * SCAN_US);
    return unused;
}

/* The same with more threads than CPUs. */
static const char *cid_to_other_cpu_many(void)
{
    for (int i = 0; i < cpu_count && i < 512; i++) {
        pthread_t thread;
        need(!pthread_create(&thread, NULL, sleeper, NULL), "starting threads");
    }
    return cid_to_other_cpu();
}

/* A process of one thread. */
static const char *cid_alone(void)
{
    if (no_cids())
        return cannot("one CPU only, or no mm_cid");
    pin(cpus[0]);
    register_own();
    uint32_t before = own.area.mm_cid;
    for (int i = 0; i < 20; i++) {
        pin(cpus[i % 2]);
        if (own.area.mm_cid != before)
            return which(own.area.mm_cid, before, ~0u);
    }
    note("20 moves, id %u", before);
    return "kept";
}

/* The thread with the higher id computes on, the other sleeps; then a short sleep. */
static const char *cid_after_scan(void)
{
    if (no_cids())
        return cannot("one CPU only, or no mm_cid");
    pthread_t thread;
    uint32_t before = settle(&thread), others = member_cid;
    if (before == others)
        return cannot("both threads have id %u", before);
    member_busy = others > before;
    member_told = 2;
    if (!member_busy) {
        spin_us(SCAN_US);
        sleep_us(1000);
        return which(own.area.mm_cid, before, others);
    }
    pthread_join(thread, NULL);
    return which(member_cid, others, before);
}

static const struct probe field_probes[] = {
    { "ids-after-switch", ids_after_sleep },
    { "ids-at-signal", ids_at_signal },
    { "ids-after-call", ids_after_call },
    { "ids-after-migration", ids_after_move },
    { "ids-written-migration", ids_written_move },
    { "mm-cid-distinct", cid_distinct },
    { "mm-cid-range", cid_small },
    { "mm-cid-alone", cid_alone },
    { "mm-cid-moves", cid_to_other_cpu },
    { "mm-cid-moves-many", cid_to_other_cpu_many },
    { "mm-cid-after-scan", cid_after_scan },
    { NULL, NULL },
};
