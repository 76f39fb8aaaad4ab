package io.rseqlab.analyzer.command;

import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The verb {@code view}: prints events of a trace. */
@Command(
        name = "view",
        mixinStandardHelpOptions = true,
        header = "Print events of a trace, in order; filters combine.",
        description = "",
        footer = {"", "Example: rseqlab view out/trace --kind abort --window"})
public final class ViewCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TRACE", description = "A trace.")
    private Path trace;

    @Option(
            names = "--kind",
            split = ",",
            hideParamSyntax = true,
            paramLabel = "KIND[,KIND...]",
            description = "Only these kinds, such as abort,signal (default: all).")
    private List<String> kinds = List.of();

    @Option(
            names = "--thread",
            split = ",",
            hideParamSyntax = true,
            paramLabel = "N[,N...]",
            description = "Only these threads.")
    private Set<Integer> threads = Set.of();

    @Option(
            names = "--cpu",
            split = ",",
            hideParamSyntax = true,
            paramLabel = "N[,N...]",
            description = "Only these CPUs.")
    private Set<Integer> cpus = Set.of();

    @Option(names = "--from", paramLabel = "CYCLE", description = "First cycle.")
    private long from = Long.MIN_VALUE;

    @Option(names = "--to", paramLabel = "CYCLE", description = "First cycle that is left out.")
    private long to = Long.MAX_VALUE;

    @Mixin
    private MeasuredWindow window;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "At most so many rows; 0 for all (default: ${DEFAULT-VALUE}).")
    private int limit = 100;

    @Option(
            names = "--format",
            paramLabel = "FORM",
            description = "Form of the rows: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private RowFormat format = RowFormat.table;

    @Override
    public Integer call() {
        Set<EventKind> wanted = wantedKinds();
        if (limit < 0) {
            throw new ParameterException(spec.commandLine(), "--limit must be 0 (all) or more, not " + limit);
        }
        if (from > to) {
            throw new ParameterException(spec.commandLine(), "--from " + from + " lies behind --to " + to);
        }
        TraceReader reader = TraceReader.open(trace);
        reader.requireParts();
        CheckCommand.notePartial(spec, reader);
        PrintWriter out = spec.commandLine().getOut();
        RowPrinter printer = format.printer(out);
        window.open(reader.info());
        boolean cut = false;
        try (EventCursor cursor = reader.all()) {
            while (!cut && cursor.next() && cursor.event().cycle() < to) {
                if (matches(cursor.event(), wanted)) {
                    cut = limit > 0 && window.rows() == limit;
                    if (!cut) {
                        printer.print(cursor.event());
                        window.count(cursor.event());
                    }
                }
            }
        }
        printer.end();
        out.flush();
        remark(cut);
        return 0;
    }

    private void remark(boolean cut) {
        PrintWriter err = spec.commandLine().getErr();
        if (cut) {
            err.println("More rows follow: --limit 0 prints them all.");
        }
        if (window.rows() == 0) {
            err.println("No row of the trace is of that kind, thread, CPU and time.");
        }
        if (window.remark() != null) {
            err.println(window.remark());
        }
    }

    private boolean matches(Event event, Set<EventKind> wanted) {
        return event.cycle() >= from
                && window.takes(event)
                && wanted.contains(event.kind())
                && (threads.isEmpty() || threads.contains(event.thread()))
                && (cpus.isEmpty() || cpus.contains(event.cpu()));
    }

    private Set<EventKind> wantedKinds() {
        Set<EventKind> wanted = EnumSet.noneOf(EventKind.class);
        for (String id : kinds) {
            EventKind kind = EventKind.of(id);
            if (kind == null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--kind '" + id + "' is unknown"
                                + Nearest.hint(
                                        id,
                                        Arrays.stream(EventKind.values())
                                                .map(EventKind::id)
                                                .toList()));
            }
            wanted.add(kind);
        }
        return kinds.isEmpty() ? EnumSet.allOf(EventKind.class) : wanted;
    }
}
