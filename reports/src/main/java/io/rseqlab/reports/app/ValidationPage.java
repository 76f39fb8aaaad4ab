package io.rseqlab.reports.app;

import io.rseqlab.reports.page.Agreement;
import io.rseqlab.reports.page.Quantity;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.reports.page.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;

/** A validation as what a page shows: a picture of predicted against measured for each quantity. */
final class ValidationPage {
    private static final double MILLION = 1e6;

    private ValidationPage() {}

    /**
     * The page.
     *
     * @param validation the comparisons
     * @param machine profile that the model ran on
     * @param command the command line that makes it again
     * @param notes what must be known to read the figures
     */
    static ReportModel of(Validation validation, String machine, String command, List<String> notes) {
        ValidationSummary summary = validation.summary();
        ReportModel model = ReportModel.of("rseqlab validate: the model of " + machine + " against the machine itself")
                .withVerdict("Throughput is as predicted at "
                        + summary.unshared().near() + " of "
                        + summary.unshared().of() + " points where threads share nothing, and at "
                        + summary.shared().near() + " of " + summary.shared().of() + " where they do.")
                .withVerdict("Aborts per interruption: " + summary.aborts() + ".")
                .withVerdict("Places of aborts: " + summary.places() + ".")
                .withVerdict("Preemptions per CPU-second: " + summary.preemptions() + ".")
                .withVerdict("Strategies measured apart: " + summary.ranking() + ".")
                .withCommand(command)
                .withAgreement(throughput(
                        validation,
                        "unshared",
                        "Throughput, threads share nothing",
                        ValidationSummary.UNSHARED_ERROR,
                        summary.unshared(),
                        point -> !point.shared()))
                .withAgreement(throughput(
                        validation,
                        "shared",
                        "Throughput, threads pass objects or share a list",
                        ValidationSummary.SHARED_ERROR,
                        summary.shared(),
                        Validation.Point::shared))
                .withAgreement(aborts(validation, summary.aborts()))
                .withAgreement(preemptions(validation, summary.preemptions()));
        if (summary.places().of() > 0) {
            model = model.withTable(places(validation));
        }
        if (validation.scheduler() != null) {
            model = model.withTable(scheduler(validation.scheduler()));
        }
        for (String pair : summary.inverted()) {
            model = model.withNote("Ranked differently: " + pair + ".");
        }
        for (String note : notes) {
            model = model.withNote(note);
        }
        return model;
    }

    /**
     * The page of the scheduler's figures alone.
     *
     * @param scheduler the comparisons
     * @param machine profile that the model ran on
     * @param command the command line that makes it again
     * @param notes what must be known to read the figures
     */
    static ReportModel of(SchedulerValidation scheduler, String machine, String command, List<String> notes) {
        ReportModel model = ReportModel.of("rseqlab validate: the scheduler on " + machine + " against the machine's")
                .withVerdict("Threads that compute, yield, sleep and wake each other: " + scheduler.near() + ".")
                .withCommand(command)
                .withAgreement(scheduler(scheduler, "shares", "CPU share", "", false, "CPU share"))
                .withAgreement(scheduler(
                        scheduler,
                        "switches",
                        "Switches, yields and migrations",
                        "1/s",
                        true,
                        "per second",
                        "CPU-second"))
                .withAgreement(
                        scheduler(scheduler, "slices", "Run slices of threads that compute", "µs", true, "run slices"))
                .withAgreement(scheduler(scheduler, "wake-ups", "From wake-up to run", "µs", true, "wake-up to run"))
                .withTable(scheduler(scheduler));
        for (String note : notes) {
            model = model.withNote(note);
        }
        return model;
    }

    /** Quantities whose names hold one of some words; nought has no place where the axes are logarithmic. */
    private static Agreement scheduler(
            SchedulerValidation scheduler, String id, String title, String unit, boolean logarithmic, String... words) {
        List<SchedulerValidation.Row> rows = scheduler.rows().stream()
                .filter(row -> Arrays.stream(words).anyMatch(row.quantity()::contains))
                .toList();
        List<Agreement.Dot> dots = rows.stream()
                .filter(row -> !logarithmic || row.measured() > 0 && row.predicted() > 0 && row.measuredMin() > 0)
                .map(row -> new Agreement.Dot(
                        row.experiment(),
                        row.quantity(),
                        row.measured(),
                        row.measuredMin(),
                        row.measuredMax(),
                        row.predicted(),
                        row.error()))
                .toList();
        String sentence = SchedulerValidation.near(rows) + ".";
        return new Agreement(id, title, unit, logarithmic, SchedulerValidation.NEAR, sentence, dots);
    }

    private static Table places(Validation validation) {
        List<List<Object>> rows = new ArrayList<>();
        for (Validation.Point point : validation.points()) {
            AbortShares shares = point.abortShares();
            if (shares != null) {
                rows.add(Arrays.asList(
                        point.workload() + ", " + point.threads() + " threads",
                        shares.aborts(),
                        AbortShares.top(shares.measured()),
                        AbortShares.top(shares.predicted()),
                        Quantity.percent(shares.distance())));
            }
        }
        return new Table(
                "Where in their sections threads are aborted",
                List.of("point", "aborts", "measured, largest shares", "predicted, largest shares", "elsewhere"),
                rows,
                "Elsewhere: the share of aborts that would have to move for both sides to be alike.");
    }

    private static Table scheduler(SchedulerValidation scheduler) {
        List<List<Object>> rows = new ArrayList<>();
        for (SchedulerValidation.Row row : scheduler.rows()) {
            rows.add(Arrays.asList(
                    row.experiment(),
                    row.quantity(),
                    new Quantity(row.measured(), row.measuredMin(), row.measuredMax(), Quantity.Form.NUMBER),
                    row.predicted(),
                    row.error() == null ? null : Quantity.percent(row.error())));
        }
        return new Table(
                "Scheduler: the same threads on the machine and in the model",
                List.of("threads", "quantity", "measured [least, most]", "predicted", "error"),
                rows,
                "hog computes; hog/5@0 has nice 5 and may use CPU 0 only; yield:100 yields after 100 µs of work;"
                        + " sleep:3000:100 sleeps 3 ms, then works 100 µs; wake wakes the wait behind it.");
    }

    private static Agreement throughput(
            Validation validation,
            String id,
            String title,
            double tolerance,
            ValidationSummary.Share near,
            Predicate<Validation.Point> which) {
        List<Agreement.Dot> dots = validation.points().stream()
                .filter(which)
                .map(point -> dot(point, point.throughputOpsPerS(), MILLION))
                .toList();
        return new Agreement(id, title, "M ops/s", true, tolerance, near + ".", dots);
    }

    private static Agreement aborts(Validation validation, ValidationSummary.Share near) {
        Function<Validation.Point, Validation.Figure> figure = point -> point.abortsPerInterruption() == null
                ? null
                : point.abortsPerInterruption().figure();
        return new Agreement(
                "aborts",
                "Aborts per interruption",
                "",
                false,
                ValidationSummary.ABORT_ERROR,
                near + ".",
                dots(validation, figure));
    }

    private static Agreement preemptions(Validation validation, ValidationSummary.Share near) {
        Function<Validation.Point, Validation.Figure> figure = point -> point.preemptionsPerCpuS() == null
                ? null
                : point.preemptionsPerCpuS().figure();
        return new Agreement(
                "preemptions",
                "Preemptions per CPU-second",
                "1/s",
                true,
                ValidationSummary.PREEMPTION_ERROR,
                near + ".",
                dots(validation, figure));
    }

    private static List<Agreement.Dot> dots(
            Validation validation, Function<Validation.Point, Validation.Figure> figure) {
        return validation.points().stream()
                .map(point -> figure.apply(point) == null ? null : dot(point, figure.apply(point), 1))
                .filter(Objects::nonNull)
                .toList();
    }

    private static Agreement.Dot dot(Validation.Point point, Validation.Figure figure, double unit) {
        String state = point.hostState() == null ? "" : ", " + point.hostState();
        return new Agreement.Dot(
                point.strategy(),
                point.workload() + ", " + point.threads() + " threads" + state,
                figure.measured() / unit,
                figure.measuredMin() / unit,
                figure.measuredMax() / unit,
                figure.predicted() / unit,
                figure.error());
    }
}
