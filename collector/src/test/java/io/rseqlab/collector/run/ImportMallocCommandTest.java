package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code import malloc} says what a program asked of its allocator, of the recording and of what it made of it. */
class ImportMallocCommandTest {
    private static final int USAGE = 2;

    @TempDir
    Path scratch;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        out.getBuffer().setLength(0);
        return new CommandLine(new ImportCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    err.append(failure.getMessage());
                    return USAGE;
                })
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    private Path text(String... lines) throws IOException {
        return Files.writeString(scratch.resolve("text"), String.join("\n", lines) + "\n");
    }

    @Test
    void theFiguresOfTheTraceAreThoseOfTheRecording() throws IOException {
        Path text = text("1: malloc 0x10 8", "2: free 0x10", "1: malloc 0x20 100");
        Path trace = scratch.resolve("a.malloc");
        assertThat(run("malloc", text.toString(), "--out", trace.toString())).isZero();
        String figures = out.toString();
        assertThat(figures)
                .contains("remote plain frees    100.00 % (1 of 1)", "live at the end       1 objects, 100 B");
        assertThat(err.toString()).contains("advise takes 10000 calls", "Next: rseqlab import malloc " + trace);
        assertThat(MallocReport.next(trace, 9999)).contains("these are 9999").doesNotContain("rseqlab advise");
        assertThat(MallocReport.next(trace, 10_000)).isEqualTo("Next: rseqlab advise " + trace);
        assertThat(run("malloc", trace.toString())).isZero();
        assertThat(out.toString()).isEqualTo(figures);
    }

    @Test
    void aFormWithoutThreadsAnswersNoQuestionAboutThreads() throws IOException {
        Path text = text("@ a:[0x1] + 0x10 0x8", "@ a:[0x1] - 0x10");
        assertThat(run("malloc", text.toString())).isZero();
        assertThat(out.toString()).contains("single thread").doesNotContain("remote");
        assertThat(run("malloc", text.toString(), "--figures", "json")).isZero();
        assertThat(out.toString())
                .contains("\"threads_known\" : false", "\"remote_plain_frees\" : null", "\"threads\" : null");
    }

    @Test
    void whatIsThereIsNotOverwrittenAndWhatFailsLeavesNothing() throws IOException {
        Path text = text("1: malloc 0x10 8", "nonsense", "1: free 0x10");
        assertThat(run("malloc", text.toString(), "--out", text.toString())).isEqualTo(USAGE);
        assertThat(err.toString()).contains("is there already");
        assertThat(run(
                        "malloc",
                        text.toString(),
                        "--strict",
                        "--out",
                        scratch.resolve("b").toString()))
                .isEqualTo(USAGE);
        assertThat(err.toString()).contains("line 2");
        try (var files = Files.list(scratch)) {
            assertThat(files).containsExactly(text);
        }
    }

    @Test
    void aBadLineIsSkippedAndSaid() throws IOException {
        Path text = text("1: malloc 0x10 8", "nonsense", "1: free 0x10");
        assertThat(run("malloc", text.toString(), "--figures", "json")).isZero();
        assertThat(err.toString())
                .contains("1 line is no call of this form and was skipped: line 2; --strict refuses such a recording");
        assertThat(out.toString()).contains("\"bad_lines\" : 1", "\"first_bad_lines\" : [ 2 ]");
    }

    @Test
    void aRecordingWithoutAnObjectIsRefusedAndMakesNoFile() throws IOException {
        Path text = text("1: free 0x10", "1: free 0x20");
        assertThat(run("malloc", text.toString())).isEqualTo(USAGE);
        assertThat(run("malloc", text.toString(), "--out", scratch.resolve("b").toString()))
                .isEqualTo(USAGE);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("holds 2 calls, none of which begins an object");
        try (var files = Files.list(scratch)) {
            assertThat(files).containsExactly(text);
        }
    }

    @Test
    void callsThatTheRecorderLostAreSaidInEveryForm() {
        Path trace = scratch.resolve("lost.malloc");
        try (MallocTraceWriter writer = new MallocTraceWriter(trace)) {
            writer.accept(object());
            writer.finish(new MallocOrigin("record", true, true, true, true, 3), Repairs.NONE);
        }
        assertThat(run("malloc", trace.toString())).isZero();
        assertThat(out.toString()).contains("missing               3 of 4 calls are missing from the recording");
        assertThat(err.toString()).contains("warning: " + trace + ": 3 of 4 calls are missing");
        assertThat(run("malloc", trace.toString(), "--figures", "json")).isZero();
        assertThat(out.toString()).contains("\"missing_calls\" : 3");
    }

    private static MallocEvent object() {
        MallocEvent event = new MallocEvent().begin(MallocEvent.Kind.ALLOCATE, 0);
        event.id = 0;
        event.sizeBytes = 8;
        return event;
    }

    @Test
    void aTraceHasItsOwnForm() throws IOException {
        Path trace = scratch.resolve("a.malloc");
        run("malloc", text("1: malloc 0x10 8").toString(), "--out", trace.toString());
        assertThat(run("malloc", trace.toString(), "--format", "mtrace")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("--format mtrace", "leave --format away");
    }

    /**
     * The figures of two traces of Android's memory_replay, computed apart; for whoever has those traces (as zip, in
     * the folder that RSEQLAB_MALLOC_TRACES names).
     */
    @ParameterizedTest
    @CsvSource({
        "surfaceflinger, 2455240, 14, 3833, 3567, 1.86, 1.77, p50 80  p90 90  p99 4096, p50 3  p90 219  p99 1154",
        "systemui, 786454, 391, 60097, 53645, 11.31, 10.74, p50 44  p90 696  p99 7116, p50 9  p90 693  p99 198883"
    })
    void theFiguresOfTheAndroidTracesAreKnown(
            String name,
            String events,
            String allocating,
            String peak,
            String end,
            String remote,
            String remoteEnds,
            String sizes,
            String lifetimes) {
        Path zip = Path.of(System.getenv().getOrDefault("RSEQLAB_MALLOC_TRACES", "none"), name + ".zip");
        assumeThat(zip).exists();
        assertThat(run("malloc", zip.toString())).isZero();
        assertThat(out.toString())
                .contains("events                " + events)
                .contains(allocating + " of them allocate")
                .contains("peak live             " + peak + " objects")
                .contains("live at the end       " + end + " objects")
                .contains("remote plain frees    " + remote + " %")
                .contains("remote ends of life   " + remoteEnds + " %")
                .contains("size [B]              " + sizes)
                .contains("lifetime [events]     " + lifetimes);
    }
}
