package io.rseqlab.trace;

import java.util.Locale;

/** Names of the exact counts, with the breakdown in which each is stored. */
public enum CounterName {
    // Per interval and CPU; derived from the kernel events as they are written, so recorded traces have them too.
    SWITCHES("switches between threads, idle included"),
    PREEMPTIONS("switch-outs of a runnable thread other than by sched_yield"),
    YIELDS("switch-outs by sched_yield"),
    WAKEUPS("threads made runnable"),
    MIGRATIONS("threads moved to another CPU, counted at the CPU left"),
    ABORTS("sections moved to their abort handler by the kernel"),
    STALE_CPU_RESTARTS("restarts because the CPU number had changed"),
    SIGNALS("signals delivered"),
    SYSCALLS("system calls"),
    INTERRUPTIONS("exits to user mode that carry a switch-in or a signal"),
    MEMBARRIER_IPIS("membarrier(RSEQ) interrupts"),
    FAULTS("kills and violations"),
    // Per interval and CPU; counted by the machine.
    OPS("workload operations"),
    MICRO_OPS("micro-operations executed"),
    ATOMICS("locked operations"),
    LINE_TRANSFERS("cache lines fetched from another core's cache; detail says metadata or object"),
    FALSE_SHARING("fetched lines of objects of which others had written other words than the one asked for"),
    TRANSACTIONS("hardware transactions begun"),
    TRANSACTION_ABORTS(
            "hardware transactions undone; detail is explicit, conflict, capacity, interrupt or instruction"),
    USER_CYCLES("cycles in user mode"),
    KERNEL_CYCLES("cycles in the kernel"),
    IDLE_CYCLES("cycles idle"),
    // Of the measured window, per CPU and detail.
    ABORT_CAUSES("aborts, by mask of causes (bucket), section and offset"),
    // Of the measured window, per CPU: what the kernel itself counts, by the names of debugfs rseq/stats.
    KERNEL_RSEQ_EXIT("rseq/stats exit: exits to user mode"),
    KERNEL_RSEQ_SIGNAL("rseq/stats signal: signals delivered to threads with a registration"),
    KERNEL_RSEQ_SLOWP("rseq/stats slowp: notified exits"),
    KERNEL_RSEQ_FASTP("rseq/stats fastp: exits after a switch that the fast path dealt with (7.x)"),
    KERNEL_RSEQ_IDS("rseq/stats ids: times that the id fields were written"),
    KERNEL_RSEQ_CS("rseq/stats cs: times that an armed section was looked at"),
    KERNEL_RSEQ_CLEAR("rseq/stats clear: times that an armed section was forgotten, user code being outside of it"),
    KERNEL_RSEQ_FIXUP("rseq/stats fixup: threads moved to their abort handler"),
    // Of the measured window, only with a quota: what the kernel counts, by the names of cgroup v2's cpu.stat.
    NR_PERIODS("cpu.stat nr_periods: periods of the quota that ended"),
    NR_THROTTLED("cpu.stat nr_throttled: periods at whose end a CPU was throttled"),
    THROTTLED_USEC("cpu.stat throttled_usec: microseconds throttled, per CPU"),
    // Of the measured window, per thread.
    THREAD_OPS("workload operations of a thread"),
    LATENCY("histogram of latencies, per thread, op, tier and bucket"),
    LATENCY_SUM("sum of latencies in cycles, per thread, op and tier"),
    LATENCY_MAX("largest latency in cycles, per op"),
    ALLOCATOR_CYCLES("cycles spent inside malloc and free while running, per op and tier"),
    LOCAL_OPS("operations without atomic, system call, wait or foreign metadata line, per op"),
    REMOTE_FREES("frees by another thread than the allocating one"),
    REFILLS("batches taken from the central pool"),
    FLUSHES("batches returned to the central pool"),
    MESSAGES("batches posted to an owner"),
    MESSAGE_OBJECTS("blocks in posted batches"),
    CONTENDED_LOCKS("lock attempts that found the lock taken"),
    TRANSACTION_FALLBACKS("locks taken because hardware transactions had failed too often; only where they were used"),
    // Of the measured window, only where requests arrive by themselves.
    REQUESTS_OFFERED("requests that arrived"),
    REQUESTS_SERVED("requests that arrived in the window and were done in it"),
    REQUEST_LATENCY("histogram of their latencies from the arrival to the end, per bucket"),
    REQUEST_LATENCY_SUM("sum of these latencies in cycles"),
    REQUEST_LATENCY_MAX("largest of these latencies in cycles"),
    // Of the measured window, only where a workload keeps an order between threads.
    ORDER_WAIT_CYCLES("cycles in which threads waited for another to do what comes before in a replayed trace"),
    // Only with --details.
    REFILL_OBJECTS("blocks that came with refills; only with --details"),
    FLUSH_OBJECTS("blocks that went with flushes; only with --details"),
    STRANDED_BYTES("free memory stranded with a CPU or thread at the end of an interval, per CPU or thread"),
    UNSTRANDED_BYTES("free memory in reach of all at the end of an interval: the central pool"),
    HEAP_BYTES("heap taken from the system and not given back at the end of an interval"),
    PAGE_HEAP_BYTES("of it whole pages in a page heap, for blocks of any size; only of strategies that have one"),
    // Of the measured window, per section.
    SECTION_ATTEMPTS("attempts of a section"),
    SECTION_COMMITS("attempts that committed"),
    SECTION_EXITS("attempts that left for another reason; detail is stale_cpu, compare, empty or full"),
    SECTION_ABORTS("attempts aborted by the kernel"),
    // Of the measured window, per location.
    EXPOSURE_CYCLES("cycles in which an interrupt would have landed at this section and offset (none: outside)"),
    // Of the whole run, for the books.
    PEAK_LIVE_BLOCKS("most blocks live at once"),
    CACHED_BLOCKS("free blocks stranded with a CPU or thread at the end of the window, per CPU or thread"),
    POOL_BLOCKS("free blocks that any thread can get at the end of the window: the central pool"),
    // The same in bytes, where objects are of several sizes; else they are blocks times the size.
    PEAK_LIVE_BYTES("most bytes live at once, sizes rounded up to classes; only with several sizes"),
    CACHED_BYTES("the stranded blocks in bytes, per CPU or thread; only with several sizes"),
    POOL_BYTES("the central pool's free blocks in bytes; only with several sizes"),
    FREE_PAGE_BYTES("whole pages in a page heap at the end of the window; only of strategies that have one"),
    FOOTPRINT_BYTES("most heap taken from the system at once so far");

    private final String id = name().toLowerCase(Locale.ROOT);
    private final String meaning;

    CounterName(String meaning) {
        this.meaning = meaning;
    }

    /** The name in files: lower case with underscores. */
    public String id() {
        return id;
    }

    public String meaning() {
        return meaning;
    }

    /** The counter of that {@link #id}, or null. */
    public static CounterName of(String id) {
        for (CounterName name : values()) {
            if (name.id().equals(id)) {
                return name;
            }
        }
        return null;
    }
}
