package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in which the memory oracle found something wrong says so wherever its figures are shown. */
class ViolationsTest {
    private static final String RUN = "collect --workload churn --cpus 2 --threads 8 --warmup 100us --duration 300us"
            + " --inject preempt-in-section:0.01 --strategy rseq-freelist --out ";

    @TempDir
    static Path folder;

    private static Path broken;
    private static Path clean;

    @BeforeAll
    static void collect() {
        broken = folder.resolve("runs/broken");
        clean = folder.resolve("runs/clean");
        Answer answer = run(RUN + broken + " --inject no-abort");
        assertThat(answer.code()).isEqualTo(ExitCodes.VIOLATION);
        assertThat(run(RUN + clean).code()).isZero();
    }

    private static Answer run(String line) {
        return Answer.run((Object[]) line.split(" "));
    }

    @Test
    void theTraceKnowsHowManyAndTheFirstOfThem() {
        RunInfo info = TraceReader.open(broken).info();
        assertThat(info.violations()).isPositive();
        assertThat(info.firstViolations()).isNotEmpty().hasSizeLessThanOrEqualTo(20);
        assertThat(info.firstViolations().get(0)).contains("last suppressed abort: thread");
        assertThat(TraceReader.open(clean).info().violations()).isZero();
        assertThat(run("view " + broken + " --kind fault --format csv").out())
                .containsPattern("fault,.*(double allocation|double free|wild block|free of no block)");
        assertThat(info.totals().get("faults")).isPositive();
    }

    @Test
    void checkEndsWithItsCodeAndNamesThem() {
        Answer answer = run("check " + broken);
        assertThat(answer.code()).isEqualTo(ExitCodes.VIOLATION);
        assertThat(answer.out())
                .contains(TraceReader.open(broken).info().firstViolations().get(0))
                .contains("Collect the same run without --inject")
                .doesNotContain("Counters equal", "content hash");
        assertThat(run("check " + clean).code()).isZero();
    }

    @Test
    void analysesSayThatNoFigureCanBeReliedOn() {
        assertThat(run("analyze " + broken).out()).contains("VIOLATED", "the memory oracle found");
        assertThat(run("analyze " + folder.resolve("runs")).out()).containsOnlyOnce("VIOLATED: ");
        long violations = TraceReader.open(broken).info().violations();
        assertThat(run("analyze " + broken + " --format json").out())
                .contains("\"violations\" : " + violations, "VIOLATED: the memory oracle found " + violations);
        assertThat(run("analyze " + clean + " --format json").out())
                .contains("\"violations\" : 0,")
                .doesNotContain("VIOLATED");
        assertThat(run("analyze " + broken + " --format csv").out()).contains("violations," + violations);
    }

    @Test
    void noComparisonTakesThemInSilence() {
        for (String format : new String[] {"table", "json"}) {
            Answer answer = run("compare " + folder.resolve("runs") + " --baseline rseq-freelist --format " + format);
            assertThat(answer.out()).contains(broken + ": the memory oracle found something wrong in it");
        }
        Answer alone = run("compare " + broken + " --baseline rseq-freelist");
        assertThat(alone.code()).isEqualTo(ExitCodes.INVALID_INPUT);
        assertThat(alone.err()).contains("nothing to compare", "the memory oracle found");
    }

    @Test
    void thePageNotesThem() throws Exception {
        Path page = folder.resolve("page");
        assertThat(run("report " + folder.resolve("runs") + " --baseline rseq-freelist --out " + page)
                        .code())
                .isZero();
        assertThat(Files.readString(page.resolve("index.html"))).contains("VIOLATED: the memory oracle found");
    }
}
