package io.rseqlab.analyzer.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.EventRows;
import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.Timeline;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Metrics against cases small enough to work out in the comment. */
class MetricsTest {
    private static final long START = TestTraces.WINDOW_START;

    private static Scope recorded(Map<String, Long> totals) {
        RunInfo info = TestTraces.info(RunInfo.RECORDED, RunInfo.COMPLETE, Map.of());
        return new Scope(new RunInfo(
                1,
                "",
                info.source(),
                info.state(),
                info.clockHz(),
                2,
                info.windowStartCycle(),
                info.windowEndCycle(),
                "bytes",
                Map.of(),
                List.of(),
                info.threads(),
                totals,
                null));
    }

    private static MetricValue counted(String id, Scope scope, List<Counter> counters) {
        return present(Metrics.of(id).counters().apply(scope), counters);
    }

    private static <S extends Serializable, O, R> R present(Metric<S, O, R> metric, List<O> items) {
        S state = metric.zero();
        items.forEach(item -> metric.observe(state, item));
        return metric.present(state);
    }

    private static <R> R presentEvents(Metric<?, EventBatch, R> metric, List<Event> events) {
        return present(metric, EventRows.batches(events, 1));
    }

    private static Event switched(long cycle, int cpu, int from, int to, String why) {
        return new Event()
                .reset(EventKind.SWITCH, START + cycle, cpu, from)
                .set(Column.OTHER_THREAD, to)
                .set(Column.STATE, why);
    }

    @Test
    void everyIdIsUniqueSnakeCaseAndExplained() {
        Set<String> ids = new HashSet<>();
        for (MetricInfo metric : Metrics.ALL) {
            assertThat(ids.add(metric.id())).as(metric.id()).isTrue();
            assertThat(metric.id()).matches("[a-z0-9]+(_[a-z0-9]+)*");
            assertThat(metric.meaning()).isNotBlank();
        }
    }

    /**
     * CPU 0 of 3 holds 41 blocks, thread 2 of 6 holds 7, of 64 bytes each: 48 blocks or 3072 bytes; 41 * 64 = 2624
     * bytes over 3 CPUs, 448 over 6 threads. 48 over a peak of 96 is a half; 65536 bytes over 96 * 64 are 10.67.
     */
    @Test
    void strandedBytesAreToldByCpuAndThreadAndOverWhatWasLive() {
        List<Counter> counters = List.of(
                new Counter(CounterName.CACHED_BLOCKS, null, null, 0, null, null, null, null, null, null, null, 41),
                new Counter(CounterName.CACHED_BLOCKS, null, null, null, 2, null, null, null, null, null, null, 7),
                Counter.ofWindow(CounterName.PEAK_LIVE_BLOCKS, 96),
                Counter.ofWindow(CounterName.POOL_BLOCKS, 5),
                Counter.ofWindow(CounterName.FOOTPRINT_BYTES, 65_536));
        Scope scope = new Scope(TestTraces.simulated());
        Map<String, MetricValue> cached =
                counted("cached_bytes", scope, counters).parts();
        assertThat(cached.get("all").value()).isEqualTo(3072L);
        assertThat(cached.get("per_cpu").value()).isEqualTo(2624.0 / TestTraces.CPUS);
        assertThat(cached.get("per_thread").value()).isEqualTo(448.0 / TestTraces.THREADS);
        assertThat(cached.get("largest").value()).isEqualTo(2624L);
        assertThat(counted("pool_bytes", scope, counters).value()).isEqualTo(320L);
        assertThat(counted("cached_over_peak_live", scope, counters).value()).isEqualTo(0.5);
        assertThat(counted("footprint_over_peak_live", scope, counters).value()).isEqualTo(65_536.0 / 6_144);
        assertThat(counted("cached_bytes", scope, List.of(Counter.ofWindow(CounterName.OPS, 1)))
                        .value())
                .isNull();
    }

    /** The same of several sizes: bytes are counted, 600 with CPU 1 and 1000 in all; a peak of 4000 live. */
    @Test
    void ofSeveralSizesBytesAreCountedAndNotMultiplied() {
        RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, Map.of());
        List<Counter> counters = List.of(
                new Counter(CounterName.CACHED_BLOCKS, null, null, 1, null, null, null, null, null, null, null, 2),
                new Counter(CounterName.CACHED_BYTES, null, null, 1, null, null, null, null, null, null, null, 600),
                new Counter(CounterName.CACHED_BYTES, null, null, null, 0, null, null, null, null, null, null, 400),
                Counter.ofWindow(CounterName.PEAK_LIVE_BLOCKS, 3),
                Counter.ofWindow(CounterName.PEAK_LIVE_BYTES, 4000),
                Counter.ofWindow(CounterName.POOL_BLOCKS, 1),
                Counter.ofWindow(CounterName.POOL_BYTES, 96),
                Counter.ofWindow(CounterName.FOOTPRINT_BYTES, 10_000));
        Scope scope = new Scope(info);
        Map<String, MetricValue> cached =
                counted("cached_bytes", scope, counters).parts();
        assertThat(cached.get("all").value()).isEqualTo(1000L);
        assertThat(cached.get("largest").value()).isEqualTo(600L);
        assertThat(counted("pool_bytes", scope, counters).value()).isEqualTo(96L);
        assertThat(counted("peak_live_bytes", scope, counters).value()).isEqualTo(4000L);
        assertThat(counted("cached_bytes_over_peak_live", scope, counters).value())
                .isEqualTo(0.25);
        assertThat(counted("footprint_over_peak_live", scope, counters).value()).isEqualTo(2.5);
        List<Counter> old = counters.stream()
                .filter(counter ->
                        !counter.name().id().endsWith("bytes") || counter.name() == CounterName.FOOTPRINT_BYTES)
                .toList();
        assertThat(counted("footprint_over_peak_live", scope, old).note()).contains("does not say how large");
        assertThat(counted("cached_bytes", scope, old).hasData()).isFalse();
    }

    private static Counter latency(String op, int tier, long count) {
        return new Counter(CounterName.LATENCY, null, null, null, 0, op, tier, null, null, 40, null, count);
    }

    /** 5 of 100 mallocs and 2 of 80 frees leave the fast path. */
    @Test
    void missesAreWhatLeavesTheFastPath() {
        Map<String, MetricValue> misses = counted(
                        "misses",
                        new Scope(TestTraces.simulated()),
                        List.of(
                                latency("malloc", 0, 95),
                                latency("malloc", 1, 4),
                                latency("malloc", 3, 1),
                                latency("free", 0, 78),
                                latency("free", 2, 2)))
                .parts();
        assertThat(misses.get("underflow").value()).isEqualTo(0.05);
        assertThat(misses.get("overflow").value()).isEqualTo(0.025);
        assertThat(misses.get("overflow_per_underflow").value()).isEqualTo(0.4);
    }

    /** Intervals of 1000 cycles; what two CPUs did in each is one figure. */
    private static MetricValue steady(String id, long... ops) {
        List<Counter> counters = new ArrayList<>();
        for (int i = 0; i < ops.length; i++) {
            long from = START + 1000L * i;
            counters.add(Counter.ofInterval(CounterName.OPS, from, from + 1000, 0, ops[i] / 2));
            counters.add(Counter.ofInterval(CounterName.OPS, from, from + 1000, 1, ops[i] - ops[i] / 2));
        }
        return counted(id, new Scope(TestTraces.simulated()), counters);
    }

    /** The second half's mean is 100 an interval; 80 is off by a fifth, 95 is not; 3 intervals pass before. */
    @Test
    void throughputIsSteadyFromWhereAllThatFollowsIsNearTheSecondHalf() {
        long[] rising = {10, 50, 80, 95, 100, 100, 98, 102, 100, 100};
        long hz = TestTraces.simulated().clockHz();
        assertThat(steady("steady_after_s", rising).value()).isEqualTo(3000.0 / hz);
        assertThat(steady("steady_throughput_ops_per_s", rising).value()).isEqualTo(500.0 / 5000 * hz);
        assertThat(steady("first_over_steady_throughput", rising).value().doubleValue())
                .isCloseTo(0.1, within(1e-12));
        assertThat(steady("steady_after_s", 9, 9, 9, 9, 9, 9, 9, 9).value()).isEqualTo(0.0);
        assertThat(steady("steady_after_s", 10, 10, 10, 10, 10, 20, 40, 80, 160, 320)
                        .note())
                .contains("does not settle");
        assertThat(steady("steady_after_s", 9, 9, 9, 9).note()).contains("fewer than 8 intervals");
    }

    @Test
    void aCountWithoutRowsIsZeroWhereItIsTakenAndNoDataWhereItIsNot() {
        List<Counter> counters = List.of(Counter.ofInterval(CounterName.SWITCHES, START, START + 10, 0, 5));
        assertThat(counted("aborts", new Scope(TestTraces.simulated()), counters)
                        .value())
                .isEqualTo(0L);
        Scope scope = recorded(Map.of("switches", 5L, "aborts", 0L));
        assertThat(counted("aborts", scope, counters).value()).isEqualTo(0L);
        assertThat(counted("aborts_by_cause", scope, counters).hasData()).isFalse();
        assertThat(counted("throughput_ops_per_s", scope, counters).note())
                .isEqualTo("no data: recorded traces have no ops");
        assertThat(counted("aborts_per_mop", scope, counters).hasData()).isFalse();
        assertThat(counted("stale_cpu_restarts", scope, counters).hasData()).isFalse();
    }

    /** 3 of 12 interruptions: 0.25, and the exact interval of 3 of 12 is [0.0549, 0.5719] in the tables. */
    @Test
    void abortsPerInterruptionComeWithTheirExactInterval() {
        MetricValue value = counted(
                "aborts_per_interruption",
                new Scope(TestTraces.simulated()),
                List.of(
                        Counter.ofInterval(CounterName.ABORTS, START, START + 10, 0, 3),
                        Counter.ofInterval(CounterName.INTERRUPTIONS, START, START + 10, 1, 12)));
        assertThat(value.value()).isEqualTo(0.25);
        assertThat(value.numerator()).isEqualTo(3);
        assertThat(value.denominator()).isEqualTo(12);
        assertThat(value.interval().low()).isBetween(0.0548, 0.0550);
        assertThat(value.interval().high()).isBetween(0.5718, 0.5720);
    }

    /** 100 preemptions on 3 CPUs in 0.1 s: 100 / 0.3. */
    @Test
    void aCpuSecondIsASecondOfEveryCpu() {
        MetricValue value = counted(
                "preemptions_per_cpu_s",
                new Scope(TestTraces.simulated()),
                List.of(Counter.ofInterval(CounterName.PREEMPTIONS, START, START + 10, 0, 100)));
        assertThat(value.value().doubleValue()).isEqualTo(100 / (3 * 0.1));
    }

    @Test
    void countsOfTheWarmUpAreLeftOut() {
        MetricValue value = counted(
                "preemptions",
                new Scope(TestTraces.simulated()),
                List.of(
                        Counter.ofInterval(CounterName.PREEMPTIONS, 0, START, 0, 100),
                        Counter.ofInterval(CounterName.PREEMPTIONS, START, START + 10, 0, 7)));
        assertThat(value.value()).isEqualTo(7L);
    }

    /**
     * Thread 0 runs on CPU 0 to 10, thread 1 to 40, thread 0 to 100; the first stretch has no beginning. Whole
     * stretches: 30 and 60.
     */
    @Test
    void runTimeIsFromSwitchInToSwitchOut() {
        MetricValue value = presentEvents(
                Metrics.of("run_time_ns").events().apply(new Scope(TestTraces.simulated())),
                List.of(
                        switched(10, 0, 0, 1, "preempted"),
                        switched(40, 0, 1, 0, "blocked"),
                        switched(100, 0, 0, -1, "blocked")));
        assertThat(value.part("mean").numerator()).isEqualTo(90);
        assertThat(value.part("mean").denominator()).isEqualTo(2);
        assertThat(value.part("max").value()).isEqualTo(60L);
    }

    /** Thread 0 is preempted on CPU 0 at 10 and comes back on CPU 1 at 25: 15, on whichever CPU. */
    @Test
    void offCpuTimeFollowsTheThreadAcrossCpus() {
        MetricValue value = presentEvents(
                Metrics.of("off_cpu_time_ns").events().apply(new Scope(TestTraces.simulated())),
                List.of(switched(10, 0, 0, 1, "preempted"), switched(25, 1, -1, 0, "idle")));
        assertThat(value.part("preempted.max").value()).isEqualTo(15L);
        assertThat(value.part("blocked")).isNull();
    }

    /** Two of four threads did all the work, evenly: (2x)² / (4 · 2x²) = 0.5; THREADS are six here: 1/3. */
    @Test
    void fairnessCountsThreadsThatDidNothing() {
        MetricValue value = counted(
                "fairness_jain",
                new Scope(TestTraces.simulated()),
                List.of(
                        new Counter(
                                CounterName.THREAD_OPS, null, null, null, 0, null, null, null, null, null, null, 50),
                        new Counter(
                                CounterName.THREAD_OPS, null, null, null, 1, null, null, null, null, null, null, 50)));
        assertThat(value.value().doubleValue()).isEqualTo(10_000.0 / (6 * 5_000.0));
    }

    /** A thread that runs through the whole window, seen only as it leaves after it, fills its CPU's row. */
    @Test
    void aTimelineKnowsWhoRanBeforeTheFirstSwitchAndAfterTheLast() {
        Timeline timeline = presentEvents(
                Metrics.timeline(new Scope(TestTraces.simulated()), START + 100, START + 200),
                List.of(
                        switched(50, 0, 0, 1, "preempted"),
                        switched(150, 0, 1, 2, "blocked"),
                        switched(300, 1, 4, -1, "blocked"),
                        switched(310, 0, 2, 0, "preempted")));
        assertThat(timeline.segments())
                .containsExactly(
                        new Timeline.Segment(0, 1, "worker 1", START + 100, START + 150, "blocked"),
                        new Timeline.Segment(1, 4, "worker 4", START + 100, START + 200, null),
                        new Timeline.Segment(0, 2, "worker 2", START + 150, START + 200, null));
        assertThat(timeline.truncated()).isFalse();
    }
}
