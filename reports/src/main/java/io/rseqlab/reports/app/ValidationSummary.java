package io.rseqlab.reports.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How many comparisons are near enough, each kind by its own measure.
 *
 * @param unshared throughput of threads that share nothing but CPUs
 * @param shared throughput of threads that pass objects on or have one list for all
 * @param aborts aborts per interruption
 * @param places where in their sections aborts happen
 * @param preemptions preemptions per CPU-second
 * @param ranking pairs of strategies on the same workload and threads whose measured throughputs do not overlap: near
 *     enough if the prediction ranks them alike
 * @param inverted the pairs that it does not, in words
 */
record ValidationSummary(
        Share unshared,
        Share shared,
        Share aborts,
        Share places,
        Share preemptions,
        Share ranking,
        List<String> inverted) {

    static final double UNSHARED_ERROR = 0.10;
    static final double SHARED_ERROR = 0.20;
    static final double PREEMPTION_ERROR = 0.10;
    static final double ABORT_ERROR = 0.05;

    /** Where sections are a few instructions long, an interruption lands behind one load or another. */
    private static final double ABORT_ERROR_WITHOUT_PAD = 0.10;

    /**
     * A count out of a total.
     *
     * @param measure what counts, in words
     */
    record Share(int near, int of, String measure) {
        static Share of(List<Boolean> near, String measure) {
            return new Share((int) near.stream().filter(yes -> yes).count(), near.size(), measure);
        }

        @Override
        public String toString() {
            return of == 0 ? "none compared" : String.format(Locale.ROOT, "%d of %d %s", near, of, measure);
        }
    }

    static ValidationSummary of(List<Validation.Point> points) {
        List<Boolean> ranking = new ArrayList<>();
        List<String> inverted = new ArrayList<>();
        rank(points, ranking, inverted);
        return new ValidationSummary(
                throughput(points, point -> !point.shared(), UNSHARED_ERROR),
                throughput(points, Validation.Point::shared, SHARED_ERROR),
                Share.of(
                        points.stream()
                                .filter(point -> point.abortsPerInterruption() != null)
                                .filter(point ->
                                        point.abortsPerInterruption().figure().error() != null)
                                .map(ValidationSummary::abortsNear)
                                .toList(),
                        "within 0.05, at pad 0 within 0.10"),
                Share.of(
                        points.stream()
                                .map(Validation.Point::abortShares)
                                .filter(Objects::nonNull)
                                .map(AbortShares::sameTop)
                                .toList(),
                        "at the same top places"),
                Share.of(
                        figures(points.stream()
                                        .map(Validation.Point::preemptionsPerCpuS)
                                        .filter(Objects::nonNull)
                                        .map(Validation.Preemptions::figure))
                                .map(figure -> Math.abs(figure.error()) <= PREEMPTION_ERROR)
                                .toList(),
                        "within 10 %"),
                Share.of(ranking, "ranked alike"),
                List.copyOf(inverted));
    }

    private static Share throughput(List<Validation.Point> points, Predicate<Validation.Point> which, double most) {
        return Share.of(
                figures(points.stream().filter(which).map(Validation.Point::throughputOpsPerS))
                        .map(figure -> figure.inside() || Math.abs(figure.error()) <= most)
                        .toList(),
                String.format(Locale.ROOT, "inside the measured least and most or within %.0f %%", 100 * most));
    }

    private static Stream<Validation.Figure> figures(Stream<Validation.Figure> figures) {
        return figures.filter(figure -> figure.error() != null);
    }

    private static boolean abortsNear(Validation.Point point) {
        double most = point.workload().contains("pad=") ? ABORT_ERROR : ABORT_ERROR_WITHOUT_PAD;
        return Math.abs(point.abortsPerInterruption().figure().error()) <= most;
    }

    private static void rank(List<Validation.Point> points, List<Boolean> ranking, List<String> inverted) {
        for (int i = 0; i < points.size(); i++) {
            for (Validation.Point b : points.subList(i + 1, points.size())) {
                Validation.Point a = points.get(i);
                if (comparable(a, b)) {
                    boolean alike = faster(a.throughputOpsPerS(), b.throughputOpsPerS());
                    ranking.add(alike);
                    if (!alike) {
                        inverted.add(inWords(a, b));
                    }
                }
            }
        }
    }

    private static boolean comparable(Validation.Point a, Validation.Point b) {
        Validation.Figure x = a.throughputOpsPerS();
        Validation.Figure y = b.throughputOpsPerS();
        boolean sameCell = a.workload().equals(b.workload())
                && a.threads() == b.threads()
                && !a.strategy().equals(b.strategy())
                && (a.hostState() == null || b.hostState() == null || a.hostState() == b.hostState());
        return sameCell
                && x.error() != null
                && y.error() != null
                && (x.measuredMin() > y.measuredMax() || y.measuredMin() > x.measuredMax());
    }

    private static boolean faster(Validation.Figure x, Validation.Figure y) {
        return x.measured() > y.measured() == x.predicted() > y.predicted();
    }

    private static String inWords(Validation.Point a, Validation.Point b) {
        return String.format(
                Locale.ROOT,
                "%s against %s on %s, %d threads: measured ratio %.2f, predicted %.2f",
                a.strategy(),
                b.strategy(),
                a.workload(),
                a.threads(),
                a.throughputOpsPerS().measured() / b.throughputOpsPerS().measured(),
                a.throughputOpsPerS().predicted() / b.throughputOpsPerS().predicted());
    }
}
