package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a line that was not there brings along, held against what a Zen 5 does with lines that another core wrote. */
class NeighbourPrefetcherTest {
    private static final int LINES = 512;
    private static final String NOTHING = "nothing";
    private static final int AT = Reg.W0;
    private static final int LEFT = Reg.W1;
    private static final int DONE = Reg.W2;

    /** A chain of loads through lines that the other core has written. */
    private record Walk(double cyclesPerLine, long transfers) {}

    @Test
    void theSideOnWhichLinesWereWantedLastIsBrought() {
        NeighbourPrefetcher prefetcher = new NeighbourPrefetcher(true);
        assertThat(prefetcher.neighbourOf(70)).isEqualTo(71);
        assertThat(prefetcher.neighbourOf(80)).isEqualTo(81);
        assertThat(prefetcher.neighbourOf(79)).isEqualTo(78);
        assertThat(prefetcher.neighbourOf(90)).isEqualTo(89);
        assertThat(prefetcher.neighbourOf(91)).isEqualTo(92);
    }

    @Test
    void noLineOfAnotherPageIsBrought() {
        NeighbourPrefetcher prefetcher = new NeighbourPrefetcher(true);
        assertThat(prefetcher.neighbourOf(127)).isNegative();
        assertThat(prefetcher.neighbourOf(128)).isEqualTo(129);
        assertThat(prefetcher.neighbourOf(65)).isEqualTo(66);
        assertThat(prefetcher.neighbourOf(64)).isNegative();
    }

    /** Measured: 62, 54, 47 and 34 cycles of the time stamp counter where one of 32, 4, 2 and 1 lines is in use. */
    @Test
    void theDenserTheLinesInUseTheLessEachTakes() {
        double sparse = walk(true, oneIn(32), NOTHING).cyclesPerLine;
        assertThat(walk(true, oneIn(4), NOTHING).cyclesPerLine / sparse).isBetween(0.82, 0.95);
        assertThat(walk(true, oneIn(2), NOTHING).cyclesPerLine / sparse).isBetween(0.70, 0.84);
        assertThat(walk(true, oneIn(1), NOTHING).cyclesPerLine / sparse).isBetween(0.50, 0.70);
        assertThat(walk(false, oneIn(1), NOTHING).cyclesPerLine / sparse).isBetween(0.95, 1.05);
    }

    /** Measured: behind loads, stores and exchanges of even lines that miss the odd ones take 9.5 for 60. */
    @ParameterizedTest
    @ValueSource(strings = {"loads", "stores", "exchanges"})
    void whateverMissesBringsTheNextLine(String access) {
        List<Integer> odd = new ArrayList<>();
        for (int line = 1; line < LINES; line += 2) {
            odd.add(line);
        }
        Collections.shuffle(odd, new Random(1));
        Walk without = walk(false, odd, access);
        Walk with = walk(true, odd, access);
        assertThat(with.cyclesPerLine / without.cyclesPerLine).isBetween(0.1, 0.3);
        assertThat(with.transfers).as("each line moved once").isEqualTo(without.transfers);
    }

    /** A line that was brought brings the next when it is used; in a stream, whose lines are asked for, none is. */
    @Test
    void aBroughtLineBringsTheNextUnlessThatIsAskedForAnyway() {
        List<Integer> all = new ArrayList<>();
        for (int line = 1; line < LINES; line++) {
            all.add(line);
        }
        Walk random = walk(true, oneIn(1), NOTHING);
        Walk brought = walk(true, all, NOTHING);
        Walk stream = walk(profile(true, 7), all, NOTHING);
        assertThat(brought.cyclesPerLine / random.cyclesPerLine).isBetween(0.2, 0.8);
        assertThat(stream.cyclesPerLine / brought.cyclesPerLine).isLessThan(0.8);
    }

    /** Of the lines, so many in random order. */
    private static List<Integer> oneIn(int lines) {
        Random random = new Random(1);
        List<Integer> some = new ArrayList<>();
        for (int line = 0; line < LINES; line++) {
            if (random.nextInt(lines) == 0) {
                some.add(line);
            }
        }
        Collections.shuffle(some, random);
        return some;
    }

    /**
     * The other core writes all lines; then this one goes through some of them, each naming the next.
     *
     * @param access what it does first with the lines before those, in the same order
     */
    private static Walk walk(boolean on, List<Integer> order, String access) {
        return walk(profile(on, 0), order, access);
    }

    private static Walk walk(MachineProfile profile, List<Integer> order, String access) {
        Program program = program();
        Machine machine =
                new Machine(profile, program, new Layout(0), null, (core, kind, argument, value, cycle) -> false, 500);
        long lines = machine.memory.extend(LINES * Layout.LINE);
        long table = machine.memory.extend(8L * LINES);
        machine.coherence.grow();
        ThreadContext writer = new ThreadContext(0, program.position("writes"));
        writer.regs[AT] = lines;
        writer.regs[LEFT] = LINES;
        runToEnd(machine, machine.cores[1], writer);

        for (int i = 0; i < order.size(); i++) {
            long line = lines + order.get(i) * Layout.LINE;
            long next = i + 1 < order.size() ? lines + order.get(i + 1) * Layout.LINE : 0;
            machine.memory.words[(int) (line >>> 3)] = next;
            machine.memory.words[(int) (table >>> 3) + i] = line - Layout.LINE;
        }
        ThreadContext first = new ThreadContext(1, program.position(access));
        first.regs[AT] = table;
        first.regs[LEFT] = order.size();
        runToEnd(machine, machine.cores[0], first);
        ThreadContext walker = new ThreadContext(2, program.position("walks"));
        walker.regs[AT] = lines + order.get(0) * Layout.LINE;
        double cycles = runToEnd(machine, machine.cores[0], walker);
        return new Walk(cycles / order.size(), machine.cores[0].objectTransfers);
    }

    private static MachineProfile profile(boolean on, double strideTraining) {
        MachineProfile turin = ProfileReader.shipped("turin-vm-2");
        Map<String, Double> costs = new HashMap<>(turin.costs());
        costs.put("core.neighbour_lines", on ? 1.0 : 0.0);
        costs.put("core.stride_training", strideTraining);
        costs.put("transfer.jitter", 0.0);
        return new MachineProfile("x", turin.clockHz(), 2, 2, 1, costs, turin.facts());
    }

    private static Program program() {
        Assembler a = new Assembler();
        a.place(a.label("writes"));
        Assembler.Label write = a.here();
        a.st64(AT, 8, AT);
        a.addi(AT, AT, Layout.LINE);
        a.djnz(LEFT, write);
        a.place(a.label(NOTHING));
        end(a);
        for (String access : List.of("loads", "stores", "exchanges")) {
            a.place(a.label(access));
            Assembler.Label next = a.here();
            a.ld64(Reg.T1, AT, 0);
            switch (access) {
                case "loads" -> a.ld64(Reg.T0, Reg.T1, 8);
                case "stores" -> a.st64(Reg.T1, 8, AT);
                default -> a.xchg(Reg.T0, Reg.T1, 8, AT);
            }
            a.fence();
            a.addi(AT, AT, 8);
            a.djnz(LEFT, next);
            end(a);
        }
        a.place(a.label("walks"));
        Assembler.Label walk = a.here();
        a.ld64(AT, AT, 0);
        a.bnez(AT, walk);
        end(a);
        return a.link();
    }

    private static void end(Assembler a) {
        a.fence();
        a.li(DONE, 1);
        a.jmp(a.here());
    }

    /** Runs a thread to its end, where it turns on the spot; answers the cycles that took. */
    private static long runToEnd(Machine machine, Core core, ThreadContext thread) {
        long begin = Math.max(machine.cores[0].retireCycle(), machine.cores[1].retireCycle()) + 1000;
        core.enterUser(thread, begin);
        long until = begin;
        while (thread.regs[DONE] == 0) {
            until += 10;
            machine.run(until);
        }
        return until - begin;
    }
}
