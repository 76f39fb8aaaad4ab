package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What lines cost that two CPUs use in turns. The steps are letters: r reads each of 32 lines, each address hanging on
 * the value before; i reads them with addresses known from the start; w writes them; x exchanges them, address on
 * value; n does nothing. Lower case: CPU 0, upper case: CPU 1. The same sequences ran on a Zen 4 whose CPUs shared a
 * third-level cache, with a dependent load of a modified line at 74 cycles of its clock: W r w = 4, 76, 2; W r R = 10,
 * 76, 77; W r R r = 8 at last; W r R x = 104 at last; W x = 82.
 */
class SharedLinesTest {
    private static final int LINES = 32;
    private static final int FLAG = 0;
    private static final int FIRST_LINE = 1024;

    /** Cycles a line, for each step. */
    private static List<Double> cyclesPerLine(String steps) {
        String all = "nN" + steps;
        Bench bench = new Bench(2, false, 0, new String[] {"lower", "upper"}, (a, data) -> {
                    emit(a, "lower", all, data, false);
                    emit(a, "upper", all, data, true);
                })
                .run(1e-3);
        List<List<Event>> calls = List.of(calls(bench, 0), calls(bench, 1));
        int[] next = {0, 0};
        List<Double> times = new ArrayList<>();
        for (char step : all.toCharArray()) {
            int thread = Character.isUpperCase(step) ? 1 : 0;
            List<Event> own = calls.get(thread);
            long start = own.get(next[thread]).cycle();
            long end = own.get(next[thread] + 1).cycle();
            next[thread] += 2;
            times.add((double) (end - start));
        }
        double nothing = times.get(0);
        return times.stream().skip(2).map(time -> (time - nothing) / LINES).toList();
    }

    private static List<Event> calls(Bench bench, int thread) {
        return bench.events.stream()
                .filter(event -> event.kind() == EventKind.SYSCALL && event.thread() == thread)
                .toList();
    }

    private static void emit(Assembler a, String name, String steps, long data, boolean upper) {
        a.place(a.label(name));
        a.li(Reg.T0, data);
        for (int i = 0; i < steps.length(); i++) {
            if (Character.isUpperCase(steps.charAt(i)) == upper) {
                a.li(Reg.T1, i);
                Assembler.Label wait = a.here();
                a.ld64(Reg.T2, Reg.T0, FLAG);
                a.bne(Reg.T1, Reg.T2, wait);
                a.syscall(HostCall.SYS_GETPPID);
                act(a, Character.toLowerCase(steps.charAt(i)));
                a.fence();
                a.syscall(HostCall.SYS_GETPPID);
                a.li(Reg.T1, i + 1);
                a.st64(Reg.T0, FLAG, Reg.T1);
            }
        }
        Assembler.Label end = a.here();
        a.jmp(end);
    }

    private static void act(Assembler a, char step) {
        a.mov(Reg.T3, Reg.T0);
        for (int i = 0; i < LINES; i++) {
            int offset = FIRST_LINE + 64 * i;
            switch (step) {
                case 'r' -> {
                    a.ld64(Reg.T2, Reg.T3, offset);
                    a.add(Reg.T3, Reg.T0, Reg.T2);
                }
                case 'i' -> a.ld64(Reg.T2, Reg.T0, offset);
                case 'w' -> a.st64(Reg.T0, offset, Reg.ZERO);
                case 'x' -> {
                    a.xchg(Reg.T2, Reg.T3, offset, Reg.ZERO);
                    a.add(Reg.T3, Reg.T0, Reg.T2);
                }
                default -> {}
            }
        }
    }

    /** The profile's cost of a transfer, in cycles. */
    private static double transfer() {
        return new Bench(2, false, 0, new String[0], (a, data) -> {}).machine.profile.transferCycles(0, 1);
    }

    private static void assertAbout(double value, double expected) {
        assertThat(value).isBetween(0.95 * expected - 1, 1.05 * expected + 4);
    }

    @Test
    void missesWhoseAddressesHangOnEachOtherAddUp() {
        assertAbout(cyclesPerLine("Wr").get(1), transfer());
    }

    @Test
    void missesWithKnownAddressesOverlap() {
        assertThat(cyclesPerLine("Wi").get(1)).isLessThan(transfer() / 4);
    }

    @Test
    void aReadTakesOverWhatAnotherHasWritten() {
        List<Double> times = cyclesPerLine("WrwR");
        assertAbout(times.get(1), transfer());
        assertThat(times.get(2)).isLessThan(6);
        assertAbout(times.get(3), transfer());
    }

    @Test
    void aReadSharesWhatItsOwnerHasOnlyRead() {
        List<Double> times = cyclesPerLine("WrRr");
        assertAbout(times.get(2), transfer());
        assertThat(times.get(3)).isLessThan(8);
    }

    @Test
    void aWriteToSharedLinesCostsMoreThanOneToLinesThatMove() {
        double moving = cyclesPerLine("Wx").get(1);
        double shared = cyclesPerLine("WrRx").get(3);
        assertAbout(moving, transfer());
        assertAbout(shared, 1.36 * transfer());
    }
}
