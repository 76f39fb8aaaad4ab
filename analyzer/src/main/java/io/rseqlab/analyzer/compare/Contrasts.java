package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.Holm;
import io.rseqlab.analyzer.stats.PairedLogRatio;
import io.rseqlab.analyzer.stats.PairedTest;
import io.rseqlab.analyzer.stats.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SortedMap;

/**
 * All strategies of all cells against the baseline in one metric: the table over which p values are corrected. Whoever
 * picks the smallest p of a table picks among all of its cells, so all of them count.
 */
final class Contrasts {
    /** What {@code validate} holds against the machine. */
    private static final String VALIDATED = "throughput_ops_per_s";

    /** How it is said of two that have nothing in any run: 0 over 0 is no ratio, but neither is it a lack of data. */
    private static final String SAME = "the same in each of the ";

    /** How it begins where there are values, and nothing to divide by or into. */
    static final String NO_RATIO = "no ratio: ";

    private final ComparisonOptions options;
    private final String baseline;
    private final String metric;
    private final List<Pairing> pairings = new ArrayList<>();

    /** Pairs of one strategy; {@code ratio} is null where there is nothing to divide, and {@code why} says so. */
    private record Pairing(
            CellKey cell, String strategy, int pairs, PairedLogRatio ratio, Double modelError, String why) {}

    private Contrasts(ComparisonOptions options, String metric) {
        this.options = options;
        this.baseline = options.baseline();
        this.metric = metric;
    }

    /**
     * The contrasts of each cell, one per strategy other than the baseline.
     *
     * @param cells seed to run, by strategy, by cell; each cell has the baseline
     */
    static Map<CellKey, List<Contrast>> of(
            Map<CellKey, ? extends Map<String, ? extends SortedMap<Long, RunResult>>> cells,
            String metric,
            ComparisonOptions options) {
        Contrasts contrasts = new Contrasts(options, metric);
        cells.forEach((cell, runs) -> runs.forEach((strategy, bySeed) -> {
            if (!strategy.equals(options.baseline())) {
                contrasts.pair(cell, strategy, bySeed, runs.get(options.baseline()));
            }
        }));
        return contrasts.worded();
    }

    /** The comparisons in this metric that have a p value: the family that Holm's correction is over. */
    static List<Contrast> family(List<Cell> cells, String metric) {
        return cells.stream()
                .flatMap(cell -> cell.contrasts().stream())
                .filter(contrast -> contrast.metric().equals(metric) && contrast.p() != null)
                .toList();
    }

    private void pair(
            CellKey cell, String strategy, SortedMap<Long, RunResult> candidate, SortedMap<Long, RunResult> base) {
        List<double[]> pairs = new ArrayList<>();
        candidate.forEach((seed, run) -> {
            Double over = run.number(metric);
            Double under = base.containsKey(seed) ? base.get(seed).number(metric) : null;
            if (over != null && under != null) {
                pairs.add(new double[] {over, under});
            }
        });
        pairings.add(pairing(cell, strategy, pairs, modelError(candidate, base)));
    }

    /** The larger of the errors of the two, as the machine's profile documents them; what was asked for goes first. */
    private Double modelError(SortedMap<Long, RunResult> candidate, SortedMap<Long, RunResult> base) {
        ModelError error = VALIDATED.equals(metric) ? options.errors().of(base.get(base.firstKey())) : null;
        return options.modelError() != null || error == null
                ? options.modelError()
                : Double.valueOf(Math.max(error.at(lines(candidate)), error.at(lines(base))));
    }

    private static Double lines(SortedMap<Long, RunResult> runs) {
        OptionalDouble mean = runs.values().stream()
                .map(run -> run.number("line_transfers_per_op.all"))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .average();
        return nullable(mean);
    }

    private Pairing pairing(CellKey cell, String strategy, List<double[]> pairs, Double modelError) {
        if (pairs.isEmpty()) {
            return new Pairing(cell, strategy, 0, null, null, "no data: no seed has this metric in both");
        }
        if (pairs.stream().anyMatch(pair -> pair[0] <= 0 || pair[1] <= 0)) {
            return new Pairing(cell, strategy, pairs.size(), null, null, noRatio(pairs));
        }
        double[] over = pairs.stream().mapToDouble(pair -> pair[0]).toArray();
        double[] under = pairs.stream().mapToDouble(pair -> pair[1]).toArray();
        PairedLogRatio ratio = PairedLogRatio.of(
                over, under, options.confidence(), RandomStreams.of(cell.label() + strategy + baseline + metric));
        return new Pairing(cell, strategy, pairs.size(), ratio, modelError, null);
    }

    /** Why there is nothing to divide. */
    private String noRatio(List<double[]> pairs) {
        boolean over = pairs.stream().allMatch(pair -> pair[0] == 0);
        boolean under = pairs.stream().allMatch(pair -> pair[1] == 0);
        if (over && under) {
            return SAME + pairs.size() + " pairs: 0";
        }
        return over
                ? NO_RATIO + "0 in every pair"
                : NO_RATIO + (under ? baseline + " has 0 in every pair" : "some runs have 0");
    }

    private Map<CellKey, List<Contrast>> worded() {
        PairedTest test = test();
        List<OptionalDouble> raw = pairings.stream()
                .map(pairing -> pairing.ratio() == null
                        ? OptionalDouble.empty()
                        : pairing.ratio().pValue(test))
                .toList();
        List<OptionalDouble> corrected = Holm.adjust(raw);
        Map<CellKey, List<Contrast>> contrasts = new HashMap<>();
        for (int index = 0; index < pairings.size(); index++) {
            Pairing pairing = pairings.get(index);
            contrasts
                    .computeIfAbsent(pairing.cell(), any -> new ArrayList<>())
                    .add(worded(pairing, raw.get(index), corrected.get(index), test));
        }
        return contrasts;
    }

    /** One test for the whole family: p values of two could not be ranked against each other. */
    private PairedTest test() {
        int[] pairs = pairings.stream()
                .filter(pairing -> pairing.ratio() != null
                        && pairing.ratio().permutationP().isPresent())
                .mapToInt(Pairing::pairs)
                .toArray();
        return pairs.length == 0
                ? PairedTest.PERMUTATION
                : PairedTest.of(pairs.length, Arrays.stream(pairs).min().getAsInt(), options.confidence());
    }

    private Contrast worded(Pairing pairing, OptionalDouble p, OptionalDouble corrected, PairedTest test) {
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
                    null,
                    pairing.why().startsWith(SAME) ? "equivalent" : "no_data",
                    pairing.why());
        }
        Verdict verdict = Verdict.of(
                ratio.ratio(),
                corrected,
                new Verdict.Options(optional(options.margin()), optional(pairing.modelError())));
        Interval interval = Estimates.interval(ratio.ratio().interval());
        return new Contrast(
                pairing.strategy(),
                baseline,
                metric,
                ratio.ratio().value(),
                interval,
                pairing.pairs(),
                nullable(p),
                nullable(corrected),
                p.isPresent() ? test.words() : null,
                nullable(ratio.correlation()),
                verdict.kind().name().toLowerCase(Locale.ROOT),
                verdict.phrase(),
                pairing.modelError(),
                null);
    }

    private static OptionalDouble optional(Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private static Double nullable(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
