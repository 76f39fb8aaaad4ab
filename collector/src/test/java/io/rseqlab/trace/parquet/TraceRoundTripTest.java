package io.rseqlab.trace.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes into a trace comes out again, whatever its cut into parts: everything downstream rests on it. */
class TraceRoundTripTest {
    private static final int ROWS = 90_000;
    private static final WriterOptions SMALL = new WriterOptions(1 << 15, 1 << 14);

    @TempDir
    Path scratch;

    private Path write(String name, int rows, WriterOptions options) {
        Path directory = scratch.resolve(name);
        RunInfo info = Traces.info(8);
        try (TraceWriter writer = TraceWriter.create(directory, info, options)) {
            Traces.mixture(writer, rows);
            writer.counters(List.of(
                    Counter.ofWindow(CounterName.OPS, 42),
                    new Counter(CounterName.LATENCY, null, null, null, 3, "malloc", 0, null, null, 20, null, 7)));
            writer.finish(info);
        }
        return directory;
    }

    private static List<String> rows(EventCursor cursor) {
        List<String> rows = new ArrayList<>();
        try (cursor) {
            while (cursor.next()) {
                rows.add(cursor.event().toString());
            }
        }
        return rows;
    }

    @Test
    void eventsComeBackAsTheyWere() {
        List<String> kernel = new ArrayList<>();
        List<String> ops = new ArrayList<>();
        List<String> all = new ArrayList<>();
        Traces.mixture(
                event -> {
                    (event.kind() == EventKind.OP ? ops : kernel).add(event.toString());
                    all.add(event.toString());
                },
                ROWS);
        TraceReader reader = TraceReader.open(write("trace", ROWS, SMALL));
        assertThat(reader.eventParts()).hasSizeGreaterThan(1);
        assertThat(rows(reader.events())).isEqualTo(kernel);
        assertThat(rows(reader.ops())).isEqualTo(ops);
        assertThat(rows(reader.all())).isEqualTo(all);
    }

    @Test
    void projectionLeavesOtherColumnsAbsent() {
        TraceReader reader = TraceReader.open(write("trace", 1000, SMALL));
        try (EventCursor cursor = reader.events(Column.CPU)) {
            assertThat(cursor.next()).isTrue();
            Event event = cursor.event();
            assertThat(event.has(Column.CPU)).isTrue();
            assertThat(event.has(Column.CYCLE)).isFalse();
            assertThat(event.text(Column.STATE)).isNull();
        }
    }

    @Test
    void countersAndTotalsComeBack() {
        TraceReader reader = TraceReader.open(write("trace", ROWS, SMALL));
        long aborts = rows(reader.events()).stream()
                .filter(row -> row.startsWith("abort"))
                .count();
        assertThat(reader.counters())
                .contains(Counter.ofWindow(CounterName.OPS, 42))
                .contains(new Counter(CounterName.LATENCY, null, null, null, 3, "malloc", 0, null, null, 20, null, 7));
        assertThat(reader.info().totals())
                .containsEntry("ops", 42L)
                .containsEntry("aborts", aborts)
                .containsEntry("abort_causes", aborts)
                .containsEntry("faults", 0L);
    }

    @Test
    void runInformationComesBack() {
        RunInfo info = TraceReader.open(write("trace", 10, SMALL)).info();
        assertThat(info.state()).isEqualTo(RunInfo.COMPLETE);
        assertThat(info.sections()).isEqualTo(Traces.info(8).sections());
        assertThat(info.threads()).hasSize(8);
        assertThat(info.spec()).containsEntry("strategy", "rseq-freelist");
    }

    @Test
    void contentHashDependsOnRowsAndNotOnParts() {
        String small = TraceReader.open(write("small", ROWS, SMALL)).info().contentHash();
        String whole = TraceReader.open(write("whole", ROWS, WriterOptions.DEFAULT))
                .info()
                .contentHash();
        String other = TraceReader.open(write("other", ROWS - 1, SMALL)).info().contentHash();
        assertThat(small).hasSize(64).isEqualTo(whole).isNotEqualTo(other);
        assertThat(TraceReader.open(scratch.resolve("small")).contentHash()).isEqualTo(small);
    }

    @Test
    void sameEventsGiveTheSameBytes() throws IOException {
        Path first = write("first", ROWS, SMALL);
        Path second = write("second", ROWS, SMALL);
        List<Path> files;
        try (var list = Files.list(first)) {
            files = list.toList();
        }
        assertThat(files).hasSizeGreaterThan(4);
        for (Path file : files) {
            assertThat(second.resolve(file.getFileName())).hasSameBinaryContentAs(file);
        }
    }

    @Test
    void emptyTraceIsATrace() {
        TraceReader reader = TraceReader.open(write("empty", 0, SMALL));
        assertThat(rows(reader.all())).isEmpty();
        assertThat(reader.info().totals()).containsEntry("aborts", 0L);
        assertThat(reader.contentHash()).isEqualTo(reader.info().contentHash());
    }
}
