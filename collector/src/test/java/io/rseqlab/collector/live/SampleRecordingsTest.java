package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceCheck;
import io.rseqlab.trace.parquet.TraceReader;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Recordings of a real kernel against the counts that the recorded program and its kernel kept themselves. The
 * recordings are not part of this repository; without them the test is skipped ({@code -Drseqlab.recordings=DIR} names
 * their place).
 */
class SampleRecordingsTest {
    private static final Path SAMPLES = Path.of(System.getProperty("rseqlab.recordings", "../../shared/data/ftrace"));

    @TempDir
    Path scratch;

    /** A row of counts that the program printed. */
    private static long printed(String name, String column) throws IOException {
        List<String> lines = Files.readAllLines(SAMPLES.resolve(name + ".counters.csv"));
        int index = List.of(lines.get(0).split(",")).indexOf(column);
        return Long.parseLong(lines.get(1).split(",")[index]);
    }

    @ParameterizedTest
    @CsvSource({"ftrace, ftrace, 896", "perf-script, perf-script, 897", "trace-cmd, trace-cmd-report, 861"})
    void everyAbortIsFoundWithItsCause(String form, String name, long aborts) throws IOException {
        Path text = SAMPLES.resolve(name + ".txt");
        assumeThat(text).exists();
        Path trace = scratch.resolve("trace");
        TextImport source = TextImport.open(TextForm.of(form), text);
        ImportReport report;
        RunInfo info;
        try (TraceWriter writer = TraceWriter.create(trace, source.info())) {
            report = source.events(writer);
            info = writer.finish(source.info());
        }
        assertThat(printed(name, "aborts")).isEqualTo(aborts);
        assertThat(info.totals()).containsEntry("aborts", aborts);
        assertThat(report.abortsWithoutCause()).isZero();
        assertThat(report.skipped()).isEmpty();
        assertThat(report.otherLines()).isZero();
        assertThat(info.threads()).hasSize(8);
        assertThat(info.cpus()).isEqualTo(2);
        assertThat(TraceCheck.of(trace).violations()).isEmpty();
        assertAbortsAreWhole(trace);

        // The program's own numbers include its start and end, which the recorded threads do not all show.
        assertThat(info.totals().get("preemptions")).isCloseTo(printed(name, "nivcsw"), within(5));
        assertThat(info.totals().get("migrations")).isCloseTo(printed(name, "migrations"), within(2));
        assertThat(info.totals().get("interruptions")).isCloseTo(printed(name, "rseq_update"), within(20));
    }

    private static Offset<Long> within(long distance) {
        return Offset.offset(distance);
    }

    private static void assertAbortsAreWhole(Path trace) {
        try (EventCursor cursor = TraceReader.open(trace).events()) {
            while (cursor.next()) {
                if (cursor.event().kind() == EventKind.ABORT) {
                    assertThat(cursor.event().number(Column.CAUSES) & Cause.PREEMPTION)
                            .isNotZero();
                    assertThat(cursor.event().number(Column.OFFSET)).isBetween(0L, 60L);
                    assertThat(cursor.event().text(Column.SECTION)).startsWith("0x");
                    assertThat(cursor.event().has(Column.CAUSE_SEQUENCE)).isTrue();
                    assertThat(cursor.event().has(Column.WASTED_CYCLES)).isFalse();
                }
            }
        }
    }
}
