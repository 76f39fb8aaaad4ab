package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.WhyDocument;
import io.rseqlab.analyzer.result.WhyDocument.Difference;
import io.rseqlab.analyzer.result.WhyDocument.Part;
import io.rseqlab.trace.RunInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An explanation whose parts do not add up to what is to be explained explains something else. */
class WhyTest {
    private static final Prices PRICES = new Prices(0.125, 20, 90, 2000, 200, 500);
    private static final int SEEDS = 7;

    @TempDir
    Path scratch;

    private List<RunResult> runs;

    @BeforeEach
    void analyze() {
        List<Path> traces = new ArrayList<>();
        for (int seed = 1; seed <= SEEDS; seed++) {
            traces.add(write("rseq-freelist", seed, seed));
            traces.add(write("message-passing", seed, seed + 100));
        }
        runs = Analyzer.analyze(traces).runs();
    }

    private Path write(String strategy, long seed, long content) {
        RunInfo info = TestTraces.info(RunInfo.SIMULATED, RunInfo.COMPLETE, TestTraces.spec(strategy, seed));
        Path place = scratch.resolve(strategy + "-" + seed);
        return TestTraces.write(place, info, TestTraces.events(content, 200), TestTraces.counters(content));
    }

    private Difference difference(Prices prices) {
        WhyDocument document = Why.of(runs, "rseq-freelist", 0.95, run -> prices);
        assertThat(document.cells()).hasSize(1);
        return document.cells().get(0);
    }

    private static void requireWhole(List<Part> parts, Part whole) {
        List<ToDoubleFunction<Part>> sides = List.of(Part::baseline, Part::candidate, Part::difference);
        for (ToDoubleFunction<Part> side : sides) {
            double sum = parts.stream().mapToDouble(side).sum();
            assertThat(sum).isCloseTo(side.applyAsDouble(whole), within(1e-9 * Math.abs(whole.baseline())));
        }
    }

    private double mean(String strategy, ToDoubleFunction<RunResult> value) {
        return runs.stream()
                .filter(run -> strategy.equals(run.key().strategy()))
                .mapToDouble(value)
                .average()
                .orElseThrow();
    }

    @Test
    void partsAddUpToTheWhole() {
        Difference difference = difference(PRICES);
        assertThat(difference.n()).isEqualTo(SEEDS);
        assertThat(difference.whole().baseline()).isPositive();
        requireWhole(difference.where(), difference.whole());
        requireWhole(difference.why(), difference.whole());
        assertThat(difference.whole().difference())
                .isCloseTo(difference.whole().candidate() - difference.whole().baseline(), within(1e-9));
    }

    @Test
    void theWholeIsAllCyclesOverAllOperationsInEveryRun() {
        for (RunResult run : runs) {
            double cycles = run.perCpu().stream()
                    .mapToLong(cpu -> cpu.counts().get("user_cycles")
                            + cpu.counts().get("kernel_cycles")
                            + cpu.counts().get("idle_cycles"))
                    .sum();
            assertThat(run.number("cpu_cycles_per_op.all")).isCloseTo(cycles / run.number("ops"), within(1e-9));
        }
    }

    @Test
    void aPartIsItsCountTimesItsPrice() {
        Difference difference = difference(PRICES);
        Part instructions = difference.why().get(0);
        assertThat(instructions.name()).isEqualTo("instructions at full width");
        assertThat(instructions.baseline())
                .isCloseTo(mean("rseq-freelist", run -> run.number("micro_ops_per_op") * 0.125), within(1e-9));
        Part switches = difference.why().stream()
                .filter(part -> part.name().equals("switches"))
                .findFirst()
                .orElseThrow();
        assertThat(switches.candidate())
                .isCloseTo(
                        mean("message-passing", run -> 2000 * run.number("switches") / run.number("ops")),
                        within(1e-9));
        assertThat(switches.interval()).isNotNull();
    }

    @Test
    void linesOfOtherCoresAreMetadataObjectsOrFalseSharing() {
        Difference difference = difference(PRICES);
        double lines = difference.why().stream()
                .filter(part -> part.name().startsWith("lines "))
                .mapToDouble(Part::candidate)
                .sum();
        assertThat(lines)
                .isCloseTo(mean("message-passing", run -> 90 * run.number("line_transfers_per_op.all")), within(1e-9));
        assertThat(difference.why().stream()
                        .filter(part -> part.name().equals("lines by false sharing"))
                        .mapToDouble(Part::candidate)
                        .sum())
                .isCloseTo(
                        mean("message-passing", run -> 90 * run.number("line_transfers_per_op.false_sharing")),
                        within(1e-9))
                .isPositive();
    }

    @Test
    void withoutPricesOnlyWhatIsCountedIsSaid() {
        Difference difference = difference(null);
        assertThat(difference.why()).isEmpty();
        assertThat(difference.unpriced()).contains("name it with --machine");
        requireWhole(difference.where(), difference.whole());
    }

    @Test
    void withoutARivalThereIsNothingToTakeApart() {
        List<RunResult> alone = runs.stream()
                .filter(run -> run.key().strategy().equals("rseq-freelist"))
                .toList();
        assertThatThrownBy(() -> Why.of(alone, "rseq-freelist", 0.95, run -> PRICES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another strategy");
    }
}
