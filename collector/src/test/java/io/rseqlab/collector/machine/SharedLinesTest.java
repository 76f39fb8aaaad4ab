package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A later access of a compiled path relies on an earlier one of the same line: what that must not change is in which
 * order lines were used last, which the interpreter sees to by asking the cache where its filter does not know a line.
 */
class SharedLinesTest {
    private static final MachineProfile PROFILE = ProfileReader.shipped("generic-64");
    private static final int SET_BYTES = PROFILE.l1Bytes() / PROFILE.l1Ways();
    private static final int FILTER_BYTES = Core.FILTER * 64;
    private static final int TURNS = 300;
    private static final int WORTH_A_BLOCK = 20;
    private static final int STRETCHES = 100;
    private static final long STRETCH_CYCLES = 1_000;

    private static final long FIRST_OTHER = 20;

    private static final int A = Reg.W0;
    private static final int B = Reg.W1;
    private static final int OTHERS = Reg.W2;
    private static final int DATA = Reg.W3;
    private static final int SHIFT = Reg.W4;

    /** Two lines of one slot of the filter: the second takes the first one's place between two accesses to that. */
    @Test
    void aLineThatIsDisplacedFromTheFilterIsAskedForAgain() {
        assertSame(1, FILTER_BYTES, code -> {
            loads(code);
            whichStays(code, 0);
        });
    }

    /** Lines that moved lately are not in the filter at all. */
    @Test
    void aContendedLineIsAskedForEachTime() {
        assertSame(2, 2 * SET_BYTES, code -> {
            loads(code);
            whichStays(code, 0);
        });
    }

    /** First the group lies in one line, then on both sides of the end of one. */
    @Test
    void aGroupThatComesToLieInTwoLinesIsLookedUpInBoth() {
        assertSame(1, 2 * SET_BYTES, code -> {
            Assembler.Label start = code.here();
            loads(code);
            code.xor(A, A, SHIFT);
            code.andi(Reg.T0, A, 63);
            code.bne(Reg.T0, Reg.ZERO, start);
            whichStays(code, 64);
        });
    }

    @Test
    void followersHaveTheirLeadersBaseAndLine() {
        Assembler code = new Assembler();
        code.ld64(Reg.T0, A, 0);
        code.ld64(Reg.T1, A, 16);
        code.st64(A, 8, Reg.T0); // a store does not follow a load
        code.ld64(Reg.T1, A, 64); // another line
        code.addi(A, A, 8);
        code.ld64(Reg.T1, A, 0); // another base
        code.st64(B, 8, Reg.T0); // another register
        code.ld64(Reg.T1, A, 24);
        code.ld64(Reg.T1, A, 50); // may end behind the end of memory
        long[] words = code.link().code();
        long[] regs = new long[32];
        regs[A] = 0x4000;
        regs[B] = 0x4000;
        Trace trace = new Trace();
        for (int position = 0; position < words.length; position++) {
            if (Op.code(words[position]) == Op.ADDI) {
                regs[A] += 8;
            }
            assertThat(trace.add(position, words[position], regs, 256, 64)).isTrue();
        }
        SharedLines lines = new SharedLines(trace, words);
        assertThat(lines.leaders).containsExactly(-1, 0, -1, -1, -1, -1, -1, 5, -1);
        assertThat(lines.followers).containsExactly(1, 7);
        assertThat(lines.low[0]).isZero();
        assertThat(lines.high[0]).isEqualTo(16);
        assertThat(lines.high[5]).isEqualTo(24);
    }

    /** Often: the first line, the second, and the first again. */
    private static void loads(Assembler code) {
        code.li(Reg.T5, TURNS);
        Assembler.Label turn = code.here();
        code.ld64(Reg.T0, A, 0);
        code.ld64(Reg.T1, B, 0);
        code.ld64(Reg.T2, A, 8);
        for (int i = 0; i < WORTH_A_BLOCK; i++) {
            code.li(Reg.T4, i); // independent of all, so that nothing waits
        }
        code.djnz(Reg.T5, turn);
    }

    /**
     * Loads so many other lines of the set, and of the next, that only the line used last stays; looks whether that is
     * one or the other; and leaves none.
     */
    private static void whichStays(Assembler code, int address) {
        others(code, 1, PROFILE.l1Ways());
        code.ld64(Reg.T3, DATA, address);
        others(code, PROFILE.l1Ways(), 2 * PROFILE.l1Ways() + 1);
    }

    private static void others(Assembler code, int from, int to) {
        for (int way = from; way < to; way++) {
            code.ld64(Reg.T3, OTHERS, way * SET_BYTES);
            code.ld64(Reg.T3, OTHERS, way * SET_BYTES + 64);
        }
    }

    private static void assertSame(int cpus, int distance, Consumer<Assembler> body) {
        List<Long> expected = states(Engine.INTERPRETER, cpus, distance, body);
        assertThat(states(Engine.COMPILED, cpus, distance, body)).isEqualTo(expected);
    }

    private static List<Long> states(Engine engine, int cpus, int distance, Consumer<Assembler> body) {
        Layout layout = new Layout(0);
        long data = layout.reserve(1 << 18, 1 << 16);
        Assembler code = new Assembler();
        code.place(code.label("writer"));
        code.st64(A, 0, Reg.T0);
        code.st64(B, 0, Reg.T0);
        Assembler.Label idle = code.here();
        code.addi(Reg.T1, Reg.T1, 1);
        code.jmp(idle);
        code.place(code.label("main"));
        Assembler.Label again = code.here();
        body.accept(code);
        code.jmp(again);
        Program program = code.link();
        Machine machine = new Machine(
                PROFILE.withCpus(cpus), program, layout, null, (core, kind, argument, value, cycle) -> false, 500);
        machine.use(engine);
        for (int cpu = cpus - 1; cpu >= 0; cpu--) {
            ThreadContext thread = new ThreadContext(cpu, program.position(cpu == 0 ? "main" : "writer"));
            thread.regs[A] = data;
            thread.regs[B] = data + distance;
            thread.regs[OTHERS] = data + FIRST_OTHER * SET_BYTES;
            thread.regs[DATA] = data;
            thread.regs[SHIFT] = 56;
            machine.cores[cpu].enterUser(thread, cpu == 0 ? 1_000 : 0);
        }
        List<Long> states = new ArrayList<>();
        for (int i = 1; i <= STRETCHES; i++) {
            machine.run(i * STRETCH_CYCLES);
            Core core = machine.cores[0];
            states.add(core.dispatch);
            states.add(core.microOps);
            states.add(core.disturbances); // lines that came to the first level among them
        }
        return states;
    }
}
