package io.rseqlab.trace.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a user points at gets one sentence that names the file and what is wrong with it. */
class BadInputTest {
    @TempDir
    Path scratch;

    private Path trace;
    private Path part;

    @BeforeEach
    void write() {
        trace = scratch.resolve("trace");
        part = trace.resolve("events-00000.parquet");
        write(trace, 50_000);
    }

    private static void write(Path directory, int rows) {
        RunInfo info = Traces.info(8);
        try (TraceWriter writer = TraceWriter.create(directory, info, new WriterOptions(20_000, 10_000))) {
            Traces.mixture(writer, rows);
            writer.finish(info);
        }
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertUnreadable() {
        return assertThatThrownBy(() -> {
                    try (EventCursor cursor = TraceReader.open(trace).events()) {
                        while (cursor.next()) {
                            assertThat(cursor.event()).isNotNull();
                        }
                    }
                })
                .isInstanceOf(TraceException.class);
    }

    @Test
    void missingDirectory() {
        assertThatThrownBy(() -> TraceReader.open(scratch.resolve("nothing")))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("nothing' is no trace: no such directory");
    }

    @Test
    void aFileIsNoTrace() {
        assertThatThrownBy(() -> TraceReader.open(part))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("is no trace: a file, while a trace is a directory with a run.json");
    }

    @Test
    void directoryWithoutRunInformation() {
        assertThatThrownBy(() -> TraceReader.open(scratch))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("it has no run.json");
    }

    @Test
    void damagedRunInformation() throws IOException {
        Files.writeString(trace.resolve("run.json"), "{\"format_version\": 1, \"cpus\": ");
        assertThatThrownBy(() -> TraceReader.open(trace))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("run.json' is damaged");
    }

    @Test
    void runInformationOfAnotherVersion() throws IOException {
        Files.writeString(trace.resolve("run.json"), "{\"format_version\": 99}");
        assertThatThrownBy(() -> TraceReader.open(trace))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("has format_version 99; this program reads version 1");
    }

    @Test
    void emptyPart() throws IOException {
        Files.write(part, new byte[0]);
        assertUnreadable().hasMessageContaining("events-00000.parquet' cannot be read as Parquet");
    }

    @Test
    void truncatedPart() throws IOException {
        byte[] bytes = Files.readAllBytes(part);
        Files.write(part, Arrays.copyOf(bytes, bytes.length * 2 / 3));
        assertUnreadable().hasMessageContaining("events-00000.parquet' cannot be read as Parquet");
    }

    @Test
    void textForAPart() throws IOException {
        Files.writeString(part, "cycle,sequence,kind\n1,2,switch\n");
        assertUnreadable().hasMessageContaining("events-00000.parquet' cannot be read as Parquet");
    }

    @Test
    void changedByteInAPart() throws IOException {
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length / 3] ^= 0x40;
        Files.write(part, bytes);
        assertUnreadable().hasMessageContaining("events-00000.parquet' cannot be read as Parquet, row group");
    }

    @Test
    void foreignParquet() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("copy (select 1 as a, 'x' as b) to '" + part + "' (format parquet)");
        }
        assertUnreadable()
                .hasMessageContaining("events-00000.parquet' is no part of a trace: it lacks the column cycle")
                .hasMessageContaining("[a, b]");
    }

    @Test
    void aPartOfAnotherWriterIsRead() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("create table t as from '" + part + "'");
            statement.execute("copy t to '" + part + "' (format parquet, codec zstd)");
        }
        TraceReader reader = TraceReader.open(trace);
        assertThat(reader.contentHash()).isEqualTo(reader.info().contentHash());
    }

    @Test
    void aMissingPartIsNamedWithoutReadingARow() throws IOException {
        assertThat(TraceReader.open(trace).partFaults()).isEmpty();
        Files.delete(trace.resolve("events-00002.parquet"));
        assertThat(TraceReader.open(trace).partFaults())
                .singleElement()
                .asString()
                .contains("events-00002.parquet' is missing: run.json counts ");
        Files.delete(part);
        assertThat(TraceReader.open(trace).partFaults())
                .singleElement()
                .asString()
                .contains("events-00000.parquet' is missing: events-00001.parquet is there");
    }

    @Test
    void aKilledRunLeavesWholePartsAndSaysPartial() throws IOException {
        Path killed = scratch.resolve("killed");
        TraceWriter writer = TraceWriter.create(killed, Traces.info(8), new WriterOptions(20_000, 10_000));
        Traces.mixture(writer, 60_000);
        Path open = killed.resolve(".events-00002.parquet.open");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(open) && System.nanoTime() < deadline) {
            Thread.onSpinWait(); // the encoder is a batch behind
        }
        TraceReader reader = TraceReader.open(killed);
        assertThat(reader.info().state()).isEqualTo(RunInfo.PARTIAL);
        assertThat(reader.eventParts()).hasSize(2);
        assertThat(open).exists();
        long rows = 0;
        try (EventCursor cursor = reader.events()) {
            while (cursor.next()) {
                rows++;
            }
        }
        assertThat(rows).isEqualTo(40_000);
        assertThat(reader.counters()).isEmpty();
        writer.close();
        assertThat(reader.eventParts()).hasSize(3);
        assertThat(reader.info().state()).isEqualTo(RunInfo.PARTIAL);
    }

    @Test
    void aPlaceThatIsNotEmptyIsRefused() {
        assertThatThrownBy(() -> TraceWriter.create(trace, Traces.info(8)))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("trace' is not empty: name a new directory");
    }

    @Test
    void aPlaceBelowAFileIsRefused() {
        assertThatThrownBy(() -> TraceWriter.create(part.resolve("below"), Traces.info(8)))
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("cannot write '")
                .hasMessageContaining("Not a directory");
    }
}
