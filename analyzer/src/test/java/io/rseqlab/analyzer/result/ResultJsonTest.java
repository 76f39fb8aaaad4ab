package io.rseqlab.analyzer.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The result document is a contract: what is written is read back the same, and absent never becomes zero. */
class ResultJsonTest {
    private static final Interval INTERVAL = new Interval(0.1, 0.3, 0.95, "Clopper-Pearson");

    @Test
    void anAnalysisIsReadBackAsItWasWritten() {
        AnalysisDocument document = new AnalysisDocument(List.of(run()));
        assertThat(ResultJson.readAnalysis(ResultJson.write(document))).isEqualTo(document);
    }

    @Test
    void aRunIsFlat() {
        String json = ResultJson.write(new AnalysisDocument(List.of(run())));
        assertThat(json)
                .contains("\"aborts\" : 896")
                .contains("\"strategy\" : \"rseq-freelist\"")
                .contains("\"throughput_ops_per_s\" : null")
                .contains("\"p99\" : 80")
                .contains("\"aborts_per_interruption\" : 0.2");
    }

    @Test
    void aComparisonIsReadBackAsItWasWritten() {
        ComparisonDocument document = comparison();
        assertThat(ResultJson.readComparison(ResultJson.write(document))).isEqualTo(document);
        assertThat(ResultJson.kindOf(ResultJson.write(document))).isEqualTo("comparison");
    }

    @Test
    void foreignTextIsRefused() {
        assertThat(ResultJson.kindOf("no json")).isNull();
        assertThatThrownBy(() -> ResultJson.readAnalysis("no json")).hasMessageStartingWith("not JSON");
        assertThatThrownBy(() -> ResultJson.readAnalysis("{\"kind\":\"comparison\"}"))
                .hasMessageContaining("kind analysis");
        assertThatThrownBy(() -> ResultJson.readAnalysis("{\"kind\":\"analysis\",\"format_version\":9}"))
                .hasMessageContaining("version 9");
    }

    private static RunResult run() {
        Map<String, MetricValue> metrics = new LinkedHashMap<>();
        metrics.put("throughput_ops_per_s", MetricValue.noData("ops/s", "recorded traces have no operations"));
        metrics.put("aborts", MetricValue.of(896, "aborts"));
        metrics.put("aborts_per_interruption", MetricValue.ratio(2, 10, 1, "").withInterval(INTERVAL));
        Map<String, MetricValue> malloc = new LinkedHashMap<>();
        malloc.put("mean", MetricValue.of(12.0, "cycles"));
        malloc.put("p99", MetricValue.of(80L, "cycles"));
        metrics.put(
                "latency_cycles", MetricValue.group("cycles", Map.of("malloc", MetricValue.group("cycles", malloc))));
        return new RunResult(
                "out/t1",
                new RunKey("rseq-freelist", "churn:think=100", "zen5-vm-2", "linux-6.18", 2, 8, 1L, null),
                "simulated",
                "complete",
                Map.of("strategy", "rseq-freelist"),
                "rseqlab collect",
                "00ff",
                0.25,
                4_000_000_000L,
                2,
                "instructions",
                metrics,
                Map.of("malloc", histogram()),
                List.of(new AbortSite("pop", 3, 896, Map.of("preemption", 896L), null)),
                List.of(new SectionListing("pop", 5, List.of("load r1", "store r1"))),
                List.of(new CpuResult(0, Map.of("aborts", 896L))),
                List.of(new ThreadResult(0, "t0", null, 0.125, 7L)),
                timeline(),
                List.of(),
                null);
    }

    private static LatencyHistogram histogram() {
        return new LatencyHistogram("cycles", List.of(new LatencyHistogram.Bucket(64, 64, 7)));
    }

    private static Timeline timeline() {
        return new Timeline(
                0,
                100,
                4_000_000_000L,
                2,
                List.of(new Timeline.Segment(0, 1, "t1", 0, 50, "preempted")),
                List.of(new Timeline.Mark("abort", 60, 0, 1, "preemption in pop", null)),
                false);
    }

    private static ComparisonDocument comparison() {
        Estimate estimate = new Estimate(2.0, INTERVAL, 2, "ops/s", Arrays.asList(1.0, 3.0, null), null);
        StrategyResult strategy = new StrategyResult(
                "message-passing",
                List.of(1L, 2L),
                List.of("a", "b"),
                0.5,
                Map.of("aborts", 3L),
                Map.of("throughput_ops_per_s", estimate),
                Map.of("malloc", histogram()),
                Map.of("preemption", 3L),
                List.of(),
                "instructions",
                List.of(),
                timeline(),
                Map.of("seed", 1),
                "rseqlab collect");
        Contrast contrast = new Contrast(
                "message-passing",
                "ideal",
                "throughput_ops_per_s",
                0.9,
                INTERVAL,
                10,
                0.01,
                0.02,
                "sign-flip permutation",
                null,
                "lower",
                "lower");
        CellKey key = new CellKey("churn", "zen5-vm-2", "linux-6.18", 2, 8, null, null);
        return new ComparisonDocument(
                ComparisonDocument.FORMAT_VERSION,
                "ideal",
                "throughput_ops_per_s",
                null,
                0.95,
                List.of("lower"),
                List.of(new Cell(key, "2 CPUs", List.of(strategy), List.of(contrast), "lower")),
                "not inside",
                List.of("skipped"),
                List.of());
    }
}
