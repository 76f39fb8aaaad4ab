package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.compare.Ranking.State;
import io.rseqlab.analyzer.result.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A winner is named only where every other strategy is shown to be worse, over all pairs that were looked at. */
class RankingTest {
    private static final String METRIC = "throughput_ops_per_s";

    /** Strategies a, b, c ... with these ratios to a, and noise of half a per cent. */
    private static List<RunResult> runs(int seeds, double... ratios) {
        List<RunResult> runs = new ArrayList<>();
        Random random = new Random(7);
        for (int seed = 1; seed <= seeds; seed++) {
            double level = 1e6 * (1 + seed % 5);
            for (int i = 0; i < ratios.length; i++) {
                double noise = 1 + 0.005 * random.nextGaussian();
                runs.add(Runs.run(String.valueOf((char) ('a' + i)), 0, seed, level * ratios[i] * noise));
            }
        }
        return runs;
    }

    private static Ranking ranking(Double margin, int seeds, double... ratios) {
        return Ranking.of(runs(seeds, ratios), METRIC, 0.95, margin);
    }

    @Test
    void theBestWinsIfAllOthersAreShownToBeWorse() {
        Ranking ranking = ranking(0.01, 10, 1, 1.2, 0.8);
        assertThat(ranking.winner()).isEqualTo("b");
        assertThat(ranking.standings()).extracting(Ranking.Standing::strategy).containsExactly("b", "a", "c");
        assertThat(ranking.second().ratio()).isCloseTo(1 / 1.2, within(0.01));
        assertThat(ranking.second().interval().high()).isLessThan(1);
        assertThat(ranking.contenders()).containsExactly("b");
        assertThat(ranking.comparisons()).isEqualTo(3);
        assertThat(ranking.seeds()).isEqualTo(10);
    }

    @Test
    void oneThatIsNotToldApartLeavesItUndecided() {
        Ranking ranking = ranking(null, 10, 1, 1.0005, 0.8);
        assertThat(ranking.winner()).isNull();
        assertThat(ranking.second().state()).isEqualTo(State.UNDECIDED);
        assertThat(ranking.contenders()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aDifferenceWithinTheMarginDoesNotMakeAWinner() {
        Ranking ranking = ranking(0.05, 10, 1, 1.02);
        assertThat(ranking.winner()).isNull();
        assertThat(ranking.second().state()).isEqualTo(State.EQUIVALENT);
    }

    /** Of ten pairs p is 2/2^10 at least; three strategies are three pairs, though the best is in two of them. */
    @Test
    void allPairsCountNotOnlyThoseOfTheBest() {
        Ranking three = ranking(null, 10, 1, 2, 3);
        assertThat(three.comparisons()).isEqualTo(3);
        assertThat(three.test()).isEqualTo("sign-flip permutation");
        assertThat(three.second().pHolm()).isCloseTo(3 * 2 / 1024.0, within(1e-12));
        assertThat(three.winner()).isEqualTo("c");
    }

    /** Eight strategies are 28 pairs, among which ten seeds decide nothing by permutation. */
    @Test
    void whereSeedsCannotDecideByPermutationTheTTestDoes() {
        Ranking eight = ranking(null, 10, 1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(eight.comparisons()).isEqualTo(28);
        assertThat(eight.test()).isEqualTo("paired t on log ratios");
        assertThat(eight.winner()).isEqualTo("h");
    }

    @Test
    void tooFewSeedsHaveAnOrderButNoIntervals() {
        Ranking ranking = ranking(0.01, 2, 1, 2);
        assertThat(ranking.winner()).isNull();
        assertThat(ranking.best().strategy()).isEqualTo("b");
        assertThat(ranking.second().state()).isEqualTo(State.TOO_FEW_SEEDS);
        assertThat(ranking.second().interval()).isNull();
    }

    @Test
    void onlySeedsThatAllHaveCount() {
        List<RunResult> runs = runs(10, 1, 2);
        runs.removeIf(run -> run.key().strategy().equals("b") && run.key().seed() > 7);
        assertThat(Ranking.of(runs, METRIC, 0.95, null).seeds()).isEqualTo(7);
    }

    @Test
    void severalCellsAndSingleStrategiesAreRefused() {
        List<RunResult> two = new ArrayList<>(runs(6, 1, 2));
        two.add(Runs.run("a", 0.5, 1, 1));
        assertThatThrownBy(() -> Ranking.of(two, METRIC, 0.95, null)).hasMessageContaining("one cell");
        assertThatThrownBy(() -> Ranking.of(runs(6, 1), METRIC, 0.95, null)).hasMessageContaining("nothing to rank");
    }
}
