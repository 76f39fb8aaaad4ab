package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/**
 * What the branch predictor knows: loops that always turn as often, up to a number of turns, and which way is usual.
 */
class BranchPredictionTest {
    private static final int MAX_TRIP = 100;
    private static final int OUTCOMES = 20_000;

    /** Share of outcomes that are mispredicted; the branch is taken where the pattern says so. */
    private static double missed(IntPredicate taken) {
        return missed(taken, Map.of());
    }

    private static double missed(IntPredicate taken, Map<String, Double> differs) {
        MachineProfile generic = ProfileReader.shipped("generic-64");
        Map<String, Double> costs = new HashMap<>(generic.costs());
        costs.putAll(differs);
        Assembler a = new Assembler();
        a.place(a.label("main"));
        a.fence();
        Machine machine = new Machine(
                new MachineProfile("x", generic.clockHz(), 1, 1, 1, costs, generic.facts()),
                a.link(),
                new Layout(0),
                null,
                (core, kind, argument, value, cycle) -> false,
                0);
        int missed = 0;
        for (int i = 0; i < OUTCOMES; i++) {
            missed += BranchPredictor.predicted(machine.cores[0], 0, taken.test(i), MAX_TRIP) ? 0 : 1;
        }
        return (double) missed / OUTCOMES;
    }

    private static IntPredicate loopOf(int turns) {
        return i -> i % turns != turns - 1;
    }

    private static IntPredicate atRandom(double probability) {
        Random random = new Random(1);
        return i -> random.nextDouble() < probability;
    }

    @Test
    void exitsOfSteadyLoopsArePredicted() {
        assertThat(missed(loopOf(25))).isLessThan(0.001);
        assertThat(missed(loopOf(MAX_TRIP + 1))).isLessThan(0.001);
    }

    @Test
    void exitsOfLoopsTooLongToCountAreMissedEachTime() {
        assertThat(missed(loopOf(500))).isBetween(0.9 / 500, 1.1 / 500);
    }

    /** Loops that are too long are missed twice where the profile says so: once inside. */
    @Test
    void loopsTooLongToCountMayBeGuessedToEndBefore() {
        Map<String, Double> stumbles = Map.of("core.stumble_turn", 150.0);
        assertThat(missed(loopOf(500), stumbles)).isBetween(1.9 / 500, 2.1 / 500);
        assertThat(missed(loopOf(120), stumbles)).isBetween(0.9 / 120, 1.1 / 120);
        assertThat(missed(loopOf(25), stumbles)).isLessThan(0.001);
    }

    /** A perfect guess would miss the rarer way, a two-bit counter misses it and a little more. */
    @Test
    void aBranchWithoutAPatternIsMissedAboutAsOftenAsItTakesItsRarerWay() {
        assertThat(missed(atRandom(0.1))).isBetween(0.1, 0.13);
        assertThat(missed(atRandom(0.25))).isBetween(0.25, 0.33);
        assertThat(missed(atRandom(0.9))).isBetween(0.1, 0.13);
    }
}
