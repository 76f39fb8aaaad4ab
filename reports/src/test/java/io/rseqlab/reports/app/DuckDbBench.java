package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.LogLinear;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same question to us and to DuckDB, on the same files, by turns, and the same answer: how much of a trace's rows a
 * core gets through. It is no test of speed: it fails where answers differ. {@code mvn -q test -Pbenchmark} runs it, in
 * a JVM with half a gibibyte of heap.
 *
 * <p>System properties: {@code rows} (200 million), {@code runs} (5), {@code trace} (a folder to keep the trace in; one
 * that is there is taken).
 */
@Tag("benchmark")
class DuckDbBench {
    private static final long ROWS = Long.getLong("rows", 200_000_000L);
    private static final int RUNS = Integer.getInteger("runs", 5);

    /** Count, sum, and the buckets of {@link LogLinear}, which for values below 64 are the values. */
    private static final String QUESTION =
            "with a as (select wasted_cycles as w, case when w < 64 then 0 else floor(log2(w))::int - 6 end as s from"
                    + " read_parquet('%s/events-*.parquet') where kind = 'abort' and wasted_cycles is not null and"
                    + " cycle >= %d and cycle < %d) select s * 64 + (w >> s) as bucket, count(*), sum(w)::bigint from a"
                    + " group by all order by all";

    @TempDir
    Path scratch;

    /** What both must say. */
    private record Answer(long count, long sum, long median) {}

    @Test
    void sameQuestionSameFileSameRun() throws SQLException {
        String kept = System.getProperty("trace");
        Path trace = kept == null ? scratch.resolve("trace") : Path.of(kept);
        BenchTrace bench = new BenchTrace(ROWS, RUNS);
        if (!Files.isDirectory(trace)) {
            bench.writeEvents(trace);
        }
        say("%,d rows, heap of %d MiB, %d threads", ROWS, Runtime.getRuntime().maxMemory() >> 20, threads());
        double[] ours = new double[RUNS];
        double[] theirs = new double[RUNS];
        double[] ratios = new double[RUNS];
        for (int run = -1; run < RUNS; run++) {
            double started = BenchTrace.processSeconds();
            Answer our = ask(trace);
            double between = BenchTrace.processSeconds();
            Answer their = askDuckDb(trace, bench);
            double ended = BenchTrace.processSeconds();
            assertThat(our).isEqualTo(their);
            if (run >= 0) {
                ours[run] = ROWS / (between - started) / 1e6;
                theirs[run] = ROWS / (ended - between) / 1e6;
                ratios[run] = ours[run] / theirs[run];
            }
        }
        say("3 columns, rseqlab: %s", new BenchFigures("M rows/processor s", ours).text());
        say("3 columns, DuckDB:  %s", new BenchFigures("M rows/processor s", theirs).text());
        say("rseqlab over DuckDB, run by run: %s", new BenchFigures("times", ratios).text());
        say(
                "all metrics, rseqlab: %s",
                bench.analyze(trace, AnalyzerOptions.DEFAULT).text());
    }

    private static Answer ask(Path trace) {
        MetricValue wasted = Analyzer.analyze(List.of(trace), BenchTrace.THREE_COLUMNS)
                .runs()
                .get(0)
                .metric("wasted_cycles_per_abort");
        return new Answer(
                wasted.part("mean").denominator(),
                wasted.part("mean").numerator(),
                wasted.part("p50").value().longValue());
    }

    private static Answer askDuckDb(Path trace, BenchTrace bench) throws SQLException {
        try (Connection sql = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = sql.createStatement()) {
            statement.execute("set threads = " + threads());
            String question = String.format(Locale.ROOT, QUESTION, trace, 0, bench.windowEndCycle());
            long[] counts = new long[LogLinear.BUCKETS];
            long count = 0;
            long sum = 0;
            try (ResultSet rows = statement.executeQuery(question)) {
                while (rows.next()) {
                    counts[rows.getInt(1)] = rows.getLong(2);
                    count += rows.getLong(2);
                    sum += rows.getLong(3);
                }
            }
            int bucket = 0;
            for (long below = counts[0]; below * 2 < count; below += counts[++bucket]) {
                // up to the bucket of the median
            }
            return new Answer(count, sum, LogLinear.upperBound(bucket));
        }
    }

    private static int threads() {
        return AnalyzerOptions.DEFAULT.threads();
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }
}
