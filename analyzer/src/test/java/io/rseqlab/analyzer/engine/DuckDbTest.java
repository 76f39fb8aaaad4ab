package io.rseqlab.analyzer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.trace.LogLinear;
import io.rseqlab.trace.RunInfo;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A second opinion: SQL over the same files, by an engine that shares no code with ours, gives the same integers and
 * ratios, and quantiles in the same bucket.
 */
@Tag("differential")
class DuckDbTest {
    private static final String IN_WINDOW =
            " cycle >= " + TestTraces.WINDOW_START + " and cycle < " + TestTraces.WINDOW_END + " ";

    @TempDir
    Path scratch;

    private Connection sql;
    private RunResult run;

    @BeforeEach
    void open() throws SQLException {
        RunInfo info = TestTraces.simulated();
        Path trace = TestTraces.write(scratch.resolve("t"), info, TestTraces.events(3, 2000), TestTraces.counters(3));
        run = Analyzer.analyze(List.of(trace), new AnalyzerOptions(3, true, true))
                .runs()
                .get(0);
        sql = DriverManager.getConnection("jdbc:duckdb:");
        try (Statement statement = sql.createStatement()) {
            statement.execute("create view events as from '" + trace + "/events-*.parquet'");
            statement.execute("create view counters as from '" + trace + "/counters-*.parquet'");
        }
    }

    @AfterEach
    void close() throws SQLException {
        sql.close();
    }

    private long number(String query) throws SQLException {
        return rows(query).get(0).get(0);
    }

    private List<List<Long>> rows(String query) throws SQLException {
        List<List<Long>> rows = new ArrayList<>();
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                List<Long> row = new ArrayList<>();
                for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
                    row.add(result.getLong(column));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private void assertRatio(String path, long numerator, long denominator) {
        MetricValue value = run.metric(path);
        assertThat(value.numerator()).as(path).isEqualTo(numerator);
        assertThat(value.denominator()).as(path).isEqualTo(denominator);
        assertThat(value.value()).as(path).isEqualTo((double) numerator / denominator);
    }

    private long counter(String where) throws SQLException {
        return number("select coalesce(sum(value), 0)::bigint from counters where " + where);
    }

    @Test
    void totalsOfKernelEventsAreTheRowsInTheWindow() throws SQLException {
        Map<String, String> kinds = Map.of(
                "aborts", "kind = 'abort'",
                "switches", "kind = 'switch'",
                "preemptions", "kind = 'preempt'",
                "migrations", "kind = 'migrate'",
                "signals", "kind = 'signal'",
                "stale_cpu_restarts", "kind = 'stale_cpu_restart'",
                "yields", "kind = 'switch' and state = 'yielded'");
        for (Map.Entry<String, String> kind : kinds.entrySet()) {
            long expected = number("select count(*) from events where " + kind.getValue() + " and" + IN_WINDOW);
            assertThat(run.metric(kind.getKey()).value()).as(kind.getKey()).isEqualTo(expected);
        }
        assertThat(run.number("aborts")).isGreaterThan(50);
    }

    @Test
    void totalsOfTheMachineAreSumsOfCounters() throws SQLException {
        assertThat(run.metric("ops").value()).isEqualTo(counter("name = 'ops'"));
        assertThat(run.metric("messages").value()).isEqualTo(counter("name = 'messages'"));
        assertRatio("cycles_per_op", counter("name = 'user_cycles'"), counter("name = 'ops'"));
        assertRatio("atomics_per_op", counter("name = 'atomics'"), counter("name = 'ops'"));
        assertRatio(
                "line_transfers_per_op.metadata",
                counter("name = 'line_transfers' and detail = 'metadata'"),
                counter("name = 'ops'"));
        assertRatio("line_transfers_per_op.false_sharing", counter("name = 'false_sharing'"), counter("name = 'ops'"));
        assertRatio(
                "line_transfers_per_op.object",
                counter("name = 'line_transfers' and detail = 'object'") - counter("name = 'false_sharing'"),
                counter("name = 'ops'"));
    }

    @Test
    void abortsByCauseAndPlaceAreTheRowsOfTheEvents() throws SQLException {
        Map<String, Long> byCause = new TreeMap<>();
        run.metric("aborts_by_cause").parts().forEach((cause, count) -> byCause.put(cause, (Long) count.value()));
        Map<String, Long> expected = new TreeMap<>();
        for (List<Long> row :
                rows("select causes, count(*) from events where kind = 'abort' and" + IN_WINDOW + "group by causes")) {
            expected.put(row.get(0) == 1 ? "preemption" : "preemption+signal", row.get(1));
        }
        assertThat(byCause).isEqualTo(expected).hasSize(2);
        for (AbortSite site : run.abortSites()) {
            assertThat(site.aborts())
                    .isEqualTo(number("select count(*) from events where kind = 'abort' and section = '"
                            + site.section() + "' and \"offset\" = " + site.offset() + " and" + IN_WINDOW));
            assertThat(site.exposureCycles())
                    .isEqualTo(counter("name = 'exposure_cycles' and section = '" + site.section()
                            + "' and \"offset\" = " + site.offset()));
        }
    }

    @Test
    void abortsPerInterruptionAreBothObservedAndFromExposure() throws SQLException {
        assertRatio("aborts_per_interruption", counter("name = 'aborts'"), counter("name = 'interruptions'"));
        assertRatio(
                "aborts_per_interruption_exposure",
                counter("name = 'exposure_cycles' and section is not null"),
                counter("name = 'exposure_cycles'"));
        assertRatio("aborts_per_attempt", counter("name = 'section_aborts'"), counter("name = 'section_attempts'"));
    }

    @Test
    void hitRatiosAreSharesOfCounters() throws SQLException {
        for (String op : List.of("malloc", "free")) {
            String ofOp = " and op = '" + op + "'";
            long ops = counter("name = 'latency'" + ofOp);
            assertRatio(
                    "fast_path_hit_ratio." + op + ".declared", counter("name = 'latency' and tier = 0" + ofOp), ops);
            assertRatio("fast_path_hit_ratio." + op + ".local", counter("name = 'local_ops'" + ofOp), ops);
            assertRatio(
                    "fast_path_hit_ratio." + op + ".cycles",
                    counter("name = 'allocator_cycles' and tier = 0" + ofOp),
                    counter("name = 'allocator_cycles'" + ofOp));
        }
    }

    @Test
    void missesAreCountersOfSlowTiers() throws SQLException {
        long underflows = counter("name = 'latency' and op = 'malloc' and tier > 0");
        long overflows = counter("name = 'latency' and op = 'free' and tier > 0");
        assertRatio("misses.underflow", underflows, counter("name = 'latency' and op = 'malloc'"));
        assertRatio("misses.overflow", overflows, counter("name = 'latency' and op = 'free'"));
        assertRatio("misses.overflow_per_underflow", overflows, underflows);
    }

    @Test
    void steadyThroughputIsThatOfTheLatterHalfOfTheIntervals() throws SQLException {
        List<List<Long>> half = rows("with s as (select start_cycle, max(end_cycle) as stop, sum(value) as ops from"
                + " counters where name = 'ops' and start_cycle is not null group by start_cycle), r as (select *,"
                + " row_number() over (order by start_cycle) - 1 as i, count(*) over () as n from s) select"
                + " sum(ops)::bigint, sum(stop - start_cycle)::bigint from r where i >= n // 2");
        MetricValue steady = run.metric("steady_throughput_ops_per_s");
        assertThat(steady.numerator()).isEqualTo(half.get(0).get(0));
        assertThat(steady.denominator()).isEqualTo(half.get(0).get(1));
    }

    @Test
    void quantilesLieInTheBucketThatSqlFinds() throws SQLException {
        Map<String, Integer> quantiles = Map.of("p50", 500, "p90", 900, "p99", 990, "p999", 999);
        for (String op : List.of("malloc", "free")) {
            for (Map.Entry<String, Integer> quantile : quantiles.entrySet()) {
                long bucket = number("with h as (select bucket, sum(value)::bigint as n from counters where name ="
                        + " 'latency' and op = '" + op + "' group by bucket), c as (select bucket, sum(n) over (order"
                        + " by bucket) as upto, sum(n) over () as total from h) select min(bucket) from c where upto *"
                        + " 1000 >= total * " + quantile.getValue());
                long value = (Long) run.metric("latency_cycles." + op + "." + quantile.getKey())
                        .value();
                assertThat(LogLinear.bucketOf(value)).as(op + quantile.getKey()).isEqualTo((int) bucket);
            }
            assertRatio(
                    "latency_cycles." + op + ".mean",
                    counter("name = 'latency_sum' and op = '" + op + "'"),
                    counter("name = 'latency' and op = '" + op + "'"));
            LatencyHistogram histogram = run.latency().get(op);
            assertThat(histogram.total()).isEqualTo(counter("name = 'latency' and op = '" + op + "'"));
        }
    }

    @Test
    void batchesAndStrandedMemoryAreWhatSqlFinds() throws SQLException {
        assertRatio("objects_per_refill", counter("name = 'refill_objects'"), counter("name = 'refills'"));
        assertRatio("objects_per_flush", counter("name = 'flush_objects'"), counter("name = 'flushes'"));
        List<List<Long>> stranded = rows("with s as (select end_cycle, sum(value) as bytes from counters where name ="
                + " 'stranded_bytes' group by end_cycle) select sum(bytes)::bigint, count(*), max(bytes)::bigint,"
                + " arg_min(bytes, end_cycle)::bigint, arg_max(bytes, end_cycle)::bigint from s");
        assertRatio(
                "stranded_bytes.mean", stranded.get(0).get(0), stranded.get(0).get(1));
        assertThat(run.number("stranded_bytes.most"))
                .isEqualTo((double) stranded.get(0).get(2));
        assertThat(run.number("stranded_bytes.first"))
                .isEqualTo((double) stranded.get(0).get(3));
        assertThat(run.number("stranded_bytes.last"))
                .isEqualTo((double) stranded.get(0).get(4));
    }

    @Test
    void transactionsAreCountedByWhyTheyWereUndone() throws SQLException {
        assertThat(run.number("hardware_transactions.begun")).isEqualTo(counter("name = 'transactions'"));
        assertThat(run.number("hardware_transactions.fallbacks")).isEqualTo(counter("name = 'transaction_fallbacks'"));
        for (String cause : List.of("conflict", "interrupt")) {
            assertThat(run.number("hardware_transactions." + cause))
                    .isEqualTo(counter("name = 'transaction_aborts' and detail = '" + cause + "'"))
                    .isPositive();
        }
        assertRatio(
                "transaction_abort_share", counter("name = 'transaction_aborts'"), counter("name = 'transactions'"));
    }

    @Test
    void aQuotasCountsAreTheKernels() throws SQLException {
        for (String name : List.of("nr_periods", "nr_throttled", "throttled_usec")) {
            assertThat(run.number("cpu_quota." + name)).isEqualTo(counter("name = '" + name + "'"));
        }
        double cpuSeconds =
                TestTraces.CPUS * (double) (TestTraces.WINDOW_END - TestTraces.WINDOW_START) / TestTraces.CLOCK_HZ;
        assertThat(run.number("throttled_cpu_share"))
                .isCloseTo(counter("name = 'throttled_usec'") / 1e6 / cpuSeconds, within(1e-12));
    }

    @Test
    void latenciesOfRequestsLieInTheBucketsThatSqlFinds() throws SQLException {
        double nsPerCycle = 1e9 / TestTraces.CLOCK_HZ;
        Map<String, Integer> quantiles = Map.of("p50", 5000, "p90", 9000, "p99", 9900, "p999", 9990, "p9999", 9999);
        for (Map.Entry<String, Integer> quantile : quantiles.entrySet()) {
            long bucket = number("with h as (select bucket, sum(value)::bigint as n from counters where name ="
                    + " 'request_latency' group by bucket), c as (select bucket, sum(n) over (order by bucket) as upto,"
                    + " sum(n) over () as total from h) select min(bucket) from c where upto * 10000 >= total * "
                    + quantile.getValue());
            double value = run.metric("request_latency_ns." + quantile.getKey())
                    .value()
                    .doubleValue();
            assertThat(LogLinear.bucketOf(Math.round(value / nsPerCycle)))
                    .as(quantile.getKey())
                    .isEqualTo((int) bucket);
        }
        MetricValue mean = run.metric("request_latency_ns.mean");
        assertThat(mean.numerator()).isEqualTo(counter("name = 'request_latency_sum'"));
        assertThat(mean.denominator()).isEqualTo(counter("name = 'request_latency'"));
        assertRatio("requests_served_share", counter("name = 'requests_served'"), counter("name = 'requests_offered'"));
        assertRatio(
                "order_wait_share",
                counter("name = 'order_wait_cycles'"),
                TestTraces.THREADS * (TestTraces.WINDOW_END - TestTraces.WINDOW_START));
        assertThat(run.number("requests_per_s.offered"))
                .isEqualTo(counter("name = 'requests_offered'")
                        / ((double) (TestTraces.WINDOW_END - TestTraces.WINDOW_START) / TestTraces.CLOCK_HZ));
    }

    @Test
    void runTimesAreWhatAWindowFunctionFinds() throws SQLException {
        List<List<Long>> rows =
                rows("with s as (select *, lag(cycle) over (partition by cpu order by sequence) as since"
                        + " from events where kind = 'switch') select count(*), sum(cycle - "
                        + "since)::bigint, max(cycle - since)"
                        + " from s where thread >= 0 and since >= " + TestTraces.WINDOW_START + " and" + IN_WINDOW);
        MetricValue mean = run.metric("run_time_ns.mean");
        assertThat(mean.denominator()).isEqualTo(rows.get(0).get(0));
        assertThat(mean.numerator()).isEqualTo(rows.get(0).get(1));
        assertThat(run.metric("run_time_ns.max").value()).isEqualTo(rows.get(0).get(2));
    }

    @Test
    void offCpuTimesAreWhatAWindowFunctionFinds() throws SQLException {
        List<List<Long>> rows = rows("with m as (select sequence, cycle, thread as who, 0 as in_ from events where kind"
                + " = 'switch' union all select sequence, cycle, other_thread, 1 from events "
                + "where kind = 'switch'), g as"
                + " (select *, lag(cycle) over w as since, lag(in_) over w as was from m where who >= 0 window w as"
                + " (partition by who order by sequence)) select count(*), sum(cycle - "
                + "since)::bigint from g where in_ ="
                + " 1 and was = 0 and since >= " + TestTraces.WINDOW_START + " and" + IN_WINDOW);
        MetricValue mean = run.metric("off_cpu_time_ns.all.mean");
        assertThat(mean.denominator()).isEqualTo(rows.get(0).get(0));
        assertThat(mean.numerator()).isEqualTo(rows.get(0).get(1));
    }
}
