package io.rseqlab.trace.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reading page by page into arrays gives what reading row by row gives, which goes through parquet-java's own decoders:
 * the metrics rest on the one, check and view on the other.
 */
class EventScanTest {
    private static final int ROWS = 60_000;

    @TempDir
    Path scratch;

    /** Values of every width a column can have, runs and single ones, present and absent by turns. */
    private static void wild(TraceWriter writer) {
        Random random = new Random(5);
        Event event = new Event();
        for (int row = 0; row < ROWS; row++) {
            event.reset(EventKind.ABORT, row * 3L, row / 7_000 % 3, random.nextInt(3) - 1);
            event.set(Column.ADDRESS, random.nextLong() >> row / 900);
            if (row / 13_000 % 2 == 0 && random.nextInt(20) > 0) {
                event.set(Column.WASTED_CYCLES, random.nextLong() >>> 1 + row / 1000);
            }
            if (random.nextInt(50) == 0) {
                event.set(Column.SECTION, "section " + random.nextInt(300)).set(Column.OFFSET, random.nextInt() >>> 1);
            }
            writer.accept(event);
        }
    }

    private TraceReader written(boolean wild) {
        Path trace = scratch.resolve("trace");
        RunInfo info = Traces.info(8);
        try (TraceWriter writer = TraceWriter.create(trace, info, new WriterOptions(40_000, 20_000))) {
            if (wild) {
                wild(writer);
            } else {
                Traces.mixture(writer, ROWS);
            }
            writer.finish(info);
        }
        return TraceReader.open(trace);
    }

    private static List<String> byRow(TraceReader reader) {
        List<String> rows = new ArrayList<>();
        try (EventCursor cursor = reader.events()) {
            while (cursor.next()) {
                rows.add(cursor.event().toString());
            }
        }
        return rows;
    }

    private static List<String> byBatch(List<EventGroup> groups) {
        List<String> rows = new ArrayList<>();
        try (EventScan scan = new EventScan(groups, EventGroup.Wanted.ALL)) {
            while (scan.next()) {
                assertThat(scan.firstRow()).isEqualTo(rows.size());
                append(rows, scan);
            }
        }
        return rows;
    }

    private static void append(List<String> rows, EventBatch batch) {
        List<Event> events = new ArrayList<>();
        for (int row = 0; row < batch.rows(); row++) {
            EventKind kind = EventKind.values()[batch.kinds()[row]];
            assertThat(batch.holds(kind)).isTrue();
            Event event = new Event().kind(kind);
            events.add(event);
        }
        for (Column column : Column.values()) {
            if (column != Column.KIND) {
                fill(events, batch, column);
            }
        }
        events.forEach(event -> rows.add(event.toString()));
    }

    private static void fill(List<Event> events, EventBatch batch, Column column) {
        for (int row = 0; row < events.size(); row++) {
            switch (column.type()) {
                case INT64 -> events.get(row).set(column, batch.longs(column)[row]);
                case INT32 -> {
                    int value = batch.ints(column)[row];
                    events.get(row).set(column, value == EventBatch.ABSENT_INT ? Event.ABSENT : value);
                }
                case TEXT -> {
                    int code = batch.codes(column)[row];
                    events.get(row).set(column, code == EventBatch.ABSENT_CODE ? null : batch.texts(column)[code]);
                }
            }
        }
    }

    @Test
    void batchesHoldWhatRowsHold() {
        TraceReader reader = written(false);
        assertThat(reader.eventGroups()).hasSizeGreaterThan(2);
        assertThat(byBatch(reader.eventGroups())).isEqualTo(byRow(reader));
    }

    @Test
    void valuesOfEveryWidthComeBack() {
        TraceReader reader = written(true);
        assertThat(byBatch(reader.eventGroups())).isEqualTo(byRow(reader));
    }

    /**
     * Other programs choose other encodings, page sizes that differ between columns, and pages of the first version.
     */
    @Test
    void partsThatAnotherProgramWroteAnewAreRead() throws SQLException, IOException {
        TraceReader reader = written(true);
        List<String> rows = byRow(reader);
        List<EventGroup> groups = new ArrayList<>();
        try (Connection sql = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = sql.createStatement()) {
            for (String options : List.of(
                    "codec 'zstd', row_group_size 9000",
                    "codec 'uncompressed'",
                    "codec 'zstd', dictionary_size_limit 1")) {
                Path part = scratch.resolve("events-0000" + groups.size() + ".parquet");
                statement.execute("copy (from '" + reader.directory() + "/events-*.parquet' order by sequence) to '"
                        + part + "' (format parquet, " + options + ")");
                groups = EventGroups.of(List.of(part));
                assertThat(byBatch(groups)).as(options).isEqualTo(rows);
            }
            Path snappy = scratch.resolve("snappy.parquet");
            statement.execute("copy (from '" + reader.directory() + "/events-00000.parquet') to '" + snappy
                    + "' (format parquet, codec 'snappy')");
            assertThatThrownBy(() -> byBatch(EventGroups.of(List.of(snappy))))
                    .isInstanceOf(TraceException.class)
                    .hasMessageContaining("compressed with SNAPPY, while traces are written with ZSTD");
        }
    }

    /** What is left unread is still counted: whoever needs the order of rows must know that they are there. */
    @Test
    void rowGroupsWithoutWhatIsWantedAreOneBatchThatHoldsNothing() {
        TraceReader reader = written(false);
        List<EventGroup> groups = reader.eventGroups();
        long total = groups.stream().mapToLong(EventGroup::rows).sum();
        long middle = groups.get(1).firstCycle();
        assertThat(held(groups, new EventGroup.Wanted(EnumSet.of(EventKind.ABORT), middle, middle + 1), total))
                .contains(true, false);
        assertThat(held(groups, new EventGroup.Wanted(EnumSet.of(EventKind.ABORT), 0, Long.MAX_VALUE), total))
                .containsOnly(true);
        assertThat(held(groups, new EventGroup.Wanted(EnumSet.of(EventKind.SYSCALL), 0, Long.MAX_VALUE), total))
                .as("no row group's dictionary has it")
                .containsOnly(false)
                .hasSameSizeAs(groups);
    }

    /** For each batch, whether it holds anything; all of them stand for every row of the trace. */
    private static List<Boolean> held(List<EventGroup> groups, EventGroup.Wanted wanted, long total) {
        List<Boolean> held = new ArrayList<>();
        long rows = 0;
        try (EventScan scan = new EventScan(groups, wanted)) {
            while (scan.next()) {
                assertThat(scan.firstRow()).isEqualTo(rows);
                rows += scan.rows();
                held.add(EnumSet.allOf(EventKind.class).stream().anyMatch(scan::holds));
            }
        }
        assertThat(rows).isEqualTo(total);
        return held;
    }

    @Test
    void aDamagedPageIsToldWithItsPlace() throws IOException {
        TraceReader reader = written(false);
        Path part = reader.eventParts().get(0);
        byte[] bytes = Files.readAllBytes(part);
        bytes[bytes.length / 4] ^= 0x55;
        Files.write(part, bytes);
        assertThatThrownBy(() -> byBatch(reader.eventGroups()))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("events-00000.parquet' cannot be read as Parquet, row group 1");
    }
}
