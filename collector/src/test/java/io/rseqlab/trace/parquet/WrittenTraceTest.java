package io.rseqlab.trace.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a writer says that it has written is what a reader finds. */
class WrittenTraceTest {
    @TempDir
    Path scratch;

    private WrittenTrace write(int rows, boolean checkpoint) {
        RunInfo info = Traces.info(8);
        try (TraceWriter writer = TraceWriter.create(scratch.resolve("trace"), info)) {
            Traces.mixture(writer, rows / 2);
            if (checkpoint) {
                writer.checkpoint(Long.MAX_VALUE / 4, List.of());
            }
            writer.counters(List.of(
                    Counter.ofWindow(CounterName.REFILLS, 7),
                    Counter.ofInterval(CounterName.OPS, 0, Long.MAX_VALUE / 2, 1, 1L << 40)));
            writer.finish(info);
            return writer.written();
        }
    }

    /** Each row as a text: of numbers their values, of texts what their codes stand for. */
    private static List<String> rows(EventBatch batch) {
        List<String> rows = new ArrayList<>();
        for (int row = 0; row < batch.rows(); row++) {
            StringBuilder text = new StringBuilder(EventKind.values()[batch.kinds()[row]].id());
            assertThat(batch.holds(EventKind.values()[batch.kinds()[row]])).isTrue();
            for (Column column : Column.values()) {
                text.append(' ').append(column == Column.KIND ? "" : value(batch, column, row));
            }
            rows.add(text.toString());
        }
        return rows;
    }

    private static Object value(EventBatch batch, Column column, int row) {
        return switch (column.type()) {
            case INT64 -> batch.longs(column)[row];
            case INT32 -> batch.ints(column)[row];
            case TEXT -> {
                int code = batch.codes(column)[row];
                yield code == EventBatch.ABSENT_CODE ? "absent" : code + "=" + batch.texts(column)[code];
            }
        };
    }

    @Test
    void isWhatAReaderFinds() {
        WrittenTrace written = write(4000, false);
        TraceReader reader = TraceReader.open(written.directory());
        assertThat(written.info()).isEqualTo(reader.info());
        assertThat(written.counters()).isEqualTo(reader.counters()).hasSizeGreaterThan(2);
        List<String> read = new ArrayList<>();
        try (EventScan scan = new EventScan(reader.eventGroups(), EventGroup.Wanted.ALL)) {
            while (scan.next()) {
                assertThat(scan.firstRow()).isEqualTo(read.size());
                read.addAll(rows(scan));
            }
        }
        assertThat(written.events().firstRow()).isZero();
        assertThat(rows(written.events())).isEqualTo(read).hasSizeGreaterThan(1000);
    }

    @Test
    void saysWhichKindsItHolds() {
        EventBatch events = write(4000, false).events();
        List<EventKind> there =
                Arrays.stream(EventKind.values()).filter(events::holds).toList();
        assertThat(there)
                .containsExactly(
                        EventKind.SWITCH, EventKind.PREEMPT, EventKind.WAKEUP, EventKind.ABORT, EventKind.SIGNAL);
    }

    /** A part that is closed already, by a checkpoint or because it was full, is nothing the writer holds. */
    @Test
    void hasNoEventsWhereAPartWasWrittenBefore() {
        assertThat(write(4000, true).events()).isNull();
    }

    @Test
    void hasNoEventsWhereTheyAreMoreThanABatch() {
        assertThat(write(4 * PartWriter.BATCH_ROWS, false).events()).isNull();
    }

    /** Who compares specifications must not find two that differ in what kind of number the same number is. */
    @Test
    void valuesAreOfTheKindsThatAReaderFinds() {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("seed", 7L);
        spec.put("large", 1L << 31);
        spec.put("least", -(1L << 31));
        spec.put("cpus", 2);
        spec.put("tick_s", 0.0);
        spec.put("warmup_s", 6.0000000000000002e-5);
        spec.put("oracle", true);
        spec.put("machine", "a \"name\"");
        assertThatAReaderFinds(spec);
        for (Object other : List.of(List.of(1L, 2L), Map.of("a", 1L), 1.5f, (short) 3)) {
            spec.put("other", other);
            assertThatAReaderFinds(spec);
        }
    }

    private static void assertThatAReaderFinds(Map<String, Object> spec) {
        RunInfo info = Traces.info(8).withSpec(spec);
        RunInfo read = RunJson.info(RunJson.text(info));
        assertThat(RunJson.asRead(info)).isEqualTo(read);
        assertThat(RunJson.asRead(info).spec().keySet())
                .containsExactlyElementsOf(read.spec().keySet());
    }
}
