package io.rseqlab.analyzer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.RunInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The views in {@code docs/views.sql} give what analyze gives, over a data set as a sweep lays it out. */
@Tag("differential")
class ShippedViewsTest {
    @TempDir
    Path scratch;

    private Connection sql;
    private AnalysisDocument document;

    @BeforeEach
    void open() throws SQLException, IOException {
        for (int seed = 1; seed <= 3; seed++) {
            RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec("rseq-freelist", seed));
            Path place = scratch.resolve("strategy=rseq-freelist").resolve("seed=" + seed);
            TestTraces.write(place, info, TestTraces.events(seed, 300), TestTraces.counters(seed));
        }
        document = Analyzer.analyze(Traces.find(List.of(scratch)));
        sql = DriverManager.getConnection("jdbc:duckdb:");
        try (Statement statement = sql.createStatement()) {
            statement.execute("set variable traces = '" + scratch + "'");
            statement.execute(Files.readString(Path.of("../docs/views.sql")));
        }
    }

    @AfterEach
    void close() throws SQLException {
        sql.close();
    }

    private double number(String query) throws SQLException {
        try (Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            assertThat(result.next()).as(query).isTrue();
            return result.getDouble(1);
        }
    }

    @Test
    void figuresAreThoseOfAnalyze() throws SQLException {
        assertThat(number("select count(*) from figures")).isEqualTo(3);
        for (RunResult run : document.runs()) {
            for (String figure : List.of(
                    "throughput_ops_per_s", "aborts_per_mop", "aborts_per_interruption", "preemptions_per_cpu_s")) {
                double expected = run.number(figure);
                assertThat(number("select " + figure + " from figures where trace = '" + run.trace() + "'"))
                        .as(figure)
                        .isCloseTo(expected, within(1e-9 * expected));
            }
        }
    }

    @Test
    void totalsAndEventsAreThoseOfAnalyze() throws SQLException {
        for (RunResult run : document.runs()) {
            String ofRun = " and trace = '" + run.trace() + "'";
            for (CounterName name : List.of(CounterName.SWITCHES, CounterName.ABORTS, CounterName.MESSAGES)) {
                assertThat(number("select value from totals where name = '" + name.id() + "'" + ofRun))
                        .isEqualTo(run.number(name.id()));
            }
            assertThat(number("select count(*) from events where kind = 'switch'" + ofRun))
                    .isEqualTo(run.number("switches"));
            assertThat(number("select sum(aborts) from abort_sites where true" + ofRun))
                    .isEqualTo(run.number("aborts"));
        }
        assertThat(number("select count(distinct seed) from events where strategy = 'rseq-freelist'"))
                .as("partitions are columns")
                .isEqualTo(3);
    }
}
