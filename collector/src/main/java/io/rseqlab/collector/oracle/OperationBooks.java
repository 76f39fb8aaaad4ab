package io.rseqlab.collector.oracle;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.MarkJournal;
import io.rseqlab.collector.machine.MarkListener;
import io.rseqlab.collector.machine.ThreadContext;
import io.rseqlab.trace.LogLinear;
import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/**
 * Keeps the books of operations: latencies by thread, operation and tier, what the machine saw each operation do,
 * outcomes of section attempts. Programs only mark where they are; times and costs come from the machine.
 */
public final class OperationBooks implements MarkListener {
    /** Tiers told apart; higher ones count as the last. */
    public static final int TIERS = 4;

    /** Number of exit reasons of {@link Mark}. */
    public static final int EXITS = 4;

    private static final int OPS = 2;

    /** Hears about operations that end. */
    @FunctionalInterface
    public interface OperationSink {
        /** True if it must hear of each operation of tier 0; above, it must always. */
        default boolean hearsAll() {
            return true;
        }

        /** An operation ended. */
        void ended(int cpu, int thread, int op, int tier, long startCycle, long endCycle, long block);
    }

    private final Ownership ownership;
    private final OperationSink sink;
    private final Injector injector;
    private long windowStart = Long.MAX_VALUE;

    // ---- per thread
    private final boolean[] running;
    private final int[] tier;
    private final long[] started;
    private final long[] startedAway;
    private final long[] threadOps;
    private final long[][] histograms;
    private final long[] latencySum;
    private final long[] latencyMax = new long[OPS];
    private final long[] allocatorCycles = new long[OPS * TIERS];
    private final long[] localOps = new long[OPS];
    private final long[] counts = new long[Mark.COUNT_KINDS];
    private final long[] cpuOps;
    private final long[] commits;
    private final long[] aborts;
    private final long[][] exits;
    private final long[] remoteFrees = new long[1];
    private final RequestBooks requests = new RequestBooks();
    private LongUnaryOperator chainLength = first -> 0;

    // ---- what can be repeated
    private static final int REMOTE_FREES = 0;
    private static final int LATENCIES = 1;
    private static final int LATENCY_SUMS = 2;
    private static final int ALLOCATOR_CYCLES = 3;
    private static final int LOCAL_OPS = 4;
    private static final int COMMITS = 5;
    private static final int EXITS_BY_REASON = 6;
    private static final int COUNTS = 7;
    private static final int THREAD_OPS = 8;
    private static final int CPU_OPS = 9;
    private static final int OWNERSHIP = 10;
    private static final int BUCKET_BITS = 12;

    /** Blocks handed to a thread less those it gave back. */
    private final long[] net;

    /** malloc's argument, where there are several size classes. */
    private final int[] asked;

    private final BooksJournal[] journals;
    private int noting;
    private int version;

    /**
     * @param ownership the memory oracle, null to leave it out
     * @param injector decides about injected interruptions, null for none
     */
    public OperationBooks(
            int threads, int cpus, Program program, Ownership ownership, OperationSink sink, Injector injector) {
        this.ownership = ownership;
        this.sink = sink;
        this.injector = injector;
        running = new boolean[threads];
        net = new long[threads];
        asked = new int[threads];
        journals = new BooksJournal[cpus];
        tier = new int[threads];
        started = new long[threads];
        startedAway = new long[threads];
        threadOps = new long[threads];
        histograms = new long[threads * OPS * TIERS][];
        latencySum = new long[threads * OPS * TIERS];
        cpuOps = new long[cpus];
        int sections = program.sections().size();
        commits = new long[sections];
        aborts = new long[sections];
        exits = new long[sections][EXITS];
    }

    /** Lets the blocks of chains be counted, too. */
    public void countChains(LongUnaryOperator length) {
        chainLength = length;
    }

    /** From this cycle on operations count; what began before counts on neither side. */
    public void openWindow(long cycle) {
        windowStart = cycle;
        version++;
        Arrays.fill(threadOps, 0);
        Arrays.fill(histograms, null);
        Arrays.fill(latencySum, 0);
        Arrays.fill(latencyMax, 0);
        Arrays.fill(allocatorCycles, 0);
        Arrays.fill(localOps, 0);
        Arrays.fill(counts, 0);
        Arrays.fill(cpuOps, 0);
        Arrays.fill(commits, 0);
        Arrays.fill(aborts, 0);
        remoteFrees[0] = 0;
        requests.openWindow(cycle);
        for (long[] perSection : exits) {
            Arrays.fill(perSection, 0);
        }
    }

    @Override
    public boolean mark(Core core, int kind, int argument, long value, long cycle) {
        ThreadContext thread = core.thread;
        BooksJournal journal = noting == 0 ? null : journals[core.id];
        switch (kind) {
            case Mark.OP_BEGIN -> begin(thread, argument, cycle, journal);
            case Mark.OP_END -> end(core, thread, argument, cycle, journal);
            case Mark.TIER -> tier[thread.id] = Math.max(tier[thread.id], Math.min(argument, TIERS - 1));
            case Mark.ATTEMPT, Mark.TRANSACTION -> {
                thread.attemptStart = cycle;
                if (injector != null) {
                    core.forceIn = kind == Mark.ATTEMPT ? injector.draw(argument) : injector.drawTransaction();
                    return core.forceIn >= 0;
                }
            }
            case Mark.COMMIT -> count(COMMITS, argument, 1, journal);
            case Mark.EXIT -> count(EXITS_BY_REASON, argument, 1, journal);
            case Mark.COUNT -> count(COUNTS, argument, value, journal);
            case Mark.ONCE -> count(COUNTS, argument, 1, journal);
            case Mark.CHAIN -> count(COUNTS, argument, chainLength.applyAsLong(value), journal);
            case Mark.WORK_DONE -> {
                count(THREAD_OPS, thread.id, value, journal);
                count(CPU_OPS, core.id, value, journal);
            }
            case Mark.REQUEST_DONE -> {
                requests.done(value, cycle);
                if (journal != null) {
                    journal.happensOnce();
                }
            }
            default -> throw new IllegalStateException("mark " + kind);
        }
        return false;
    }

    private void count(int kind, int index, long value, BooksJournal journal) {
        add(kind, index, value);
        if (journal != null) {
            journal.add(kind, index, value);
        }
    }

    /** Adds to one of the counts. */
    void add(int kind, int index, long value) {
        switch (kind) {
            case REMOTE_FREES -> remoteFrees[index] += value;
            case LATENCIES -> countLatency(index >> BUCKET_BITS, index & (1 << BUCKET_BITS) - 1, value);
            case LATENCY_SUMS -> latencySum[index] += value;
            case ALLOCATOR_CYCLES -> allocatorCycles[index] += value;
            case LOCAL_OPS -> localOps[index] += value;
            case COMMITS -> commits[index] += value;
            case EXITS_BY_REASON -> exits[index & 0xff][index >> 8] += value;
            case COUNTS -> counts[index] += value;
            case THREAD_OPS -> threadOps[index] += value;
            case CPU_OPS -> cpuOps[index] += value;
            default -> {
                if (ownership != null) {
                    ownership.add(index, value);
                }
            }
        }
    }

    private void begin(ThreadContext thread, int operation, long cycle, BooksJournal journal) {
        int id = thread.id;
        running[id] = true;
        tier[id] = 0;
        started[id] = cycle;
        startedAway[id] = thread.awayCycles;
        thread.sawAtomic = false;
        thread.sawForeignMetadata = false;
        thread.sawSyscall = false;
        if (operation != Mark.FREE) {
            asked[id] = (int) thread.regs[Reg.A0];
            return;
        }
        long block = thread.regs[Reg.A0];
        boolean remote = ownership != null && ownership.freed(id, block, cycle);
        remoteFrees[0] += remote ? 1 : 0;
        net[id]--;
        if (journal != null) {
            journal.add(REMOTE_FREES, 0, remote ? 1 : 0);
            journal.add(OWNERSHIP, Ownership.FREES, 1);
            journal.add(OWNERSHIP, Ownership.REMOTE_FREES, remote ? 1 : 0);
            journal.block(block, net[id]);
        }
    }

    private void end(Core core, ThreadContext thread, int operation, long cycle, BooksJournal journal) {
        int id = thread.id;
        long block = thread.regs[Reg.A0];
        if (operation == Mark.MALLOC) {
            net[id]++;
            if (ownership != null) {
                ownership.allocated(id, block, asked[id], cycle);
            }
            if (journal != null) {
                journal.add(OWNERSHIP, Ownership.ALLOCATIONS, 1);
                journal.block(block, net[id]);
            }
        }
        if (!running[id] || started[id] < windowStart) {
            running[id] = false;
            return;
        }
        running[id] = false;
        long latency = cycle - started[id];
        long away = thread.awayCycles - startedAway[id];
        int slot = (id * OPS + operation) * TIERS + tier[id];
        int perTier = operation * TIERS + tier[id];
        int bucket = LogLinear.bucketOf(latency);
        countLatency(slot, bucket, 1);
        latencySum[slot] += latency;
        latencyMax[operation] = Math.max(latencyMax[operation], latency);
        allocatorCycles[perTier] += latency - away;
        boolean local = !thread.sawAtomic && !thread.sawForeignMetadata && !thread.sawSyscall;
        localOps[operation] += local ? 1 : 0;
        if (sink != null) {
            sink.ended(core.id, id, operation, tier[id], started[id], cycle, block);
        }
        if (journal != null) {
            journal.add(LATENCIES, slot << BUCKET_BITS | bucket, 1);
            journal.add(LATENCY_SUMS, slot, latency);
            journal.add(ALLOCATOR_CYCLES, perTier, latency - away);
            journal.add(LOCAL_OPS, operation, local ? 1 : 0);
            if (tier[id] > 0 && sink != null || slot >= 1 << 31 - BUCKET_BITS) {
                journal.happensOnce();
            }
        }
    }

    private void countLatency(int slot, int bucket, long times) {
        long[] histogram = histograms[slot];
        if (histogram == null || bucket >= histogram.length) {
            histogram = histogram == null ? new long[bucket + 64] : Arrays.copyOf(histogram, bucket + 64);
            histograms[slot] = histogram;
        }
        histogram[bucket] += times;
    }

    // ---- what repeats

    @Override
    public MarkJournal note(Core core) {
        if (injector != null || sink != null && sink.hearsAll()) {
            return null;
        }
        noting++;
        journals[core.id] = new BooksJournal(this, ownership, core.thread, core.id, version);
        return journals[core.id];
    }

    void stopNoting(int core, BooksJournal journal) {
        if (journals[core] == journal) {
            journals[core] = null;
            noting--;
        }
    }

    @Override
    public boolean mayOwe(MarkJournal journal) {
        return ownership == null && journal.repeats();
    }

    @Override
    public boolean below(long rise) {
        return ownership == null || ownership.below(rise);
    }

    /** Grows when counts are cleared. */
    int version() {
        return version;
    }

    long netOf(int thread) {
        return net[thread];
    }

    /** Moves the times of a thread's last operation. */
    void later(ThreadContext thread, long cycles) {
        thread.attemptStart += cycles;
        started[thread.id] += cycles;
    }

    /** Cycle at which the operation that a thread is in began; -1 if it is in none. */
    public long operationBegan(int thread) {
        return running[thread] ? started[thread] : -1;
    }

    /** Cycles that a thread had been away from user mode when the operation that it is in began. */
    public long awayAtBegin(int thread) {
        return startedAway[thread];
    }

    /** The kernel aborted an attempt. */
    public void aborted(int section) {
        aborts[section]++;
    }

    // ---- what was counted

    public int threads() {
        return threadOps.length;
    }

    public long threadOps(int thread) {
        return threadOps[thread];
    }

    public long cpuOps(int cpu) {
        return cpuOps[cpu];
    }

    /** Histogram over {@link LogLinear} buckets, null if nothing was counted. */
    public long[] histogram(int thread, int operation, int atTier) {
        return histograms[(thread * OPS + operation) * TIERS + atTier];
    }

    public long latencySum(int thread, int operation, int atTier) {
        return latencySum[(thread * OPS + operation) * TIERS + atTier];
    }

    public long latencyMax(int operation) {
        return latencyMax[operation];
    }

    public long allocatorCycles(int operation, int atTier) {
        return allocatorCycles[operation * TIERS + atTier];
    }

    public long localOps(int operation) {
        return localOps[operation];
    }

    /** A count of {@link Mark}. */
    public long count(int kind) {
        return counts[kind];
    }

    /** Requests that arrived by themselves. */
    public RequestBooks requests() {
        return requests;
    }

    public long remoteFrees() {
        return remoteFrees[0];
    }

    public long commits(int section) {
        return commits[section];
    }

    public long aborts(int section) {
        return aborts[section];
    }

    public long exits(int section, int reason) {
        return exits[section][reason];
    }
}
