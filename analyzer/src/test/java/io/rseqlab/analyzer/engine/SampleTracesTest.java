package io.rseqlab.analyzer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.ThreadResult;
import io.rseqlab.collector.live.TextForm;
import io.rseqlab.collector.live.TextImport;
import io.rseqlab.trace.LogLinear;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The sample traces hold what their {@code expected.json} says, as an engine that shares no code with ours reads them.
 */
@Tag("differential")
class SampleTracesTest {
    private static final Path SAMPLES = Path.of("../sample-traces");

    @TempDir
    private Path scratch;

    @ParameterizedTest
    @ValueSource(strings = {"real-preemptions", "real-signals", "simulated-churn"})
    void recomputeSqlGivesWhatIsExpected(String name) throws IOException, SQLException {
        Path sample = SAMPLES.resolve(name);
        Path recording = sample.resolve("ftrace.txt");
        Path trace = Files.exists(recording) ? imported(recording) : sample;
        JsonNode expected = new ObjectMapper().readTree(Files.readString(sample.resolve("expected.json")));
        Map<String, Long> numbers = new TreeMap<>();
        expected.properties().forEach(entry -> {
            if (entry.getValue().isNumber()) {
                numbers.put(entry.getKey(), entry.getValue().asLong());
            }
        });
        assertThat(recomputed(trace)).isEqualTo(numbers).containsKey("aborts");
    }

    /** None left out: a number of analyze that the script does not compute fails here. */
    @ParameterizedTest
    @ValueSource(strings = {"real-preemptions", "real-signals", "simulated-churn"})
    void everyNumberOfAnalyzeIsWhatSqlFinds(String name) throws IOException, SQLException {
        Path sample = SAMPLES.resolve(name);
        Path recording = sample.resolve("ftrace.txt");
        Path trace = Files.exists(recording) ? imported(recording) : sample;
        RunResult run = Analyzer.analyze(List.of(trace)).runs().get(0);
        Map<String, Double> numbers = numbers(run);
        Map<String, Double> zeros = new TreeMap<>(numbers);
        zeros.values().removeIf(number -> number != 0);
        sqlRows(trace, "analyze.sql", row -> {
            String path = row.getString(1);
            Double number = numbers.remove(path);
            if (number == null) {
                assertThat(row.getObject(2)).as("not in analyze: " + path).isIn(null, 0.0);
                return;
            }
            double ticks = path.contains("_ns") ? number * run.clockHz() / 1e9 : number;
            switch (row.getString(3)) {
                case "bucket" ->
                    assertThat(LogLinear.bucketOf(number.longValue())).as(path).isEqualTo(row.getInt(2));
                case "ticks" ->
                    assertThat(LogLinear.bucketOf(Math.round(ticks)))
                            .as(path)
                            .isEqualTo(LogLinear.bucketOf(row.getLong(2)));
                default -> assertThat(number).as(path).isCloseTo(row.getDouble(2), within(1e-12 * Math.abs(number)));
            }
        });
        // What never happened has no rows in a trace.
        numbers.keySet().removeIf(path -> zeros.containsKey(path) && path.matches("per_cpu.*|abort_site.*"));
        assertThat(numbers).isEmpty();
    }

    /** All numbers of a result by their paths. */
    private static Map<String, Double> numbers(RunResult run) {
        Map<String, Double> numbers = new TreeMap<>();
        run.metrics().forEach((path, value) -> leaves(path, value, numbers));
        run.latency()
                .forEach((op, histogram) -> histogram
                        .buckets()
                        .forEach(bucket ->
                                numbers.put("latency_histogram." + op + "." + LogLinear.bucketOf(bucket.low()), (double)
                                        bucket.count())));
        for (AbortSite site : run.abortSites()) {
            String place = "abort_site." + site.section() + "." + site.offset();
            put(numbers, place + ".aborts", site.aborts());
            put(numbers, place + ".exposure_cycles", site.exposureCycles());
        }
        run.perCpu()
                .forEach(cpu -> cpu.counts()
                        .forEach((count, value) -> put(numbers, "per_cpu." + cpu.cpu() + "." + count, value)));
        for (ThreadResult thread : run.perThread()) {
            String place = "per_thread." + thread.thread();
            put(numbers, place + ".ops", thread.ops());
            put(numbers, place + ".run_s", thread.runSeconds());
            put(numbers, place + ".stretches", thread.stretches());
        }
        return numbers;
    }

    private static void leaves(String path, MetricValue value, Map<String, Double> numbers) {
        value.parts().forEach((part, one) -> leaves(path + "." + part, one, numbers));
        put(numbers, path, value.value());
    }

    private static void put(Map<String, Double> numbers, String path, Number number) {
        if (number != null) {
            numbers.put(path, number.doubleValue());
        }
    }

    private Path imported(Path recording) throws IOException {
        TextImport source = TextImport.open(TextForm.of("ftrace"), recording);
        Path trace = scratch.resolve("trace");
        try (TraceWriter writer = TraceWriter.create(trace, source.info())) {
            source.events(writer);
            writer.finish(source.info());
        }
        return trace;
    }

    private static Map<String, Long> recomputed(Path trace) throws IOException, SQLException {
        Map<String, Long> rows = new TreeMap<>();
        sqlRows(trace, "recompute.sql", row -> rows.put(row.getString(1), row.getLong(2)));
        return rows;
    }

    /** What is done with a row. */
    @FunctionalInterface
    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private static void sqlRows(Path trace, String script, RowReader reader) throws IOException, SQLException {
        String query = Files.readString(SAMPLES.resolve(script))
                .replaceAll("'(run\\.json|(counters|events)-\\*)", "'" + trace.toAbsolutePath() + "/$1");
        try (Connection sql = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = sql.createStatement()) {
            statement.execute(query);
            try (ResultSet result = statement.getResultSet()) {
                while (result.next()) {
                    reader.read(result);
                }
            }
        }
    }
}
