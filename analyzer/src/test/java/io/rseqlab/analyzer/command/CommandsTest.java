package io.rseqlab.analyzer.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.compare.ModelError;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The verbs as a user meets them: the result alone on standard output, one code per outcome, nothing half-written. */
class CommandsTest {
    @TempDir
    Path scratch;

    private Path study;
    private Exception failure;
    private String err = "";

    @BeforeEach
    void writeStudy() {
        study = scratch.resolve("study");
        for (int seed = 1; seed <= 6; seed++) {
            write("rseq-freelist", seed, seed);
            write("message-passing", seed, seed + 100);
        }
    }

    private void write(String strategy, long seed, long content) {
        RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec(strategy, seed));
        Path place = study.resolve(strategy + "-" + seed);
        TestTraces.write(place, info, TestTraces.events(content, 100), TestTraces.counters(content));
    }

    private record Answer(int code, String out) {}

    private Answer run(Object command, Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter errors = new StringWriter();
        CommandLine line = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(errors));
        line.setExecutionExceptionHandler((exception, cause, parsed) -> {
            failure = exception;
            return -1;
        });
        int code = line.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
        err = errors.toString();
        return new Answer(code, out.toString());
    }

    @Test
    void ofARunWithoutAbortsNoneAreLookedAt() {
        Path quiet = scratch.resolve("quiet");
        RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec("rseq-freelist", 1));
        TestTraces.write(quiet, info, List.of(), TestTraces.counters(1));
        run(new AnalyzeCommand(), quiet);
        assertThat(err).startsWith("Next: rseqlab view ").doesNotContain("abort");
    }

    @Test
    void analyzePrintsEveryMetricOfOneTrace() {
        Answer answer = run(new AnalyzeCommand(), study.resolve("rseq-freelist-1"));
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("throughput_ops_per_s")
                .contains("latency_cycles.malloc.p99")
                .contains("Where sections were aborted");
        assertThat(err).startsWith("Next: rseqlab view ");
    }

    @Test
    void analyzePrintsTheMetricsThatAreAskedFor() {
        Path trace = study.resolve("rseq-freelist-1");
        Answer answer = run(new AnalyzeCommand(), trace, "--metrics", "preemptions,run_time_ns", "--format", "csv");
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).contains("preemptions", "run_time_ns.p99").doesNotContain("aborts_per_mop");
        assertThat(run(new AnalyzeCommand(), trace, "--metrics", "preemption").code())
                .isEqualTo(2);
        assertThat(err).contains("no metric is called 'preemption'", "preemptions");
        Answer unknown =
                run(new AnalyzeCommand(), trace, "--metrics", "preemptions", "--fail-if", "aborts_per_mop > 5");
        assertThat(unknown.code()).isEqualTo(2);
    }

    @Test
    void analyzeGivesAnOverviewOfSeveralTraces() {
        Answer answer = run(new AnalyzeCommand(), study);
        assertThat(answer.out().lines().filter(line -> line.contains("rseq-freelist-")))
                .hasSize(6);
        assertThat(err).isEqualTo("Next: rseqlab compare " + study + " --baseline message-passing\n");
    }

    @Test
    void hintsCanBePastedWhateverThePath() throws IOException {
        Path spaced = Files.move(study, scratch.resolve("it's a study"));
        run(new AnalyzeCommand(), spaced);
        String quoted = "'" + scratch + "/it'\\''s a study'";
        assertThat(err).isEqualTo("Next: rseqlab compare " + quoted + " --baseline message-passing\n");
        run(new AnalyzeCommand(), spaced.resolve("rseq-freelist-1"), spaced.resolve("rseq-freelist-2"));
        assertThat(err).startsWith("Next: rseqlab report ");
    }

    @Test
    void jsonIsTheResultDocumentAndNothingElse() {
        Answer analysis = run(new AnalyzeCommand(), study, "--format", "json", "--threads", "2");
        assertThat(ResultJson.readAnalysis(analysis.out()).runs()).hasSize(12);
        Answer comparison = run(
                new CompareCommand(ModelError.Lookup.NONE), study, "--baseline", "message-passing", "--format", "json");
        assertThat(ResultJson.readComparison(comparison.out()).cells()).hasSize(1);
    }

    @Test
    void csvHasOneNumberPerLineInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ru"));
            Answer russian = run(new AnalyzeCommand(), study, "--format", "csv");
            String table = run(new CompareCommand(ModelError.Lookup.NONE), study, "--baseline", "message-passing")
                    .out();
            Locale.setDefault(Locale.US);
            assertThat(run(new AnalyzeCommand(), study, "--format", "csv").out())
                    .isEqualTo(russian.out());
            assertThat(run(new CompareCommand(ModelError.Lookup.NONE), study, "--baseline", "message-passing")
                            .out())
                    .isEqualTo(table);
            assertThat(russian.out().lines().skip(1)).allMatch(line -> line.split(",", -1).length >= 18);
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void noDataIsADashAndNeverZero() {
        RunInfo info = TestTraces.info(RunInfo.RECORDED, RunInfo.COMPLETE, Map.of());
        Path recorded = scratch.resolve("recorded");
        TestTraces.write(recorded, info, TestTraces.events(1, 100), List.of());
        String table = run(new AnalyzeCommand(), recorded).out();
        assertThat(table.lines().filter(line -> line.startsWith("throughput_ops_per_s")))
                .singleElement()
                .asString()
                .matches("throughput_ops_per_s +– +recorded traces have no ops");
    }

    @Test
    void compareSaysTheVerdictFirst() {
        Answer answer = run(
                new CompareCommand(ModelError.Lookup.NONE), study, "--baseline", "message-passing", "--margin", "5%");
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).startsWith("rseq-freelist against message-passing, throughput_ops_per_s: ");
        assertThat(answer.out()).contains("The error of the model".substring(4)).contains("Extrapolated");
        assertThat(err).isEqualTo("Next: rseqlab report " + study + " --baseline message-passing --out REPORT\n");
    }

    /**
     * Two seeds have a ratio, and no interval; a bound is in the table and never the best, which is not left unsaid.
     */
    @Test
    void compareOfFewSeedsShowsRatiosAndSaysWhatIsMissing() {
        study = scratch.resolve("few");
        for (int seed = 1; seed <= 2; seed++) {
            for (String strategy : List.of("rseq-freelist", "message-passing", "ideal")) {
                write(strategy, seed, seed);
            }
        }
        Answer answer = run(new CompareCommand(ModelError.Lookup.NONE), study, "--baseline", "message-passing");
        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .containsPattern("\nrseq-freelist +2 .* [+]0.0% \\(no interval below 6 seeds\\)\n")
                .contains("ideal is a bound that no program can run: compared with, and never called the best.")
                .contains("Note: 2 ratios of throughput_ops_per_s stand without interval and p, since fewer than 6")
                .contains("collect with --seeds 1..10, or end a sweep that was cut short with --resume. Such a ratio")
                .doesNotContain("Holm of 0")
                .doesNotContain("all 0 comparisons");
    }

    /** Rows are read from above: the baseline, then the best. */
    @Test
    void compareListsTheBestFirst() {
        study = scratch.resolve("order");
        List<String> strategies = List.of("percpu-cas", "rseq-freelist", "snmalloc", "percpu-lock");
        for (String strategy : strategies) {
            RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec(strategy, 1));
            List<Counter> counters = new ArrayList<>(TestTraces.counters(1));
            counters.add(Counter.ofInterval(
                    CounterName.OPS,
                    TestTraces.WINDOW_START,
                    TestTraces.WINDOW_END,
                    0,
                    1_000_000L * (1 + strategies.indexOf(strategy))));
            TestTraces.write(study.resolve(strategy + "-1"), info, TestTraces.events(1, 100), counters);
        }
        for (String metric : List.of("throughput_ops_per_s", "cycles_per_op")) {
            Answer answer = run(
                    new CompareCommand(ModelError.Lookup.NONE),
                    study,
                    "--baseline",
                    "rseq-freelist",
                    "--metric",
                    metric);
            List<String> rows = answer.out()
                    .lines()
                    .filter(line -> line.matches("[a-z-]+ +[01]\\W.*") && !line.contains("against"))
                    .map(line -> line.split(" ")[0])
                    .toList();
            assertThat(rows)
                    .startsWith("rseq-freelist", "percpu-lock", "snmalloc", "percpu-cas")
                    .endsWith("rseq-freelist", "percpu-lock", "snmalloc", "percpu-cas");
        }
    }

    @Test
    void aTrippedConditionAnswersFive() {
        Answer tripped = run(
                new CompareCommand(ModelError.Lookup.NONE),
                study,
                "--baseline",
                "message-passing",
                "--fail-if",
                "ratio>0");
        assertThat(tripped.code()).isEqualTo(5);
        assertThat(err).contains("--fail-if tripped: ratio>0: rseq-freelist in churn");
        Answer kept = run(
                new CompareCommand(ModelError.Lookup.NONE),
                study,
                "--baseline",
                "message-passing",
                "--fail-if",
                "ratio<0");
        assertThat(kept.code()).isZero();
    }

    @Test
    void wrongUsageNamesWhatThereIs() {
        assertThat(run(new CompareCommand(ModelError.Lookup.NONE), study, "--baseline", "ideal")
                        .code())
                .isEqualTo(2);
        assertThat(err).contains("no run of the baseline 'ideal'; known: message-passing, rseq-freelist");
        usage("--metric", "thruput", "no metric is called 'thruput'");
        usage("--metric", "latency_cycles", "latency_cycles.malloc");
        usage("--margin", "-1", "--margin must be a share above 0");
        usage("--confidence", "100%", "--confidence must be below 1");
        usage("--fail-if", "ratio=1", "is no condition");
        usage("--fail-if", "nothing>1", "no estimate of 'nothing'");
        usage("--threads", "0", "--threads must be at least 1");
    }

    private void usage(String option, String value, String message) {
        assertThat(run(
                                new CompareCommand(ModelError.Lookup.NONE),
                                study,
                                "--baseline",
                                "message-passing",
                                option,
                                value)
                        .code())
                .isEqualTo(2);
        assertThat(err).contains(message);
    }

    @Test
    void anAxisThatDoesNotVaryIsRefusedAndNothingIsWritten() {
        Path out = scratch.resolve("map.txt");
        Answer answer = run(
                new CompareCommand(ModelError.Lookup.NONE),
                study,
                "--baseline",
                "rseq-freelist",
                "--axis",
                "threads",
                "--out",
                out);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(err).contains("--axis: 'threads' does not vary between the cells, and nothing else does");
        assertThat(out).doesNotExist();
        assertThat(run(
                                new CompareCommand(ModelError.Lookup.NONE),
                                study,
                                "--baseline",
                                "rseq-freelist",
                                "--map",
                                "threads")
                        .code())
                .isEqualTo(2);
        assertThat(err).contains("--map needs two different axes, as in --map threads,handoff, not 'threads'");
    }

    @Test
    void aConditionOnRunsAnswersFiveWhereOneMeetsIt() {
        assertThat(run(new AnalyzeCommand(), study, "--fail-if", "aborts >= 0").code())
                .isEqualTo(5);
        assertThat(err).contains("--fail-if tripped: aborts >= 0: " + study.resolve("rseq-freelist-1"));
        assertThat(run(new AnalyzeCommand(), study, "--fail-if", "message-passing:aborts > 1e9")
                        .code())
                .isZero();
        for (String[] wrong : new String[][] {
            {"aborts is large", "is no condition"},
            {"abots > 1", "no metric is called 'abots'"},
            {"latency_cycles > 1", "'latency_cycles' has parts; choose one: latency_cycles.malloc"},
            {"ratio > 1", "'ratio' is of a comparison: give it to compare"},
            {"ideal:aborts > 1", "no strategy 'ideal'"}
        }) {
            assertThat(run(new AnalyzeCommand(), study, "--fail-if", wrong[0]).code())
                    .as(wrong[0])
                    .isEqualTo(2);
            assertThat(err).contains(wrong[1]);
        }
    }

    @Test
    void parquetHoldsTheSameRowsAsCsv() throws Exception {
        for (Supplier<Object> verb :
                List.<Supplier<Object>>of(AnalyzeCommand::new, () -> new CompareCommand(ModelError.Lookup.NONE))) {
            List<Object> words = new ArrayList<>(List.of(study));
            if (verb.get() instanceof CompareCommand) {
                words.addAll(List.of("--baseline", "message-passing"));
            }
            String csv = scratch.resolve("r.csv").toString();
            String parquet = scratch.resolve("r.parquet").toString();
            assertThat(run(
                                    verb.get(),
                                    Stream.concat(words.stream(), Stream.of("--format", "csv", "--out", csv))
                                            .toArray())
                            .code())
                    .isZero();
            words.addAll(List.of("--format", "parquet"));
            assertThat(run(verb.get(), words.toArray()).code()).isEqualTo(2);
            assertThat(err).contains("--format parquet needs a file: name it with --out");
            assertThat(run(
                                    verb.get(),
                                    Stream.concat(words.stream(), Stream.of("--out", parquet))
                                            .toArray())
                            .code())
                    .isZero();
            try (Connection sql = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = sql.createStatement()) {
                String text = "(SELECT * FROM read_csv('" + csv + "', header = true, all_varchar = false))";
                String table = "(SELECT * FROM '" + parquet + "')";
                assertThat(number(statement, "SELECT count(*) FROM " + table)).isGreaterThan(20);
                assertThat(number(statement, "SELECT count(*) FROM (" + text + " EXCEPT ALL " + table + ")"))
                        .isZero();
                assertThat(number(statement, "SELECT count(*) FROM (" + table + " EXCEPT ALL " + text + ")"))
                        .isZero();
            }
        }
    }

    private static long number(Statement statement, String query) throws SQLException {
        try (ResultSet result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    @Test
    void aFileAppearsWholeOrNotAtAll() throws IOException {
        Path file = scratch.resolve("result.json");
        assertThat(run(new AnalyzeCommand(), study, "--format", "json", "--out", file)
                        .out())
                .isEmpty();
        assertThat(ResultJson.readAnalysis(Files.readString(file)).runs()).hasSize(12);
        run(new AnalyzeCommand(), study, "--out", scratch.resolve("nowhere/result.json"));
        assertThat(failure).isInstanceOf(OutputException.class).hasMessageContaining("nowhere/result.json");
        failure = null;
        Path damaged = study.resolve("rseq-freelist-1/run.json");
        Files.writeString(damaged, "{");
        run(new AnalyzeCommand(), study, "--out", scratch.resolve("other.json"));
        assertThat(failure).isInstanceOf(TraceException.class);
        try (Stream<Path> files = Files.list(scratch)) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("study", "result.json");
        }
    }
}
