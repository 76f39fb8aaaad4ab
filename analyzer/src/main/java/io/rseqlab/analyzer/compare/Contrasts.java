package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.Holm;
import io.rseqlab.analyzer.stats.PairedLogRatio;
import io.rseqlab.analyzer.stats.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;

/** All strategies of a cell against the baseline in one metric: the table over which p values are corrected. */
final class Contrasts {
    private final ComparisonOptions options;
    private final String baseline;
    private final String metric;
    private final List<Pairing> pairings = new ArrayList<>();

    /** Pairs of one strategy; {@code ratio} is null where there is nothing to divide, and {@code why} says so. */
    private record Pairing(String strategy, int pairs, PairedLogRatio ratio, String why) {}

    private Contrasts(ComparisonOptions options, String baseline, String metric) {
        this.options = options;
        this.baseline = baseline;
        this.metric = metric;
    }

    /**
     * The contrasts, one per strategy other than the baseline.
     *
     * @param runs seed to run, by strategy
     * @param where a name for the cell
     */
    static List<Contrast> of(
            Map<String, ? extends SortedMap<Long, RunResult>> runs,
            String baseline,
            String metric,
            ComparisonOptions options,
            String where) {
        Contrasts contrasts = new Contrasts(options, baseline, metric);
        runs.forEach((strategy, bySeed) -> {
            if (!strategy.equals(baseline)) {
                contrasts.pair(strategy, bySeed, runs.get(baseline), where);
            }
        });
        return contrasts.worded();
    }

    private void pair(
            String strategy, SortedMap<Long, RunResult> candidate, SortedMap<Long, RunResult> base, String where) {
        List<double[]> pairs = new ArrayList<>();
        candidate.forEach((seed, run) -> {
            Double over = run.number(metric);
            Double under = base.containsKey(seed) ? base.get(seed).number(metric) : null;
            if (over != null && under != null) {
                pairs.add(new double[] {over, under});
            }
        });
        pairings.add(pairing(strategy, pairs, where));
    }

    private Pairing pairing(String strategy, List<double[]> pairs, String where) {
        if (pairs.isEmpty()) {
            return new Pairing(strategy, 0, null, "no data: no seed has this metric in both");
        }
        if (pairs.stream().anyMatch(pair -> pair[0] <= 0 || pair[1] <= 0)) {
            return new Pairing(strategy, pairs.size(), null, "no ratio: some runs have 0");
        }
        double[] over = pairs.stream().mapToDouble(pair -> pair[0]).toArray();
        double[] under = pairs.stream().mapToDouble(pair -> pair[1]).toArray();
        PairedLogRatio ratio = PairedLogRatio.of(
                over, under, options.confidence(), RandomStreams.of(where + strategy + baseline + metric));
        return new Pairing(strategy, pairs.size(), ratio, null);
    }

    private List<Contrast> worded() {
        List<OptionalDouble> corrected = Holm.adjust(pairings.stream()
                .map(pairing -> pairing.ratio() == null
                        ? OptionalDouble.empty()
                        : pairing.ratio().pValue())
                .toList());
        List<Contrast> contrasts = new ArrayList<>();
        for (int index = 0; index < pairings.size(); index++) {
            contrasts.add(worded(pairings.get(index), corrected.get(index)));
        }
        return contrasts;
    }

    private Contrast worded(Pairing pairing, OptionalDouble corrected) {
        PairedLogRatio ratio = pairing.ratio();
        if (ratio == null) {
            return new Contrast(
                    pairing.strategy(),
                    baseline,
                    metric,
                    null,
                    null,
                    pairing.pairs(),
                    null,
                    null,
                    null,
                    "no_data",
                    pairing.why());
        }
        Verdict verdict = Verdict.of(ratio.ratio(), corrected, verdictOptions());
        Interval interval = Estimates.interval(ratio.ratio().interval());
        return new Contrast(
                pairing.strategy(),
                baseline,
                metric,
                ratio.ratio().value(),
                interval,
                pairing.pairs(),
                nullable(ratio.pValue()),
                nullable(corrected),
                nullable(ratio.correlation()),
                verdict.kind().name().toLowerCase(Locale.ROOT),
                verdict.phrase());
    }

    private Verdict.Options verdictOptions() {
        return new Verdict.Options(optional(options.margin()), optional(options.modelError()));
    }

    private static OptionalDouble optional(Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private static Double nullable(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
