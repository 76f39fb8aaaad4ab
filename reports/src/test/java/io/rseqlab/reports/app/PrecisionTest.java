package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.stats.CoverageLaw;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * More seeds until the answer is as precise as asked for, and the interval still holds the truth as often as it says.
 */
class PrecisionTest {
    private static final int STUDIES = 120;

    @TempDir
    Path folder;

    private record Answer(int code, String err) {}

    private Answer run(String... words) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream none = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        int code = Main.run(none, new PrintStream(err, true, StandardCharsets.UTF_8), words);
        return new Answer(code, err.toString(StandardCharsets.UTF_8));
    }

    private Answer collect(String out, String... more) {
        return run(Stream.concat(
                        Stream.of(
                                "collect",
                                "--strategy",
                                "rseq-freelist",
                                "--strategy",
                                "percpu-cas",
                                "--cpus",
                                "1",
                                "--threads",
                                "2",
                                "--warmup",
                                "50us",
                                "--duration",
                                "100us",
                                "--out",
                                folder.resolve(out).toString()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private long seeds(String out) throws IOException {
        try (Stream<Path> runs = Files.walk(folder.resolve(out))) {
            return runs.filter(TraceReader::isTrace)
                    .filter(run -> run.toString().contains("percpu-cas"))
                    .count();
        }
    }

    @Test
    void collectRunsAsManySeedsAsThePrecisionTakes() throws IOException {
        Answer loose = collect("loose", "--seeds", "1..6", "--precision", "50%");
        assertThat(loose.code()).as(loose.err()).isZero();
        assertThat(seeds("loose")).isEqualTo(23);
        Answer tight = collect("tight", "--seeds", "1..6", "--precision", "0.0000001%", "--max-seeds", "9");
        assertThat(tight.code()).as(tight.err()).isZero();
        assertThat(seeds("tight")).isEqualTo(9);
        assertThat(tight.err()).contains("collect: 9 seeds; the widest interval reaches ");
        Answer few = collect("few", "--seeds", "1..3", "--precision", "50%", "--max-seeds", "3");
        assertThat(few.err()).contains("collect: 3 seeds; too few for an interval, asked for: 50%");
    }

    @Test
    void aPrecisionNeedsSomethingToCompare() {
        Answer answer = run(
                "collect",
                "--strategy",
                "ideal",
                "--precision",
                "2%",
                "--out",
                folder.resolve("x").toString());
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.err()).contains("name two strategies or more");
        assertThat(folder.resolve("x")).doesNotExist();
        assertThat(collect("y", "--seeds", "1..9", "--precision", "2%", "--max-seeds", "3")
                        .code())
                .isEqualTo(2);
    }

    /** Within three standard errors of so many studies around what is promised, 93 to 97 %; {@code bench coverage}. */
    @Test
    void theIntervalHoldsTheTruthUnderTheStoppingRuleToo() {
        BenchCoverage coverage = new BenchCoverage(STUDIES, 20_261_128L);
        double error = 3 * Math.sqrt(0.95 * 0.05 / STUDIES);
        BenchCoverage.Row fixed = coverage.fixed(CoverageLaw.NORMAL, 10);
        BenchCoverage.Row stopped = coverage.stopped(CoverageLaw.NORMAL, 0.5);
        for (BenchCoverage.Row row : new BenchCoverage.Row[] {fixed, stopped}) {
            assertThat(row.covered()).as(row.text()).isBetween(0.95 - error, 0.95 + error);
        }
        assertThat(fixed.meanSeeds()).isEqualTo(10);
        assertThat(stopped.meanSeeds()).isBetween(23.0, 50.0);
    }
}
