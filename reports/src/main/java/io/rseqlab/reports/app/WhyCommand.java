package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.Baseline;
import io.rseqlab.analyzer.command.Output;
import io.rseqlab.analyzer.command.OutputOption;
import io.rseqlab.analyzer.command.TextTable;
import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.compare.Why;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.Traces;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.WhyDocument;
import io.rseqlab.analyzer.result.WhyDocument.Difference;
import io.rseqlab.analyzer.result.WhyDocument.Part;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.trace.TraceException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code rseqlab why}: the difference in cycles per operation, taken apart. */
@Command(
        name = "why",
        mixinStandardHelpOptions = true,
        header = "Take the difference between strategies apart: where, and why.",
        description = {
            "",
            "Takes the cycles of all CPUs per operation of each strategy, and its difference to the baseline's, apart"
                    + " twice: by where they go (fast and slow paths of malloc and free, outside, kernel, idle), which"
                    + " is counted, and by what takes them (instructions, locked operations, lines from other cores,"
                    + " dependences, switches, aborts, system calls, waits), which is counts times the prices of the"
                    + " machine's profile. Each adds up to the whole.",
            ""
        },
        footer = {"", "Example: rseqlab why out/study --baseline rseq-freelist"})
public final class WhyCommand implements Callable<Integer> {
    private static final double CONFIDENCE = 0.95;

    @Parameters(arity = "1..*", paramLabel = "TRACE|DIR", description = "Traces, or directories that hold traces.")
    private List<Path> places;

    @Option(
            names = "--baseline",
            required = true,
            paramLabel = "STRATEGY",
            description = "The strategy to hold against.")
    private String baseline;

    @Option(
            names = "--machine",
            paramLabel = "FILE",
            description = "Profile of the runs' machine, where it is none of the shipped ones.")
    private String machine;

    @Mixin
    private TableOrJson format;

    @Mixin
    private OutputOption out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        MachineFacts prices = new MachineFacts(machine == null ? null : RunSpecs.machine(machine));
        List<Path> traces = Traces.find(places);
        try (Output output = out.open()) {
            List<RunResult> runs = Analyzer.analyze(traces).runs();
            if (Comparison.strategies(runs).isEmpty()) {
                throw new TraceException("nothing to take apart: no run can be compared");
            }
            String chosen = Baseline.among(runs, baseline, spec);
            WhyDocument document = document(runs, chosen, prices);
            output.write(format.json() ? ResultJson.write(document) : table(document));
        }
        if (places.size() == 1) {
            String next = Hint.next("report", places.get(0), "--baseline", baseline, "--out", "REPORT");
            spec.commandLine().getErr().println(next);
        }
        return ExitCodes.DONE;
    }

    private static WhyDocument document(List<RunResult> runs, String baseline, MachineFacts prices) {
        try {
            return Why.of(runs, baseline, CONFIDENCE, prices);
        } catch (IllegalArgumentException e) {
            throw new TraceException(e.getMessage(), e);
        }
    }

    private static String table(WhyDocument document) {
        StringBuilder text = new StringBuilder();
        for (Difference difference : document.cells()) {
            text.append(difference.strategy()).append(" against ").append(document.baseline());
            text.append(": ")
                    .append(difference.label())
                    .append(", n=")
                    .append(difference.n())
                    .append('\n');
            TextTable table = new TextTable(
                    document.unit(), ">" + document.baseline(), ">" + difference.strategy(), ">difference", "interval");
            row(table, difference.whole());
            table.row("where", "", "", "", "");
            difference.where().forEach(part -> row(table, part));
            if (!difference.why().isEmpty()) {
                table.row("why", "", "", "", "");
                difference.why().forEach(part -> row(table, part));
            }
            table.row("within these", "", "", "", "");
            difference.within().forEach(part -> row(table, part));
            text.append(table.render());
            text.append(difference.unpriced() == null ? "" : "No prices: " + difference.unpriced() + "\n");
            text.append('\n');
        }
        document.notes().forEach(note -> text.append("Note: ").append(note).append('\n'));
        return text.toString();
    }

    private static void row(TextTable table, Part part) {
        table.row(
                (part.name().equals("all") ? "" : "  ") + part.name(),
                digits(part.baseline(), ""),
                digits(part.candidate(), ""),
                digits(part.difference(), "+"),
                interval(part.interval()));
    }

    private static String interval(Interval interval) {
        return interval == null ? "–" : "[" + digits(interval.low(), "+") + ", " + digits(interval.high(), "+") + "]";
    }

    private static String digits(double value, String flags) {
        return String.format(Locale.ROOT, "%" + flags + ".2f", value == 0 ? 0 : value);
    }
}
