package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Crossover;
import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.WinnerMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A crossover is claimed only between points that are decided, and placed only where the axis has places between. */
class CrossoversTest {
    private static final int SEEDS = 12;

    /** A study along hand-off: how much faster b is than a at each point, with noise that 12 seeds see through. */
    private static ComparisonDocument along(double[] handoffs, double... ratios) {
        return along(SEEDS, handoffs, ratios);
    }

    private static ComparisonDocument along(int seeds, double[] handoffs, double... ratios) {
        List<RunResult> runs = new ArrayList<>();
        for (int i = 0; i < handoffs.length; i++) {
            for (int seed = 1; seed <= seeds; seed++) {
                double level = 1e6 * (1 + seed % 5);
                double noise = 1 + 0.002 * ((seed * 7 + i * 3) % 11 - 5);
                runs.add(Runs.run("a", handoffs[i], seed, level));
                runs.add(Runs.run("b", handoffs[i], seed, level * ratios[i] * noise));
            }
        }
        return Crossovers.in(Comparison.compare(runs, ComparisonOptions.against("a")), List.of("handoff"));
    }

    private static Crossover only(ComparisonDocument document) {
        assertThat(document.crossovers()).hasSize(1);
        assertThat(document.crossovers().get(0).crossovers()).hasSize(1);
        return document.crossovers().get(0).crossovers().get(0);
    }

    private static final double[] PLACES = {0, 0.25, 0.5, 0.75, 1};

    @Test
    void oneHasABracketAndAPlaceWithItsInterval() {
        double[] straight =
                Arrays.stream(PLACES).map(at -> Math.exp(0.185 - 0.5 * at)).toArray();
        Crossover line = only(along(PLACES, straight));
        assertThat(line.kind()).isEqualTo(Crossover.ONE);
        Crossover.Crossing crossing = line.crossings().get(0);
        assertThat(List.of(crossing.from(), crossing.to(), crossing.before(), crossing.after()))
                .containsExactly("0.25", "0.5", "b", "a");
        assertThat(crossing.at()).isBetween(0.35, 0.39);
        assertThat(crossing.interval().low()).isBetween(0.35, crossing.at());
        assertThat(crossing.interval().high()).isBetween(crossing.at(), 0.4);
        assertThat(line.sentence()).startsWith("one crossover: b is better up to handoff 0.25, a from 0.5 on (at 0.37");
    }

    /** With 0 and 0.5 alone a straight line would put it at 0.217, and be sure of it. */
    @Test
    void onACoarseGridThePlaceIsAsWideAsWhatIsKnownOfTheCurve() {
        double[] fine = {0, 0.02, 0.05, 0.1, 0.2, 0.5, 1};
        double truth = 0.056;
        for (double[] places : List.of(fine, new double[] {0, 0.5, 1}, new double[] {0.01, 0.5})) {
            double[] ratios = Arrays.stream(places)
                    .map(at -> Math.exp(0.5 * (truth / (truth + 0.1) - at / (at + 0.1))))
                    .toArray();
            Crossover line = only(along(places, ratios));
            Crossover.Crossing crossing = line.crossings().get(0);
            if (places.length == 2) {
                assertThat(crossing.interval()).isNull();
                assertThat(line.sentence())
                        .endsWith("a from 0.5 on (no more is known of the place: nothing to tell how"
                                + " the curve bends ran nearby)");
            } else {
                assertThat(crossing.interval().low()).isLessThan(truth);
                assertThat(crossing.interval().high()).isBetween(truth, places.length == 3 ? 0.3 : 0.09);
            }
        }
    }

    @Test
    void anUndecidedPointWidensTheBracketButNotThePlace() {
        Crossover line = only(along(PLACES, 1.2, 1.1, 1.0, 0.9, 0.8));
        assertThat(line.crossings().get(0).from()).isEqualTo("0.25");
        assertThat(line.crossings().get(0).to()).isEqualTo("0.75");
        assertThat(line.crossings().get(0).at()).isBetween(0.48, 0.52);
    }

    @Test
    void noneSeveralAndUndecidedAreToldApart() {
        assertThat(only(along(PLACES, 1.2, 1.1, 1.3, 1.2, 1.1)).kind()).isEqualTo(Crossover.NONE);
        assertThat(only(along(PLACES, 1, 1, 1, 1, 1)).kind()).isEqualTo(Crossover.UNDECIDED);
        Crossover several = only(along(PLACES, 1.2, 0.9, 0.8, 1.1, 1.2));
        assertThat(several.kind()).isEqualTo(Crossover.SEVERAL);
        assertThat(several.crossings()).extracting(Crossover.Crossing::after).containsExactly("a", "b");
    }

    @Test
    void anUndecidedEndSaysThatOneMayLieThere() {
        Crossover line = only(along(PLACES, 1.3, 1.2, 1.1, 1.05, 1.0));
        assertThat(line.kind()).isEqualTo(Crossover.AT_EDGE);
        assertThat(line.sentence())
                .isEqualTo(
                        "no crossover seen: b is better at handoff 0.0 to 0.75; undecided from 1.0 on, so that one may"
                                + " lie at or beyond that end");
    }

    @Test
    void anAxisOfWholeNumbersHasABracketOnly() {
        Crossover line = only(along(new double[] {0, 1}, 1.2, 0.8));
        assertThat(line.kind()).isEqualTo(Crossover.ONE);
        assertThat(line.crossings().get(0).at()).isNull();
        assertThat(line.crossings().get(0).interval()).isNull();
        assertThat(line.sentence()).doesNotContain("at 0");
    }

    @Test
    void whereSeedsAreTooFewForPermutationTheTTestDecidesAndTheDocumentSaysSo() {
        double[] many = Stream.iterate(0.0, at -> at + 0.01)
                .limit(64)
                .mapToDouble(at -> Math.round(at * 100) / 100.0)
                .toArray();
        double[] ratios = new double[64];
        for (int i = 0; i < 64; i++) {
            ratios[i] = 1.3 - 0.01 * i;
        }
        ComparisonDocument ten = along(10, many, ratios);
        assertThat(only(ten).kind()).isEqualTo(Crossover.ONE);
        assertThat(ten.crossovers().get(0).method()).isEqualTo("paired t on log ratios");
        assertThat(ten.notes()).anyMatch(note -> note.contains("10 seeds among 64 comparisons cannot decide by"));
        assertThat(ten.verdicts()).hasSize(2).noneMatch(verdict -> verdict.contains("no difference detected in 64"));
        ComparisonDocument twelve = along(12, many, ratios);
        assertThat(twelve.crossovers().get(0).method()).isEqualTo("sign-flip permutation");
        assertThat(only(twelve).kind()).isEqualTo(Crossover.ONE);
    }

    /** Whether maps were asked for or not: the same seeds decide the same, by the same test. */
    @Test
    void aMapDecidesAsTheTableDoes() {
        for (int seeds : new int[] {6, 7, 8, 10}) {
            ComparisonDocument document = along(seeds, PLACES, 1.2, 1.02, 1.004, 0.999, 0.7);
            for (int i = 0; i < PLACES.length; i++) {
                Contrast contrast = document.cells().get(i).contrasts().get(0);
                MapPoint point = document.crossovers().get(0).points().get(i);
                assertThat(point.pHolm()).isEqualTo(contrast.pHolm());
                assertThat(point.state().equals(MapPoint.DECIDED))
                        .isEqualTo(contrast.outcome().matches("higher|lower"));
                assertThat(document.crossovers().get(0).method()).isEqualTo(contrast.test());
            }
        }
    }

    /** 1 % is more than noise at 12 seeds, and less than what was said to matter. */
    @Test
    void nobodyWinsByLessThanTheMargin() {
        List<RunResult> runs = new ArrayList<>();
        for (double handoff : PLACES) {
            for (int seed = 1; seed <= SEEDS; seed++) {
                double noise = 1 + 0.02 * ((seed * 7) % 11 - 5) / 5;
                runs.add(Runs.run("a", handoff, seed, 1e6));
                runs.add(Runs.run("b", handoff, seed, 1e6 * (handoff < 0.5 ? 1.02 : 0.7) * noise));
            }
        }
        ComparisonOptions margin = new ComparisonOptions("a", ComparisonOptions.DEFAULT_METRIC, 0.025, null, 0.95);
        CrossoverMap with = Crossovers.in(Comparison.compare(runs, margin), List.of("handoff"))
                .crossovers()
                .get(0);
        assertThat(with.points())
                .extracting(MapPoint::state)
                .containsExactly(
                        MapPoint.BELOW_MARGIN,
                        MapPoint.BELOW_MARGIN,
                        MapPoint.DECIDED,
                        MapPoint.DECIDED,
                        MapPoint.DECIDED);
        assertThat(with.points().get(0).winner()).isNull();
        assertThat(with.sentence()).contains("b is better at 0, a at 3, within the margin 2.");
        CrossoverMap without = Crossovers.in(
                        Comparison.compare(runs, ComparisonOptions.against("a")), List.of("handoff"))
                .crossovers()
                .get(0);
        assertThat(without.points().get(0).winner()).isEqualTo("b");
    }

    @Test
    void withTooFewSeedsNothingIsDecided() {
        ComparisonDocument document = along(3, PLACES, 1.2, 1.1, 0.9, 0.8, 0.7);
        assertThat(only(document).kind()).isEqualTo(Crossover.UNDECIDED);
        assertThat(document.crossovers().get(0).points())
                .allMatch(point -> point.state().equals(MapPoint.TOO_FEW_SEEDS) && point.winner() == null);
    }

    @Test
    void lessIsBetterWhereTheMetricCountsCosts() {
        List<RunResult> runs = new ArrayList<>();
        for (double handoff : new double[] {0, 0.5}) {
            for (int seed = 1; seed <= SEEDS; seed++) {
                runs.add(Runs.run("a", handoff, seed, 1e6 + seed));
                runs.add(Runs.run("b", handoff, seed, 2e6 + seed));
            }
        }
        ComparisonOptions ops = new ComparisonOptions("a", "preemptions", null, null, 0.95);
        CrossoverMap map = Crossovers.in(Comparison.compare(runs, ops), List.of("handoff"))
                .crossovers()
                .get(0);
        assertThat(map.moreIsBetter()).isFalse();
    }

    @Test
    void whatDoesNotVaryIsNoAxis() {
        ComparisonDocument document = along(PLACES, 1.2, 1.1, 0.9, 0.8, 0.7);
        assertThatThrownBy(() -> Crossovers.in(document, List.of("threads")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("'threads' does not vary between the cells; there vary: handoff");
    }

    @Test
    void aDocumentWithMapsSurvivesItsJson() {
        ComparisonDocument document = along(PLACES, 1.2, 1.1, 0.9, 0.8, 0.7);
        assertThat(ResultJson.readComparison(ResultJson.write(document))).isEqualTo(document);
    }

    @Test
    void cellsThatCameOutTheSameAreCountedEach() {
        List<RunResult> runs = new ArrayList<>();
        for (double handoff : PLACES) {
            for (int seed = 1; seed <= SEEDS; seed++) {
                runs.add(Runs.run("a", handoff, seed, 1e6 * seed));
                runs.add(Runs.run("b", handoff, seed, 1.25e6 * seed));
            }
        }
        ComparisonDocument document = Comparison.compare(runs, ComparisonOptions.against("a"));
        assertThat(document.verdicts().get(0)).endsWith("higher in 5 (by +25.0%); 5 cells in all.");
        assertThat(only(Crossovers.in(document, List.of("handoff"))).kind()).isEqualTo(Crossover.NONE);
    }

    /**
     * Against a, both b and c win at hand-off 1: only holding c against b says that c is the best there. At 0 a is, at
     * 0.5 nobody is shown to be. The bound is compared with, and never called the best.
     */
    @Test
    void theHeadlineIsOfTheBestOfAllStrategies() {
        ComparisonDocument document = three();
        assertThat(document.verdicts().get(0))
                .isEqualTo("Best of 3 strategies in throughput at 3 points over handoff: a at 1 (handoff 0.0),"
                        + " c at 1 (handoff 1.0), undecided at 1 (between a, b); nowhere b.");
        WinnerMap map = document.winners().get(0);
        assertThat(map.strategies()).containsExactly("a", "b", "c");
        assertThat(map.comparisons()).isEqualTo(9);
        assertThat(map.points()).extracting(WinnerMap.Point::winner).containsExactly("a", null, "c");
        assertThat(map.points().get(2).lead()).isBetween(1.06, 1.08);
        assertThat(map.points().get(1).contenders()).containsExactlyInAnyOrder("a", "b");
        assertThat(document.notes()).anyMatch(note -> note.contains("all 9 pairs of strategies of all points"));
        assertThat(ResultJson.readComparison(ResultJson.write(document))).isEqualTo(document);
    }

    private static ComparisonDocument three() {
        return Crossovers.in(compared(), List.of("handoff"));
    }

    private static ComparisonDocument compared() {
        return Comparison.compare(runs(), ComparisonOptions.against("a"));
    }

    private static List<RunResult> runs() {
        List<RunResult> runs = new ArrayList<>();
        double[][] ratios = {{0.9, 0.8}, {1.0, 0.7}, {1.4, 1.5}};
        for (int place = 0; place < ratios.length; place++) {
            for (int seed = 1; seed <= SEEDS; seed++) {
                double level = 1e6 * (1 + seed % 5);
                double noise = 1 + 0.002 * ((seed * 7 + place * 3) % 11 - 5);
                double other = 1 + 0.002 * ((seed * 5 + place) % 11 - 5);
                runs.add(Runs.run("a", place / 2.0, seed, level));
                runs.add(Runs.run("b", place / 2.0, seed, level * ratios[place][0] * noise));
                runs.add(Runs.run("c", place / 2.0, seed, level * ratios[place][1] * other));
                runs.add(Runs.run("ideal", place / 2.0, seed, 9 * level));
            }
        }
        return runs;
    }

    /** With few seeds the means are all there is, and a list of losers says nothing. */
    @Test
    void withTooFewSeedsTheBestMeansAreNamedAndManyLosersAreCounted() {
        List<RunResult> runs = new ArrayList<>();
        for (int place = 0; place < 3; place++) {
            for (int i = 0; i < 12; i++) {
                runs.add(Runs.run("s" + i, place / 2.0, 1, 1e6 * (i == place / 2 ? 2 : 1)));
            }
        }
        ComparisonDocument few = Comparison.compare(runs, ComparisonOptions.against("s0"));
        assertThat(Crossovers.best(few).verdicts().get(0))
                .isEqualTo("Best of 12 strategies in throughput at 3 points over handoff: too few seeds to say at 3"
                        + " (best means: s0 at 2, s1 at 1).");
        assertThat(few.verdicts().get(0))
                .isEqualTo("s1 against s0, throughput_ops_per_s: too few seeds in 3 (from -50.0% to 2.00 times); 3"
                        + " cells in all.");
        List<RunResult> enough = new ArrayList<>();
        for (int seed = 1; seed <= SEEDS; seed++) {
            for (int i = 0; i < 12; i++) {
                double noise = 1 + 0.001 * ((seed * 7 + i * 3) % 11 - 5);
                enough.add(Runs.run("s" + i, 0, seed, 1e6 * (i == 0 ? 2 : 1) * noise));
                enough.add(Runs.run("s" + i, 1, seed, 1e6 * (i == 0 ? 2 : 1) * noise));
            }
        }
        assertThat(Crossovers.best(Comparison.compare(enough, ComparisonOptions.against("s0")))
                        .verdicts()
                        .get(0))
                .endsWith(": s0 at 2; nowhere the 11 others.");
    }

    /** Without a map the same is said, once, however often a document goes through. */
    @Test
    void theBestOfAllIsSaidWithoutAMapToo() {
        ComparisonDocument plain = Crossovers.best(compared());
        assertThat(plain.verdicts().get(0)).isEqualTo(three().verdicts().get(0));
        assertThat(plain.winners()).isNull();
        assertThat(Crossovers.best(plain)).isEqualTo(plain);
        assertThat(Crossovers.in(plain, List.of("handoff")).verdicts()).isEqualTo(three().verdicts());
        List<RunResult> alone = runs().stream()
                .filter(run -> run.key().workload().endsWith("=1.0"))
                .toList();
        assertThat(Crossovers.best(Comparison.compare(alone, ComparisonOptions.against("a")))
                        .verdicts()
                        .get(0))
                .matches("Best of 3 strategies in throughput: c, [67]\\.\\d% ahead of the second\\.");
    }

    @Test
    void ofTwoStrategiesTheMapsSayItAll() {
        ComparisonDocument two = along(PLACES, 1.2, 1.1, 1.0, 0.9, 0.8);
        assertThat(two.winners()).isNull();
        assertThat(Crossovers.best(two)).isEqualTo(two);
    }
}
