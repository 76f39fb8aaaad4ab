package io.rseqlab.collector.run;

import io.rseqlab.collector.live.Host;
import io.rseqlab.collector.live.ImportReport;
import io.rseqlab.collector.live.Programs;
import io.rseqlab.collector.live.Recorder;
import io.rseqlab.collector.live.Recording;
import io.rseqlab.collector.live.TextForm;
import io.rseqlab.collector.live.TextImport;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The verb {@code record}: makes a trace of a command on the kernel of this machine. */
@Command(
        name = "record",
        mixinStandardHelpOptions = true,
        subcommands = RecordMallocCommand.class,
        synopsisSubcommandLabel = "[malloc ...]",
        header = "Record a command on this machine's kernel into a trace.",
        description = {
            "",
            "Runs COMMAND and records its switches, wake-ups, migrations, signals and aborts, and those of all that it"
                    + " starts, through a tracing instance of its own, which is removed afterwards. Needs root. COMMAND"
                    + " runs as root too; put sudo -u USER before it, or the like.",
            "",
            "COMMAND keeps its standard streams; what record says goes to standard error, with the exit code of"
                    + " COMMAND. The exit code of record says whether the trace was made.",
            "",
            "rseqlab record malloc records what a command asks of its allocator, as any user; rseqlab record malloc"
                    + " --help says how.",
            "",
            "Interrupted by Ctrl-C, record ends COMMAND and closes the trace as partial. A command that never ends is"
                    + " recorded whole for a while with timeout 10 before it.",
            ""
        },
        footer = {"", "Example: rseqlab record --out out/mine -- ./my-program --threads 8"})
public final class RecordCommand implements Callable<Integer> {
    /** What a shell says of a process that a Ctrl-C ended; the JVM itself ends it with the signal's number. */
    private static final int INTERRUPTED = 130;

    private static final int LEAST_KIB = 64;
    private static final int MOST_KIB = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0..*",
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "The program to run, and its arguments; -- before it keeps its options its own.")
    private List<String> command;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the trace goes: a directory that does not exist or is empty.")
    private Path directory;

    @Option(
            names = "--buffer-kib",
            defaultValue = "8192",
            paramLabel = "N",
            description = "Kernel memory for events, per CPU (default: ${DEFAULT-VALUE}). It is emptied ten times a"
                    + " second; what does not fit in between is lost, which is said.")
    private int bufferKib;

    @Override
    public Integer call() {
        // Not required in the eyes of picocli, which would ask "record malloc" for them as well.
        if (command == null || directory == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    directory == null
                            ? "Missing required option: '--out=DIR'"
                            : "Missing required parameter: 'COMMAND'");
        }
        if (bufferKib < LEAST_KIB || bufferKib > MOST_KIB) {
            throw new UsageException("--buffer-kib " + bufferKib + ": must be from " + LEAST_KIB + " to " + MOST_KIB);
        }
        String whyNot = Programs.whyNot(command.get(0), System.getenv().getOrDefault("PATH", ""));
        if (whyNot != null) {
            throw new UsageException("nothing was recorded: " + whyNot);
        }
        TraceDirectory.refuseOccupied(directory);
        PrintWriter err = spec.commandLine().getErr();
        StopFlag stop = new StopFlag();
        try (Interruption interruption = Interruption.watch(stop, err);
                Recording recording = new Recorder(bufferKib).record(command, stop::isRaised)) {
            RunInfo written = write(recording, stop.isRaised());
            interruption.ran(directory, RunInfo.COMPLETE.equals(written.state()));
        }
        if (stop.isRaised()) {
            return INTERRUPTED;
        }
        err.println(Hint.next("analyze", directory));
        return 0;
    }

    private RunInfo write(Recording recording, boolean interrupted) {
        TextImport text = TextImport.open(TextForm.FTRACE, recording.text());
        long lost = Math.max(recording.lost(), text.lost());
        Map<String, Object> how = spec(recording);
        how.put("lost_events", lost);
        how.put("interrupted", interrupted);
        RunInfo info = text.info(how, interrupted || lost > 0);
        try (TraceWriter writer = TraceWriter.create(directory, info)) {
            ImportReport report = text.events(writer);
            RunInfo written = writer.finish(info);
            print(recording, report, written);
            return written;
        }
    }

    private Map<String, Object> spec(Recording recording) {
        Map<String, Object> words = new TreeMap<>();
        words.put("recorded_from", "tracefs");
        words.put("command", String.join(" ", command));
        words.put("command_exit_code", recording.exitCode());
        words.put("host", Host.name());
        words.put("kernel_release", Host.kernelRelease());
        words.put("buffer_kib_per_cpu", bufferKib);
        words.put("missing_tracepoints", recording.missing());
        return words;
    }

    private void print(Recording recording, ImportReport report, RunInfo info) {
        PrintWriter err = spec.commandLine().getErr();
        recording.warnings().forEach(warning -> err.println("warning: " + warning));
        report.warningsOfRecording(recording.lost()).forEach(warning -> err.println("warning: " + warning));
        err.println("Recorded " + report.events() + " events with " + report.aborts() + " aborts of "
                + info.threads().size() + " threads; " + command.get(0) + " ended with exit code "
                + recording.exitCode() + ".");
    }
}
