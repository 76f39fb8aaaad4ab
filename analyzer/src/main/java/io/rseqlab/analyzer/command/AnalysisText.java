package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.compare.StrategyLabels;
import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.RunKey;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.SectionListing;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An analysis as tables for people and for programs. */
final class AnalysisText {
    private static final String KERNEL = "kernel_rseq";
    private static final int MOST_SITES = 12;

    private AnalysisText() {}

    /** Writes the document in one of its forms. */
    static void write(AnalysisDocument document, Format format, Output output) {
        switch (format) {
            case JSON -> output.write(ResultJson.write(document));
            case CSV -> output.write(rows(document).csv());
            case PARQUET -> output.bytes(rows(document)::parquet);
            case TABLE -> output.write(table(document));
        }
    }

    /** One trace in full, several as an overview. */
    static String table(AnalysisDocument document) {
        return document.runs().size() == 1 ? full(document.runs().get(0)) : overview(document.runs());
    }

    private static String overview(List<RunResult> runs) {
        TextTable table = new TextTable(
                "strategy",
                ">CPUs",
                ">threads",
                ">seed",
                ">ops/s",
                ">malloc p99",
                ">aborts",
                ">/interrupt.",
                ">preempt./CPU-s",
                ">migr./s",
                "trace");
        for (RunResult run : runs) {
            table.row(
                    run.key().strategy() == null ? run.source() : run.key().strategy(),
                    Numbers.of(run.cpus()),
                    Numbers.of(run.key().threads()),
                    Numbers.of(run.key().seed()),
                    cell(run, "throughput_ops_per_s"),
                    cell(run, "latency_cycles.malloc.p99"),
                    cell(run, "aborts"),
                    cell(run, "aborts_per_interruption"),
                    cell(run, "preemptions_per_cpu_s"),
                    cell(run, "migrations_per_s"),
                    run.trace()
                            + (run.state().equals("complete") ? "" : " (" + run.state() + ")")
                            + (run.violated() ? " (VIOLATED: " + run.violations() + ")" : ""));
        }
        return table.render()
                + "\nmalloc p99 in cycles; /interrupt.: aborts per interruption."
                + "\nOne trace alone, or --format json or csv, shows every metric.\n";
    }

    private static String cell(RunResult run, String path) {
        MetricValue value = run.metric(path);
        return Numbers.of(value == null ? null : value.value());
    }

    private static String full(RunResult run) {
        StringBuilder text = new StringBuilder();
        text.append("trace   ").append(run.trace()).append(" (").append(run.source());
        text.append(", ").append(run.state()).append(")\n");
        if (run.violated()) {
            text.append("VIOLATED ").append(run.violations()).append(" times, see the note below\n");
        }
        text.append("run     ").append(describe(run)).append('\n');
        text.append("window  ").append(Numbers.of(run.windowSeconds())).append(" s on ");
        text.append(run.cpus()).append(run.cpus() == 1 ? " CPU\n\n" : " CPUs\n\n");
        TextTable table = new TextTable("metric", ">value", "unit", "of");
        run.metrics().forEach((id, value) -> {
            if (!KERNEL.equals(id)) {
                rows(table, id, value);
            }
        });
        text.append(table.render());
        text.append(kernel(run.metrics().get(KERNEL)));
        text.append(sites(run));
        run.notes().forEach(note -> text.append("\nNote: ").append(note));
        return text.append(run.notes().isEmpty() ? "" : "\n").toString();
    }

    /** The kernel's counters as one line. */
    private static String kernel(MetricValue value) {
        if (value == null || !value.isGroup()) {
            return "";
        }
        return value.parts().entrySet().stream()
                .map(part -> part.getKey() + " " + Numbers.of(part.getValue().value()))
                .collect(Collectors.joining(", ", "\nThe kernel's rseq/stats: ", "\n"));
    }

    private static String describe(RunResult run) {
        RunKey key = run.key();
        String words = Stream.of(
                        key.strategy(),
                        key.workload(),
                        key.machine(),
                        key.kernel(),
                        key.threads() == null ? null : key.threads() + " threads",
                        key.seed() == null ? null : "seed " + key.seed(),
                        key.inject() == null ? null : "inject " + key.inject())
                .filter(Objects::nonNull)
                .collect(Collectors.joining(", "));
        return words.isEmpty() ? "recorded from a real kernel" : words;
    }

    private static void rows(TextTable table, String path, MetricValue value) {
        if (value.isGroup()) {
            value.parts().forEach((name, part) -> rows(table, path + "." + name, part));
        } else {
            table.row(path, Numbers.of(value.value()), value.value() == null ? "" : value.unit(), evidence(value));
        }
    }

    private static String evidence(MetricValue value) {
        if (value.value() == null) {
            return String.valueOf(value.note()).replaceFirst("^no data: ", "");
        }
        String text = value.denominator() == null
                ? ""
                : Numbers.of(value.numerator()) + " / " + Numbers.of(value.denominator());
        text += value.interval() == null
                ? ""
                : " " + Numbers.of(value.interval()) + " at "
                        + Math.round(100 * value.interval().confidence()) + "%";
        return text + (value.note() == null ? "" : " (" + value.note() + ")");
    }

    private static String sites(RunResult run) {
        TextTable table = new TextTable("section", ">offset", ">aborts", "causes", "at");
        for (AbortSite site : run.abortSites()) {
            if (site.aborts() > 0 && table.size() < MOST_SITES) {
                table.row(
                        String.valueOf(site.section()),
                        Numbers.of(site.offset()),
                        Numbers.of(site.aborts()),
                        site.causes().entrySet().stream()
                                .map(cause -> cause.getKey() + " " + Numbers.of(cause.getValue()))
                                .collect(Collectors.joining(", ")),
                        listing(run, site));
            }
        }
        return table.size() == 0
                ? ""
                : "\nWhere sections were aborted (offset in " + run.offsetUnit() + ")\n" + table.render();
    }

    private static String listing(RunResult run, AbortSite site) {
        for (SectionListing section : run.sections()) {
            boolean inside = section.name().equals(site.section())
                    && site.offset() != null
                    && site.offset() >= 0
                    && site.offset() < section.listing().size();
            if (inside) {
                return section.listing().get(site.offset());
            }
        }
        return "";
    }

    /** One row per trace and number. */
    static ResultRows rows(AnalysisDocument document) {
        ResultRows rows = new ResultRows("analysis")
                .texts("trace", "source", "state", "strategy", "workload", "machine", "kernel")
                .wholes("cpus", "threads", "seed")
                .texts("metric")
                .reals("value")
                .texts("unit")
                .wholes("numerator", "denominator")
                .reals("low", "high")
                .texts("note");
        StrategyLabels labels = StrategyLabels.of(document.runs());
        for (RunResult run : document.runs()) {
            String strategy = labels.of(run);
            run.metrics().forEach((id, value) -> lines(rows, run, strategy, id, value));
            if (run.violations() != null) {
                lines(rows, run, strategy, "violations", MetricValue.of(run.violations(), "violations"));
            }
        }
        return rows;
    }

    private static void lines(ResultRows rows, RunResult run, String strategy, String path, MetricValue value) {
        if (value.isGroup()) {
            value.parts().forEach((name, part) -> lines(rows, run, strategy, path + "." + name, part));
            return;
        }
        RunKey key = run.key();
        rows.row(
                run.trace(),
                run.source(),
                run.state(),
                strategy,
                key.workload(),
                key.machine(),
                key.kernel(),
                run.cpus(),
                key.threads(),
                key.seed(),
                path,
                value.value(),
                value.unit(),
                value.numerator(),
                value.denominator(),
                value.interval() == null ? null : value.interval().low(),
                value.interval() == null ? null : value.interval().high(),
                value.note());
    }
}
