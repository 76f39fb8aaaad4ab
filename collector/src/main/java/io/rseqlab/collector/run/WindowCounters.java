package io.rseqlab.collector.run;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.kernel.Bandwidth;
import io.rseqlab.collector.kernel.RseqStatistics;
import io.rseqlab.collector.oracle.OperationBooks;
import io.rseqlab.collector.oracle.RequestBooks;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Counts of the whole measured window: operations, section outcomes, exposure. */
final class WindowCounters {
    private static final String[] OPS = {"malloc", "free"};
    private static final String[] EXITS = {"stale_cpu", "compare", "empty", "full"};
    private static final CounterName[] COUNTS = {
        CounterName.REFILLS,
        CounterName.FLUSHES,
        CounterName.MESSAGES,
        CounterName.MESSAGE_OBJECTS,
        CounterName.REMOTE_FREES,
        CounterName.CONTENDED_LOCKS
    };

    private final Simulation simulation;
    private final List<Counter> rows = new ArrayList<>();

    private WindowCounters(Simulation simulation) {
        this.simulation = simulation;
    }

    /** All counts of the window that ends now, at a cycle. */
    static List<Counter> of(Simulation simulation, long to) {
        WindowCounters counters = new WindowCounters(simulation);
        counters.operations();
        counters.requests(to);
        counters.sections();
        counters.exposure();
        counters.kernelRseq();
        counters.quota(to);
        counters.freeBlocks();
        return counters.rows;
    }

    private void operations() {
        OperationBooks books = simulation.books();
        for (int thread = 0; thread < simulation.spec().threads(); thread++) {
            add(CounterName.THREAD_OPS, thread, null, null, null, null, null, null, books.threadOps(thread));
            for (int op = 0; op < OPS.length; op++) {
                for (int tier = 0; tier < OperationBooks.TIERS; tier++) {
                    latencies(books, thread, op, tier);
                }
            }
        }
        for (int op = 0; op < OPS.length; op++) {
            add(CounterName.LATENCY_MAX, null, OPS[op], null, null, null, null, null, books.latencyMax(op));
            add(CounterName.LOCAL_OPS, null, OPS[op], null, null, null, null, null, books.localOps(op));
            for (int tier = 0; tier < OperationBooks.TIERS; tier++) {
                long cycles = books.allocatorCycles(op, tier);
                add(CounterName.ALLOCATOR_CYCLES, null, OPS[op], tier, null, null, null, null, cycles);
            }
        }
        boolean oracle = simulation.ownership() != null;
        for (int kind = 0; kind < COUNTS.length; kind++) {
            long value = kind == Mark.COUNT_REMOTE_FREES && oracle ? books.remoteFrees() : books.count(kind);
            rows.add(Counter.ofWindow(COUNTS[kind], value));
        }
        if (simulation.spec().mode().equals(RunSpec.TRANSACTIONS)) {
            rows.add(
                    Counter.ofWindow(CounterName.TRANSACTION_FALLBACKS, books.count(Mark.COUNT_TRANSACTION_FALLBACKS)));
        }
        if (oracle) {
            rows.add(Counter.ofWindow(
                    CounterName.PEAK_LIVE_BLOCKS, simulation.ownership().peakLive()));
        }
    }

    private void requests(long to) {
        long from = simulation.spec().machine().cyclesOf(simulation.spec().warmupSeconds());
        long offered = simulation.workload().offered(from, to);
        if (offered < 0) {
            return;
        }
        RequestBooks requests = simulation.books().requests();
        rows.add(Counter.ofWindow(CounterName.REQUESTS_OFFERED, offered));
        rows.add(Counter.ofWindow(CounterName.REQUESTS_SERVED, requests.served()));
        rows.add(Counter.ofWindow(CounterName.REQUEST_LATENCY_SUM, requests.sum()));
        rows.add(Counter.ofWindow(CounterName.REQUEST_LATENCY_MAX, requests.max()));
        long[] histogram = requests.histogram();
        for (int bucket = 0; bucket < histogram.length; bucket++) {
            add(CounterName.REQUEST_LATENCY, null, null, null, null, null, bucket, null, histogram[bucket]);
        }
    }

    private void latencies(OperationBooks books, int thread, int op, int tier) {
        long[] histogram = books.histogram(thread, op, tier);
        if (histogram == null) {
            return;
        }
        for (int bucket = 0; bucket < histogram.length; bucket++) {
            add(CounterName.LATENCY, thread, OPS[op], tier, null, null, bucket, null, histogram[bucket]);
        }
        add(CounterName.LATENCY_SUM, thread, OPS[op], tier, null, null, null, null, books.latencySum(thread, op, tier));
    }

    private void sections() {
        OperationBooks books = simulation.books();
        for (Section section : simulation.program().sections()) {
            String name = section.name();
            int number = section.number();
            long exits = 0;
            for (int reason = 0; reason < EXITS.length; reason++) {
                long count = books.exits(number, reason);
                exits += count;
                add(CounterName.SECTION_EXITS, null, null, null, name, null, null, EXITS[reason], count);
            }
            long attempts = books.commits(number) + books.aborts(number) + exits;
            add(CounterName.SECTION_ATTEMPTS, null, null, null, name, null, null, null, attempts);
            add(CounterName.SECTION_COMMITS, null, null, null, name, null, null, null, books.commits(number));
            add(CounterName.SECTION_ABORTS, null, null, null, name, null, null, null, books.aborts(number));
        }
    }

    private void exposure() {
        long[] cycles = simulation.machine().exposureCycles;
        Program program = simulation.program();
        long outside = 0;
        for (int position = 0; position < cycles.length; position++) {
            Section section = program.sectionAt(position);
            if (section == null) {
                outside += cycles[position];
            } else {
                int offset = position - section.start();
                add(
                        CounterName.EXPOSURE_CYCLES,
                        null,
                        null,
                        null,
                        section.name(),
                        offset,
                        null,
                        null,
                        cycles[position]);
            }
        }
        rows.add(Counter.ofWindow(CounterName.EXPOSURE_CYCLES, outside));
    }

    /** The kernel's own counts, zeros too; a kernel without rseq has none. */
    private void kernelRseq() {
        if (!simulation.spec().rseq()) {
            return;
        }
        for (RseqStatistics.Kind kind : RseqStatistics.Kind.values()) {
            if (!kind.isTraced()) {
                continue;
            }
            CounterName name = CounterName.of("kernel_rseq_" + kind.id());
            for (int cpu = 0; cpu < simulation.machine().cores.length; cpu++) {
                long count = simulation.rseqStatistics().count(kind, cpu);
                rows.add(new Counter(name, null, null, cpu, null, null, null, null, null, null, null, count));
            }
        }
    }

    /** What the kernel counts of a quota, zeros too. */
    private void quota(long to) {
        Bandwidth bandwidth = simulation.kernel().bandwidth();
        if (bandwidth == null) {
            return;
        }
        rows.add(Counter.ofWindow(CounterName.NR_PERIODS, bandwidth.periods()));
        rows.add(Counter.ofWindow(CounterName.NR_THROTTLED, bandwidth.throttledPeriods()));
        double usPerCycle = 1e6 / simulation.spec().machine().clockHz();
        for (int cpu = 0; cpu < simulation.machine().cores.length; cpu++) {
            long us = Math.round(bandwidth.throttledCycles(cpu, to) * usPerCycle);
            rows.add(new Counter(
                    CounterName.THROTTLED_USEC, null, null, cpu, null, null, null, null, null, null, null, us));
        }
    }

    /** Free blocks by who can get at them. Without the oracle nobody knows which blocks are free. */
    private void freeBlocks() {
        rows.add(Counter.ofWindow(CounterName.FOOTPRINT_BYTES, simulation.heap().footprintBytes()));
        if (simulation.heap().hasPageHeap()) {
            rows.add(Counter.ofWindow(
                    CounterName.FREE_PAGE_BYTES, simulation.heap().freeBytes()));
        }
        if (simulation.ownership() == null) {
            return;
        }
        TreeMap<Integer, long[]> cpus = new TreeMap<>();
        TreeMap<Integer, long[]> threads = new TreeMap<>();
        long[] pool = new long[2];
        simulation.census((place, bytes) -> {
            long[] held = switch (place.holder()) {
                case CPU -> cpus.computeIfAbsent(place.number(), any -> new long[2]);
                case THREAD -> threads.computeIfAbsent(place.number(), any -> new long[2]);
                case POOL -> pool;
            };
            held[0]++;
            held[1] += bytes;
        });
        held(0, CounterName.CACHED_BLOCKS, CounterName.POOL_BLOCKS, cpus, threads, pool);
        if (!simulation.spec().sizes().single()) {
            held(1, CounterName.CACHED_BYTES, CounterName.POOL_BYTES, cpus, threads, pool);
            rows.add(Counter.ofWindow(
                    CounterName.PEAK_LIVE_BYTES, simulation.ownership().peakLiveBytes()));
        }
    }

    private void held(
            int what,
            CounterName cached,
            CounterName pooled,
            TreeMap<Integer, long[]> cpus,
            TreeMap<Integer, long[]> threads,
            long[] pool) {
        cpus.forEach((cpu, held) -> rows.add(cached(cached, cpu, null, held[what])));
        threads.forEach((thread, held) -> rows.add(cached(cached, null, thread, held[what])));
        if (cpus.isEmpty() && threads.isEmpty()) {
            rows.add(Counter.ofWindow(cached, 0));
        }
        rows.add(Counter.ofWindow(pooled, pool[what]));
    }

    private static Counter cached(CounterName name, Integer cpu, Integer thread, long value) {
        return new Counter(name, null, null, cpu, thread, null, null, null, null, null, null, value);
    }

    /** Adds a row unless it counts nothing. */
    private void add(
            CounterName name,
            Integer thread,
            String op,
            Integer tier,
            String section,
            Integer offset,
            Integer bucket,
            String detail,
            long value) {
        if (value != 0) {
            rows.add(new Counter(name, null, null, null, thread, op, tier, section, offset, bucket, detail, value));
        }
    }
}
