package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Loads of lines that the other core takes away again: those that a store of one's own feeds, and those that were done
 * ahead of earlier ones. Measured on zen4-vm-2, pinned. Store and load of the same word on a line that the other CPU
 * wrote, each pair behind the one before, FAR: 330 cycles of the time stamp counter a pair, a transfer. Numbers through
 * a ring, each CPU loading its own index and the other's, 20 turns of a loop between, NEAR: 53 million a second with
 * the indices on two lines, 76 with both on one; without the own index' load 97.
 */
class LineRingTest {
    private static final int LINE = Reg.W0;
    private static final int COUNT = Reg.W1;
    private static final int CAPACITY = Reg.W2;
    private static final int DONE = Reg.W3;
    private static final int PAIRS = 20;
    private static final int HEAD = 128 * (PAIRS + 2);
    private static final int LOADS = 60;
    private static final int TURNS = 20;
    private static final long RING_CYCLES = 2_000_000;
    private static final long STRETCH_CYCLES = 1_000;
    private static final MachineProfile FAR =
            ProfileReader.shipped("zen4-vm-2").withCpus(2).apart();

    private static MachineProfile with(String key, double value) {
        Map<String, Double> costs = new HashMap<>(FAR.costs());
        costs.put(key, value);
        costs.put("transfer.jitter", 0.0);
        return new MachineProfile("x", FAR.clockHz(), 2, 1, 2, costs, FAR.facts());
    }

    /** The first core waits until the second has written the lines, then writes and loads them one after the other. */
    private static Program pairs() {
        Assembler a = new Assembler();
        a.place(a.label("first"));
        Assembler.Label wait = a.here();
        a.pause();
        a.ld64(Reg.T0, LINE, 0);
        a.beqz(Reg.T0, wait);
        a.fence();
        a.mov(Reg.T2, LINE);
        for (int i = 0; i < PAIRS; i++) {
            a.addi(Reg.T2, Reg.T2, 128);
            a.st64(Reg.T2, 0, Reg.ZERO);
            a.ld64(Reg.T1, Reg.T2, 0);
            a.add(Reg.T2, Reg.T2, Reg.T1);
        }
        a.fence();
        a.li(DONE, 1);
        a.jmp(a.here());
        a.place(a.label("second"));
        for (int i = 1; i <= PAIRS; i++) {
            a.st64(LINE, 128 * i, Reg.ZERO);
        }
        a.fence();
        a.li(Reg.T0, 1);
        a.st64(LINE, 0, Reg.T0);
        a.jmp(a.here());
        return a.link();
    }

    private static double cyclesPerPair(double needsLine) {
        return cyclesPerPair(with("core.store_forward_needs_line", needsLine), pairs(), 128 * (PAIRS + 1));
    }

    private static double cyclesPerPair(MachineProfile profile, Program program, int bytes) {
        Layout layout = new Layout(0);
        ThreadContext[] threads = new ThreadContext[2];
        Machine machine = machine(profile, program, layout, threads, bytes, "first", "second");
        long begun = 0;
        for (long until = 10; threads[0].regs[DONE] == 0; until += 10) {
            machine.run(until);
            begun = threads[0].regs[Reg.T0] == 0 ? until : begun;
        }
        return (machine.cores[0].retireCycle() - begun) / (double) PAIRS;
    }

    @Test
    void aLoadWaitsForALineThatItsStoreWaitsFor() {
        long transfer = FAR.cycles("transfer.other_l3");
        assertThat(cyclesPerPair(1)).isCloseTo(transfer, within(0.1 * transfer));
        assertThat(cyclesPerPair(0)).isLessThan(0.2 * transfer);
    }

    /**
     * The first core writes the head of a list and takes the list's blocks off it, one after the other, all on lines
     * that the second has written; without wrong predictions nothing of it is known before.
     */
    private static Program takes() {
        Assembler a = new Assembler();
        a.place(a.label("first"));
        Assembler.Label wait = a.here();
        a.pause();
        a.ld64(Reg.T0, LINE, 0);
        a.beqz(Reg.T0, wait);
        a.fence();
        a.addi(Reg.T1, LINE, 128);
        a.st64(LINE, HEAD, Reg.T1);
        for (int i = 0; i < PAIRS; i++) {
            a.ld64(Reg.T1, LINE, HEAD);
            a.ld64(Reg.T2, Reg.T1, 0);
            a.st64(LINE, HEAD, Reg.T2);
        }
        a.fence();
        a.li(DONE, 1);
        a.jmp(a.here());
        a.place(a.label("second"));
        for (int i = 1; i <= PAIRS; i++) {
            a.addi(Reg.T1, LINE, 128 * (i + 1));
            a.st64(LINE, 128 * i, Reg.T1);
        }
        a.st64(LINE, HEAD, Reg.ZERO);
        a.fence();
        a.li(Reg.T0, 1);
        a.st64(LINE, 0, Reg.T0);
        a.jmp(a.here());
        return a.link();
    }

    /** Seen in the model: all blocks of a refill came at once when another core had taken the pool's line meanwhile. */
    @Test
    void aLoadHasNoValueBeforeTheStoreThatItReads() {
        long transfer = FAR.cycles("transfer.other_l3");
        double cycles = cyclesPerPair(with("core.store_forward_needs_line", 1), takes(), HEAD + 128);
        assertThat(cycles).isGreaterThan(0.95 * transfer);
    }

    /** The first core loads one line's words again and again, then another line, which the second has written both. */
    private static Program waits() {
        Assembler a = new Assembler();
        a.place(a.label("first"));
        Assembler.Label wait = a.here();
        a.pause();
        a.ld64(Reg.T0, LINE, 0);
        a.beqz(Reg.T0, wait);
        a.fence();
        for (int i = 0; i < LOADS; i++) {
            a.ld64(Reg.T1, LINE, 128 + 8 * (i % 8));
        }
        a.ld64(Reg.T2, LINE, 256);
        a.fence();
        a.li(DONE, 1);
        a.jmp(a.here());
        a.place(a.label("second"));
        a.st64(LINE, 128, Reg.ZERO);
        a.st64(LINE, 256, Reg.ZERO);
        a.fence();
        a.li(Reg.T0, 1);
        a.st64(LINE, 0, Reg.T0);
        a.jmp(a.here());
        return a.link();
    }

    @Test
    void soManyLoadsCanWaitForTheirLines() {
        double transfers = PAIRS / (double) FAR.cycles("transfer.other_l3");
        double few = transfers * cyclesPerPair(with("core.waiting_loads", LOADS), waits(), 384);
        double enough = transfers * cyclesPerPair(with("core.waiting_loads", LOADS + 1), waits(), 384);
        assertThat(few - enough).isBetween(0.8, 1.2);
    }

    /** One core writes the index at 0 and looks at the other's, the other the other way round; each loads its own. */
    private static Program ring(int other) {
        Assembler a = new Assembler();
        a.place(a.label("first"));
        side(a, 0, other, true);
        a.place(a.label("second"));
        side(a, other, 0, false);
        return a.link();
    }

    private static void side(Assembler a, int own, int other, boolean fills) {
        Assembler.Label again = a.here();
        Assembler.Label look = a.label();
        Assembler.Label none = a.label();
        a.li(Reg.T3, TURNS);
        Assembler.Label turn = a.here();
        a.addi(Reg.T3, Reg.T3, -1);
        a.bnez(Reg.T3, turn);
        a.ld64(Reg.T0, LINE, own);
        a.place(look);
        a.ld64(Reg.T1, LINE, other);
        a.sub(Reg.T2, Reg.T0, Reg.T1);
        if (fills) {
            a.beq(Reg.T2, CAPACITY, none);
        } else {
            a.beqz(Reg.T2, none);
        }
        a.addi(Reg.T0, Reg.T0, 1);
        a.st64(LINE, own, Reg.T0);
        a.addi(COUNT, COUNT, 1);
        a.jmp(again);
        a.place(none);
        a.pause();
        a.jmp(look);
    }

    private static double millionsPerSecond(double clear, int other) {
        ThreadContext[] threads = new ThreadContext[2];
        Machine machine = machine(
                with("core.ordering_clear", clear), ring(other), new Layout(0), threads, 256, "first", "second");
        machine.coherence.vary(new SplittableRandom(1)::nextLong);
        for (long until = STRETCH_CYCLES; until <= RING_CYCLES; until += STRETCH_CYCLES) {
            machine.run(until);
        }
        return threads[1].regs[COUNT] / (RING_CYCLES / (double) FAR.clockHz()) / 1e6;
    }

    @Test
    void loadsAheadOfALoadThatWaitsAreDoneAgain() {
        assertThat(millionsPerSecond(1, 128)).isLessThan(0.8 * millionsPerSecond(0, 128));
        assertThat(millionsPerSecond(1, 8)).isEqualTo(millionsPerSecond(0, 8));
    }

    private static Machine machine(
            MachineProfile profile,
            Program program,
            Layout layout,
            ThreadContext[] threads,
            int bytes,
            String... labels) {
        long line = layout.reserve(bytes, 128);
        Machine machine =
                new Machine(profile, program, layout, null, (core, kind, argument, value, cycle) -> false, 500);
        for (int i = 0; i < 2; i++) {
            threads[i] = new ThreadContext(i, program.position(labels[i]));
            threads[i].regs[LINE] = line;
            threads[i].regs[CAPACITY] = 1024;
            machine.cores[i].enterUser(threads[i], i * 300L);
        }
        return machine;
    }
}
