package io.rseqlab.collector.run;

import io.rseqlab.collector.live.ImportReport;
import io.rseqlab.collector.live.TextForm;
import io.rseqlab.collector.live.TextImport;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.trace.Folders;
import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The verb {@code import}: makes a trace from what a real kernel recorded. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        subcommands = ImportMallocCommand.class,
        subcommandsRepeatable = false,
        synopsisSubcommandLabel = "[malloc ...]",
        header = "Make a trace from a recording of a real kernel.",
        description = {
            "",
            "Reads what tracefs, perf script or trace-cmd report print. It should hold sched_switch, sched_wakeup,"
                    + " sched_migrate_task, signal_deliver, rseq_ip_fixup, rseq_update.",
            "",
            "rseqlab import malloc makes malloc traces; rseqlab import malloc --help says how.",
            ""
        },
        footer = {"", "Example: rseqlab import ftrace trace.txt --out out/recorded"})
public final class ImportCommand implements Callable<Integer> {
    /** What a shell says of a process that a Ctrl-C ended; the JVM itself ends it with the signal's number. */
    private static final int INTERRUPTED = 130;

    /** The text forms, for help and completion. */
    static final class Forms implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return TextForm.ids().iterator();
        }
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FORM",
            completionCandidates = Forms.class,
            description = "How the text is written: ${COMPLETION-CANDIDATES}.")
    private String form;

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "The text.")
    private Path file;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the trace goes: a directory that does not exist or is empty.")
    private Path directory;

    @Override
    @SuppressWarnings("try") // what is watched needs no name
    public Integer call() {
        // Not required in the eyes of picocli, which would ask "import malloc" for them as well.
        require(form, "'FORM'");
        require(file, "'FILE'");
        require(directory, "'--out=DIR'");
        TextForm textForm = TextForm.of(form);
        if (textForm == null) {
            throw new ParameterException(
                    spec.commandLine(), "'" + form + "' cannot be imported" + Nearest.hint(form, TextForm.ids()));
        }
        TextImport text = TextImport.open(textForm, file);
        PrintWriter err = spec.commandLine().getErr();
        StopFlag stop = new StopFlag();
        try (Interruption watched = Interruption.watch(stop, err, () -> "nothing was imported")) {
            return write(text, stop);
        }
    }

    /** Half a recording would look like a whole one: what is interrupted is taken away. */
    private int write(TextImport text, StopFlag stop) {
        try (TraceWriter writer = TraceWriter.create(directory, text.info())) {
            ImportReport report = text.events(event -> {
                stop.check();
                writer.accept(event);
            });
            print(report, writer.finish(text.info()));
            return 0;
        } catch (StopFlag.Stopped e) {
            remove();
            return INTERRUPTED;
        }
    }

    private void remove() {
        try {
            Folders.delete(directory);
        } catch (IOException e) {
            throw OutputException.cannotWrite(directory, e);
        }
    }

    private void require(Object value, String name) {
        if (value == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    (name.contains("--") ? "Missing required option: " : "Missing required parameter: ") + name);
        }
    }

    private void print(ImportReport report, RunInfo info) {
        PrintWriter err = spec.commandLine().getErr();
        report.warnings().forEach(warning -> err.println("warning: " + warning));
        err.flush();
        PrintWriter out = spec.commandLine().getOut();
        out.println("Imported " + report.events() + " events with " + report.aborts() + " aborts of "
                + info.threads().size() + " threads from " + report.lines() + " lines.");
        out.flush();
        err.println(Hint.next("analyze", directory));
    }
}
