package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel's own counters in a trace say what the events of the window say, CPU by CPU, and nothing of the warm-up.
 */
class KernelCountersTest {
    private static final int CPUS = 2;

    @TempDir
    private Path folder;

    private TraceReader run(String kernel, double warmupSeconds) {
        RunRequest request = RunRequest.of("rseq-freelist", "churn:pad=500,signal_hz=4000")
                .cpus(CPUS)
                .threads(5)
                .warmup(warmupSeconds)
                .window(10e-3)
                .tick(0.2e-3)
                .kernel(kernel);
        Path trace = folder.resolve(kernel + warmupSeconds);
        assertThat(Collector.collect(RunSpecs.resolve(request, 3), trace).violations())
                .isEmpty();
        return TraceReader.open(trace);
    }

    private static Map<Integer, Long> counted(TraceReader trace, CounterName name) {
        Map<Integer, Long> counts = new HashMap<>();
        trace.counters().stream()
                .filter(counter -> counter.name() == name)
                .forEach(counter -> counts.merge(counter.cpu(), counter.value(), Long::sum));
        return counts;
    }

    /** Events of the window; those of the warm-up are in the trace, too. */
    private static Map<Integer, Long> events(TraceReader trace, EventKind kind, double warmupSeconds) {
        long from = RunSpecs.machine(RunSpecs.DEFAULT_MACHINE).cyclesOf(warmupSeconds);
        Map<Integer, Long> counts = new HashMap<>(Map.of(0, 0L, 1, 0L));
        try (EventCursor events = trace.events()) {
            while (events.next()) {
                if (events.event().kind() == kind && events.event().cycle() >= from) {
                    counts.merge(events.event().cpu(), 1L, Long::sum);
                }
            }
        }
        return counts;
    }

    @Test
    void fixUpsAndSignalsAreThoseOfTheWindow() {
        for (double warmup : new double[] {0, 5e-3}) {
            TraceReader trace = run("linux-6.18", warmup);
            Map<Integer, Long> fixups = counted(trace, CounterName.KERNEL_RSEQ_FIXUP);
            assertThat(fixups.values()).as("aborts on each CPU").allMatch(count -> count > 20);
            assertAlike(fixups, events(trace, EventKind.ABORT, warmup));
            assertAlike(counted(trace, CounterName.KERNEL_RSEQ_SIGNAL), events(trace, EventKind.SIGNAL, warmup));
        }
    }

    /** A core may be some cycles ahead when the window begins or ends: what falls there is counted on one side only. */
    private static void assertAlike(Map<Integer, Long> counted, Map<Integer, Long> events) {
        assertThat(counted.keySet()).isEqualTo(events.keySet());
        counted.forEach((cpu, count) ->
                assertThat(Math.abs(count - events.get(cpu))).as("CPU %d", cpu).isLessThanOrEqualTo(2));
    }

    /** Each look at a section ends in one of three ways; each notified exit and each signal of 6.18 writes the ids. */
    @Test
    void whatIsCountedAddsUp() {
        Map<String, Long> totals = Counter.totals(run("linux-6.18", 2e-3).counters());
        long looks = totals.get("kernel_rseq_cs");
        assertThat(totals.get("kernel_rseq_clear") + totals.get("kernel_rseq_fixup"))
                .isLessThanOrEqualTo(looks)
                .isGreaterThan(looks / 2);
        assertThat(totals.get("kernel_rseq_ids"))
                .isEqualTo(totals.get("kernel_rseq_slowp") + totals.get("kernel_rseq_signal"));
        assertThat(totals.get("kernel_rseq_slowp")).isLessThanOrEqualTo(totals.get("kernel_rseq_exit"));
        assertThat(totals.get("kernel_rseq_fastp")).isZero();
        Map<String, Long> later = Counter.totals(run("linux-7.1", 2e-3).counters());
        assertThat(later.get("kernel_rseq_slowp")).isZero();
        assertThat(later.get("kernel_rseq_fastp")).isPositive();
    }

    @Test
    void aKernelWithoutRseqCountsNothing() {
        assertThat(List.copyOf(run("none", 0).counters()))
                .noneMatch(counter -> counter.name().id().startsWith("kernel_rseq_"));
    }
}
