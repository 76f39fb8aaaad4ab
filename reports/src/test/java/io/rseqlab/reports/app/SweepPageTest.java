package io.rseqlab.reports.app;

import static io.rseqlab.reports.app.Answer.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.QuantileShifts;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.machine.ValidatedError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep with drawn costs by the front door: what stands beside the seed intervals, in tables, results and pages. */
class SweepPageTest {
    private static final String EXPERIMENT = """
            seeds = "1..6"
            [costs]
            draws = 3
            seeds = 1
            [run]
            workload = "churn"
            machine = "turin-vm-2"
            cpus = 1
            warmup = "10us"
            duration = "10us"
            ops = "none"
            [grid]
            strategy = ["rseq-freelist", "message-passing"]
            threads = [1, 2]
            handoff = [0, 1]
            """;

    @TempDir
    static Path scratch;

    private static Path runs;

    /** The comparison of all runs, with a map. */
    private static ComparisonDocument document;

    private static Answer compare(Object... more) {
        Answer answer = run(Stream.concat(Stream.of("compare", runs, "--baseline", "rseq-freelist"), Stream.of(more))
                .toArray());
        assertThat(answer.code()).as(answer.err()).isZero();
        return answer;
    }

    @BeforeAll
    static void sweep() throws IOException {
        Path file = Files.writeString(scratch.resolve("exp.toml"), EXPERIMENT);
        Answer answer = run("sweep", file, "--out", scratch.resolve("sweep"));
        assertThat(answer.code()).as(answer.err()).isZero();
        runs = scratch.resolve("sweep").resolve("runs");
        document = ResultJson.readComparison(
                compare("--map", "handoff,threads", "--format", "json").out());
    }

    @Test
    void mapsHaveTheErrorOfTheModelAndTheFlipsOfDrawsBesideTheSeedInterval() {
        CrossoverMap map = document.crossovers().get(0);
        ValidatedError documented = ProfileReader.shipped("turin-vm-2").error();
        assertThat(map.points()).hasSize(4).allSatisfy(point -> {
            assertThat(point.n()).isEqualTo(6);
            assertThat(point.modelError()).isIn(documented.unshared(), documented.shared());
            assertThat(point.costs().draws()).isEqualTo(3);
            assertThat(point.costs().interval().method()).isEqualTo("Clopper-Pearson");
        });
        assertThat(document.modelError())
                .contains("On turin-vm-2 half of the throughputs")
                .doesNotContain("xtrapol");
        String table = compare("--map", "handoff,threads").out();
        assertThat(table).contains("/3", "k/N: in k of N draws");
        String plain = compare().out();
        assertThat(plain)
                .contains("costs drawn from their ranges", " of 3 draws")
                .doesNotContain("quantile by quantile");
    }

    @Test
    void latenciesAreComparedQuantileByQuantileInEveryForm() {
        for (Cell cell : document.cells()) {
            assertThat(cell.quantileShifts())
                    .extracting(QuantileShifts::operation)
                    .containsExactly("malloc", "free");
            assertThat(cell.quantileShifts().get(0).points())
                    .extracting(QuantileShifts.Point::name)
                    .containsExactly("p10", "p20", "p30", "p40", "p50", "p60", "p70", "p80", "p90", "p99", "p99.9");
        }
        QuantileShifts.Point median =
                document.cells().get(0).quantileShifts().get(0).points().get(4);
        List<String> rows = compare("--format", "csv", "--shifts").out().lines().toList();
        String row = rows.stream()
                .filter(line -> line.contains(",latency_shift_cycles.malloc.p50,"))
                .findFirst()
                .orElseThrow();
        assertThat(row)
                .contains(
                        ",message-passing,",
                        "," + median.difference() + "," + median.interval().low() + ",")
                .contains(",cycles,6,rseq-freelist,");
        assertThat(compare("--format", "csv").out()).doesNotContain("latency_shift");
        assertThat(compare("--shifts").out())
                .contains("Latency of malloc in cycles, quantile by quantile", "p99.9")
                .contains("no interval reaches less far");
        assertThat(median.resolution()).isPositive();
        assertThat(median.effectiveRuns()).isBetween(1.0, 6.0);
        assertThat(median.interval().high() - median.interval().low()).isGreaterThanOrEqualTo(2 * median.resolution());
    }

    @Test
    void thePageHasTheSweepAtAGlanceTheShiftsAndTheMarks() throws IOException {
        Path page = scratch.resolve("page");
        Answer answer = run("report", runs, "--baseline", "rseq-freelist", "--map", "handoff,threads", "--out", page);
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(page.resolve("charts/sweep.png")).isNotEmptyFile();
        try (Stream<Path> charts = Files.list(page.resolve("charts"))) {
            assertThat(charts.map(chart -> chart.getFileName().toString()))
                    .anyMatch(name -> name.startsWith("shifts-"))
                    .noneMatch(name -> name.startsWith("threads"));
        }
        String html = Files.readString(page.resolve("index.html"));
        assertThat(html)
                .contains("The sweep at a glance", "Which operations are slower, and by how much")
                .contains("costs drawn: winner flips", "model error")
                .contains("k/N below the number");
    }
}
