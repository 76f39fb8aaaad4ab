package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.lang.management.ManagementFactory;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Engines are told apart by their speed alone. */
class EnginesTest {
    private static final int PROGRAMS = 120;
    private static final int STRETCHES = 6;
    private static final long STRETCH_CYCLES = 20_000;

    /**
     * Random programs on random machines: windows of 8, store buffers of 2, one to eight retirements a cycle, half a
     * taken branch a cycle to two; whatever a core's state is after some time, every engine leaves the same.
     */
    @Test
    void everyEngineLeavesTheInterpretersState() {
        EnumSet<Engine> others = EnumSet.complementOf(EnumSet.of(Engine.INTERPRETER, Engine.FASTEST));
        for (int seed = 0; seed < PROGRAMS; seed++) {
            RandomProgram program = new RandomProgram(seed);
            long slack = seed % 3 * 500;
            long[] expected = program.run(Engine.INTERPRETER, STRETCHES, STRETCH_CYCLES, slack);
            for (Engine engine : others) {
                assertThat(program.run(engine, STRETCHES, STRETCH_CYCLES, slack))
                        .as("program %d, %s", seed, engine)
                        .isEqualTo(expected);
            }
        }
    }

    /** The same with transactions, during which every engine leaves a core to the interpreter. */
    @Test
    void everyEngineLeavesTheSameBehindTransactions() {
        EnumSet<Engine> others = EnumSet.complementOf(EnumSet.of(Engine.INTERPRETER, Engine.FASTEST));
        for (int seed = 0; seed < PROGRAMS; seed++) {
            RandomProgram program = new RandomProgram(seed, true);
            long slack = seed % 3 * 500;
            long[] expected = program.run(Engine.INTERPRETER, STRETCHES, STRETCH_CYCLES, slack);
            for (Engine engine : others) {
                assertThat(program.run(engine, STRETCHES, STRETCH_CYCLES, slack))
                        .as("program %d, %s", seed, engine)
                        .isEqualTo(expected);
            }
        }
    }

    /** Paths are compiled for what a run does besides turns of loops, so those are counted, and nothing else is. */
    @Test
    void turnsOfLoopsAreCountedApart() {
        Machine machine = privateWork();
        machine.use(Engine.FASTEST);
        machine.run(2_000_000);
        // A pass has 8 loads, additions and stores, 30 turns, and two more; the last turn leaves the loop.
        double turns = machine.interpreter.selfLoop.turnsTaken();
        assertThat(turns / machine.cores[0].microOps()).isCloseTo(29 / 56.0, within(0.03));
    }

    /** Once it is warm the hot loop makes no objects: not a byte, however long it goes on. */
    @ParameterizedTest
    @EnumSource(
            value = Engine.class,
            names = {"INTERPRETER", "COMPILED", "COMPILED_FAST_FORWARD"})
    void theHotLoopAllocatesNothing(Engine engine) {
        Machine machine = privateWork();
        machine.use(engine);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long cycle = 0;
        long least = Long.MAX_VALUE;
        for (int stretch = 0; stretch < 8; stretch++) { // the host may load a class of its own in one of them
            long microOps = machine.cores[0].microOps();
            long allocated = threads.getCurrentThreadAllocatedBytes();
            cycle += 2_000_000;
            machine.run(cycle);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - allocated);
            assertThat(machine.cores[0].microOps() - microOps).isGreaterThan(1_000_000);
        }
        assertThat(least).as("bytes per million micro-operations").isZero();
    }

    /** A run that is too short to compile anything takes no memory for the tables of those that do. */
    @Test
    void shortRunsTakeNoMemoryForPaths() {
        assertThat(bytesOfAMachine(Engine.COMPILED)).isGreaterThan(700_000);
        assertThat(bytesOfAMachine(Engine.FASTEST)).isLessThan(400_000);
    }

    private static long bytesOfAMachine(Engine engine) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int time = 0; time < 3; time++) { // the first loads classes
            long allocated = threads.getCurrentThreadAllocatedBytes();
            Machine machine = privateWork();
            machine.use(engine);
            machine.run(1_000);
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - allocated);
        }
        return least;
    }

    private static Machine privateWork() {
        Layout layout = new Layout(0);
        long data = layout.reserve(4096, 64);
        Assembler a = new Assembler();
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        for (int i = 0; i < 8; i++) {
            a.ld64(Reg.T0, Reg.W0, 8 * i);
            a.addi(Reg.T0, Reg.T0, 1);
            a.st64(Reg.W0, 8 * i, Reg.T0);
        }
        a.li(Reg.T1, 30);
        Assembler.Label turn = a.here();
        a.djnz(Reg.T1, turn);
        a.jmp(again);
        return onOneCore("generic-64", a.link(), layout, data);
    }

    /** A machine of one core that begins at the program's main, with the address of its data in W0. */
    static Machine onOneCore(String profile, Program program, Layout layout, long data) {
        Machine machine = new Machine(
                ProfileReader.shipped(profile).withCpus(1),
                program,
                layout,
                null,
                (core, kind, argument, value, cycle) -> false,
                0);
        ThreadContext thread = new ThreadContext(0, program.position("main"));
        thread.regs[Reg.W0] = data;
        machine.cores[0].enterUser(thread, 0);
        return machine;
    }
}
