package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.TextTable;
import io.rseqlab.collector.live.SchedulerFigures;
import io.rseqlab.collector.live.SchedulerProbe;
import io.rseqlab.collector.live.SchedulerThread;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.run.Kernels;
import io.rseqlab.collector.run.Progress;
import io.rseqlab.collector.run.SchedulerExperiment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The scheduler of the model against the machine's: the same threads on both, repeated, and medians compared.
 *
 * @param rows one figure each
 * @param othersCpuShare most that other programs had of the CPUs in any window, 0 to 1
 */
record SchedulerValidation(List<Row> rows, double othersCpuShare) {
    /** Experiments that a scheduler driven by ticks alone would fail; two CPUs. */
    static final List<String> EXPERIMENTS = List.of(
            "hog,hog,hog,hog",
            "hog,hog,hog",
            "hog@0,hog/5@0,hog@1",
            "hog@0,hog/5@0,hog/10@0,hog@1",
            "hog@0,yield:0@0,hog@1",
            "hog@0,yield:100@0,hog@1",
            "hog@0,hog@1,sleep:3000:100",
            "hog@0,hog@1,hog@0,hog@1,sleep:5000:1000@0",
            "hog@0,hog@1,wake:3000@0,wait:100@1");

    /** CPUs that the experiments are made for. */
    private static final int CPUS = 2;

    /** Fewer run slices than this have no tenth of them that says anything. */
    private static final int LEAST_SLICES = 30;

    /** A prediction is near if it lies inside the measured least and most, or off the median by at most this share. */
    static final double NEAR = 0.10;

    private static final int REPETITIONS = 3;
    private static final int WARMUP_MS = 300;
    private static final int WINDOW_MS = 2000;
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * One figure.
     *
     * @param measured median of the repetitions
     * @param error predicted over measured, less 1; null where nothing was measured
     */
    record Row(
            String experiment,
            String quantity,
            double measured,
            double measuredMin,
            double measuredMax,
            double predicted,
            Double error) {}

    /** A quantity of an experiment. */
    record Quantity(String name, double value) {}

    /** How many steps of progress {@link #run} takes. */
    static int steps() {
        return EXPERIMENTS.size() * REPETITIONS;
    }

    static SchedulerValidation run(
            SchedulerProbe probe, List<Integer> cpus, MachineProfile profile, Progress progress) {
        List<Row> rows = new ArrayList<>();
        for (String experiment : EXPERIMENTS) {
            List<SchedulerThread> threads = SchedulerThread.parse(experiment);
            List<List<Quantity>> measured = new ArrayList<>();
            List<List<Quantity>> predicted = new ArrayList<>();
            for (int seed = 1; seed <= REPETITIONS; seed++) {
                measured.add(quantities(threads, probe.run(experiment, cpus, WARMUP_MS, WINDOW_MS)));
                SchedulerExperiment model = new SchedulerExperiment(
                        profile.withCpus(cpus.size()), Kernels.policy("linux-6.18"), threads, true, seed);
                predicted.add(quantities(threads, model.run(WARMUP_MS / 1e3, WINDOW_MS / 1e3)));
                progress.step();
            }
            compare(rows, experiment, measured, predicted);
        }
        return new SchedulerValidation(List.copyOf(rows), probe.mostOthersShare());
    }

    private static void compare(
            List<Row> rows, String experiment, List<List<Quantity>> measured, List<List<Quantity>> predicted) {
        for (Quantity quantity : measured.get(0)) {
            double[] measuredRuns = sorted(measured, quantity.name);
            double[] model = sorted(predicted, quantity.name);
            if (measuredRuns.length > 0 && model.length > 0) {
                double median = ValidationMeasurement.median(measuredRuns);
                double value = ValidationMeasurement.median(model);
                Double error = median == 0 ? null : value / median - 1;
                rows.add(new Row(
                        experiment,
                        quantity.name,
                        median,
                        measuredRuns[0],
                        measuredRuns[measuredRuns.length - 1],
                        value,
                        error));
            }
        }
    }

    private static double[] sorted(List<List<Quantity>> runs, String name) {
        return runs.stream()
                .flatMap(List::stream)
                .filter(quantity -> quantity.name.equals(name))
                .mapToDouble(Quantity::value)
                .sorted()
                .toArray();
    }

    static List<Quantity> quantities(List<SchedulerThread> threads, SchedulerFigures figures) {
        List<Quantity> result = new ArrayList<>();
        double cpuS = 0;
        double involuntary = 0;
        double migrations = 0;
        boolean yields = false;
        for (int i = 0; i < threads.size(); i++) {
            SchedulerFigures.OfThread thread = figures.threads().get(i);
            cpuS += thread.cpuS();
            involuntary += thread.involuntarySwitches();
            migrations += thread.migrations();
            yields |= threads.get(i).kind() == SchedulerThread.Kind.YIELD;
            ofThread(result, i, threads.get(i), thread, figures.seconds());
        }
        result.add(new Quantity(
                yields ? "involuntary switches per CPU-second, yields included" : "preemptions per CPU-second",
                involuntary / cpuS));
        result.add(new Quantity("migrations per second", migrations / figures.seconds()));
        runSlices(result, threads, figures);
        return result;
    }

    /** How long threads that only compute run at a time, where they must give way to others. */
    private static void runSlices(List<Quantity> result, List<SchedulerThread> threads, SchedulerFigures figures) {
        List<Double> slices = new ArrayList<>();
        for (int i = 0; i < threads.size(); i++) {
            if (threads.get(i).kind() == SchedulerThread.Kind.HOG) {
                slices.addAll(figures.threads().get(i).slicesUs());
            }
        }
        if (threads.size() > CPUS && slices.size() >= LEAST_SLICES) {
            quantiles(result, "run slices of hogs, us, p", slices, 10, 50, 90);
        }
    }

    private static void quantiles(List<Quantity> result, String name, List<Double> values, int... percents) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        for (int percent : percents) {
            if (sorted.length > 0) {
                result.add(new Quantity(name + percent, sorted[(sorted.length - 1) * percent / 100]));
            }
        }
    }

    private static void ofThread(
            List<Quantity> result,
            int index,
            SchedulerThread thread,
            SchedulerFigures.OfThread figures,
            double seconds) {
        String name = "thread " + index + " ";
        if (thread.cpu() >= 0) {
            result.add(new Quantity(name + "CPU share", figures.cpuS() / seconds));
        }
        if (thread.kind() == SchedulerThread.Kind.YIELD) {
            result.add(new Quantity(name + "yields per second", figures.turns() / seconds));
        }
        if (thread.kind() == SchedulerThread.Kind.SLEEP || thread.kind() == SchedulerThread.Kind.WAIT) {
            quantiles(result, name + "wake-up to run, us, p", figures.latenciesUs(), 50, 90, 99);
        }
    }

    /** What is past a tolerance: predicted outside the measured min to max, and off the median by more than that. */
    List<String> past(double tolerance) {
        return rows.stream()
                .filter(row -> row.error != null && Math.abs(row.error) > tolerance)
                .filter(row -> row.predicted < row.measuredMin || row.predicted > row.measuredMax)
                .map(row -> String.format(
                        Locale.ROOT, "%s: %s is off by %+.1f %%", row.experiment, row.quantity, 100 * row.error))
                .toList();
    }

    /** What must be known to read the figures; empty where the machine was left alone. */
    List<String> conditions() {
        return othersCpuShare <= Validation.MOST_OTHERS
                ? List.of()
                : List.of(String.format(
                        Locale.ROOT,
                        "other programs had up to %.0f %% of the CPUs: shares, switches and waits are not those of"
                                + " these threads alone; run it again on a quiet machine",
                        100 * othersCpuShare));
    }

    /** How many of the figures are near. */
    ValidationSummary.Share near() {
        return near(rows);
    }

    static ValidationSummary.Share near(List<Row> rows) {
        List<Boolean> near = rows.stream().map(SchedulerValidation::isNear).toList();
        return ValidationSummary.Share.of(near, "inside the measured min to max or within 10 %");
    }

    private static boolean isNear(Row row) {
        boolean inside = row.predicted >= row.measuredMin && row.predicted <= row.measuredMax;
        return inside || row.error != null && Math.abs(row.error) <= NEAR;
    }

    /** The table, how many of its figures are near, and notes. */
    String text(List<String> notes) {
        StringBuilder text =
                new StringBuilder(tables()).append('\n').append(near()).append('\n');
        notes.forEach(note -> text.append("note: ").append(note).append('\n'));
        return text.toString();
    }

    String tables() {
        TextTable table = new TextTable("threads", "quantity", ">measured", "min to max", ">predicted", ">error");
        for (Row row : rows) {
            table.row(
                    row.experiment,
                    row.quantity,
                    number(row.measured),
                    number(row.measuredMin) + " to " + number(row.measuredMax),
                    number(row.predicted),
                    row.error == null ? "–" : String.format(Locale.ROOT, "%+.1f %%", 100 * row.error));
        }
        return table.render();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value);
    }

    String json(String machine, Double tolerance) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("kind", "scheduler_validation").put("format_version", 1).put("machine", machine);
        ValidationSummary.Share near = near();
        root.putObject("near").put("near", near.near()).put("of", near.of()).put("measure", near.measure());
        root.put("others_cpu_share", othersCpuShare);
        root.put("tolerance", tolerance);
        ArrayNode past = root.putArray("past_tolerance");
        (tolerance == null ? List.<String>of() : past(tolerance)).forEach(past::add);
        rows(root.putArray("rows"));
        return MAPPER.writeValueAsString(root) + "\n";
    }

    /** Every figure as an object of an array. */
    void rows(ArrayNode array) {
        for (Row row : rows) {
            array.addObject()
                    .put("threads", row.experiment)
                    .put("quantity", row.quantity)
                    .put("measured", row.measured)
                    .put("measured_min", row.measuredMin)
                    .put("measured_max", row.measuredMax)
                    .put("predicted", row.predicted)
                    .put("relative_error", row.error);
        }
    }
}
