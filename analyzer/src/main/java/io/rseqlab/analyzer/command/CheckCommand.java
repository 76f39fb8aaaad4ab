package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.Violation;
import io.rseqlab.trace.parquet.PartialTrace;
import io.rseqlab.trace.parquet.TraceCheck;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The verb {@code check}: holds traces to the invariants of the contract. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        header = "Check that traces keep the contract.",
        description = {
            "",
            "Order, who runs where, causes of aborts, books, digest. A line per trace; under it, if the trace breaks"
                    + " the contract, the broken sentence with its row. The exit code is the highest: 4 if a"
                    + " trace breaks the contract, else 3 if one cannot be read.",
            ""
        },
        footer = {"", "Example: rseqlab check out/study"})
public final class CheckCommand implements Callable<Integer> {
    private static final int UNREADABLE = 3;
    private static final int VIOLATION = 4;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "TRACE|DIR", description = "Traces, or directories that hold traces.")
    private List<Path> places;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> traces = Traces.find(places);
        int worst = 0;
        for (Path trace : traces) {
            try {
                TraceCheck check = TraceCheck.of(trace);
                print(out, trace, check);
                worst = Math.max(worst, check.count() > 0 ? VIOLATION : 0);
            } catch (TraceException e) {
                spec.commandLine().getErr().println("rseqlab: " + e.getMessage());
                worst = Math.max(worst, UNREADABLE);
            }
        }
        out.flush();
        return worst;
    }

    /** Says on standard error what is missing of a trace that is not complete. */
    static void notePartial(CommandSpec spec, TraceReader reader) {
        String partial = PartialTrace.describe(reader);
        if (partial != null) {
            spec.commandLine().getErr().println("Note: '" + reader.directory() + "' is " + partial);
        }
    }

    private static void print(PrintWriter out, Path trace, TraceCheck check) {
        RunInfo info = check.info();
        String rows = String.format(Locale.ROOT, "%d events, %d counters", check.rows(), check.counters());
        String what = info.state() + ", " + info.source() + ", " + rows;
        if (check.partial() != null) {
            out.println(trace + " is " + check.partial());
        }
        if (check.count() == 0) {
            String digest = info.contentHash() == null ? "no digest yet" : "digest equals content";
            out.println(trace + ": ok (" + what + ", " + digest + ")");
            return;
        }
        out.println(trace + ": " + check.count() + " violations (" + what + ")");
        for (Violation violation : check.violations()) {
            out.println("- " + violation);
        }
        if (check.count() > check.violations().size()) {
            out.println("… and " + (check.count() - check.violations().size()) + " more");
        }
        out.println(advice(info));
    }

    private static String advice(RunInfo info) {
        if (info.source().equals(RunInfo.RECORDED)) {
            return "Record again with a larger buffer, or import the text again with this version.";
        }
        if (info.violated() && info.spec().get("inject") instanceof String fault && !fault.isEmpty()) {
            return "Collect the same run without --inject " + fault + ": it must be clean.";
        }
        return "Collect the same run again; if it is violated again, the simulator is at fault: report run.json.";
    }
}
