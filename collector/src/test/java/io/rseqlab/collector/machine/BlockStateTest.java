package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What random programs seldom come to: blocks leave the state that the interpreter leaves all the same. */
class BlockStateTest {
    private static final int OWN_BYTES = 1 << 18;
    /** Lines so far apart have one place in the filters and one set of the first level, which has room for both. */
    private static final int SAME_PLACE = 64 * Core.FILTER;

    private static final int STRETCHES = 600;
    private static final long STRETCH_CYCLES = 150;

    /** A core's state after each of many stretches of time. */
    private static List<String> run(Engine engine, Program program, int cpus, Map<String, Double> costs) {
        MachineProfile shipped = ProfileReader.shipped("generic-64");
        Map<String, Double> all = new HashMap<>(shipped.costs());
        all.putAll(costs);
        Layout layout = new Layout(0);
        long shared = layout.reserve(64, 64);
        long own = layout.reserve((long) OWN_BYTES * cpus, 64);
        Machine machine = new Machine(
                new MachineProfile(
                        "odd", shipped.clockHz(), cpus, 1, shipped.clustersPerSocket(), all, shipped.facts()),
                program,
                layout,
                null,
                (core, kind, argument, value, cycle) -> false,
                500);
        machine.use(engine);
        for (Core core : machine.cores) {
            ThreadContext thread = new ThreadContext(core.id, program.position("main"));
            thread.regs[Reg.W0] = own + (long) OWN_BYTES * core.id;
            thread.regs[Reg.W1] = shared;
            thread.regs[Reg.W2] = 12_345 + core.id;
            core.enterUser(thread, 37L * core.id);
        }
        List<String> states = new ArrayList<>();
        for (int stretch = 1; stretch <= STRETCHES; stretch++) {
            machine.run(stretch * STRETCH_CYCLES);
            for (Core core : machine.cores) {
                states.add(state(core));
            }
        }
        return states;
    }

    private static String state(Core core) {
        long[] wrongPath = new long[WrongPath.CAPTURED];
        core.wrongPath.capture(wrongPath, 0, core.entries, core.taken, core.dispatch);
        return "dispatch %d retirement %d drain %d loads %d ready %s stores %s wrong path %s"
                .formatted(
                        core.dispatch,
                        core.retireCycle,
                        core.drain,
                        core.memoryDone,
                        Arrays.toString(core.ready),
                        Arrays.toString(core.storeRing),
                        Arrays.toString(wrongPath));
    }

    private static void assertSame(Program program, int cpus, Map<String, Double> costs) {
        List<String> expected = run(Engine.INTERPRETER, program, cpus, costs);
        List<String> states = run(Engine.COMPILED, program, cpus, costs);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(states.get(i)).as("state %d", i).isEqualTo(expected.get(i));
        }
    }

    /** W2 = another number that looks random. */
    private static void draw(Assembler a) {
        a.li(Reg.T1, 1_103_515_245);
        a.mul(Reg.W2, Reg.W2, Reg.T1);
        a.addi(Reg.W2, Reg.W2, 1_235);
        a.shri(Reg.T0, Reg.W2, 20);
    }

    /** A branch that is taken and was predicted wrongly is none of the taken branches up to it. */
    @Test
    void takenBranchesBehindAWrongPredictionAreCountedFromIt() {
        Assembler a = new Assembler();
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        draw(a);
        a.andi(Reg.T0, Reg.T0, 1);
        Assembler.Label over = a.label();
        a.bnez(Reg.T0, over);
        a.addi(Reg.T2, Reg.T2, 1);
        a.addi(Reg.T2, Reg.T2, 1);
        a.place(over);
        a.addi(Reg.T2, Reg.T2, 1);
        a.jmp(again);
        assertSame(a.link(), 1, Map.of("core.taken_in_flight", 4.0));
    }

    /** A store whose line another core has taken meanwhile drains when it is back, and all behind it later. */
    @Test
    void aLineThatHasToComeBackHoldsTheStoreBufferUp() {
        Assembler a = new Assembler();
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        draw(a);
        a.mov(Reg.A0, Reg.T0);
        for (int i = 0; i < 60; i++) {
            a.mul(Reg.A0, Reg.A0, Reg.A0);
        }
        a.st64(Reg.W1, 8, Reg.A0);
        a.andi(Reg.A1, Reg.T0, 255);
        a.addi(Reg.A1, Reg.A1, 1);
        Assembler.Label turn = a.here();
        for (int i = 0; i < 2; i++) {
            a.ld64(Reg.T2, Reg.W0, i * SAME_PLACE);
            a.addi(Reg.T2, Reg.T2, 1);
        }
        for (int i = 0; i < 10; i++) {
            a.mov(Reg.A2, Reg.W0);
        }
        a.st64(Reg.W0, 128, Reg.T2);
        a.djnz(Reg.A1, turn);
        a.jmp(again);
        assertSame(a.link(), 2, Map.of("core.stores_unseen", 1.0));
    }

    /** The value of a store that has left the buffer when a load begins can still be known later than a hit's. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "1, 1"})
    void aLoadWaitsForAValueThatIsForwardedLate(double predicted, double atDispatch) {
        Assembler a = new Assembler();
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        a.li(Reg.A0, 7);
        for (int i = 0; i < 6; i++) {
            a.mul(Reg.A0, Reg.A0, Reg.ZERO);
        }
        a.st64(Reg.W0, 0, Reg.A0);
        a.mul(Reg.A1, Reg.A0, Reg.ZERO);
        a.add(Reg.A1, Reg.A1, Reg.W0);
        a.ld64(Reg.T0, Reg.A1, 0);
        for (int i = 0; i < 30; i++) {
            a.mov(Reg.T0, Reg.W0);
        }
        a.jmp(again);
        Map<String, Double> costs = Map.of(
                "core.dispatch_width", 1.0,
                "core.store_forward", 20.0,
                "core.store_forward_done", 4.0,
                "core.store_leaves", 1.0,
                "core.store_done", 1.0,
                "core.store_forward_predicted", predicted,
                "core.store_forward_at_dispatch", atDispatch);
        assertSame(a.link(), 1, costs);
    }
}
