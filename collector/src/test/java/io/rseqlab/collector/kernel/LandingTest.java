package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Where an interrupt lands decides whether a section aborts. Four schedules are small enough to be worked out by hand,
 * on a core that dispatches 8 micro-operations a cycle, one taken branch a cycle, and loses a quarter cycle behind it.
 */
class LandingTest {
    private static final String[] ONE = {"main"};

    /**
     * {@code again: work 9; jmp again}. In units of 1/64 cycle: work is dispatched 8 after the jump's slot and blocks
     * dispatch for 576; the jump comes 8 later, is done 64 after that, and lets dispatch go on 16 after it (the bubble
     * behind a taken branch; the one before was more than a cycle ago). A turn takes 8 + 576 + 8 + 16 = 608 units. Work
     * is done at 584, the jump at 656, the next work at 1192, the next jump at 1264; the two turns after are 1216
     * units, 19 cycles, later. Retirement is at whole cycles: 10, 11, 19, 20, then 29 and so on. What arrives in the 8
     * or 9 cycles before work retires waits for it and lands right behind it, on the jump; what arrives in the one
     * cycle between work and jump lands on the jump as well. Nothing lands on work.
     */
    @Test
    void aLongOperationIsFinishedBeforeTheInterruptIsTaken() {
        int[] positions = new int[2];
        Bench bench = new Bench(1, false, 0, ONE, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label again = a.here();
                    positions[0] = a.position();
                    a.work(9);
                    positions[1] = a.position();
                    a.jmp(again);
                })
                .run(0.001);
        assertThat(share(bench, positions[1])).isCloseTo(1, within(0.001));
        assertThat(share(bench, positions[0])).isZero();
    }

    /**
     * {@code again: xchg; addi; jmp again}. Each exchange waits for the one before, about 19 cycles; the two others are
     * done long before it and retire with it. Whatever arrives waits for an exchange and lands right behind it, always:
     * the exchange has happened, which is how a lock comes to be held when its owner is switched out.
     */
    @Test
    void anExchangeIsWaitedForSoWhatIsBehindItIsInterrupted() {
        int[] position = new int[1];
        Bench bench = new Bench(1, false, 2000, ONE, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label again = a.label();
                    Assembler.SectionLabel section = a.section("exchange", again);
                    a.place(again);
                    a.arm(section, Reg.T0);
                    Assembler.Label loop = a.label();
                    a.start(section);
                    a.place(loop);
                    position[0] = a.position();
                    a.xchg(Reg.T1, Reg.WORKLOAD, 0, Reg.T2);
                    a.addi(Reg.T3, Reg.T3, 1);
                    a.jmp(loop);
                    a.st64(Reg.WORKLOAD, 8, Reg.T3);
                    a.commit(section);
                })
                .run(0.02);
        assertThat(share(bench, position[0] + 1)).isGreaterThan(0.999);
        assertThat(bench.count(EventKind.ABORT)).isGreaterThan(30);
        int start = bench.program.sections().get(0).start();
        for (Event event : bench.events) {
            if (event.kind() == EventKind.ABORT) {
                assertThat(event.number(Column.OFFSET)).isEqualTo(position[0] + 1 - start);
            }
        }
    }

    /**
     * {@code again: xchg; 16 times addi; jmp again}. An exchange is done 1224 units after the one before. The core
     * retires 8 in a cycle: the exchange and seven additions, then eight, then the last and the jump. So of 19.125
     * cycles the two of the second and third group land on these groups' first, the eighth and the sixteenth addition,
     * and the other 17.125 on the first. (A real core with a square root in place of the exchange: 89, 5 and 5 %.)
     */
    @Test
    void aWaitBelongsToTheSecondOfItsGroupAndACycleWithoutOneToTheFirst() {
        int[] position = new int[1];
        Bench bench = new Bench(1, false, 0, ONE, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label again = a.here();
                    position[0] = a.position();
                    a.xchg(Reg.T1, Reg.WORKLOAD, 0, Reg.T2);
                    for (int i = 0; i < 16; i++) {
                        a.addi(Reg.T3, Reg.T4, 1);
                    }
                    a.jmp(again);
                })
                .run(0.002);
        assertThat(share(bench, position[0])).isLessThan(1e-5); // the first exchange waits for its line
        assertThat(share(bench, position[0] + 1)).isCloseTo(17.125 / 19.125, within(0.001));
        assertThat(share(bench, position[0] + 8)).isCloseTo(1 / 19.125, within(0.001));
        assertThat(share(bench, position[0] + 16)).isCloseTo(1 / 19.125, within(0.001));
    }

    /**
     * {@code top: li 200; turn: djnz turn; first; second; jmp top}, an exit that no predictor finds. In units: a turn
     * is 64, the exit is done 64 after the turn before it, and refills for 16 cycles, 1024; {@code first} is dispatched
     * 8 later and done 64 after that, 1096 after the exit. What arrives meanwhile waits for {@code first} and lands on
     * {@code second}; nothing lands on {@code first}. From the exit's end to the next li's dispatch it is 1024 + 8 to
     * dispatch {@code first}, 8 and 8 for the two behind it, 16 for the taken jump and 8 for li: 1072; li is done 64
     * after that and the 200 turns take 12,800. So a round is 13,936 units, 217.75 cycles, and begins at four phases in
     * turn; at each of them the retirements that are 1096 units, 17.125 cycles, apart are 17 whole cycles apart. At one
     * of the four {@code second} is too late for the cycle of {@code first} and has one of its own: 17.25 in the mean.
     */
    @Test
    void whatArrivesDuringARefillLandsOnTheSecondOfTheRightPathAndNothingOnTheFirst() {
        int[] first = new int[1];
        Bench bench = new Bench(1, false, 0, ONE, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label top = a.here();
                    a.li(Reg.T0, 200);
                    Assembler.Label turn = a.here();
                    a.djnz(Reg.T0, turn);
                    first[0] = a.position();
                    a.addi(Reg.T1, Reg.T1, 1);
                    a.addi(Reg.T2, Reg.T2, 1);
                    a.jmp(top);
                })
                .run(0.002);
        assertThat(share(bench, first[0])).isZero();
        assertThat(share(bench, first[0] + 1)).isCloseTo(17.25 / 217.75, within(0.0005));
    }

    private static double share(Bench bench, int position) {
        long[] cycles = bench.machine.exposureCycles;
        return (double) cycles[position] / Arrays.stream(cycles).sum();
    }
}
