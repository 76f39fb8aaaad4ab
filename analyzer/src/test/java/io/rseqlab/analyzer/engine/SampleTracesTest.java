package io.rseqlab.analyzer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.live.TextForm;
import io.rseqlab.collector.live.TextImport;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
        String query = Files.readString(SAMPLES.resolve("recompute.sql"))
                .replace("from '", "from '" + trace.toAbsolutePath() + "/")
                .replace(";", "");
        Map<String, Long> rows = new TreeMap<>();
        try (Connection sql = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = sql.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                rows.put(result.getString(1), result.getLong(2));
            }
        }
        return rows;
    }
}
