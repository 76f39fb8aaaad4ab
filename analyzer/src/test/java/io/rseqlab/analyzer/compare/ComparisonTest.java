package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.analyzer.result.RunKey;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A comparison pairs by seed, keeps unlike runs apart, and claims no more than its seeds carry. */
class ComparisonTest {
    private static final ComparisonOptions AGAINST_A = ComparisonOptions.against("a");

    /** Seeds differ by far, the strategies by 10 % (b) and not at all but for noise (c). */
    private static List<RunResult> study(int seeds) {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= seeds; seed++) {
            double level = 1e6 * (1 + seed);
            double wiggle = 1 + 0.002 * (seed % 3 - 1);
            runs.add(Runs.run("a", 0.5, seed, level));
            runs.add(Runs.run("b", 0.5, seed, 1.1 * level * wiggle));
            runs.add(Runs.run("c", 0.5, seed, level * (seed % 2 == 0 ? 1.01 : 0.99)));
        }
        return runs;
    }

    @Test
    void pairingBySeedSeesThroughTheDifferenceBetweenSeeds() {
        ComparisonDocument document = Comparison.compare(study(10), AGAINST_A);
        Cell cell = document.cells().get(0);
        Contrast b = Runs.contrast(cell, "b");
        assertThat(b.ratio()).isCloseTo(1.1, within(0.002));
        assertThat(b.interval().low()).isGreaterThan(1.09);
        assertThat(b.n()).isEqualTo(10);
        assertThat(b.p()).isEqualTo(2.0 / 1024);
        assertThat(b.pHolm()).isEqualTo(4.0 / 1024);
        assertThat(b.correlation()).isGreaterThan(0.99);
        assertThat(b.outcome()).isEqualTo("higher");
        assertThat(b.verdict()).startsWith("higher by 10.0% [");
        assertThat(Runs.contrast(cell, "c").outcome()).isEqualTo("no_difference_detected");
        assertThat(document.verdicts().get(0))
                .startsWith("b against a, throughput_ops_per_s: higher by 10.0%")
                .contains("n=10");
        assertThat(cell.verdict()).contains("Highest mean: b.");
    }

    @Test
    void sentencesAreInTheOrderOfTheRatiosAndNotOfTheNames() {
        List<RunResult> runs = study(10);
        study(10).stream()
                .filter(run -> run.key().strategy().equals("a"))
                .forEach(run -> runs.add(Runs.run("z", 0.5, run.key().seed(), 2 * run.number("throughput_ops_per_s"))));
        assertThat(Comparison.compare(runs, AGAINST_A).verdicts().stream().map(line -> line.substring(0, 1)))
                .containsExactly("z", "b", "c");
    }

    /**
     * Ten pairs that all differ by the same size, or nearly, some of them the other way: of 1024 patterns of signs 2
     * are as extreme as 10 to 0, 2 (1 + 10) = 22 as 9 to 1, 2 (1 + 10 + 45) = 112 as 8 to 2, and all as 5 to 5. Two
     * cells with two strategies each make a table of four. Holm: 4 x 2, then 3 x 22, then 2 x 112, then 1024, over
     * 1024. Corrected cell by cell, 22 would count twice (44/1024 = 0.043) and be called a difference; over the table
     * it is 66/1024.
     */
    @Test
    void pIsCorrectedOverAllCellsOfTheTable() {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= 10; seed++) {
            runs.add(Runs.run("a", 0.1, seed, 1e6));
            runs.add(Runs.run("b", 0.1, seed, 1.01e6 + seed));
            runs.add(Runs.run("c", 0.1, seed, seed <= 5 ? 1.01e6 : 1e6 / 1.01));
            runs.add(Runs.run("a", 0.5, seed, 1e6));
            runs.add(Runs.run("b", 0.5, seed, seed <= 9 ? 1.01e6 : 1e6 / 1.01));
            runs.add(Runs.run("c", 0.5, seed, seed <= 8 ? 1.01e6 : 1e6 / 1.01));
        }
        ComparisonDocument document = Comparison.compare(runs, AGAINST_A);
        Cell first = document.cells().get(0);
        Cell second = document.cells().get(1);
        assertThat(Runs.contrast(first, "b").pHolm()).isEqualTo(8.0 / 1024);
        assertThat(Runs.contrast(second, "b").p()).isEqualTo(22.0 / 1024);
        assertThat(Runs.contrast(second, "b").pHolm()).isEqualTo(66.0 / 1024);
        assertThat(Runs.contrast(second, "c").pHolm()).isEqualTo(224.0 / 1024);
        assertThat(Runs.contrast(first, "c").pHolm()).isEqualTo(1);
        assertThat(Runs.contrast(first, "b").outcome()).isEqualTo("higher");
        assertThat(Runs.contrast(second, "b").interval().low()).isGreaterThan(1);
        assertThat(Runs.contrast(second, "b").outcome()).isEqualTo("no_difference_detected");
        assertThat(document.notes()).anyMatch(note -> note.contains("all 4 comparisons of throughput_ops_per_s"));
    }

    /** Six pairs have no p below 2/64, twice which is above 5 %: t decides, and the document says so. */
    @Test
    void seedsTooFewForPermutationsInTheTableAreJudgedByT() {
        ComparisonDocument document = Comparison.compare(study(6), AGAINST_A);
        Contrast b = Runs.contrast(document.cells().get(0), "b");
        assertThat(b.test()).isEqualTo("paired t on log ratios");
        assertThat(b.p()).isLessThan(1e-6);
        assertThat(b.outcome()).isEqualTo("higher");
        assertThat(document.notes())
                .anyMatch(note -> note.equals("p values are those of the paired t test, which takes log ratios for near"
                        + " normal: 6 seeds among 2 comparisons cannot decide by permutation, 7 can"));
        assertThat(Runs.contrast(Comparison.compare(study(7), AGAINST_A).cells().get(0), "b")
                        .test())
                .isEqualTo("sign-flip permutation");
    }

    @Test
    void tooFewSeedsGiveNoIntervalAndNoP() {
        Contrast b =
                Runs.contrast(Comparison.compare(study(5), AGAINST_A).cells().get(0), "b");
        assertThat(b.ratio()).isNotNull();
        assertThat(b.interval()).isNull();
        assertThat(b.p()).isNull();
        assertThat(b.outcome()).isEqualTo("too_few_seeds");
    }

    @Test
    void aMarginTurnsASmallDifferenceIntoEquivalence() {
        ComparisonOptions options = new ComparisonOptions("a", ComparisonOptions.DEFAULT_METRIC, 0.05, null, 0.95);
        assertThat(Runs.contrast(Comparison.compare(study(10), options).cells().get(0), "c")
                        .verdict())
                .isEqualTo("equivalent within ±5.0%");
    }

    @Test
    void aDifferenceBelowTheMarginIsCalledThat() {
        ComparisonOptions options = new ComparisonOptions("a", ComparisonOptions.DEFAULT_METRIC, 0.101, null, 0.95);
        assertThat(Runs.contrast(Comparison.compare(study(10), options).cells().get(0), "b")
                        .verdict())
                .startsWith("higher by 10.0% [")
                .endsWith("], which is less than the margin (±10.1%)");
    }

    @Test
    void theOrderOfRunsChangesNothing() {
        List<RunResult> shuffled = new ArrayList<>(study(8));
        ComparisonDocument ordered = Comparison.compare(shuffled, AGAINST_A);
        Collections.shuffle(shuffled, new Random(1));
        ComparisonDocument other = Comparison.compare(shuffled, AGAINST_A);
        assertThat(Runs.contrast(other.cells().get(0), "b"))
                .isEqualTo(Runs.contrast(ordered.cells().get(0), "b"));
    }

    @Test
    void onlySharedSeedsArePaired() {
        List<RunResult> runs = study(10);
        runs.removeIf(run -> run.key().strategy().equals("b") && run.key().seed() > 7);
        Cell cell = Comparison.compare(runs, AGAINST_A).cells().get(0);
        assertThat(Runs.contrast(cell, "b").n()).isEqualTo(7);
        assertThat(Runs.contrast(cell, "c").n()).isEqualTo(10);
    }

    @Test
    void sumsAndCommandsCoverAllSeeds() {
        StrategyResult a = Comparison.compare(study(10), AGAINST_A)
                .cells()
                .get(0)
                .strategies()
                .get(0);
        assertThat(a.strategy()).isEqualTo("a");
        assertThat(a.simulatedSeconds()).isCloseTo(2.0, within(1e-9));
        assertThat(a.events()).containsEntry("aborts", 20L).containsEntry("preemptions", 300L);
        assertThat(a.abortsByCause()).containsEntry("preemption", 20L);
        assertThat(a.abortSites().get(0).exposureCycles()).isEqualTo(1000);
        assertThat(a.latency().get("malloc").total()).isEqualTo(50);
        assertThat(a.reproduce()).isEqualTo("rseqlab collect --strategy a:capacity=256 --seeds 1..10 --out DIR");
    }

    @Test
    void aZeroGivesNoRatioButStaysAnEstimate() {
        ComparisonOptions options = new ComparisonOptions("a", "aborts_per_mop", null, null, 0.95);
        Cell cell = Comparison.compare(study(10), options).cells().get(0);
        assertThat(cell.contrasts().get(0).verdict()).isEqualTo("the same in each of the 10 pairs: 0");
        assertThat(cell.strategies().get(0).metrics().get("aborts_per_mop").mean())
                .isZero();
    }

    @Test
    void runsOfAnotherLengthAreAnotherCell() {
        List<RunResult> runs = study(6);
        runs.add(Runs.run("a", "a:capacity=256", 0.5, 1, 5e6, 2.0));
        runs.add(Runs.run("b", "b:capacity=256", 0.5, 1, 5e6, 2.0));
        ComparisonDocument document = Comparison.compare(runs, AGAINST_A);
        assertThat(document.cells())
                .extracting(cell -> cell.key().variant())
                .containsExactly("duration_s=0.2", "duration_s=2.0");
    }

    @Test
    void severalSettingsOfAStrategyAreNamedInFull() {
        List<RunResult> runs = study(6);
        runs.add(Runs.run("b", "b:capacity=64", 0.5, 1, 5e6, 0.2));
        assertThat(Comparison.strategies(runs)).containsExactly("a", "b:capacity=256", "c", "b:capacity=64");
    }

    @Test
    void cellsAreLabelledByWhatTellsThemApart() {
        List<RunResult> runs = study(6);
        runs.add(Runs.run("a", 1.0, 1, 5e6));
        runs.add(Runs.run("b", 1.0, 1, 5e6));
        assertThat(Comparison.compare(runs, AGAINST_A).cells())
                .extracting(Cell::label)
                .containsExactly("churn, handoff 0.5", "churn, handoff 1.0");
    }

    @Test
    void whatCannotBeComparedIsNamed() {
        List<RunResult> runs = study(6);
        runs.add(Runs.run("a", 0.5, 1, 5e6));
        runs.add(recorded());
        runs.add(Runs.run("b", 0.9, 1, 5e6));
        assertThat(Comparison.compare(runs, AGAINST_A).skipped())
                .anyMatch(reason -> reason.endsWith("the same strategy and seed as out/a:capacity=256/0.5/1"))
                .anyMatch(reason -> reason.equals("rec: a recorded trace has no strategy to compare"))
                .anyMatch(reason -> reason.endsWith("no run of the baseline a"));
        assertThatThrownBy(() -> Comparison.compare(runs, ComparisonOptions.against("z")))
                .hasMessage("no run of the baseline 'z'; there are: a, b, c");
        assertThatThrownBy(() -> Comparison.compare(List.of(recorded()), AGAINST_A))
                .hasMessageStartingWith("nothing to compare: rec");
    }

    /** Tables of single runs call a strategy what comparisons call it, so that averages by name mix no settings. */
    @Test
    void aStrategyIsCalledByItsSettingsWhereSeveralMeet() {
        RunResult one = Runs.run("a", "a:batch=1", 0.5, 1, 1, 0.2);
        RunResult other = Runs.run("a", "a:batch=2", 0.5, 1, 1, 0.2);
        RunResult alone = Runs.run("b", "b:batch=1", 0.5, 1, 1, 0.2);
        StrategyLabels labels = StrategyLabels.of(List.of(one, other, alone, recorded()));
        assertThat(labels.of(one)).isEqualTo("a:batch=1");
        assertThat(labels.of(other)).isEqualTo("a:batch=2");
        assertThat(labels.of(alone)).isEqualTo("b");
        assertThat(labels.of(recorded())).isNull();
    }

    private static RunResult recorded() {
        RunResult any = Runs.run("a", 0.5, 1, 1);
        RunKey key = new RunKey(null, null, null, null, null, null, null, null);
        return new RunResult(
                "rec",
                key,
                "recorded",
                "complete",
                any.spec(),
                null,
                "00",
                1,
                1,
                2,
                "bytes",
                any.metrics(),
                any.latency(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                null);
    }

    @Test
    void theDocumentSurvivesItsJson() {
        ComparisonDocument document = Comparison.compare(study(10), AGAINST_A);
        assertThat(ResultJson.readComparison(ResultJson.write(document))).isEqualTo(document);
        assertThat(document.modelError()).contains("Extrapolated").contains("zen5-vm-2");
        assertThat(document.notes()).anyMatch(note -> note.contains("corrected (Holm)"));
    }

    /** What another version of the model says is no difference between strategies. */
    @Test
    void versionsOfTheModelAreNotComparedWithEachOther() {
        List<RunResult> runs = study(10);
        runs.forEach(run -> run.spec().put("model_version", run.key().strategy().equals("b") ? "13" : "14"));
        ComparisonDocument document = Comparison.compare(runs, AGAINST_A);
        assertThat(document.cells()).singleElement().satisfies(cell -> {
            assertThat(cell.key().variant()).isEqualTo("model_version=14");
            assertThat(cell.strategies()).extracting(StrategyResult::strategy).containsExactly("a", "c");
        });
        assertThat(document.skipped())
                .singleElement()
                .asString()
                .contains("model_version=13", "no run of the baseline a");
    }

    @Test
    void aConditionTripsWhereAllItsTermsHold() {
        ComparisonDocument document = Comparison.compare(study(10), AGAINST_A);
        assertThat(FailIf.parse("ratio>1.05 and p_holm<5%").trippedIn(document))
                .containsExactly("ratio>1.05 and p_holm<5%: b in churn");
        assertThat(FailIf.parse("high<1").trippedIn(document)).isEmpty();
        assertThat(FailIf.parse("throughput_ops_per_s >= 1e3").trippedIn(document))
                .hasSize(3);
        assertThat(FailIf.parse("c:throughput_ops_per_s>1e3").trippedIn(document))
                .hasSize(1);
        assertThat(FailIf.parse("nothing>1").unknownIn(document)).containsExactly("no estimate of 'nothing'");
        assertThatThrownBy(() -> FailIf.parse("ratio=1")).hasMessageContaining("write [STRATEGY:]METRIC");
        assertThatThrownBy(() -> FailIf.parse("ratio>1e400")).hasMessageContaining("too large");
    }

    /** A guard that cannot trip is a mistake: nobody has all of it, though each name in it is one. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a:ratio > 0 | no strategy has all of 'a:ratio > 0' in any place",
                "b:ratio > 0 AND c:ratio > 0 | no strategy has all of",
                "b:throughput_ops_per_s > 0 and c:ratio > 0 | no strategy has all of",
                "b:ratio > 9 AND b:throughput_ops_per_s > 0 |",
                "ratio > 9 |"
            })
    void aConditionThatCouldNeverTripIsTold(String condition, String problem) {
        List<String> unknown = FailIf.parse(condition).unknownIn(Comparison.compare(study(10), AGAINST_A));
        if (problem == null) {
            assertThat(unknown).isEmpty();
        } else {
            assertThat(unknown).singleElement().asString().startsWith(problem);
        }
    }

    @Test
    void aConditionOnRunsThatCouldNeverTripIsTold() {
        AnalysisDocument document = new AnalysisDocument(study(1));
        assertThat(FailIf.parse("a:aborts > 9 and a:ops_per_s < 9").unknownIn(document))
                .containsExactly("no metric is called 'ops_per_s'");
        assertThat(FailIf.parse("a:aborts > 9 and preemptions < 9").unknownIn(document))
                .isEmpty();
        assertThat(FailIf.parse("a:aborts > 9 and b:preemptions < 9").unknownIn(document))
                .singleElement()
                .asString()
                .startsWith("no run has all of");
    }

    /** Two settings of one strategy: a condition may mean one of them, in its figures and in its contrasts. */
    @Test
    void aConditionMayNameOneSettingOfAStrategy() {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= 8; seed++) {
            runs.add(Runs.run("a", "a:batch=1", 0.5, seed, 1e6 + seed, 0.2));
            runs.add(Runs.run("f", "f:cap=64,refill=32", 0.5, seed, 1.5e6 + seed, 0.2));
            runs.add(Runs.run("f", "f:cap=256,refill=32", 0.5, seed, 2e6 + seed, 0.2));
        }
        ComparisonDocument document = Comparison.compare(runs, AGAINST_A);
        assertThat(FailIf.parse("f:cap=64:throughput_ops_per_s > 1e3").trippedIn(document))
                .containsExactly("f:cap=64:throughput_ops_per_s > 1e3: f:cap=64,refill=32 in churn");
        assertThat(FailIf.parse("f:cap=256:ratio > 1.2 and p_holm < 5%").trippedIn(document))
                .hasSize(1);
        assertThat(FailIf.parse("f:cap=64,refill=32:ratio > 1.7").trippedIn(document))
                .isEmpty();
        assertThat(FailIf.parse("f:throughput_ops_per_s:ratio > 1.2").trippedIn(document))
                .hasSize(2);
        assertThat(FailIf.parse("throughput_ops_per_s:ratio > 1.2").trippedIn(document))
                .hasSize(2);
        assertThat(FailIf.parse("f:ratio > 1.2").unknownIn(document)).isEmpty();
        assertThat(FailIf.parse("f:cap=65:ratio > 1.2").unknownIn(document))
                .containsExactly("'f:cap=65' is neither a metric with contrasts nor a strategy");
        assertThat(FailIf.parse("f:cap=65:throughput_ops_per_s > 1").unknownIn(document))
                .containsExactly("no strategy 'f:cap=65'");
        AnalysisDocument analysis = new AnalysisDocument(runs);
        assertThat(FailIf.parse("f:cap=64:throughput_ops_per_s > 1e3").trippedIn(analysis))
                .hasSize(8);
    }

    @Test
    void aBaselineMayBeNamedByItsBareNameOrBySomeParametersIfOneRunFits() {
        List<RunResult> runs = new ArrayList<>();
        for (String settings :
                List.of("f:cap=64,refill=32", "f:cap=64,refill=8", "f:cap=256,refill=32", "m:batch=64")) {
            runs.add(Runs.run(settings.substring(0, 1), settings, 0.5, 1, 1e6, 0.2));
        }
        assertThat(BaselineName.fitting("m", runs)).containsExactly("m");
        assertThat(BaselineName.fitting("m:batch=64", runs)).containsExactly("m");
        assertThat(BaselineName.fitting("m:batch=63", runs)).isEmpty();
        assertThat(BaselineName.fitting("f:cap=2_56.0", runs)).containsExactly("f:cap=256,refill=32");
        assertThat(BaselineName.fitting("f:refill=8,cap=64", runs)).containsExactly("f:cap=64,refill=8");
        assertThat(BaselineName.fitting("f:cap=64", runs)).containsExactly("f:cap=64,refill=32", "f:cap=64,refill=8");
        assertThat(BaselineName.fitting("f", runs)).hasSize(3);
        assertThat(BaselineName.fitting("f:", runs)).isEmpty();
        assertThat(BaselineName.fitting("g", runs)).isEmpty();
    }

    @Test
    void aRatioWithoutAnIntervalSaysWhy() {
        assertThat(Comparison.compare(study(5), AGAINST_A).notes())
                .anyMatch(note -> note.startsWith("2 ratios of throughput_ops_per_s stand without interval and p, since"
                        + " fewer than 6 seeds ran with both strategies"));
        assertThat(Comparison.compare(study(6), AGAINST_A).notes()).noneMatch(note -> note.contains("stand without"));
    }
}
