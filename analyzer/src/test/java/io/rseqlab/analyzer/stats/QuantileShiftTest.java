package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.analyzer.stats.QuantileShift.Counts;
import io.rseqlab.analyzer.stats.QuantileShift.Shift;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** A shift says of each quantile by how much it differs, with an interval that holds the truth as often as it says. */
class QuantileShiftTest {
    private static final Offset<Double> ROUNDING = Offset.offset(1e-9);

    private static Counts of(long... values) {
        TreeMap<Long, Long> counts = new TreeMap<>();
        Arrays.stream(values).forEach(value -> counts.merge(value, 1L, Long::sum));
        long[] bounds = counts.keySet().stream().mapToLong(Long::longValue).toArray();
        return new Counts(
                bounds,
                bounds,
                counts.values().stream().mapToLong(Long::longValue).toArray());
    }

    private static List<Shift> shifts(List<Counts> candidate, List<Counts> baseline) {
        return QuantileShift.of(candidate, baseline, 0.95, RandomStreams.of("test"));
    }

    /** On paper: of 1 to 10, a tenth lies below 1.5, two tenths below 2.5, and the wide bucket takes its share. */
    @Test
    void quantilesAreThoseOfTheRunsMergedAndEvenInsideABucket() {
        List<Counts> candidate = List.of(of(1, 2, 3, 4, 5), of(6, 7, 8, 9, 10));
        List<Counts> baseline = List.of(
                new Counts(new long[] {0}, new long[] {9}, new long[] {4}),
                new Counts(new long[] {0}, new long[] {9}, new long[] {6}));
        List<Shift> shifts = shifts(candidate, baseline);
        for (int decile = 1; decile <= 9; decile++) {
            Shift shift = shifts.get(decile - 1);
            assertThat(shift.quantile()).isEqualTo(decile / 10.0, ROUNDING);
            assertThat(shift.candidate()).isEqualTo(decile + 0.5, ROUNDING);
            assertThat(shift.baseline()).isEqualTo(decile - 0.5, ROUNDING);
            assertThat(shift.difference().value()).isEqualTo(1, ROUNDING);
            assertThat(shift.difference().interval()).as("2 runs").isNull();
        }
    }

    @Test
    void whatIsAddedToEveryValueIsTheShiftOfEveryQuantile() {
        List<Counts> candidate = new ArrayList<>();
        List<Counts> baseline = new ArrayList<>();
        for (long run = 0; run < 10; run++) {
            long[] values = {20 + run, 30, 31 + run, 45, 90 + 7 * run};
            baseline.add(of(values));
            candidate.add(of(Arrays.stream(values).map(value -> value + 6).toArray()));
        }
        assertThat(shifts(candidate, baseline)).hasSize(11).allSatisfy(shift -> {
            assertThat(shift.difference().value()).isEqualTo(6, ROUNDING);
            assertThat(shift.difference().interval().low()).as("a bucket").isEqualTo(5, ROUNDING);
            assertThat(shift.difference().interval().high()).isEqualTo(7, ROUNDING);
        });
    }

    /**
     * All that was recorded of either side's tenth is "40 cycles": that one side has more of them moves its quantile
     * inside of that bucket, by 0.4 cycles in every run, which is no difference that anybody measured.
     */
    @Test
    void noDifferenceIsFinerThanTheBuckets() {
        List<Counts> candidate = Collections.nCopies(10, counts(40, 40, 50, 60, 69, 50));
        List<Counts> baseline = Collections.nCopies(10, counts(40, 40, 25, 60, 69, 75));
        Shift tenth = shifts(candidate, baseline).get(0);
        assertThat(tenth.candidate()).isEqualTo(39.7, ROUNDING);
        assertThat(tenth.baseline()).isEqualTo(39.9, ROUNDING);
        assertThat(tenth.resolution()).isEqualTo(1);
        assertThat(tenth.difference().interval().contains(0)).isTrue();
        Shift ninth = shifts(candidate, baseline).get(8);
        assertThat(ninth.resolution()).as("ten cycles wide").isEqualTo(10);
        assertThat(ninth.difference().interval().low())
                .isLessThanOrEqualTo(ninth.difference().value() - 10);
        Shift fourth = shifts(candidate, baseline).get(3);
        assertThat(fourth.resolution()).as("half of 1 and half of 10").isEqualTo(5.5);
    }

    private static Counts counts(long low, long high, long count, long low2, long high2, long count2) {
        return new Counts(new long[] {low, low2}, new long[] {high, high2}, new long[] {count, count2});
    }

    /**
     * The hundredth of all values lies in one run of ten: for p99 that one is all, for the median they are all alike.
     */
    @Test
    void aTailThatOneRunHoldsIsKnownFromThatOneRun() {
        List<Counts> even = new ArrayList<>();
        List<Counts> odd = new ArrayList<>();
        for (int run = 0; run < 10; run++) {
            even.add(counts(40, 40, 900, 1000, 1000, 100));
            odd.add(counts(40, 40, run == 0 ? 850 : 1000, 1000, 1000, run == 0 ? 150 : 0));
        }
        Shift median = shifts(even, even).get(4);
        assertThat(median.effectiveRuns()).isEqualTo(10, ROUNDING);
        Shift tail = shifts(odd, even).get(9);
        assertThat(tail.quantile()).isEqualTo(0.99);
        assertThat(tail.effectiveRuns()).isEqualTo(1, ROUNDING);
        assertThat(shifts(even, odd).get(9).effectiveRuns())
                .as("the side that has fewer")
                .isEqualTo(1, ROUNDING);
    }

    @Test
    void theTwoSidesChangeSignAndRunsMayComeInAnyOrder() {
        List<Counts> a = new ArrayList<>();
        List<Counts> b = new ArrayList<>();
        UniformRandomProvider random = RandomStreams.of("order");
        for (int run = 0; run < 8; run++) {
            a.add(of(random.nextLong(90), random.nextLong(90), random.nextLong(90)));
            b.add(of(random.nextLong(60), random.nextLong(60)));
        }
        List<Shift> one = shifts(a, b);
        List<Shift> other = shifts(b, a);
        Collections.reverse(a);
        Collections.reverse(b);
        List<Shift> reversed = shifts(a, b);
        for (int q = 0; q < one.size(); q++) {
            assertThat(other.get(q).difference().value())
                    .isEqualTo(-one.get(q).difference().value(), ROUNDING);
            assertThat(reversed.get(q).difference().value())
                    .isEqualTo(one.get(q).difference().value(), ROUNDING);
        }
    }

    @Test
    void runsMustBePairsWithValues() {
        assertThatThrownBy(() -> shifts(List.of(of(1)), List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> shifts(List.of(of()), List.of(of(1)))).isInstanceOf(IllegalArgumentException.class);
    }

    /**
     * Ten pairs of runs; each run has a level of its own, as the seeds of a simulation have, which moves all its
     * values: whoever took operations for independent would be sure of far too much. The true median differs by 10.
     */
    @Test
    void theIntervalHoldsTheTruthAsOftenAsItSays() {
        UniformRandomProvider random = RandomStreams.of("coverage");
        ZigguratSampler.NormalizedGaussian normal = ZigguratSampler.NormalizedGaussian.of(random);
        int studies = 600;
        int held = 0;
        for (int study = 0; study < studies; study++) {
            List<Counts> candidate = new ArrayList<>();
            List<Counts> baseline = new ArrayList<>();
            for (int run = 0; run < 10; run++) {
                double common = 5 * normal.sample();
                candidate.add(run(210 + common + 4 * normal.sample(), normal));
                baseline.add(run(200 + common + 4 * normal.sample(), normal));
            }
            Shift median = QuantileShift.of(candidate, baseline, 0.95, random).get(4);
            held += median.difference().interval().contains(10) ? 1 : 0;
        }
        assertThat((double) held / studies).isBetween(0.93, 0.975);
    }

    /** Of ten runs with skewed levels one or two hold the last hundredth: resampling alone covers some 85 %. */
    @Test
    void theIntervalOfATailHoldsTheTruthWhereFewRunsHoldTheTail() {
        CoverageOfMethods studies = new CoverageOfMethods(300, 7);
        assertThat(studies.shift(CoverageLaw.SKEWED, 10, 0.99).covered()).isBetween(0.9, 0.98);
        assertThat(studies.shift(CoverageLaw.NORMAL, 10, 0.99).covered()).isBetween(0.9, 0.99);
    }

    private static Counts run(double level, ZigguratSampler.NormalizedGaussian normal) {
        long[] values = new long[100];
        Arrays.setAll(values, i -> Math.round(level + 20 * normal.sample()));
        return of(values);
    }
}
