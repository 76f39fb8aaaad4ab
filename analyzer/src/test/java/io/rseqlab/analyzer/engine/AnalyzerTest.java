package io.rseqlab.analyzer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From trace to result: the number of threads changes no bit, and what a trace does not know is never zero. */
class AnalyzerTest {
    private static final List<Event> EVENTS = TestTraces.events(7, 500);

    @TempDir
    Path scratch;

    private Path simulated(String name, long seed) {
        RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec("rseq-freelist", seed));
        return TestTraces.write(scratch.resolve(name), info, TestTraces.events(seed, 500), TestTraces.counters(seed));
    }

    private static long count(EventKind kind) {
        return EVENTS.stream()
                .filter(event -> event.kind() == kind)
                .filter(event -> event.cycle() >= TestTraces.WINDOW_START && event.cycle() < TestTraces.WINDOW_END)
                .count();
    }

    private static RunResult analyze(Path trace) {
        return Analyzer.analyze(List.of(trace), new AnalyzerOptions(1, true, true))
                .runs()
                .get(0);
    }

    @Test
    void oneThreadAndManyGiveTheSameBits() {
        List<Path> traces = List.of(simulated("a", 1), simulated("b", 2));
        String one = ResultJson.write(Analyzer.analyze(traces, new AnalyzerOptions(1, true, true)));
        for (int threads = 2; threads <= 9; threads++) {
            AnalysisDocument many = Analyzer.analyze(traces, new AnalyzerOptions(threads, true, true));
            assertThat(ResultJson.write(many)).isEqualTo(one);
        }
    }

    /** Whoever has just written a trace need not read it back. */
    @Test
    void whatWasJustWrittenGivesTheSameBitsAsWhatIsReadBack() {
        Path trace = scratch.resolve("a");
        RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec("rseq-freelist", 3));
        RunResult result;
        try (TraceWriter writer = TraceWriter.create(trace, info)) {
            TestTraces.events(3, 500).forEach(writer::accept);
            writer.counters(TestTraces.counters(3));
            writer.finish(info);
            assertThat(writer.written().events()).isNotNull();
            result = Analyzer.analyze(writer.written());
        }
        String read = ResultJson.write(Analyzer.analyze(List.of(trace)));
        assertThat(ResultJson.write(new AnalysisDocument(List.of(result)))).isEqualTo(read);
    }

    /** What is left unread for the sake of one metric must not matter to it. */
    @Test
    void aMetricAloneIsWhatItIsAmongAll() {
        List<Path> traces = List.of(simulated("a", 1));
        RunResult all = Analyzer.analyze(traces).runs().get(0);
        for (String id : all.metrics().keySet()) {
            RunResult alone = Analyzer.analyze(traces, new AnalyzerOptions(2, true, false, Set.of(id)))
                    .runs()
                    .get(0);
            assertThat(alone.metrics())
                    .as(id)
                    .containsExactly(Map.entry(id, all.metrics().get(id)));
        }
    }

    /** By the strategy that stands in the mode: another one runs without rseq, the same one without transactions. */
    @Test
    void whatRanInPlaceOfTheStrategyIsSaid() {
        Map<String, String> notes = Map.of(
                "fallback percpu-lock", "the kernel offers no rseq: the strategy ran as percpu-lock",
                "fallback rseq-freelist:sync=lock",
                        "the machine has no hardware transactions: the strategy ran as rseq-freelist:sync=lock");
        notes.forEach((mode, note) -> {
            Map<String, Object> spec = TestTraces.spec("rseq-freelist", 1);
            spec.put("mode", mode);
            RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, spec);
            Path trace = TestTraces.write(scratch.resolve(mode.substring(9, 12)), info, EVENTS, List.of());
            assertThat(analyze(trace).notes()).contains(note);
        });
    }

    @Test
    void everyPartOfTheResultIsThere() {
        RunResult run = analyze(simulated("a", 7));
        assertThat(run.key().strategy()).isEqualTo("rseq-freelist");
        assertThat(run.key().seed()).isEqualTo(7);
        assertThat(run.number("aborts")).isEqualTo(count(EventKind.ABORT));
        assertThat(run.number("preemptions")).isEqualTo(count(EventKind.PREEMPT));
        assertThat(run.abortSites().stream().mapToLong(site -> site.aborts()).sum())
                .isEqualTo(count(EventKind.ABORT));
        assertThat(run.latency()).containsKeys("malloc", "free");
        assertThat(run.perCpu()).hasSize(TestTraces.CPUS);
        assertThat(run.perThread()).hasSize(TestTraces.THREADS).allMatch(thread -> thread.runSeconds() > 0);
        assertThat(run.timeline().segments()).isNotEmpty();
        assertThat(run.timeline().marks()).extracting("kind").contains("abort", "migrate", "preempt");
        assertThat(run.sections().get(0).listing()).hasSize(5);
        assertThat(run.spec()).containsEntry("model_version", "test");
        assertThat(run.reproduce())
                .isEqualTo("rseqlab collect --strategy rseq-freelist --workload churn:handoff=0.5 --machine zen5-vm-2"
                        + " --kernel linux-6.18 --cpus 3 --threads 6 --seeds 7 --out DIR");
        assertThat(run.metrics().values()).allMatch(MetricValue::hasData, "has data");
        assertThat(ResultJson.readAnalysis(ResultJson.write(new AnalysisDocument(List.of(run))))
                        .runs())
                .containsExactly(run);
    }

    @Test
    void aRecordedTraceHasNoOperationsButItsAborts() {
        RunInfo info = TestTraces.info(RunInfo.RECORDED, RunInfo.COMPLETE, Map.of("format", "ftrace"));
        RunResult run = analyze(TestTraces.write(scratch.resolve("r"), info, EVENTS, List.of()));
        for (String perOp : List.of(
                "ops",
                "throughput_ops_per_s",
                "cycles_per_op",
                "aborts_per_mop",
                "latency_cycles",
                "fast_path_hit_ratio",
                "atomics_per_op",
                "aborts_per_interruption_exposure",
                "fairness_jain")) {
            assertThat(run.metric(perOp).hasData()).as(perOp).isFalse();
            assertThat(run.metric(perOp).note()).startsWith("no data: ");
        }
        assertThat(run.number("aborts")).isEqualTo(count(EventKind.ABORT));
        assertThat(run.number("migrations")).isEqualTo(count(EventKind.MIGRATE));
        for (String seen : List.of(
                "aborts_per_interruption",
                "aborts_by_cause",
                "preemptions_per_cpu_s",
                "run_time_ns",
                "off_cpu_time_ns")) {
            assertThat(run.metric(seen).hasData()).as(seen).isTrue();
        }
        assertThat(run.key().strategy()).isNull();
        assertThat(run.reproduce()).isNull();
        assertThat(run.notes()).anyMatch(note -> note.startsWith("recorded"));
    }

    @Test
    void aRunCutShortIsCountedFromItsEvents() {
        Path trace = scratch.resolve("p");
        try (TraceWriter writer = TraceWriter.create(trace, TestTraces.simulated())) {
            EVENTS.forEach(writer::accept);
        }
        RunResult run = analyze(trace);
        assertThat(run.state()).isEqualTo("partial");
        assertThat(run.number("aborts")).isEqualTo(count(EventKind.ABORT));
        assertThat(run.metric("throughput_ops_per_s").note()).contains("cut short");
        assertThat(run.notes()).anyMatch(note -> note.startsWith("partial"));
    }

    @Test
    void aPlaceWithoutTracesIsNamed() throws IOException {
        Path file = Files.writeString(scratch.resolve("text"), "no trace");
        assertThatThrownBy(() -> Traces.find(List.of(file)))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("text' is no trace");
        assertThatThrownBy(() -> Traces.find(List.of(scratch.resolve("nowhere"))))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("does not exist");
        assertThatThrownBy(() -> Traces.find(List.of(Files.createDirectory(scratch.resolve("empty")))))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("holds none");
    }

    @Test
    void tracesAreFoundOnceAndInOrder() {
        Path b = simulated("in/b", 2);
        Path a = simulated("in/a", 1);
        assertThat(Traces.find(List.of(scratch.resolve("in"), b))).containsExactly(a, b);
    }

    @Test
    void whatASweepIsStillMakingIsNotFound() {
        Path done = simulated("sweep/runs/seed=1", 1);
        simulated("sweep/.open/2", 2);
        assertThat(Traces.find(List.of(scratch.resolve("sweep")))).containsExactly(done);
        assertThat(Traces.find(List.of(scratch.resolve("sweep/.open")))).hasSize(1);
    }

    @Test
    void partsOfARunOfTheSameSpecificationThatHeldOtherEventsAreRefused() throws IOException {
        Path mine = simulated("mine", 1);
        RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec("rseq-freelist", 1));
        Path other =
                TestTraces.write(scratch.resolve("other"), info, TestTraces.events(1, 700), TestTraces.counters(1));
        Files.copy(
                other.resolve("events-00000.parquet"),
                mine.resolve("events-00000.parquet"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> analyze(mine))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("mine/events-*.parquet' are not those that run.json counts: switches is ");
    }
}
