package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.CostDraws;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.stats.Proportion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Runs with drawn costs are no seeds: they say how often the winner would be another, and change nothing else. */
class CostFlipsTest {
    private static final int SEEDS = 10;

    /** Ratios of b to a by draw: two of five on the other side of 1 than the runs as they are. */
    private static final double[] DRAWS = {1.3, 0.9, 1.1, 0.8, 1.2};

    private static RunResult run(String strategy, long seed, double throughput, int draw, double lines) {
        RunResult run = Runs.run(strategy, 0.5, seed, throughput);
        Map<String, Object> spec = new LinkedHashMap<>(run.spec());
        if (draw > 0) {
            spec.put("cost_draw", draw);
        }
        spec.put("machine_digest", "d" + draw);
        Map<String, io.rseqlab.analyzer.result.MetricValue> metrics = new LinkedHashMap<>(run.metrics());
        metrics.put(
                "line_transfers_per_op",
                io.rseqlab.analyzer.result.MetricValue.group(
                        "lines", Map.of("all", io.rseqlab.analyzer.result.MetricValue.of(lines, "lines"))));
        return new RunResult(
                run.trace() + "/draw-" + draw,
                run.key(),
                run.source(),
                run.state(),
                spec,
                run.reproduce(),
                run.contentHash(),
                run.windowSeconds(),
                run.clockHz(),
                run.cpus(),
                run.offsetUnit(),
                metrics,
                run.latency(),
                run.abortSites(),
                run.sections(),
                run.perCpu(),
                run.perThread(),
                run.timeline(),
                run.notes(),
                run.violations());
    }

    private static List<RunResult> runs(double ratio, boolean drawn, double lines) {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= SEEDS; seed++) {
            double noise = 1 + 0.001 * (seed * 7 % 11 - 5);
            runs.add(run("a", seed, 1e6 * seed, 0, lines));
            runs.add(run("b", seed, 1e6 * seed * ratio * noise, 0, 0));
        }
        for (int draw = 1; drawn && draw <= DRAWS.length; draw++) {
            for (int seed = 1; seed <= 2; seed++) {
                runs.add(run("a", seed, 1e6 * seed, draw, lines));
                runs.add(run("b", seed, 1e6 * seed * DRAWS[draw - 1], draw, 0));
            }
        }
        return runs;
    }

    private static Contrast headline(ComparisonDocument document) {
        assertThat(document.cells()).hasSize(1);
        return document.cells().get(0).contrasts().get(0);
    }

    private static ComparisonDocument compared(List<RunResult> runs) {
        return Comparison.compare(runs, ComparisonOptions.against("a"));
    }

    @Test
    void flipsAreCountedOverDrawsWithAnExactInterval() {
        Contrast contrast = headline(compared(runs(1.15, true, 0)));
        CostDraws costs = contrast.costs();
        assertThat(costs.draws()).isEqualTo(5);
        assertThat(costs.seeds()).isEqualTo(2);
        assertThat(costs.flips()).isEqualTo(2);
        assertThat(costs.interval())
                .isEqualTo(
                        Estimates.interval(Proportion.clopperPearson(2, 5, 0.95).interval()));
        assertThat(costs.ratioLow()).isEqualTo(0.8, Offset.offset(1e-12));
        assertThat(costs.ratioHigh()).isEqualTo(1.3, Offset.offset(1e-12));
        assertThat(headline(compared(runs(0.85, true, 0))).costs().flips()).isEqualTo(3);
    }

    @Test
    void drawsChangeNothingElse() {
        Contrast with = headline(compared(runs(1.15, true, 0)));
        Contrast without = headline(compared(runs(1.15, false, 0)));
        assertThat(with.withCosts(null)).isEqualTo(without);
        assertThat(without.costs()).isNull();
    }

    @Test
    void aWinnerWithinTheErrorOfTheModelIsMarkedAndSharingHasTheLargerOne() {
        ModelError error = new ModelError(0.03, 0.1, "validate");
        for (double lines : new double[] {0, 0.5}) {
            ComparisonDocument document = Comparison.compare(
                    both(lines), ComparisonOptions.against("a").withErrors(run -> error));
            Contrast contrast = headline1(document);
            assertThat(contrast.modelError()).isEqualTo(lines > 0 ? 0.1 : 0.03);
            assertThat(contrast.withinModelError()).isEqualTo(lines > 0);
            assertThat(contrast.verdict().contains("validated error of ratios (±10.0%)"))
                    .isEqualTo(lines > 0);
            MapPoint point = Crossovers.in(document, List.of("handoff"))
                    .crossovers()
                    .get(0)
                    .points()
                    .get(0);
            assertThat(point.withinModelError()).isEqualTo(lines > 0);
            assertThat(document.modelError())
                    .contains("On zen5-vm-2 half of the throughputs were within ±3.0%", "±10.0%", "(validate)")
                    .doesNotContain("xtrapolated");
        }
        assertThat(compared(runs(1.05, false, 0)).modelError())
                .contains("Extrapolated, since not validated", "zen5-vm-2");
    }

    /** A second cell, so that there is an axis. */
    private static List<RunResult> both(double lines) {
        List<RunResult> runs = new ArrayList<>(runs(1.05, false, lines));
        for (int seed = 1; seed <= SEEDS; seed++) {
            runs.add(Runs.run("a", 1, seed, 1e6));
            runs.add(Runs.run("b", 1, seed, 2e6 + seed));
        }
        return runs;
    }

    private static Contrast headline1(ComparisonDocument document) {
        return document.cells().stream()
                .filter(cell -> cell.key().workload().contains("0.5"))
                .findFirst()
                .orElseThrow()
                .contrasts()
                .get(0);
    }
}
