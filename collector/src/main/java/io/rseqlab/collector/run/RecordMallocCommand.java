package io.rseqlab.collector.run;

import io.rseqlab.collector.live.MallocRecorder;
import io.rseqlab.collector.live.MallocRecording;
import io.rseqlab.collector.live.NativeException;
import io.rseqlab.collector.live.Programs;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.malloc.MallocStatistics;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab record malloc}: runs a command and makes a malloc trace of what it asks of its allocator. */
@Command(
        name = "malloc",
        mixinStandardHelpOptions = true,
        header = "Record a command's malloc calls into a malloc trace.",
        description = {
            "",
            "Runs COMMAND with a small library before the C library's, which is compiled with cc at first use, and"
                    + " records thread, CPU, time, duration, size and address of every call of malloc, calloc, realloc,"
                    + " free and their kin. Prints what that cost. Needs no rights. Works with programs that are linked"
                    + " dynamically; threads, forks, execs and sudden ends are no trouble.",
            "",
            "A trace is of one process: the one that made the most calls, or the one that --process names. What record"
                    + " says goes to standard error; the figures that import malloc prints are a command away.",
            ""
        },
        footer = {"", "Example: rseqlab record malloc --out my.malloc -- ./my-program --threads 8"})
public final class RecordMallocCommand implements Callable<Integer> {
    /** What a shell says of a process that a Ctrl-C ended; the JVM itself ends it with the signal's number. */
    private static final int INTERRUPTED = 130;

    private static final int MOST_LISTED = 5;

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0..*",
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "The program to run, and its arguments; -- before it keeps its options its own.")
    private List<String> command;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "The malloc trace to write: a file not there yet.")
    private Path out;

    @Option(
            names = "--process",
            paramLabel = "NAME[:K]",
            description = "The process whose calls are wanted, by its name; NAME:K is the K-th of that name to begin"
                    + " (default: the one with the most calls).")
    private String process;

    private long calls;

    @Override
    public Integer call() {
        String whyNot = Programs.whyNot(command.get(0), System.getenv().getOrDefault("PATH", ""));
        if (whyNot != null) {
            throw new UsageException("nothing was recorded: " + whyNot);
        }
        MallocTraceWriter.refuseOccupied(out);
        MallocRecorder recorder = MallocRecorder.open(System.getenv());
        PrintWriter err = spec.commandLine().getErr();
        MallocRecorder.removeLeftovers()
                .forEach(folder -> err.println(
                        "note: removed '" + folder + "': raw data that a record malloc left which was killed"));
        StopFlag stop = new StopFlag();
        try (Interruption interruption = Interruption.watch(stop, err);
                MallocRecording recording = recorder.record(command, stop::isRaised)) {
            boolean found = process == null || recording.choose(process);
            write(recording, err);
            interruption.ran(out, !stop.isRaised());
            if (!found) {
                throw new UsageException("--process " + process + ": no process of that name made a call; there were "
                        + first(recording.processes()) + "; '" + out + "' has the calls of " + recording.name());
            }
        }
        if (stop.isRaised()) {
            return INTERRUPTED;
        }
        err.println(MallocReport.next(out, calls));
        return 0;
    }

    private void write(MallocRecording recording, PrintWriter err) {
        MallocStatistics statistics = new MallocStatistics();
        Repairs repairs;
        try (MallocTraceWriter writer = new MallocTraceWriter(out)) {
            repairs = recording.events(event -> {
                statistics.accept(event);
                writer.accept(event);
            });
            requireObjects(recording, statistics);
            writer.finish(recording.origin(), repairs);
        }
        calls = statistics.events();
        if (recording.dropped() > 0) {
            err.println("warning: there was no place on the disk for all calls: "
                    + recording.origin().missing(statistics.events()) + "; the trace says so");
        }
        if (recording.processes().size() > 1) {
            List<String> all = recording.processes();
            err.println("note: the command ran as " + all.size() + " processes: " + first(all)
                    + "; --process chooses another one");
        }
        double overheadMs = statistics.events() * recording.nanosPerCall() * 1e-6;
        err.println(String.format(
                Locale.ROOT,
                "Recorded %d calls of %d threads of %s, %d objects, %d live at the end; %s ended with exit code %d.",
                statistics.events(),
                statistics.threads(),
                recording.name(),
                statistics.objects(),
                statistics.live(),
                command.get(0),
                recording.exitCode()));
        err.println(String.format(
                Locale.ROOT,
                "Recording took %.1f ns a call, measured in the process: %.3f ms of all its threads' time; the command"
                        + " ran for %.3f s.",
                recording.nanosPerCall(),
                overheadMs,
                recording.seconds()));
    }

    /**
     * A trace without objects could be neither replayed nor advised on; import malloc makes none of such calls either.
     */
    private void requireObjects(MallocRecording recording, MallocStatistics statistics) {
        if (statistics.objects() > 0) {
            return;
        }
        List<String> all = recording.processes();
        throw new NativeException("nothing was allocated: none of the " + statistics.events() + " calls of "
                + recording.name() + " begins an object, so that there is nothing to replay; '" + command.get(0)
                + "' ended with exit code " + recording.exitCode() + ". No trace was made"
                + (all.size() > 1 ? "; --process chooses another process: " + first(all) : ""));
    }

    private static String first(List<String> processes) {
        return String.join(", ", processes.subList(0, Math.min(MOST_LISTED, processes.size())))
                + (processes.size() > MOST_LISTED ? ", …" : "");
    }
}
