package io.rseqlab.analyzer.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.EventSink;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code check} answers with an exit code that scripts can trust, {@code view} with rows that programs can parse. */
class CheckAndViewTest {
    private static final int USAGE = 2;
    private static final int UNREADABLE = 3;
    private static final int VIOLATION = 4;

    @TempDir
    Path scratch;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private long sequence;

    private int run(Object command, String... args) {
        return new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    private String write(String name, int preemptedThread) {
        Path trace = scratch.resolve(name);
        RunInfo info = new RunInfo(
                RunInfo.FORMAT_VERSION,
                "test",
                RunInfo.SIMULATED,
                RunInfo.COMPLETE,
                1000,
                1,
                0,
                1000,
                "instructions",
                Map.of("seed", 1),
                List.of(),
                List.of(new RunInfo.ThreadInfo(1, "one")),
                Map.of(),
                null);
        try (TraceWriter writer = TraceWriter.create(trace, info)) {
            put(
                    writer,
                    EventKind.SWITCH,
                    10,
                    -1,
                    event -> event.set(Column.OTHER_THREAD, 1).set(Column.STATE, "idle"));
            put(writer, EventKind.PREEMPT, 20, preemptedThread, event -> {});
            put(
                    writer,
                    EventKind.SWITCH,
                    20,
                    1,
                    event -> event.set(Column.OTHER_THREAD, 2).set(Column.STATE, "preempted"));
            put(writer, EventKind.SYSCALL, 30, 2, event -> event.set(Column.DETAIL, "say \"a,b\""));
            writer.finish(info);
        }
        return trace.toString();
    }

    private void put(EventSink sink, EventKind kind, long cycle, int thread, EventSink more) {
        Event event = new Event().reset(kind, cycle, 0, thread).set(Column.SEQUENCE, sequence++);
        more.accept(event);
        sink.accept(event);
    }

    @Test
    void checkPassesALawfulTraceAndSaysWhatItChecked() {
        assertThat(run(new CheckCommand(), write("good", 1))).isZero();
        assertThat(out.toString())
                .contains("good: ok (complete, simulated, 4 events, 5 counters, digest equals content)");
    }

    @Test
    void checkNamesTheSentenceTheRowAndWhatToDo() {
        assertThat(run(new CheckCommand(), write("good", 1), write("bad", 7))).isEqualTo(VIOLATION);
        assertThat(out.toString())
                .contains("good: ok")
                .contains("bad: 2 violations")
                .contains("- A CPU switches out the thread it was running: thread 7, while thread 1 runs on cpu 0")
                .contains("  row 1: preempt cycle=20 sequence=5 cpu=0 thread=7")
                .contains("- A preemption is followed by the switch of its thread")
                .contains("Collect the same run again");
    }

    @Test
    void checkTakesAFolderAndAnswersWithTheHighestCode() throws IOException {
        write("all/good", 1);
        write("all/worse/good", 1);
        assertThat(run(new CheckCommand(), scratch.resolve("all").toString())).isZero();
        assertThat(out.toString().lines()).hasSize(2).allMatch(line -> line.contains("good: ok"));
        Files.writeString(Files.createDirectories(scratch.resolve("all/torn")).resolve("run.json"), "{");
        assertThat(run(new CheckCommand(), scratch.resolve("all").toString())).isEqualTo(UNREADABLE);
        assertThat(err.toString()).contains("all/torn/run.json' is damaged");
        write("all/bad", 7);
        out.getBuffer().setLength(0);
        assertThat(run(new CheckCommand(), scratch.resolve("all").toString())).isEqualTo(VIOLATION);
        assertThat(out.toString()).contains("bad: 2 violations", "all/good: ok", "all/worse/good: ok");
    }

    @Test
    void viewPrintsOnlyColumnsThatOccur() {
        assertThat(run(new ViewCommand(), write("trace", 1), "--kind", "switch,preempt"))
                .isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "cycle  sequence  kind     cpu  thread  other_thread  state",
                        "   10         0  switch     0      -1             1  idle",
                        "   20         1  preempt    0       1",
                        "   20         2  switch     0       1             2  preempted");
    }

    @Test
    void viewFiltersAndLimits() {
        String trace = write("trace", 1);
        assertThat(run(new ViewCommand(), trace, "--thread", "1", "--from", "20", "--to", "30", "--limit", "1"))
                .isZero();
        assertThat(out.toString().lines()).hasSize(2);
        assertThat(err.toString()).contains("--limit 0 prints them all");
    }

    @Test
    void viewPrintsCsvAndJson() {
        String trace = write("trace", 1);
        run(new ViewCommand(), trace, "--kind=syscall", "--format=csv");
        assertThat(out.toString()).endsWith("30,3,syscall,0,2,,,,,,,,,,,,,,\"say \"\"a,b\"\"\"\n");
        out.getBuffer().setLength(0);
        run(new ViewCommand(), trace, "--kind=syscall", "--format=json");
        assertThat(out.toString())
                .isEqualTo("[{\"cycle\":30,\"sequence\":3,\"kind\":\"syscall\",\"cpu\":0,\"thread\":2,"
                        + "\"detail\":\"say \\\"a,b\\\"\"}\n]\n");
        out.getBuffer().setLength(0);
        run(new ViewCommand(), trace, "--kind=abort", "--format=json");
        assertThat(out.toString()).isEqualTo("[]\n");
    }

    @Test
    void viewKnowsItsKinds() {
        assertThat(run(new ViewCommand(), write("trace", 1), "--kind", "abrot")).isEqualTo(USAGE);
        assertThat(err.toString())
                .contains("--kind 'abrot' is unknown; did you mean 'abort'? known: switch, preempt, ");
    }

    @Test
    void viewSaysThatNothingMatched() {
        assertThat(run(new ViewCommand(), write("trace", 1), "--kind", "abort")).isZero();
        assertThat(err.toString()).startsWith("No row of the trace is of that kind");
    }
}
