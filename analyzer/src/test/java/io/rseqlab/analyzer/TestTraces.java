package io.rseqlab.analyzer;

import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.LogLinear;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small traces made by hand: lawful, with every kind of event and counter that metrics read. */
public final class TestTraces {
    public static final int CPUS = 3;
    public static final int THREADS = 6;
    public static final long CLOCK_HZ = 1_000_000_000L;
    public static final long WINDOW_START = 1_000_000L;
    /** Operations are counted in so many intervals. */
    private static final int OPS_INTERVALS = 10;

    public static final long WINDOW_END = 101_000_000L;

    private static final String[] STATES = {"preempted", "preempted", "yielded", "blocked"};
    private static final String[] SECTIONS = {"pop", "push"};

    private TestTraces() {}

    public static RunInfo info(String source, String state, Map<String, Object> spec) {
        List<RunInfo.ThreadInfo> threads = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            threads.add(new RunInfo.ThreadInfo(thread, "worker " + thread));
        }
        return new RunInfo(
                RunInfo.FORMAT_VERSION,
                source.equals(RunInfo.SIMULATED) ? "test" : "",
                source,
                state,
                CLOCK_HZ,
                CPUS,
                WINDOW_START,
                WINDOW_END,
                "instructions",
                spec,
                List.of(new RunInfo.SectionInfo("pop", 5, List.of("load", "load", "test", "load", "store"))),
                threads,
                Map.of(),
                null);
    }

    public static RunInfo simulated() {
        return info(RunInfo.SIMULATED, RunInfo.COMPLETE, spec("rseq-freelist", 1));
    }

    public static Map<String, Object> spec(String strategy, long seed) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("strategy", strategy);
        spec.put("workload", "churn:handoff=0.5");
        spec.put("machine", "zen5-vm-2");
        spec.put("kernel", "linux-6.18");
        spec.put("block_bytes", 64);
        spec.put("cpus", CPUS);
        spec.put("threads", THREADS);
        spec.put("seed", seed);
        return spec;
    }

    /** A schedule that a kernel could have made, with aborts, migrations, signals and restarts. */
    public static List<Event> events(long seed, int switches) {
        Schedule schedule = new Schedule(new Random(seed));
        for (int step = 0; step < switches; step++) {
            schedule.step();
        }
        return schedule.events;
    }

    /** Threads on CPUs; each step switches one CPU. */
    private static final class Schedule {
        private final Random random;
        private final List<Event> events = new ArrayList<>();
        private final int[] running = new int[CPUS];
        private final int[] lastCpu = new int[THREADS];
        private long cycle;

        Schedule(Random random) {
            this.random = random;
            for (int cpu = 0; cpu < CPUS; cpu++) {
                running[cpu] = cpu;
                lastCpu[cpu] = cpu;
            }
        }

        void step() {
            cycle += 1 + random.nextInt(400_000);
            int cpu = random.nextInt(CPUS);
            int old = running[cpu];
            int next = random.nextInt(THREADS + 1) - 1;
            for (int thread : running) {
                next = thread == next ? -1 : next;
            }
            if (next == old) {
                return;
            }
            if (next >= 0 && lastCpu[next] != cpu) {
                add(EventKind.MIGRATE, lastCpu[next], next).set(Column.TARGET_CPU, cpu);
                lastCpu[next] = cpu;
            }
            String state = old < 0 ? "idle" : STATES[random.nextInt(STATES.length)];
            if (state.equals("preempted")) {
                add(EventKind.PREEMPT, cpu, old);
            }
            add(EventKind.SWITCH, cpu, old).set(Column.OTHER_THREAD, next).set(Column.STATE, state);
            running[cpu] = next;
            if (next >= 0) {
                arrive(cpu, next);
            }
        }

        private void arrive(int cpu, int thread) {
            int causes = Cause.PREEMPTION;
            if (random.nextInt(8) == 0) {
                add(EventKind.SIGNAL, cpu, thread).set(Column.NUMBER, 14);
                causes |= Cause.SIGNAL;
            }
            if (random.nextInt(3) == 0) {
                add(EventKind.ABORT, cpu, thread)
                        .set(Column.CAUSES, causes)
                        .set(Column.SECTION, SECTIONS[random.nextInt(2)])
                        .set(Column.OFFSET, random.nextInt(5))
                        .set(Column.WASTED_CYCLES, random.nextInt(500));
            } else if (random.nextInt(5) == 0) {
                add(EventKind.STALE_CPU_RESTART, cpu, thread).set(Column.SECTION, "pop");
            }
        }

        private Event add(EventKind kind, int cpu, int thread) {
            Event event = new Event().reset(kind, cycle, cpu, thread).set(Column.SEQUENCE, events.size());
            events.add(event);
            return event;
        }
    }

    /** Counters that the machine takes: operations, latencies, cycles, sections. */
    public static List<Counter> counters(long seed) {
        Random random = new Random(seed);
        List<Counter> counters = new ArrayList<>();
        for (CounterName name : new CounterName[] {
            CounterName.OPS,
            CounterName.MICRO_OPS,
            CounterName.ATOMICS,
            CounterName.USER_CYCLES,
            CounterName.KERNEL_CYCLES,
            CounterName.IDLE_CYCLES
        }) {
            for (int cpu = 0; cpu < CPUS; cpu++) {
                int intervals = name == CounterName.OPS ? OPS_INTERVALS : 1;
                long value = 1000L + random.nextInt(100_000);
                for (int i = 0; i < intervals; i++) {
                    long from = WINDOW_START + (WINDOW_END - WINDOW_START) * i / intervals;
                    long to = WINDOW_START + (WINDOW_END - WINDOW_START) * (i + 1) / intervals;
                    counters.add(Counter.ofInterval(
                            name, from, to, cpu, value * (i + 1) / intervals - value * i / intervals));
                }
            }
        }
        for (String detail : new String[] {"metadata", "object"}) {
            counters.add(new Counter(
                    CounterName.LINE_TRANSFERS,
                    WINDOW_START,
                    WINDOW_END,
                    0,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    detail,
                    random.nextInt(5000)));
        }
        Counter objects = counters.get(counters.size() - 1);
        counters.add(Counter.ofInterval(CounterName.FALSE_SHARING, WINDOW_START, WINDOW_END, 0, objects.value() / 3));
        for (int thread = 0; thread < THREADS; thread++) {
            counters.add(count(CounterName.THREAD_OPS, thread, null, null, null, 100 + random.nextInt(900)));
            latencies(counters, random, thread);
        }
        sections(counters, random);
        counters.add(Counter.ofWindow(CounterName.MESSAGES, 10));
        counters.add(Counter.ofWindow(CounterName.MESSAGE_OBJECTS, 320));
        counters.add(Counter.ofWindow(CounterName.REMOTE_FREES, 77));
        counters.add(Counter.ofWindow(CounterName.PEAK_LIVE_BLOCKS, 96));
        counters.add(Counter.ofWindow(CounterName.POOL_BLOCKS, 7));
        counters.add(Counter.ofWindow(CounterName.FOOTPRINT_BYTES, 65_536));
        for (CounterName name : EnumSet.range(CounterName.KERNEL_RSEQ_EXIT, CounterName.KERNEL_RSEQ_FIXUP)) {
            counters.add(Counter.ofWindow(name, 1000 + name.ordinal()));
        }
        counters.add(
                new Counter(CounterName.CACHED_BLOCKS, null, null, 0, null, null, null, null, null, null, null, 41));
        requests(counters, random);
        return counters;
    }

    /** Requests that arrived by themselves, of which three were not done. */
    private static void requests(List<Counter> counters, Random random) {
        long sum = 0;
        long max = 0;
        for (int draw = 0; draw < 200; draw++) {
            long latency = 1000 + random.nextInt(1_000_000);
            sum += latency;
            max = Math.max(max, latency);
            counters.add(new Counter(
                    CounterName.REQUEST_LATENCY,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    LogLinear.bucketOf(latency),
                    null,
                    1));
        }
        counters.add(Counter.ofWindow(CounterName.REFILLS, 9));
        counters.add(Counter.ofWindow(CounterName.REFILL_OBJECTS, 280));
        counters.add(Counter.ofWindow(CounterName.FLUSHES, 4));
        counters.add(Counter.ofWindow(CounterName.FLUSH_OBJECTS, 500));
        for (int i = 0; i < OPS_INTERVALS; i++) {
            long from = WINDOW_START + (WINDOW_END - WINDOW_START) * i / OPS_INTERVALS;
            long to = WINDOW_START + (WINDOW_END - WINDOW_START) * (i + 1) / OPS_INTERVALS;
            counters.add(Counter.ofInterval(CounterName.STRANDED_BYTES, from, to, 0, 4096 - 64L * i));
            counters.add(new Counter(
                    CounterName.STRANDED_BYTES, from, to, null, 1, null, null, null, null, null, null, 100L * i * i));
            counters.add(bytes(CounterName.HEAP_BYTES, from, to, 65_536 - 4096L * i));
            counters.add(bytes(CounterName.PAGE_HEAP_BYTES, from, to, 4096L * i));
        }
        counters.add(Counter.ofWindow(CounterName.FREE_PAGE_BYTES, 12_288));
        counters.add(Counter.ofWindow(CounterName.NR_PERIODS, 11));
        counters.add(Counter.ofWindow(CounterName.NR_THROTTLED, 7));
        for (int cpu = 0; cpu < CPUS; cpu++) {
            counters.add(new Counter(
                    CounterName.THROTTLED_USEC, null, null, cpu, null, null, null, null, null, null, null, 900 + cpu));
        }
        transactions(counters);
        counters.add(Counter.ofWindow(CounterName.REQUESTS_OFFERED, 203));
        counters.add(Counter.ofWindow(CounterName.REQUESTS_SERVED, 200));
        counters.add(Counter.ofWindow(CounterName.REQUEST_LATENCY_SUM, sum));
        counters.add(Counter.ofWindow(CounterName.REQUEST_LATENCY_MAX, max));
        counters.add(Counter.ofWindow(CounterName.ORDER_WAIT_CYCLES, 77_000));
    }

    private static Counter bytes(CounterName name, long from, long to, long value) {
        return new Counter(name, from, to, null, null, null, null, null, null, null, null, value);
    }

    private static void transactions(List<Counter> counters) {
        for (int cpu = 0; cpu < CPUS; cpu++) {
            counters.add(Counter.ofInterval(CounterName.TRANSACTIONS, WINDOW_START, WINDOW_END, cpu, 5000L + cpu));
            for (String cause : List.of("conflict", "interrupt")) {
                counters.add(new Counter(
                        CounterName.TRANSACTION_ABORTS,
                        WINDOW_START,
                        WINDOW_END,
                        cpu,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        cause,
                        cause.length() + cpu));
            }
        }
        counters.add(Counter.ofWindow(CounterName.TRANSACTION_FALLBACKS, 3));
    }

    private static void latencies(List<Counter> counters, Random random, int thread) {
        for (String op : new String[] {"malloc", "free"}) {
            for (int tier = 0; tier < 2; tier++) {
                long sum = 0;
                long max = 0;
                for (int draw = 0; draw < 20; draw++) {
                    long latency = 10 + random.nextInt(tier == 0 ? 80 : 40_000);
                    int bucket = LogLinear.bucketOf(latency);
                    int times = 1 + random.nextInt(9);
                    counters.add(count(CounterName.LATENCY, thread, op, tier, bucket, times));
                    sum += latency * times;
                    max = Math.max(max, latency);
                }
                counters.add(count(CounterName.LATENCY_SUM, thread, op, tier, null, sum));
                counters.add(count(CounterName.ALLOCATOR_CYCLES, null, op, tier, null, sum));
                counters.add(count(CounterName.LATENCY_MAX, null, op, null, null, max));
            }
            counters.add(count(CounterName.LOCAL_OPS, null, op, null, null, 12));
        }
    }

    private static void sections(List<Counter> counters, Random random) {
        for (String section : SECTIONS) {
            counters.add(section(CounterName.SECTION_ATTEMPTS, section, null, null, 10_000));
            counters.add(section(CounterName.SECTION_COMMITS, section, null, null, 9_000));
            counters.add(section(CounterName.SECTION_ABORTS, section, null, null, 600));
            counters.add(section(CounterName.SECTION_EXITS, section, null, "empty", 400));
            for (int offset = 0; offset < 5; offset++) {
                counters.add(section(CounterName.EXPOSURE_CYCLES, section, offset, null, 1 + random.nextInt(100_000)));
            }
        }
        counters.add(section(CounterName.EXPOSURE_CYCLES, null, null, null, 900_000));
    }

    private static Counter count(
            CounterName name, Integer thread, String op, Integer tier, Integer bucket, long value) {
        return new Counter(name, null, null, null, thread, op, tier, null, null, bucket, null, value);
    }

    private static Counter section(CounterName name, String section, Integer offset, String detail, long value) {
        return new Counter(name, null, null, null, null, null, null, section, offset, null, detail, value);
    }

    /** Writes a simulated trace of these events and counters. */
    public static Path write(Path directory, RunInfo info, List<Event> events, List<Counter> counters) {
        try (TraceWriter writer = TraceWriter.create(directory, info)) {
            events.forEach(writer::accept);
            writer.counters(counters);
            writer.finish(info);
        }
        return directory;
    }
}
