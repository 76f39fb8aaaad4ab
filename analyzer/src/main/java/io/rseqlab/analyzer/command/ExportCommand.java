package io.rseqlab.analyzer.command;

import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The verb {@code export}: a trace in a form that other tools read. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        header = "Write a trace for other tools: Perfetto's viewer, or CSV.",
        description = {
            "",
            "perfetto: JSON trace events for ui.perfetto.dev: a track per CPU with the threads that ran there, a track"
                    + " per thread with the CPUs it ran on, and marks for preemptions, migrations, aborts (with"
                    + " section, offset and causes), restarts, signals, membarrier interrupts and faults. Wakeups,"
                    + " system calls, slow paths and allocator operations are left out. On the tracks of"
                    + " threads stand the attempts of sections that were aborted, as long as the user time they"
                    + " wasted; those that commit, some ten million times a second, have no rows in a trace. A mark's"
                    + " category is its kind, but \"not under test\" for preemptions and migrations of other threads,"
                    + " which analyze does not count either.",
            "csv: every event and every allocator operation that the trace keeps, in order; all columns, absent values"
                    + " empty.",
            ""
        },
        footer = {"", "Example: rseqlab export perfetto out/trace --out trace.json"})
public final class ExportCommand implements Callable<Integer> {
    /** Forms; named as on the command line. */
    enum Form {
        perfetto,
        csv
    }

    /** Rows between two looks at whether anybody still reads. */
    private static final int BLOCK = 1 << 16;

    @Parameters(index = "0", paramLabel = "perfetto|csv", description = "The form.")
    private Form form;

    @Parameters(index = "1", paramLabel = "TRACE", description = "A trace.")
    private Path trace;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "-",
            description = "The file, written over if there; - is standard output (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Mixin
    private MeasuredWindow window;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        TraceReader reader = TraceReader.open(trace);
        reader.requireParts();
        CheckCommand.notePartial(spec, reader);
        try (Output output = Output.open(out, spec.commandLine().getOut())) {
            output.stream(writer -> write(reader, writer));
        }
        PrintWriter err = spec.commandLine().getErr();
        if (window.remark() != null) {
            err.println(window.remark());
        }
        if (form == Form.perfetto) {
            err.println("Next: open it in ui.perfetto.dev; it stays in your browser");
        }
        return 0;
    }

    private void write(TraceReader reader, PrintWriter writer) {
        boolean perfetto = form == Form.perfetto;
        try (EventCursor cursor = perfetto ? reader.events() : reader.all()) {
            RowPrinter printer = perfetto ? new ChromeTrace(reader.info(), writer) : RowFormat.csv.printer(writer);
            window.open(reader.info());
            while (cursor.next()) {
                if (window.takes(cursor.event())) {
                    printer.print(cursor.event());
                    window.count(cursor.event());
                    if (window.rows() % BLOCK == 0 && writer.checkError()) {
                        return;
                    }
                } else {
                    printer.skip(cursor.event());
                }
            }
            printer.end();
        }
    }
}
