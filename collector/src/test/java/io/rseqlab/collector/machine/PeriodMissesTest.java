package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Periods are skipped up to a branch that will be predicted wrongly, and not over it. */
class PeriodMissesTest {
    private static final PeriodsTest.Loop COUNTS = new PeriodsTest.Loop(a -> {
        PeriodsTest.count(a, PeriodsTest.COUNTER, 1);
        a.li(Reg.W7, 0);
    });

    private static void agree(MachineProfile profile, Consumer<Assembler> more, Consumer<Core> prepare) {
        PeriodsTest.Left expected =
                PeriodsTest.run(profile, COUNTS, more, prepare, Engine.INTERPRETER, PeriodsTest.CYCLES);
        for (Engine engine : new Engine[] {Engine.FAST_FORWARD, Engine.COMPILED_FAST_FORWARD}) {
            PeriodsTest.Left left = PeriodsTest.run(profile, COUNTS, more, prepare, engine, PeriodsTest.CYCLES);
            assertThat(left.state()).as("%s", engine).isEqualTo(expected.state());
            assertThat(left.skipped()).as("skipped").isGreaterThan(100_000);
        }
    }

    /** The predictor counts the turns of an endless loop, too, and its counter overflows. */
    @ParameterizedTest
    @ValueSource(ints = {Integer.MAX_VALUE - 9_000, -9_000, Integer.MIN_VALUE})
    void aBranchsCounterComesToItsEnd(int tripCount) {
        agree(PeriodsTest.MACHINE, a -> {}, core -> Arrays.fill(core.tripCount, tripCount));
    }

    /** A loop that was too long to be counted before is guessed to end at a turn, far beyond where it used to. */
    @ParameterizedTest
    @ValueSource(ints = {5_000, 9_001, 20_000})
    void aLoopComesToTheTurnAtWhichItIsGuessedToEnd(int stumbleTurn) {
        MachineProfile shipped = PeriodsTest.MACHINE;
        Map<String, Double> costs = new HashMap<>(shipped.costs());
        costs.put("core.stumble_turn", (double) stumbleTurn);
        MachineProfile stumbles = new MachineProfile(
                "stumbles",
                shipped.clockHz(),
                shipped.cpus(),
                shipped.cpusPerCluster(),
                shipped.clustersPerSocket(),
                costs,
                shipped.facts());
        agree(stumbles, a -> {}, core -> Arrays.fill(core.tripExpected, Integer.MAX_VALUE));
    }

    /**
     * CPU 1 keeps the others from jumping with work that is no period, so that they owe more and more turns; then it
     * comes into a period, too. How far it is to the miss counts from where a core is, not from where it owes to be.
     */
    @ParameterizedTest
    @ValueSource(ints = {-60_000, -110_000, -140_000})
    void coresThatOweTurnsComeToAMiss(int tripCount) {
        Consumer<Assembler> late = a -> {
            PeriodsTest.count(a, PeriodsTest.COUNTER, 1);
            a.li(Reg.W7, 0);
            a.li(Reg.T0, 100_000);
            Assembler.Label turn = a.here();
            a.djnz(Reg.T0, turn);
        };
        agree(PeriodsTest.MACHINE, late, core -> Arrays.fill(core.tripCount, tripCount));
    }
}
