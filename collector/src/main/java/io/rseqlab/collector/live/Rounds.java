package io.rseqlab.collector.live;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Figures from rounds of probes. What disturbs a measurement of a time only ever adds to it, so that a time is the
 * median over the better half of the rounds, of each round's median; its spread is the medians of these rounds' 5th and
 * 95th percentiles. Of what a neighbour on the core takes a share of, entries and operations a cycle, the better half
 * is that of more. Other counts, and differences, which a disturbance may also lessen, are medians over all rounds.
 * What no round measured is taken from another profile, and marked as assumed with the reason.
 */
final class Rounds {
    private static final List<String> TIMES = List.of("tsc", "ns", "cycle");

    private final List<NativeCosts> rounds;
    private final MachineProfile other;
    private final Map<String, Figure> figures = new LinkedHashMap<>();

    /**
     * Figures yet to be found.
     *
     * @param rounds at least one
     * @param other the profile that knows what cannot be measured
     */
    Rounds(List<NativeCosts> rounds, MachineProfile other) {
        this.rounds = List.copyOf(rounds);
        this.other = other;
    }

    /** Those found so far, in order, those of a table together. */
    List<Figure> figures() {
        List<String> tables =
                figures.keySet().stream().map(Rounds::table).distinct().toList();
        return figures.values().stream()
                .sorted(Comparator.comparingInt(figure -> tables.indexOf(table(figure.key()))))
                .toList();
    }

    private static String table(String key) {
        return key.substring(0, key.indexOf('.') + 1);
    }

    /** Takes every number that the other profile has and that was not looked for. */
    void assumeTheRest(String why) {
        for (MachineProfile.Fact fact : other.facts()) {
            if (!figures.containsKey(fact.key())) {
                assumed(fact.key(), why);
            }
        }
    }

    Figure figure(String key) {
        return figures.get(key);
    }

    /** A time's median, as figures are, in its own unit; NaN if no round measured it. */
    double time(Function<NativeCosts, CostSample> cost) {
        return median(betterHalf(samples(cost)).stream().map(CostSample::p50).toList());
    }

    /** The median over the rounds of a plain number; NaN if no round found it. */
    double number(String name) {
        return median(rounds.stream()
                .map(round -> round.numbers().get(name))
                .filter(Objects::nonNull)
                .toList());
    }

    private List<CostSample> samples(Function<NativeCosts, CostSample> cost) {
        return rounds.stream().map(cost).filter(Objects::nonNull).toList();
    }

    /** A figure that is a cost of the driver's as it stands. */
    void measured(String key, String name) {
        measured(key, name, round -> round.get(name));
    }

    /**
     * A figure that is made from costs.
     *
     * @param how what it is made from, in the driver's names
     * @param cost the figure in one round, null where it was not measured
     */
    void measured(String key, String how, Function<NativeCosts, CostSample> cost) {
        measured(key, how, "the driver could not measure it", cost);
    }

    /** The same with the reason that stands there if no round measured it. */
    void measured(String key, String how, String whyNot, Function<NativeCosts, CostSample> cost) {
        List<CostSample> samples = samples(cost);
        boolean time = !samples.isEmpty() && TIMES.contains(samples.get(0).unit());
        add(key, how, whyNot, samples, time ? betterHalf(samples) : samples);
    }

    /** The same for a time that a disturbance may also lessen. */
    void difference(String key, String how, String whyNot, Function<NativeCosts, CostSample> cost) {
        List<CostSample> samples = samples(cost);
        add(key, how, whyNot, samples, samples);
    }

    /**
     * The same for a count, of entries or by the cycle, of which whoever else is on the core takes some and nothing
     * adds any.
     */
    void capacity(String key, String how, Function<NativeCosts, CostSample> cost) {
        List<CostSample> samples = samples(cost);
        add(key, how, "the driver could not measure it", samples, greaterHalf(samples));
    }

    /** A capacity's median, as figures are; NaN if no round measured it. */
    double entries(Function<NativeCosts, CostSample> cost) {
        return median(greaterHalf(samples(cost)).stream().map(CostSample::p50).toList());
    }

    private static List<CostSample> greaterHalf(List<CostSample> samples) {
        return samples.stream()
                .sorted(Comparator.comparingDouble(CostSample::p50).reversed())
                .limit((samples.size() + 1) / 2)
                .toList();
    }

    private static List<CostSample> betterHalf(List<CostSample> samples) {
        return samples.stream()
                .sorted(Comparator.comparingDouble(CostSample::p50))
                .limit((samples.size() + 1) / 2)
                .toList();
    }

    private void add(String key, String how, String whyNot, List<CostSample> all, List<CostSample> used) {
        if (used.isEmpty()) {
            if (other.costs().containsKey(key) || !ProfileReader.OPTIONAL.contains(key)) {
                assumed(key, whyNot);
            }
            return;
        }
        List<Double> medians = all.stream().map(CostSample::p50).toList();
        String spread = all.size() == 1
                ? "one round"
                : all.size() + " rounds, " + rounded(least(medians)) + " to " + rounded(most(medians));
        add(
                key,
                median(used.stream().map(CostSample::p50).toList()),
                used.get(0).unit(),
                median(used.stream().map(CostSample::p5).toList()),
                median(used.stream().map(CostSample::p95).toList()),
                how + "; " + spread);
    }

    /** A figure that was found in another way than by timing, and has no spread. */
    void known(String key, double value, String unit, String source) {
        add(key, value, unit, null, null, source);
    }

    private void add(String key, double value, String unit, Double low, Double high, String source) {
        figures.put(key, new Figure(key, value, unit, low, high, source, false));
    }

    /** A figure of the other profile. Cycles of a time stamp counter count as the time they take. */
    void assumed(String key, String why) {
        MachineProfile.Fact fact = other.facts().stream()
                .filter(known -> known.key().equals(key))
                .findFirst()
                .orElseThrow();
        double factor = fact.unit().equals("tsc") ? tscHz() / other.cost("tsc_hz") : 1;
        String source = why + "; " + other.name() + " says: " + fact.source();
        figures.put(key, new Figure(key, fact.value() * factor, fact.unit(), null, null, source, true));
    }

    /** A figure that is assumed to be like another one. */
    void like(String key, String model, String why) {
        Figure figure = figures.get(model);
        figures.put(key, new Figure(key, figure.value(), figure.unit(), null, null, why, true));
    }

    double tscHz() {
        return median(rounds.stream().map(NativeCosts::tscHz).toList());
    }

    static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    private static double least(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    private static double most(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Three digits, or all before the point. */
    static String rounded(double value) {
        double size = Math.abs(value);
        int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
