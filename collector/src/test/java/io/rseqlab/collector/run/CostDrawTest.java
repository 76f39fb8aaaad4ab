package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.MachineProfile.Fact;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.spec.UsageException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A draw moves the costs that are known as ranges, within them, the same way under every strategy, and nothing else.
 */
class CostDrawTest {
    private static final MachineProfile ZEN5 = ProfileReader.shipped("zen5-vm-2");

    /** What a fact's number is in a draw, in the fact's unit; the cost itself where nothing is drawn. */
    private static double drawn(Fact fact, int number) {
        double cost = CostDraw.of(ZEN5, number).cost(fact.key());
        return fact.ranged() ? cost / ZEN5.cost(fact.key()) * fact.value() : cost;
    }

    @Test
    void everyRangeIsFilledAndNothingElseMoves() {
        for (Fact fact : ZEN5.facts()) {
            double[] drawn = IntStream.rangeClosed(1, 200)
                    .mapToDouble(number -> drawn(fact, number))
                    .sorted()
                    .toArray();
            if (fact.ranged()) {
                double width = fact.high() - fact.low();
                assertThat(drawn[0]).as(fact.key()).isBetween(fact.low() - 1e-9, fact.low() + 0.05 * width + 1e-9);
                assertThat(drawn[199]).as(fact.key()).isBetween(fact.high() - 0.05 * width - 1e-9, fact.high() + 1e-9);
            } else {
                assertThat(drawn[0]).as(fact.key()).isEqualTo(ZEN5.cost(fact.key()));
                assertThat(drawn[199]).as(fact.key()).isEqualTo(ZEN5.cost(fact.key()));
            }
        }
    }

    @Test
    void wholeCountsStayWhole() {
        Set<Double> widths = new HashSet<>();
        IntStream.rangeClosed(1, 60)
                .forEach(number -> widths.add(CostDraw.of(ZEN5, number).cost("core.dispatch_width")));
        assertThat(widths).containsExactlyInAnyOrder(6.0, 7.0, 8.0);
    }

    @Test
    void aDrawIsTheSameUnderEveryStrategyAndAnotherOneIsNot() {
        RunRequest request = RunRequest.of("rseq-freelist", "churn").cpus(1);
        RunSpec freelist = RunSpecs.resolve(request.costDraw(3), 1);
        RunSpec messages = RunSpecs.resolve(
                RunRequest.of("message-passing", "churn:handoff=0.5").costDraw(3), 7);
        RunSpec other = RunSpecs.resolve(request.costDraw(4), 1);
        assertThat(messages.machine().costs()).isEqualTo(freelist.machine().costs());
        assertThat(other.machine().costs()).isNotEqualTo(freelist.machine().costs());
        assertThat(freelist.command()).contains(" --cost-draw 3");
        assertThat(freelist.toMap()).containsEntry("cost_draw", 3);
        assertThat(RunSpecs.resolve(request.costDraw(3), 1).toMap()).isEqualTo(freelist.toMap());
    }

    /** Otherwise every trace would have another content hash than before there were draws. */
    @Test
    void withoutADrawNothingSaysThatThereIsSuchAThing() {
        RunSpec plain = RunSpecs.resolve(RunRequest.of("rseq-freelist", "churn"), 1);
        assertThat(plain.toMap()).doesNotContainKey("cost_draw");
        assertThat(plain.command()).doesNotContain("cost-draw");
        assertThat(plain.machine().costs()).isEqualTo(ZEN5.costs());
    }

    @Test
    void aMachineWithoutRangesIsRefused() {
        List<Fact> facts = ZEN5.facts().stream()
                .map(fact -> new Fact(fact.key(), fact.value(), fact.unit(), fact.source(), fact.assumed()))
                .toList();
        MachineProfile exact = new MachineProfile("exact", 1_000_000_000L, 2, 2, 1, ZEN5.costs(), facts);
        assertThatThrownBy(() -> CostDraw.of(exact, 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("machine exact")
                .hasMessageContaining("calibrate");
        assertThatThrownBy(() -> CostDraw.of(ZEN5, -1)).isInstanceOf(UsageException.class);
    }
}
