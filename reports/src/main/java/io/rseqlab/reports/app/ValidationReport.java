package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.TextTable;
import io.rseqlab.collector.live.Host;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A validation as tables or as JSON.
 *
 * @param validation the comparisons
 * @param grid name of the grid
 * @param machine profile that the model ran on
 * @param host the machine that was measured
 * @param cpus its CPUs that were used
 * @param notes what must be known to read the figures
 */
record ValidationReport(
        Validation validation, String grid, String machine, Host host, List<Integer> cpus, List<String> notes) {
    private static final int FORMAT_VERSION = 2;
    private static final String ABSENT = "–";

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    // ---- tables

    String tables() {
        StringBuilder text = new StringBuilder();
        text.append("Throughput, M ops/s\n").append(throughput().render());
        text.append("\nAborts per interruption\n").append(aborts().render());
        if (validation.points().stream().anyMatch(point -> point.abortShares() != null)) {
            text.append("\nWhere in their sections\n").append(places().render());
        }
        text.append("\nPreemptions per CPU-second\n").append(preemptions().render());
        if (validation.points().stream().anyMatch(point -> point.abortsPerMop() != null)) {
            text.append("\nAborts per million operations\n")
                    .append(abortsPerMop().render());
        }
        if (validation.scheduler() != null) {
            text.append("\nScheduler\n").append(validation.scheduler().tables());
        }
        text.append('\n').append(summary()).append('\n');
        notes.forEach(note -> text.append("note: ").append(note).append('\n'));
        return text.toString();
    }

    private TextTable throughput() {
        TextTable table = new TextTable(
                "strategy",
                "workload",
                ">threads",
                "host",
                ">measured",
                "min to max",
                ">predicted",
                ">error",
                ">windows");
        for (Validation.Point point : validation.points()) {
            Validation.Figure figure = point.throughputOpsPerS();
            table.row(
                    point.strategy(),
                    point.workload(),
                    String.valueOf(point.threads()),
                    point.hostState() == null ? "" : point.hostState().toString(),
                    millions(figure.measured()),
                    millions(figure.measuredMin()) + " to " + millions(figure.measuredMax()),
                    millions(figure.predicted()),
                    percent(figure.error()),
                    point.windows() + (point.windowsDropped() == 0 ? "" : ", " + point.windowsDropped() + " dropped"));
        }
        return table;
    }

    private TextTable aborts() {
        TextTable table = new TextTable(
                "strategy",
                "workload",
                ">threads",
                ">measured",
                "min to max",
                ">interruptions",
                ">predicted",
                ">observed",
                ">of",
                ">error");
        for (Validation.Point point : validation.points()) {
            Validation.Aborts aborts = point.abortsPerInterruption();
            if (aborts != null) {
                Validation.Figure figure = aborts.figure();
                table.row(
                        point.strategy(),
                        point.workload(),
                        String.valueOf(point.threads()),
                        share(figure.measured()),
                        share(figure.measuredMin()) + " to " + share(figure.measuredMax()),
                        String.valueOf(aborts.interruptions()),
                        share(figure.predicted()),
                        share(aborts.predictedObserved()),
                        String.valueOf(aborts.predictedInterruptions()),
                        figure.error() == null ? ABSENT : String.format(Locale.ROOT, "%+.3f", figure.error()));
            }
        }
        return table;
    }

    private TextTable places() {
        TextTable table = new TextTable("workload", ">threads", ">aborts", "side", "largest shares", ">moved");
        for (Validation.Point point : validation.points()) {
            AbortShares shares = point.abortShares();
            if (shares != null) {
                table.row(
                        point.workload(),
                        String.valueOf(point.threads()),
                        String.valueOf(shares.aborts()),
                        "measured",
                        AbortShares.top(shares.measured()),
                        share(shares.distance()));
                table.row("", "", "", "predicted", AbortShares.top(shares.predicted()), "");
            }
        }
        return table;
    }

    private TextTable abortsPerMop() {
        TextTable table =
                new TextTable("strategy", "workload", ">threads", ">measured", "min to max", ">predicted", ">error");
        for (Validation.Point point : validation.points()) {
            Validation.Figure figure = point.abortsPerMop();
            if (figure != null) {
                table.row(
                        point.strategy(),
                        point.workload(),
                        String.valueOf(point.threads()),
                        share(figure.measured()),
                        share(figure.measuredMin()) + " to " + share(figure.measuredMax()),
                        share(figure.predicted()),
                        percent(figure.error()));
            }
        }
        return table;
    }

    private TextTable preemptions() {
        TextTable table = new TextTable(
                "strategy", "workload", ">threads", ">measured", "min to max", ">predicted", ">of", ">error");
        for (Validation.Point point : validation.points()) {
            Validation.Preemptions preemptions = point.preemptionsPerCpuS();
            if (preemptions != null) {
                Validation.Figure figure = preemptions.figure();
                table.row(
                        point.strategy(),
                        point.workload(),
                        String.valueOf(point.threads()),
                        whole(figure.measured()),
                        whole(figure.measuredMin()) + " to " + whole(figure.measuredMax()),
                        whole(figure.predicted()),
                        String.valueOf(preemptions.predictedPreemptions()),
                        percent(figure.error()));
            }
        }
        return table;
    }

    private String summary() {
        ValidationSummary near = validation.summary();
        StringBuilder text = new StringBuilder();
        text.append("Throughput, nothing shared: ").append(near.unshared()).append('\n');
        text.append("Throughput, shared: ").append(near.shared()).append('\n');
        text.append("Aborts per interruption: ").append(near.aborts()).append('\n');
        text.append("Places of aborts: ").append(near.places()).append('\n');
        text.append("Preemptions per CPU-second: ").append(near.preemptions()).append('\n');
        text.append("Pairs of strategies measured apart: ")
                .append(near.ranking())
                .append('\n');
        near.inverted()
                .forEach(pair -> text.append("  not alike: ").append(pair).append('\n'));
        return text + medians();
    }

    private String medians() {
        return String.format(
                Locale.ROOT,
                "Median size of the errors of %s against this machine: throughput %s, aborts per interruption %s,"
                        + " preemptions per CPU-second %s.",
                machine,
                size(validation.medianThroughputError()),
                share(validation.medianAbortError()),
                size(validation.medianPreemptionError()));
    }

    private static String millions(double opsPerSecond) {
        return String.format(Locale.ROOT, opsPerSecond < 1e7 ? "%.3f" : "%.2f", opsPerSecond / 1e6);
    }

    private static String percent(Double error) {
        return error == null ? ABSENT : String.format(Locale.ROOT, "%+.1f %%", 100 * error);
    }

    private static String size(Double error) {
        return error == null ? ABSENT : String.format(Locale.ROOT, "%.1f %%", 100 * error);
    }

    private static String share(Double share) {
        return share == null ? ABSENT : String.format(Locale.ROOT, "%.3f", share);
    }

    private static String whole(double number) {
        return String.format(Locale.ROOT, "%.0f", number);
    }

    // ---- JSON

    String json(Double tolerance) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("kind", "validation").put("format_version", FORMAT_VERSION).put("grid", grid);
        root.put("machine", machine);
        root.putObject("host")
                .put("vendor", host.vendor())
                .put("family", host.family())
                .put("model", host.model())
                .put("kernel", System.getProperty("os.version"))
                .put("cpus", cpus.stream().map(String::valueOf).collect(Collectors.joining(",")));
        root.put("median_throughput_relative_error", validation.medianThroughputError());
        root.put("median_aborts_per_interruption_absolute_error", validation.medianAbortError());
        root.put("median_preemptions_per_cpu_s_relative_error", validation.medianPreemptionError());
        summary(root.putObject("summary"));
        root.put("tolerance", tolerance);
        ArrayNode past = root.putArray("past_tolerance");
        if (tolerance != null) {
            validation.past(tolerance).forEach(past::add);
        }
        notes.forEach(root.putArray("notes")::add);
        ArrayNode points = root.putArray("points");
        validation.points().forEach(point -> json(points.addObject(), point));
        if (validation.scheduler() != null) {
            validation.scheduler().rows(root.putArray("scheduler"));
        }
        return MAPPER.writeValueAsString(root) + "\n";
    }

    private void summary(ObjectNode node) {
        ValidationSummary summary = validation.summary();
        share(node.putObject("throughput_unshared"), summary.unshared());
        share(node.putObject("throughput_shared"), summary.shared());
        share(node.putObject("aborts_per_interruption"), summary.aborts());
        share(node.putObject("abort_places"), summary.places());
        share(node.putObject("preemptions_per_cpu_s"), summary.preemptions());
        share(node.putObject("ranking"), summary.ranking());
        summary.inverted().forEach(node.putArray("inverted_pairs")::add);
    }

    private static void share(ObjectNode node, ValidationSummary.Share share) {
        node.put("near", share.near()).put("of", share.of()).put("measure", share.measure());
    }

    private static void json(ObjectNode node, Validation.Point point) {
        node.put("strategy", point.strategy()).put("workload", point.workload()).put("threads", point.threads());
        node.put("shared", point.shared());
        node.put(
                "host_state",
                point.hostState() == null ? null : point.hostState().toString().toLowerCase(Locale.ROOT));
        figure(node.putObject("throughput_ops_per_s"), point.throughputOpsPerS(), "relative_error");
        Validation.Aborts aborts = point.abortsPerInterruption();
        if (aborts != null) {
            ObjectNode child = node.putObject("aborts_per_interruption");
            figure(child, aborts.figure(), "absolute_error");
            child.put("measured_interruptions", aborts.interruptions());
            child.put("predicted_observed", aborts.predictedObserved());
            child.put("predicted_interruptions", aborts.predictedInterruptions());
        }
        if (point.abortsPerMop() != null) {
            figure(node.putObject("aborts_per_mop"), point.abortsPerMop(), "relative_error");
        }
        places(node, point.abortShares());
        Validation.Preemptions preemptions = point.preemptionsPerCpuS();
        if (preemptions != null) {
            ObjectNode child = node.putObject("preemptions_per_cpu_s");
            figure(child, preemptions.figure(), "relative_error");
            child.put("predicted_preemptions", preemptions.predictedPreemptions());
        }
        node.put("others_cpu_share", point.othersCpuShare());
        node.put("windows", point.windows()).put("windows_dropped", point.windowsDropped());
        node.put("line_transfer_ns", point.lineTransferNs());
    }

    private static void places(ObjectNode node, AbortShares shares) {
        if (shares != null) {
            ObjectNode child = node.putObject("abort_places");
            child.put("measured_aborts", shares.aborts()).put("distance", shares.distance());
            shares.measured().forEach(child.putObject("measured")::put);
            shares.predicted().forEach(child.putObject("predicted")::put);
        }
    }

    private static void figure(ObjectNode node, Validation.Figure figure, String error) {
        node.put("measured", figure.measured());
        node.put("measured_min", figure.measuredMin()).put("measured_max", figure.measuredMax());
        node.put("predicted", figure.predicted()).put(error, figure.error());
    }
}
