package io.rseqlab.collector.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.run.RatioOfRuns;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A sweep that adapts makes the runs that are asked for, and the same ones when it is resumed. */
class AdaptiveSweepTest {
    private static final String EXPERIMENT = """
            seeds = "1..2"
            [run]
            workload = "churn"
            cpus = 1
            threads = 1
            warmup = "20us"
            duration = "20us"
            [grid]
            strategy = ["rseq-freelist", "message-passing"]
            handoff = [0, 0.4, 1]
            """;

    @TempDir
    Path scratch;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String refusal;

    private int sweep(RatioOfRuns ratios, String text, String... options) throws IOException {
        Path file = Files.writeString(scratch.resolve("exp.toml"), text);
        List<String> words = new ArrayList<>(List.of(file.toString()));
        words.addAll(List.of(options));
        CommandLine line = new CommandLine(new SweepCommand(ratios));
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            refusal = failure.getMessage();
            return -1;
        });
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(words.toArray(String[]::new));
    }

    private TreeSet<String> runs() throws IOException {
        Path runs = scratch.resolve("data/runs");
        try (Stream<Path> all = Files.walk(runs)) {
            return new TreeSet<>(all.filter(TraceReader::isTrace)
                    .map(trace -> runs.relativize(trace).toString())
                    .toList());
        }
    }

    private static double handoff(Path trace) {
        return Double.parseDouble(trace.toString().replaceFirst(".*handoff=([0-9.]+).*", "$1"));
    }

    /** The better strategy changes at 0.3: between 0 and 0.4, 0.2 and 0.4, 0.3 and 0.4, 0.3 and 0.35. */
    @Test
    void pointsAreAddedBetweenThoseWhereTheBetterStrategyChanges() throws IOException {
        RatioOfRuns ratios = (candidate, baseline) -> {
            double factor = handoff(candidate.get(0)) < 0.31 ? 0.5 : 2;
            return new RatioOfRuns.Ratio(factor, factor - 0.1, factor + 0.1);
        };
        String refined = EXPERIMENT + "[refine]\nhandoff = 3\n";
        assertThat(sweep(ratios, refined, "--out", scratch.resolve("data").toString()))
                .isZero();
        TreeSet<String> whole = runs();
        assertThat(whole).hasSize(2 * 2 * 6);
        for (String more : List.of("0.2", "0.3", "0.35")) {
            assertThat(whole)
                    .contains("strategy=rseq-freelist/handoff=" + more + "/seed=1")
                    .contains("strategy=message-passing/handoff=" + more + "/seed=2");
        }
        assertThat(err.toString()).contains("sweep: refined: 6 points more");
        try (Stream<Path> gone = Files.walk(scratch.resolve("data/runs/strategy=rseq-freelist/handoff=0.3"))) {
            for (Path path : gone.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        String data = scratch.resolve("data").toString();
        assertThat(sweep(ratios, refined, "--out", data, "--resume")).isZero();
        assertThat(runs()).isEqualTo(whole);
        assertThat(err.toString()).contains("sweep: 22 of 24 runs were there already");
    }

    /** Whether the winner hangs on the machine's costs is as much asked of the points between as of all others. */
    @Test
    void pointsThatAreAddedHaveDrawsOfCostsToo() throws IOException {
        RatioOfRuns ratios = (candidate, baseline) -> {
            double factor = handoff(candidate.get(0)) < 0.31 ? 0.5 : 2;
            return new RatioOfRuns.Ratio(factor, factor - 0.1, factor + 0.1);
        };
        String text = EXPERIMENT.replace("[run]", "[costs]\ndraws = 2\nseeds = 1\n[run]\nmachine = \"turin-vm-2\"")
                + "[refine]\nhandoff = 1\n";
        String data = scratch.resolve("data").toString();
        assertThat(sweep(ratios, text, "--out", data)).as(err.toString()).isZero();
        TreeSet<String> whole = runs();
        assertThat(whole).hasSize(2 * 4 * (2 + 2));
        assertThat(whole).contains("strategy=message-passing/handoff=0.2/cost_draw=2/seed=1");
        assertThat(sweep(ratios, text, "--out", data, "--resume")).isZero();
        assertThat(runs()).isEqualTo(whole);
    }

    /** Where it is never decided, or never changes, nothing lies between. */
    @Test
    void nothingIsAddedWhereNothingChanges() throws IOException {
        RatioOfRuns open = (candidate, baseline) -> new RatioOfRuns.Ratio(1, 0.9, 1.1);
        String refined = EXPERIMENT + "[refine]\nhandoff = 3\n";
        assertThat(sweep(open, refined, "--out", scratch.resolve("data").toString()))
                .isZero();
        assertThat(runs()).hasSize(12);
    }

    /** Hand-off 0 has no ratio, so that seeds do not help; 0.4 is narrow at the first look, and 1 never is. */
    @Test
    void seedsAreAddedWhereIntervalsAreWide() throws IOException {
        RatioOfRuns ratios = (candidate, baseline) -> {
            double at = handoff(candidate.get(0));
            double reach = at == 0.4 ? 0.015 : 0.3;
            return at == 0 ? null : new RatioOfRuns.Ratio(1, 1 - reach, 1 + reach);
        };
        String data = scratch.resolve("data").toString();
        assertThat(sweep(ratios, EXPERIMENT, "--out", data, "--precision", "2%", "--max-seeds", "16"))
                .isZero();
        assertThat(runs().stream().filter(run -> run.contains("handoff=0/"))).hasSize(2 * 2);
        assertThat(runs().stream().filter(run -> run.contains("handoff=0.4/"))).hasSize(2 * 16);
        assertThat(runs().stream().filter(run -> run.contains("handoff=1/"))).hasSize(2 * 16);
        assertThat(err.toString())
                .contains("seeds: 2 to 16 a point; 1 of 3 combinations are as precise as asked for")
                .contains("not precise: strategy=rseq-freelist, handoff=1; its interval reaches 42.9%");
        int runs = runs().size();
        assertThat(sweep(ratios, EXPERIMENT, "--out", data, "--precision", "2%", "--max-seeds", "16", "--resume"))
                .isZero();
        assertThat(err.toString()).contains("sweep: " + runs + " of " + runs + " runs were there already");
    }

    private String refused(String text, String... options) throws IOException {
        assertThat(sweep(null, text, options)).isEqualTo(-1);
        return refusal;
    }

    @Test
    void whatCannotBeMeantIsRefusedBeforeAnythingRuns() throws IOException {
        assertThat(refused(EXPERIMENT + "[refine]\nthreads = 2\n", "--dry-run"))
                .contains("line 12: threads: only an axis of [grid] can be refined");
        assertThat(refused(EXPERIMENT + "[refine]\nstrategy = 2\n", "--dry-run"))
                .contains("only an axis of plain numbers can be refined");
        assertThat(refused(EXPERIMENT + "[refine]\nhandoff = 0\n", "--dry-run"))
                .contains("must be how often to halve, a whole number from 1 to 32");
        assertThat(refused(EXPERIMENT, "--precision", "2%", "--max-seeds", "1", "--dry-run"))
                .contains("--max-seeds 1 is below the 2 seeds of the file");
        assertThat(refused(EXPERIMENT, "--max-seeds", "50", "--dry-run")).contains("there is no --precision");
        String alone = EXPERIMENT.replace(", \"message-passing\"", "");
        assertThat(refused(alone, "--precision", "2%", "--dry-run")).contains("the file must have two strategies");
    }
}
