package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.parquet.TraceCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code import} writes a trace that {@code check} passes, and says what to type next. */
class ImportCommandTest {
    private static final int USAGE = 2;

    @TempDir
    Path scratch;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return new CommandLine(new ImportCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    @Test
    void aRecordingBecomesATrace() throws IOException {
        Path text = scratch.resolve("text");
        String change = "sched:sched_switch: prev_comm=%s prev_pid=%d prev_prio=120 prev_state=%s"
                + " ==> next_comm=%s next_pid=%d next_prio=120\n";
        Files.writeString(
                text,
                "app 7 [000] 1.000010: " + change.formatted("app", 7, "R", "b", 8)
                        + "b 8 [000] 1.000020: " + change.formatted("b", 8, "S", "app", 7)
                        + "app 7 [000] 1.000021: rseq:rseq_ip_fixup: regs_ip=0x17 start_ip=0x10"
                        + " post_commit_offset=9 abort_ip=0x50\n"
                        + "app 7 [000] 1.000022: irq:irq_handler_exit: irq=1\n");
        Path trace = scratch.resolve("trace");
        assertThat(run("perf-script", text.toString(), "--out", trace.toString()))
                .isZero();
        assertThat(out.toString()).isEqualTo("Imported 4 events with 1 aborts of 1 threads from 4 lines.\n");
        assertThat(err.toString()).endsWith("Next: rseqlab analyze " + trace + "\n");
        assertThat(err.toString()).contains("warning: skipped 1 lines of event irq_handler_exit");
        assertThat(TraceCheck.of(trace).count()).isZero();
    }

    @Test
    void anUnknownFormIsAQuestionOfUsage() {
        assertThat(run("lttng", "x", "--out", "y")).isEqualTo(USAGE);
        assertThat(err.toString()).contains("'lttng' cannot be imported; known: ftrace, perf-script, trace-cmd");
    }
}
