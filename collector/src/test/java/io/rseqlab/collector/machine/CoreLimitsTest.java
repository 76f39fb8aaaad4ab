package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What of a core runs out: registers, taken branches under way, the place of the oldest. */
class CoreLimitsTest {
    private static final int TURNS = 1000;
    /** So many dependent multiplications of three cycles begin each turn. */
    private static final int CHAIN = 40;

    private static final double CHAIN_CYCLES = 3 * CHAIN;

    /** Cycles a turn of a chain and what follows it, on a wide core with a window of 256. */
    private static double cycles(Map<String, Double> costs, Consumer<Assembler> body) {
        return cycles(costs, body, machine -> {}, 0);
    }

    /**
     * The same by two engines, which agree.
     *
     * @param microOps of a turn, 0 if each instruction that is not a fence is executed once
     */
    private static double cycles(
            Map<String, Double> costs, Consumer<Assembler> body, Consumer<Machine> prepare, long microOps) {
        Measured stepped = measured(costs, body, prepare, microOps, Engine.INTERPRETER);
        Measured compiled = measured(costs, body, prepare, microOps, Engine.COMPILED);
        assertThat(compiled.cycles).isEqualTo(stepped.cycles);
        assertThat(compiled.exposure).isEqualTo(stepped.exposure);
        return stepped.cycles;
    }

    private record Measured(double cycles, long[] exposure) {}

    private static Measured measured(
            Map<String, Double> costs,
            Consumer<Assembler> body,
            Consumer<Machine> prepare,
            long microOps,
            Engine engine) {
        MachineProfile shipped = ProfileReader.shipped("generic-64");
        Map<String, Double> all = new HashMap<>(shipped.costs());
        all.put("core.window", 256.0);
        all.putAll(costs);
        MachineProfile profile = new MachineProfile(
                "limits", shipped.clockHz(), 1, 1, shipped.clustersPerSocket(), all, shipped.facts());
        Layout layout = new Layout(0);
        long data = layout.reserve(4096, 64);
        Assembler a = new Assembler();
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        body.accept(a);
        a.jmp(again);
        Program program = a.link();
        Machine machine = new Machine(profile, program, layout, null, (core, kind, argument, value, cycle) -> false, 0);
        ThreadContext thread = new ThreadContext(0, program.position("main"));
        thread.regs[Reg.W0] = data;
        machine.cores[0].enterUser(thread, 0);
        prepare.accept(machine);
        machine.use(engine);
        long once = Arrays.stream(program.code())
                .filter(word -> Op.code(word) != Op.FENCE)
                .count();
        long perTurn = microOps == 0 ? once : microOps;
        machine.run(20_000);
        long before = machine.cores[0].microOps();
        machine.run(20_000 + 100L * TURNS);
        double cycles = 100.0 * TURNS * perTurn / (machine.cores[0].microOps() - before);
        return new Measured(cycles, machine.exposureCycles);
    }

    private static void chain(Assembler a) {
        a.li(Reg.T0, 3);
        for (int i = 0; i < CHAIN; i++) {
            a.mul(Reg.T0, Reg.T0, Reg.T0);
        }
    }

    private static Consumer<Assembler> chainAnd(int count, Consumer<Assembler> filler) {
        return a -> {
            chain(a);
            for (int i = 0; i < count; i++) {
                filler.accept(a);
            }
        };
    }

    private static void addition(Assembler a) {
        a.addi(Reg.T1, Reg.T2, 1);
    }

    private static void store(Assembler a) {
        a.st64(Reg.W0, 0, Reg.T2);
    }

    private static void jump(Assembler a) {
        Assembler.Label next = a.label();
        a.jmp(next);
        a.fence(); // never reached
        a.place(next);
    }

    @Test
    void chainsOfTwoTurnsOverlapInTheWindow() {
        assertThat(cycles(Map.of(), chainAnd(60, CoreLimitsTest::addition))).isLessThan(0.7 * CHAIN_CYCLES);
    }

    @Test
    void whereRegistersRunOutOnlyWhatWritesOneCounts() {
        Map<String, Double> few = Map.of("core.registers", 60.0, "core.store_buffer", 256.0);
        assertThat(cycles(few, chainAnd(60, CoreLimitsTest::addition))).isGreaterThan(0.95 * CHAIN_CYCLES);
        assertThat(cycles(few, chainAnd(60, CoreLimitsTest::store))).isLessThan(0.95 * CHAIN_CYCLES);
    }

    @Test
    void takenBranchesUnderWayAreCounted() {
        assertThat(cycles(Map.of("core.taken_in_flight", 8.0), chainAnd(20, CoreLimitsTest::jump)))
                .isGreaterThan(0.95 * CHAIN_CYCLES);
        assertThat(cycles(Map.of("core.taken_in_flight", 92.0), chainAnd(20, CoreLimitsTest::jump)))
                .isLessThan(0.7 * CHAIN_CYCLES);
    }

    /** What is in front of a locked operation retires first, if it executes as the oldest; else they overlap. */
    @Test
    void theOldestWaitsForWhatIsInFrontOfIt() {
        Consumer<Assembler> body = a -> {
            a.xchg(Reg.T1, Reg.W0, 0, Reg.T2);
            for (int i = 0; i < 80; i++) {
                addition(a);
            }
        };
        Map<String, Double> costs = Map.of("core.locked", 30.0, "core.dispatch_width", 8.0, "core.retire_width", 8.0);
        Map<String, Double> oldest = new HashMap<>(costs);
        oldest.put("core.locked_oldest", 1.0);
        assertThat(cycles(costs, body)).isBetween(29.0, 32.0);
        assertThat(cycles(oldest, body)).isBetween(38.0, 44.0);
    }

    /**
     * A compare-and-swap's microcode holds dispatch up: it shows behind many additions, and not behind a long chain.
     */
    @Test
    void aCompareAndSwapTakesMoreThanItsSlotOfDispatch() {
        Map<String, Double> plain = Map.of("core.locked", 10.0, "core.locked_128", 10.0, "core.dispatch_width", 4.0);
        Map<String, Double> microcode = new HashMap<>(plain);
        microcode.put("core.locked_dispatch", 2.0);
        microcode.put("core.locked_128_dispatch", 7.5);
        Consumer<Assembler> additions = chainlessAnd(120, a -> a.cas64(Reg.T3, Reg.W0, 0, Reg.T2, Reg.T2));
        assertThat(cycles(microcode, additions) - cycles(plain, additions)).isCloseTo(2, within(0.01));
        Consumer<Assembler> wide = chainlessAnd(120, a -> a.cas128(Reg.T3, Reg.W0, 0, Reg.T4, Reg.T4));
        assertThat(cycles(microcode, wide) - cycles(plain, wide)).isCloseTo(7.5, within(0.01));
    }

    private static Consumer<Assembler> chainlessAnd(int additions, Consumer<Assembler> last) {
        return a -> {
            for (int i = 0; i < additions; i++) {
                addition(a);
            }
            last.accept(a);
        };
    }

    /**
     * One that executes as the oldest waits until stores in front of it have left the store buffer, if that takes long.
     */
    @Test
    void theOldestWaitsForStoresToLeave() {
        Consumer<Assembler> body = a -> {
            a.xchg(Reg.T1, Reg.W0, 0, Reg.T2);
            a.st64(Reg.W0, 64, Reg.T2);
        };
        Map<String, Double> costs =
                new HashMap<>(Map.of("core.locked", 17.0, "core.locked_oldest", 1.0, "core.store_done", 1.0));
        double soon = cycles(costs, body);
        costs.put("core.store_leaves", 9.0);
        assertThat(soon).isBetween(16.9, 20.0);
        assertThat(cycles(costs, body) - soon).isBetween(7.0, 10.0);
    }

    /** Twelve loads of a word, each behind the one before; the store that feeds them stays in the store buffer. */
    @Test
    void aStoreThatIsOldFeedsLoadsAsFastAsTheyHit() {
        Consumer<Assembler> body = a -> {
            a.st64(Reg.W0, 0, Reg.T2);
            for (int i = 0; i < 12; i++) {
                a.andi(Reg.T1, Reg.T1, 0);
                a.add(Reg.T0, Reg.W0, Reg.T1);
                a.ld64(Reg.T1, Reg.T0, 0);
            }
        };
        Map<String, Double> costs = new HashMap<>(Map.of("core.store_forward_predicted", 0.0));
        costs.put("core.store_forward_done", 10.0);
        costs.put("core.store_leaves", 200.0);
        double hit = 2.0 + ProfileReader.shipped("generic-64").l1Cycles();
        assertThat(cycles(costs, body)).isCloseTo(12 * 12, within(0.1));
        costs.put("core.store_forward_old", 4.0);
        assertThat(cycles(costs, body)).isCloseTo(12 * hit, within(0.1));
    }

    /** The address of what a store left is known only when the store has left, which the fence waits for. */
    @Test
    void aStoreThatIsFoundAtDispatchFeedsALoadThoughItHasLeft() {
        Consumer<Assembler> body = a -> {
            a.st64(Reg.W0, 0, Reg.T2);
            a.fence();
            for (int i = 0; i < 8; i++) {
                a.mul(Reg.T1, Reg.T1, Reg.T1);
            }
            a.add(Reg.T0, Reg.W0, Reg.T1);
            a.ld64(Reg.T1, Reg.T0, 0);
            a.andi(Reg.T1, Reg.T1, 0);
        };
        Map<String, Double> costs = new HashMap<>(Map.of("core.store_forward_predicted", 1.0, "core.fence", 1.0));
        double late = 1 + 8 * 3 + 1 + ProfileReader.shipped("generic-64").l1Cycles();
        assertThat(cycles(costs, body, machine -> {}, 14)).isCloseTo(late, within(0.1));
        costs.put("core.store_forward_at_dispatch", 1.0);
        assertThat(cycles(costs, body, machine -> {}, 14)).isLessThan(15);
    }

    /**
     * The same where all goes on without a fence: what hangs on the load is waited for the less the sooner it is known.
     */
    @Test
    void whatIsFoundAtDispatchIsWaitedForTheLess() {
        int[] last = new int[1];
        Consumer<Assembler> body = a -> {
            a.st64(Reg.W0, 0, Reg.T2);
            a.li(Reg.T1, 0);
            for (int i = 0; i < 8; i++) {
                a.mul(Reg.T1, Reg.T1, Reg.T1);
            }
            a.add(Reg.T0, Reg.W0, Reg.T1);
            a.ld64(Reg.T1, Reg.T0, 0);
            for (int i = 0; i < 8; i++) {
                a.mul(Reg.T1, Reg.T1, Reg.T1);
            }
            last[0] = a.position();
            for (int i = 0; i < 400; i++) {
                addition(a);
            }
        };
        Map<String, Double> costs = new HashMap<>(Map.of("core.store_forward_predicted", 1.0));
        assertThat(waitedFor(costs, body, last)).isGreaterThan(1);
        costs.put("core.store_forward_at_dispatch", 1.0);
        assertThat(waitedFor(costs, body, last)).isZero();
    }

    /** Cycles a turn that an interrupt waits for what stands before a position. */
    private static double waitedFor(Map<String, Double> costs, Consumer<Assembler> body, int[] position) {
        double cycles = cycles(costs, body);
        long[] exposure = measured(costs, body, machine -> {}, 0, Engine.INTERPRETER).exposure;
        return cycles * exposure[position[0]] / Arrays.stream(exposure).sum();
    }

    @Test
    void exchangesTakeWhatTheProfileSaysOfThem() {
        Consumer<Assembler> exchange = a -> a.xchg(Reg.T1, Reg.W0, 0, Reg.T2);
        Consumer<Assembler> swap = a -> a.cas64(Reg.T1, Reg.W0, 0, Reg.T2, Reg.T4);
        Map<String, Double> costs = Map.of("core.locked", 20.0, "core.exchange", 11.0);
        assertThat(cycles(costs, exchange)).isBetween(11.0, 11.5);
        assertThat(cycles(costs, swap)).isBetween(20.0, 20.5);
        assertThat(cycles(Map.of("core.locked", 20.0), exchange)).isBetween(20.0, 20.5);
    }

    /** Loads that hang on an exchange overlap with the next one, unless it waits for loads in front of it. */
    @Test
    void lockedOperationsWaitForLoadsWhereTheProfileSaysSo() {
        Consumer<Assembler> body = a -> {
            a.xchg(Reg.T1, Reg.W0, 0, Reg.T2);
            a.andi(Reg.T1, Reg.T1, 0);
            a.add(Reg.T0, Reg.W0, Reg.T1);
            for (int i = 0; i < 12; i++) {
                a.ld64(Reg.T1, Reg.T0, 64);
                a.andi(Reg.T1, Reg.T1, 0);
                a.add(Reg.T0, Reg.W0, Reg.T1);
            }
        };
        double overlapped = cycles(Map.of("core.locked", 8.0), body);
        assertThat(cycles(Map.of("core.locked", 8.0, "core.locked_behind_loads", 1.0), body))
                .isGreaterThan(12 * 4)
                .isGreaterThan(2 * overlapped);
    }

    /** A locked operation takes several registers where the profile says so. */
    @Test
    void lockedOperationsTakeMoreRegisters() {
        Consumer<Assembler> body = chainAnd(4, a -> a.xchg(Reg.T1, Reg.W0, 0, Reg.T2));
        Map<String, Double> one = Map.of("core.registers", 66.0, "core.locked", 1.0);
        Map<String, Double> eight = Map.of("core.registers", 66.0, "core.locked", 1.0, "core.locked_registers", 8.0);
        assertThat(cycles(eight, body)).isGreaterThan(1.2 * cycles(one, body));
    }

    /** One of 16 bytes takes as many as others, or more where the profile says so. */
    @Test
    void lockedOperationsOfSixteenBytesTakeMoreRegistersStill() {
        Consumer<Assembler> body = chainAnd(4, a -> a.cas128(Reg.T1, Reg.W0, 0, Reg.T2, Reg.T4));
        Map<String, Double> costs = new HashMap<>(Map.of("core.registers", 66.0, "core.locked_128", 1.0));
        double one = cycles(costs, body);
        costs.put("core.locked_registers", 8.0);
        double eight = cycles(costs, body);
        costs.put("core.locked_128_registers", 16.0);
        assertThat(eight).isGreaterThan(1.2 * one);
        assertThat(cycles(costs, body)).isGreaterThan(1.2 * eight);
    }

    /** Where code lies badly, long loops that are one branch take it once a cycle; short ones, and elsewhere, not. */
    @Test
    void inSomePlacesLongLoopsTurnOnceACycle() {
        Map<String, Double> costs = new HashMap<>(Map.of("core.dispatch_width", 8.0, "core.retire_width", 8.0));
        costs.put("core.taken_branches_per_cycle", 2.0);
        costs.put("core.unpaired_loops", 0.5);
        costs.put("core.paired_turns", 64.0);
        double wellPlaced = loopCycles(costs, 100, 0.5);
        double badlyPlaced = loopCycles(costs, 100, 0.499);
        assertThat(wellPlaced).isLessThan(80);
        assertThat(badlyPlaced).isBetween(99.0, 104.0);
        assertThat(loopCycles(costs, 64, 0.499)).isEqualTo(loopCycles(costs, 64, 0.5));
        costs.remove("core.unpaired_loops");
        assertThat(loopCycles(costs, 100, 0.0)).isEqualTo(wellPlaced);
    }

    private static double loopCycles(Map<String, Double> costs, int loopTurns, double draw) {
        return cycles(
                costs,
                a -> {
                    a.li(Reg.T0, loopTurns);
                    Assembler.Label again = a.here();
                    a.djnz(Reg.T0, again);
                },
                machine -> machine.placeCode(() -> (long) (draw * 0x1p53) << 11),
                loopTurns + 2);
    }
}
