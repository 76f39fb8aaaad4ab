package io.rseqlab.collector.run;

import io.rseqlab.collector.live.MallocText;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.malloc.MallocSink;
import io.rseqlab.trace.malloc.MallocStatistics;
import io.rseqlab.trace.malloc.MallocTrace;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab import malloc}: makes a malloc trace of a recording of a program's calls, and prints its figures. */
@Command(
        name = "malloc",
        mixinStandardHelpOptions = true,
        header = "Make a malloc trace from a program's recorded calls.",
        description = {
            "",
            "Reads what others recorded of a program's calls of malloc, realloc and free, as text, zip or gz; puts"
                    + " right what recorders write down in the wrong order; prints what the calls are like. With --out,"
                    + " writes them as a malloc trace, which the workload replay runs. FILE may be such a trace, too:"
                    + " then its figures are printed.",
            "",
            "Forms: android (memory_replay, with threads), mtrace (glibc, without threads), heaptrack (its raw text,"
                    + " without threads), and columns:KEY=N,... for text of one's own, where N is the number of the"
                    + " column that holds the op (malloc, calloc, realloc, free), address, size, and if there are any"
                    + " count, old (address that is reallocated), thread, time, duration, cpu; besides"
                    + " separator=blank|tab|comma|semicolon, time_unit=ns|us|ms|s, skip=LINES.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  rseqlab import malloc surfaceflinger.zip --out surfaceflinger.malloc",
            "  rseqlab import malloc log.csv --out my.malloc \\",
            "      --format columns:thread=1,time=2,op=3,address=4,size=5,separator=comma"
        })
public final class ImportMallocCommand implements Callable<Integer> {
    /** What a shell says of a process that a Ctrl-C ended; the JVM itself ends it with the signal's number. */
    private static final int INTERRUPTED = 130;

    /** Forms of the figures; on the command line in lower case. */
    enum Figures {
        TABLE,
        JSON
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The recording, or a malloc trace.")
    private Path file;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = MallocText.AUTO,
            description = "How the recording is written: auto, android, mtrace, heaptrack or columns:KEY=N,..."
                    + " (default: ${DEFAULT-VALUE}).")
    private String form;

    @Option(names = "--out", paramLabel = "FILE", description = "The malloc trace to write: a file not there yet.")
    private Path out;

    @Option(
            names = "--strict",
            description = "Refuse a recording in which any line is no call; else one line in 100, at most 100, is"
                    + " skipped and named.")
    private boolean strict;

    @Option(
            names = "--figures",
            paramLabel = "FORM",
            defaultValue = "table",
            description = "Form of the figures: table or json (default: ${DEFAULT-VALUE}).")
    private Figures figures;

    @Override
    @SuppressWarnings("try") // what is watched needs no name
    public Integer call() {
        StopFlag stop = new StopFlag();
        try (Interruption watched =
                Interruption.watch(stop, spec.commandLine().getErr(), () -> "nothing was imported")) {
            return call(stop);
        } catch (StopFlag.Stopped e) {
            return INTERRUPTED;
        }
    }

    private int call(StopFlag stop) {
        MallocReport report = MallocTrace.isOne(file) ? ownTrace(stop) : recording(stop);
        if (report.missing() != null) {
            spec.commandLine().getErr().println("warning: " + file + ": " + report.missing());
        }
        PrintWriter stdout = spec.commandLine().getOut();
        if (figures == Figures.JSON) {
            stdout.println(report.json());
        } else {
            stdout.print(report.table());
        }
        stdout.flush();
        if (out != null) {
            spec.commandLine().getErr().println(MallocReport.next(out, report.calls()));
        }
        return 0;
    }

    private MallocReport ownTrace(StopFlag stop) {
        if (out != null) {
            throw new UsageException("'" + file + "' is a malloc trace already: leave --out away to see its figures");
        }
        if (!form.equals(MallocText.AUTO)) {
            throw new UsageException("--format " + form + ": '" + file + "' is a malloc trace already, which has a form"
                    + " of its own: leave --format away");
        }
        MallocStatistics statistics = new MallocStatistics();
        MallocTrace.Summary summary = MallocTrace.read(file, stoppable(statistics, stop));
        return new MallocReport(summary.origin(), summary.repairs(), null, statistics, summary.digest());
    }

    private MallocReport recording(StopFlag stop) {
        MallocStatistics statistics = new MallocStatistics();
        MallocText text = open();
        if (out == null) {
            MallocText.Outcome outcome = text.read(stoppable(statistics, stop), strict);
            requireObjects(statistics);
            return report(outcome, statistics, null);
        }
        MallocTraceWriter.refuseOccupied(out);
        try (MallocTraceWriter writer = new MallocTraceWriter(out)) {
            MallocText.Outcome outcome = text.read(
                    stoppable(
                            event -> {
                                statistics.accept(event);
                                writer.accept(event);
                            },
                            stop),
                    strict);
            requireObjects(statistics);
            String digest = writer.finish(outcome.origin(), outcome.repairs());
            return report(outcome, statistics, digest);
        }
    }

    /** Without an object there is nothing to replay, and most likely the columns or the form are others. */
    private void requireObjects(MallocStatistics statistics) {
        if (statistics.objects() == 0) {
            throw new TraceException("'" + file + "' holds " + statistics.events() + " calls, none of which begins an"
                    + " object: was its beginning cut off, or its form not '" + form + "'? Nothing was imported");
        }
    }

    /** Gives up at the next event once the process is told to end. */
    private static MallocSink stoppable(MallocSink sink, StopFlag stop) {
        return event -> {
            stop.check();
            sink.accept(event);
        };
    }

    private MallocReport report(MallocText.Outcome outcome, MallocStatistics statistics, String digest) {
        if (outcome.bad().count() > 0) {
            spec.commandLine()
                    .getErr()
                    .println("note: " + file + ": " + outcome.bad().words() + "; --strict refuses such a recording");
        }
        return new MallocReport(outcome.origin(), outcome.repairs(), outcome.bad(), statistics, digest);
    }

    private MallocText open() {
        List<String> names = new ArrayList<>(List.of(MallocText.AUTO));
        names.addAll(MallocText.forms());
        names.add("columns:…");
        try {
            return MallocText.open(file, form);
        } catch (IllegalArgumentException e) {
            boolean columns = form.startsWith("columns");
            throw new UsageException(
                    "--format " + form + ": " + e.getMessage() + (columns ? "" : Nearest.hint(form, names)));
        }
    }
}
