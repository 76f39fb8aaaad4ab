package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where an interrupt lands is decided by when the next micro-operation will retire, which is found out without
 * executing it: it must be what happens then.
 */
class LandingTest {
    private static final int PROGRAMS = 40;
    private static final int STEPS = 4_000;
    private static final int WORDS = 12;

    /** Loads of what was stored long ago and just now, and arithmetic that lets time go by between. */
    private static Program loadsAndStores(Random random) {
        Assembler a = new Assembler();
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        for (int i = 0; i < 60; i++) {
            int register = Reg.A0 + random.nextInt(6);
            int other = Reg.A0 + random.nextInt(6);
            switch (random.nextInt(6)) {
                case 0, 1 -> a.ld64(register, Reg.W0, 8 * random.nextInt(WORDS));
                case 2, 3 -> a.st64(Reg.W0, 8 * random.nextInt(WORDS), register);
                case 4 -> a.mul(register, register, other);
                default -> a.addi(register, other, 1);
            }
        }
        a.jmp(again);
        return a.link();
    }

    @ParameterizedTest
    @ValueSource(strings = {"zen4-vm-2", "zen3-vm-2", "turin-vm-2", "granite-vm-2", "generic-64"})
    void whatIsExpectedOfTheNextMicroOperationHappens(String profile) {
        int loads = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            Layout layout = new Layout(0);
            long words = layout.reserve(8 * WORDS, 64);
            Machine machine = EnginesTest.onOneCore(profile, loadsAndStores(new Random(seed)), layout, words);
            Landing landing = new Landing(machine, machine.interpreter);
            Core core = machine.cores[0];
            core.syncLimit = Long.MAX_VALUE;
            for (int step = 0; step < STEPS; step++) {
                long word = machine.program.code()[core.thread.pc];
                long expected = landing.doneUnits(core, word);
                long before = core.retireCycle;
                boolean full = core.retireCount >= core.retireWidth;
                machine.interpreter.run(core, Long.MIN_VALUE);
                if (expected == Long.MAX_VALUE) {
                    continue;
                }
                long retires = (expected + Core.UNIT - 1) >> Core.UNIT_BITS;
                assertThat(core.retireCycle)
                        .as("program %d, step %d, operation %d", seed, step, Op.code(word))
                        .isEqualTo(Math.max(retires, full ? before + 1 : before));
                loads += Op.code(word) == Op.LD64 ? 1 : 0;
            }
        }
        assertThat(loads).isGreaterThan(PROGRAMS * STEPS / 4);
    }
}
