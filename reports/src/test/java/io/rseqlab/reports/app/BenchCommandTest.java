package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Benchmarks say what they measured in the form that is asked for. */
class BenchCommandTest {
    private static String bench(String... words) {
        StringWriter out = new StringWriter();
        CommandLine line = new CommandLine(new BenchCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out));
        assertThat(line.execute(words)).isZero();
        return out.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"interpreter", "compiled", "fastest"})
    void everyEngineIsTimed(String engine) {
        String json = bench(
                "simulate",
                "--engine",
                engine,
                "--cpus",
                "2",
                "--threads",
                "2",
                "--runs",
                "3",
                "--seconds",
                "0.02",
                "--format",
                "json");
        assertThat(json)
                .contains("\"engine\":\"" + engine + "\"", "\"runs\":3", "\"unit\":\"s/s\"", "\"skipped\":")
                .doesNotContain("null");
    }

    @Test
    void theTableEndsWithMedians() {
        String[] lines = bench("simulate", "--cpus", "1", "--threads", "1", "--runs", "2", "--seconds", "0.02")
                .split("\n");
        assertThat(lines[lines.length - 2]).matches("median [0-9.]+ M micro-ops/s \\([0-9.]+ to [0-9.]+\\)");
        assertThat(lines[lines.length - 1]).matches("median [0-9.]+ simulated s/processor s \\(.*\\)");
    }

    @Test
    void innerPartsAreTimedByThemselves() {
        String[] lines = bench("inner", "--runs", "2", "--seconds", "0.002").split("\n");
        assertThat(lines).hasSize(9).allMatch(line -> line.matches(".+ median [0-9.]+ ns \\([0-9.]+ to [0-9.]+\\)"));
        assertThat(bench("inner", "--runs", "2", "--seconds", "0.002", "--format", "json"))
                .contains("\"part\":\"line found in the first level\"", "\"unit\":\"ns\"")
                .doesNotContain("null");
    }

    @Test
    void tracesAreWrittenAndAnalyzed() {
        assertThat(bench("write", "--rows", "20000", "--runs", "2"))
                .matches("write, 20000 rows: median [0-9.]+ M rows/s \\([0-9.]+ to [0-9.]+\\)\n");
        String median = ", 20000 rows: median [0-9.]+ M rows/processor s \\([0-9.]+ to [0-9.]+\\)\n";
        assertThat(bench("analyze", "--rows", "20000", "--runs", "2"))
                .matches("analyze, all metrics" + median + "analyze, 3 columns" + median);
    }

    /** A shorter verb in place of the demo, which takes minutes here: what is timed is a program of its own. */
    @Test
    void demosAreTimedFromStartToPage() throws Exception {
        List<String> collect = List.of(
                "collect",
                "--strategy",
                "ideal",
                "--cpus",
                "1",
                "--threads",
                "1",
                "--duration",
                "20us",
                "--warmup",
                "5us");
        assertThat(new BenchDemo(1, collect).run().least()).isBetween(0.1, 60.0);
    }

    @Test
    void aDemoThatFailsIsNotTimed() {
        assertThatThrownBy(() -> new BenchDemo(1, List.of("collect", "--strategy", "nobody")).run())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("rseqlab collect --strategy nobody ended with exit code 2");
    }

    @Test
    void figuresAreSummedUpByMedianLeastAndMost() {
        BenchFigures figures = new BenchFigures("ns", new double[] {5, 1, 9, 3});
        assertThat(new double[] {figures.median(), figures.least(), figures.most()})
                .isEqualTo(new double[] {4, 1, 9});
        assertThat(figures.json())
                .isEqualTo("{\"unit\":\"ns\",\"median\":4.00000,\"min\":1.00000,\"max\":9.00000,"
                        + "\"samples\":[5.00000,1.00000,9.00000,3.00000]}");
        assertThat(Arrays.stream(figures.samples()).sum()).isEqualTo(18);
    }

    /** Half a second for a million instructions are two millions a second. */
    @Test
    void cachegrindsOutputIsUnderstood() {
        BenchCachegrind.Outcome outcome = BenchCachegrind.parse(
                "==7== Cachegrind\n0.500000\n==7== I   refs:      1,000,000\n==7== I1  misses: 9\n");
        assertThat(outcome.text(4)).contains("2.0 M instructions/s", "2.00 times");
        assertThat(outcome.json(4)).isEqualTo("{\"instructions_per_s\":2000000,\"ratio\":2.000}");
        assertThat(BenchCachegrind.parse("nothing").text(4))
                .isEqualTo("cachegrind: not measured: valgrind said nothing of instructions and time");
    }
}
