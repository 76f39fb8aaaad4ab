package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.stats.Estimate;
import io.rseqlab.analyzer.stats.Interval;
import io.rseqlab.analyzer.stats.PairedLogRatio;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What may be said about a ratio of candidate to baseline: one of four phrases, or that seeds were too few for any. Not
 * detecting a difference is never called equality; equivalence is claimed only against a margin from the asker.
 *
 * <p>A difference is detected when the interval leaves out 1 <em>and</em> the (adjusted) p value is at most 1 - level.
 * Equivalent is said when the whole interval lies within the margin, even if it leaves out 1: a difference too small to
 * matter. (The two one-sided tests of Schuirmann, <i>Journal of Pharmacokinetics and Biopharmaceutics</i> 15, 1987,
 * need only the narrower 1 - 2 alpha interval; this is on the safe side.)
 *
 * <p>Where the ratio is the same in every pair of runs there is nothing to estimate and nothing to test: it is higher,
 * lower or the same, whatever p, and the phrase says that it is exact.
 *
 * @param kind which of the phrases
 * @param ratio candidate over baseline, with the interval that the phrase cites
 * @param margin the margin, as a share (0.05 is 5 %), where the ratio lies within it: for {@link Kind#EQUIVALENT}, and
 *     for a difference that was detected but is smaller than what matters
 * @param modelError present if the effect is smaller than this validated error of ratios, as a share: more seeds narrow
 *     the interval, but not the error of the model
 */
public record Verdict(Kind kind, Estimate ratio, OptionalDouble margin, OptionalDouble modelError) {
    private static final OptionalDouble NO_TEST = OptionalDouble.empty();

    /** From here on a ratio reads better as a factor than as per cent more. */
    static final double LEAST_FACTOR = 2;

    /** The phrases. */
    public enum Kind {
        /** The candidate's value is lower than the baseline's. */
        LOWER,
        /** The candidate's value is higher than the baseline's. */
        HIGHER,
        /** The runs do not show a difference, which does not show that there is none. */
        NO_DIFFERENCE_DETECTED,
        /** The interval lies within the margin that was asked about, or the two are the same in every pair. */
        EQUIVALENT,
        /** There is no interval. */
        TOO_FEW_SEEDS
    }

    /**
     * What the asker brings.
     *
     * @param margin largest difference that does not matter, as a share (0.05 is 5 %)
     * @param modelError validated error of ratios of the model, as a share; absent if never validated
     */
    public record Options(OptionalDouble margin, OptionalDouble modelError) {
        /** No margin and no validated error. */
        public static final Options NONE = new Options(OptionalDouble.empty(), OptionalDouble.empty());

        /** Refuses shares that are not finite and above 0. */
        public Options {
            requireShare(margin, "margin");
            requireShare(modelError, "model error");
        }

        private static void requireShare(OptionalDouble share, String name) {
            if (share.isPresent() && !(share.getAsDouble() > 0 && Double.isFinite(share.getAsDouble()))) {
                throw new IllegalArgumentException(name + " must be a share above 0: " + share.getAsDouble());
            }
        }
    }

    /** Refuses a claim without the interval it rests on. */
    public Verdict {
        Objects.requireNonNull(kind, "kind");
        if ((kind == Kind.TOO_FEW_SEEDS) != ratio.bounds().isEmpty()) {
            throw new IllegalArgumentException(kind + " with interval " + ratio.interval());
        }
    }

    /**
     * Words a comparison.
     *
     * @param ratio candidate over baseline, as made by {@link PairedLogRatio}
     * @param p the p value, adjusted over the table it is shown in; absent if only the interval is to decide
     * @param options margin and model error, if any
     */
    public static Verdict of(Estimate ratio, OptionalDouble p, Options options) {
        Interval interval = ratio.interval();
        if (interval == null) {
            return new Verdict(Kind.TOO_FEW_SEEDS, ratio, OptionalDouble.empty(), OptionalDouble.empty());
        }
        if (p.isPresent() && !(p.getAsDouble() >= 0 && p.getAsDouble() <= 1)) {
            throw new IllegalArgumentException("not a probability: " + p.getAsDouble());
        }
        boolean equivalent = within(interval, options.margin()) || same(interval);
        Kind kind = equivalent ? Kind.EQUIVALENT : direction(interval, interval.constant() ? NO_TEST : p);
        boolean small = kind != Kind.NO_DIFFERENCE_DETECTED
                && !same(interval)
                && options.modelError().isPresent()
                && Math.abs(ratio.value() - 1) < options.modelError().getAsDouble();
        boolean within = kind != Kind.NO_DIFFERENCE_DETECTED
                && options.margin().isPresent()
                && Math.abs(ratio.value() - 1) < options.margin().getAsDouble();
        OptionalDouble margin = kind == Kind.EQUIVALENT || within ? options.margin() : OptionalDouble.empty();
        return new Verdict(kind, ratio, margin, small ? options.modelError() : OptionalDouble.empty());
    }

    private static boolean same(Interval interval) {
        return interval.constant() && interval.low() == 1;
    }

    /** The phrase, with shares in per cent, and ratios from 2 on as factors. */
    public String phrase() {
        String claim = switch (kind) {
            case LOWER -> "lower by " + size(1 - ratio.value()) + found(range(1 - high(), 1 - low()));
            case HIGHER ->
                ratio.value() < LEAST_FACTOR
                        ? "higher by " + size(ratio.value() - 1) + found(range(low() - 1, high() - 1))
                        : "higher by a factor of " + factor(ratio.value())
                                + found(" [" + factor(low()) + ", " + factor(high()) + "]");
            case NO_DIFFERENCE_DETECTED -> "no difference detected" + signedRange(low() - 1, high() - 1);
            case EQUIVALENT ->
                same(ratio.interval()) ? "the same" + found("") : "equivalent within ±" + percent(margin.orElseThrow());
            case TOO_FEW_SEEDS -> change(ratio.value()) + " (no interval below " + PairedLogRatio.LEAST_N + " seeds)";
        };
        if (margin.isPresent() && kind != Kind.EQUIVALENT) {
            claim += ", which is less than the margin (±" + percent(margin.getAsDouble()) + ")";
        }
        return modelError.isPresent()
                ? claim + "; differs by less than the validated error of ratios (±" + percent(modelError.getAsDouble())
                        + ")"
                : claim;
    }

    /** What a claim rests on: its interval, or that nothing varies. */
    private String found(String interval) {
        return ratio.interval().constant()
                ? " in each of the " + ratio.n() + " pairs (exact: no variation, so no test)"
                : interval;
    }

    private static boolean within(Interval interval, OptionalDouble margin) {
        return margin.isPresent()
                && interval.low() >= 1 - margin.getAsDouble()
                && interval.high() <= 1 + margin.getAsDouble();
    }

    private static Kind direction(Interval interval, OptionalDouble p) {
        // The slack takes back the rounding of 1 - 0.9, so that a p of 0.1 counts as 10 %.
        boolean rejected = p.isEmpty() || p.getAsDouble() <= 1 - interval.level() + 1e-12;
        if (!rejected || interval.contains(1)) {
            return Kind.NO_DIFFERENCE_DETECTED;
        }
        return interval.high() < 1 ? Kind.LOWER : Kind.HIGHER;
    }

    private double low() {
        return ratio.interval().low();
    }

    private double high() {
        return ratio.interval().high();
    }

    private static String range(double low, double high) {
        return " [" + percent(low) + ", " + percent(high) + "]";
    }

    private static String signedRange(double low, double high) {
        return " [" + signed(low) + ", " + signed(high) + "]";
    }

    private static String signed(double share) {
        String digits = percent(share);
        return share > 0 && !digits.equals("0.0%") ? "+" + digits : digits;
    }

    /** Never 0.0 %: of a difference that was detected, "by 0.0 %" says nothing. */
    private static String size(double share) {
        return percent(share).equals("0.0%") ? "less than 0.05%" : percent(share);
    }

    /** By how much a ratio differs from 1: as per cent, or where it reads better as a factor. */
    static String change(double ratio) {
        return ratio < LEAST_FACTOR
                ? String.format(Locale.ROOT, "%+.1f%%", 100 * (ratio - 1))
                : factor(ratio) + " times";
    }

    /** A ratio in three digits or so. */
    static String factor(double ratio) {
        return String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%.1f", ratio);
    }

    private static String percent(double share) {
        String digits = String.format(Locale.ROOT, "%.1f", 100 * share);
        return (digits.equals("-0.0") ? "0.0" : digits) + "%";
    }
}
