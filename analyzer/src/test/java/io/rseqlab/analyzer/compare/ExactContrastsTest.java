package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.WinnerMap;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of what never varies there is nothing to estimate and nothing to test, and a reader is told so. */
class ExactContrastsTest {
    private static final ComparisonOptions AGAINST_A = ComparisonOptions.against("a");

    /** Six pairs among many comparisons, so that no permutation could decide: nothing is left to chance. */
    @Test
    void figuresThatNeverVaryAreComparedExactlyAndNotTested() {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= 6; seed++) {
            for (double handoff : new double[] {0.1, 0.5, 1}) {
                runs.add(Runs.run("a", handoff, seed, 8e6));
                runs.add(Runs.run("b", handoff, seed, handoff == 1 ? 8e6 : 7e6));
                runs.add(Runs.run("c", handoff, seed, 8e6 * (1 + 0.1 * seed)));
            }
        }
        ComparisonDocument document = Comparison.compare(runs, AGAINST_A);
        Contrast lower = Runs.contrast(document.cells().get(0), "b");
        assertThat(lower.outcome()).isEqualTo("lower");
        assertThat(lower.verdict())
                .isEqualTo("lower by 12.5% in each of the 6 pairs (exact: no variation, so no test)");
        assertThat(lower.interval().method()).isEqualTo("none needed: the ratio is the same in every pair");
        assertThat(lower.p()).isNull();
        assertThat(lower.pHolm()).isNull();
        assertThat(lower.test()).isNull();
        Contrast same = Runs.contrast(document.cells().get(2), "b");
        assertThat(same.outcome()).isEqualTo("equivalent");
        assertThat(same.verdict()).isEqualTo("the same in each of the 6 pairs (exact: no variation, so no test)");
        assertThat(Runs.contrast(document.cells().get(2), "c").p()).isNotNull();
        assertThat(document.notes())
                .anyMatch(note -> note.contains("all 3 comparisons of throughput_ops_per_s"))
                .anyMatch(note -> note.startsWith("3 ratios of throughput_ops_per_s are the same in every pair"));
    }

    /** Counts are 0 in some runs: there are data and seeds enough, only nothing to divide. */
    @Test
    void valuesOfZeroAreNoLackOfDataOrSeedsAndHaveAnOrder() {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= 6; seed++) {
            for (double handoff : new double[] {0.1, 0.5}) {
                runs.add(Runs.run("a", handoff, seed, seed == 1 ? 1 : 0));
                runs.add(Runs.run("b", handoff, seed, seed == 1 ? 0 : 2));
                runs.add(Runs.run("z", handoff, seed, seed <= 2 ? 0 : 3));
            }
        }
        ComparisonDocument document = Comparison.compare(runs, AGAINST_A);
        assertThat(document.verdicts())
                .containsExactly(
                        "z against a, throughput_ops_per_s: no ratio, since runs have 0, in 2; 2 cells in all.",
                        "b against a, throughput_ops_per_s: no ratio, since runs have 0, in 2; 2 cells in all.");
        runs.replaceAll(run -> run.key().strategy().equals("a")
                ? Runs.run(
                        "a",
                        run.key().workload().endsWith("0.1") ? 0.1 : 0.5,
                        run.key().seed(),
                        1)
                : run);
        assertThat(new Winners(Comparison.compare(runs, AGAINST_A))
                        .points(cell -> "", cell -> null)
                        .values())
                .extracting(WinnerMap.Point::state)
                .containsOnly(MapPoint.NO_DATA);
    }

    /** A guard asks for a small p so as not to trip by chance; of an exact difference there is no chance. */
    @Test
    void anExactDifferenceTripsAGuardThatAsksForASmallP() {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= 6; seed++) {
            runs.add(Runs.run("a", 0.1, seed, 8e6));
            runs.add(Runs.run("b", 0.1, seed, 7e6));
            runs.add(Runs.run("c", 0.1, seed, 8e6));
        }
        ComparisonDocument document = Comparison.compare(runs, AGAINST_A);
        assertThat(FailIf.parse("ratio < 2 and p_holm < 0.05").trippedIn(document))
                .singleElement()
                .asString()
                .contains(": b in ");
        assertThat(FailIf.parse("b:p > 0").trippedIn(document)).isEmpty();
        assertThat(FailIf.parse("c:p >= 1").trippedIn(document)).hasSize(1);
    }

    /** 0 over 0 is no ratio, and yet both are the same; 0 against something is no lack of data. */
    @Test
    void twoThatHaveNothingInAnyRunAreTheSame() {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= 6; seed++) {
            for (double handoff : new double[] {0.1, 0.5}) {
                runs.add(Runs.run("a", handoff, seed, handoff == 0.1 ? 0 : 1 + seed));
                runs.add(Runs.run("b", handoff, seed, 0));
                runs.add(Runs.run("c", handoff, seed, seed == 3 ? 0 : seed));
            }
        }
        ComparisonDocument document = Comparison.compare(runs, AGAINST_A);
        Contrast same = Runs.contrast(document.cells().get(0), "b");
        assertThat(same.outcome()).isEqualTo("equivalent");
        assertThat(same.ratio()).isNull();
        assertThat(same.verdict()).isEqualTo("the same in each of the 6 pairs: 0");
        assertThat(Runs.contrast(document.cells().get(0), "c").verdict()).isEqualTo("no ratio: a has 0 in every pair");
        assertThat(Runs.contrast(document.cells().get(1), "b").verdict()).isEqualTo("no ratio: 0 in every pair");
        assertThat(Runs.contrast(document.cells().get(1), "c").verdict()).isEqualTo("no ratio: some runs have 0");
        assertThat(Crossovers.in(document, List.of("handoff"))
                        .crossovers()
                        .get(0)
                        .points())
                .extracting(point -> point.state() + " " + point.change())
                .containsExactly("equivalent same", "no_data –");
    }
}
