package io.rseqlab.trace.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.RunInfo;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any Parquet reader opens the files: DuckDB, which shares no code with the writer, sees what the reader sees. */
class DuckDbReadsTracesTest {
    private static final int ROWS = 70_000;

    @TempDir
    Path scratch;

    private Path trace;

    @BeforeEach
    void write() {
        trace = scratch.resolve("trace");
        RunInfo info = Traces.info(8);
        try (TraceWriter writer = TraceWriter.create(trace, info, new WriterOptions(20_000, 10_000))) {
            Traces.mixture(writer, ROWS);
            writer.counters(List.of(Counter.ofWindow(CounterName.OPS, 5)));
            writer.finish(info);
        }
    }

    private Map<String, Long> query(String sql) throws SQLException {
        Map<String, Long> rows = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql.replace("$trace", trace.toString()))) {
            while (result.next()) {
                rows.put(result.getString(1), result.getLong(2));
            }
        }
        return rows;
    }

    @Test
    void kindsAreCountedAlike() throws SQLException {
        Map<String, Long> expected = new TreeMap<>();
        try (EventCursor cursor = TraceReader.open(trace).all()) {
            while (cursor.next()) {
                expected.merge(cursor.event().kind().id(), 1L, Long::sum);
            }
        }
        Map<String, Long> found = query("select kind, count(*) from '$trace/events-*.parquet' group by 1");
        found.putAll(query("select kind, count(*) from '$trace/ops-*.parquet' group by 1"));
        assertThat(found).isEqualTo(expected).hasSizeGreaterThan(5);
    }

    @Test
    void causesAndAbsencesAreCountedAlike() throws SQLException {
        Map<String, Long> expected = new TreeMap<>();
        long absent = 0;
        try (EventCursor cursor = TraceReader.open(trace).events(Column.CAUSES)) {
            while (cursor.next()) {
                if (cursor.event().has(Column.CAUSES)) {
                    expected.merge(Long.toString(cursor.event().number(Column.CAUSES)), 1L, Long::sum);
                } else {
                    absent++;
                }
            }
        }
        expected.put("absent", absent);
        assertThat(query("select coalesce(causes::varchar, 'absent'), count(*) from '$trace/events-*.parquet'"
                        + " group by 1"))
                .isEqualTo(expected)
                .containsKey(Integer.toString(Cause.PREEMPTION));
    }

    @Test
    void everyColumnIsSummedAlike() throws SQLException {
        Map<String, Long> expected = new TreeMap<>();
        try (EventCursor cursor = TraceReader.open(trace).all()) {
            while (cursor.next()) {
                for (Column column : Column.values()) {
                    if (cursor.event().has(column)) {
                        long value = column.type() == Column.Type.TEXT
                                ? cursor.event().text(column).length()
                                : cursor.event().number(column);
                        expected.merge(column.id(), value, Long::sum);
                    }
                }
            }
        }
        for (Column column : Column.values()) {
            String value = column.type() == Column.Type.TEXT ? "length(\"" + column.id() + "\")" : column.id();
            Map<String, Long> found = query("select 'sum', sum(coalesce(" + value.replace("offset", "\"offset\"")
                    + ", 0))::bigint from read_parquet(['$trace/events-*.parquet', '$trace/ops-*.parquet'])");
            assertThat(found).as(column.id()).containsEntry("sum", expected.getOrDefault(column.id(), 0L));
        }
    }

    @Test
    void countersAreSummedAlike() throws SQLException {
        Map<String, Long> found = query("select name, sum(value)::bigint from '$trace/counters-*.parquet' group by 1");
        found.forEach((name, sum) ->
                assertThat(Counter.totals(TraceReader.open(trace).counters())).containsEntry(name, sum));
        assertThat(found).containsEntry("ops", 5L).containsKeys("switches", "abort_causes");
    }

    @Test
    void theFooterHoldsTheSpecification() throws SQLException {
        assertThat(query("select decode(value), 1 from parquet_kv_metadata('$trace/events-00000.parquet')"))
                .containsKey("{\"seed\":1,\"strategy\":\"rseq-freelist\"}");
    }
}
