package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.util.Arrays;
import java.util.Collections;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A quota of CPU time: what a process may run, and how long it is kept from it, in closed form. */
class BandwidthTest {
    private static final double PERIOD = 20e-3;
    private static final int PERIODS = 20;
    private static final double CLOCK_HZ =
            new Bench(1, false, 0, new String[0], (a, data) -> {}).machine.profile.clockHz();

    /** Threads that never sleep but for a share of their time, as many as CPUs, over twenty periods. */
    private static Bench spinning(int cpus, double quota, double asleep) {
        Bench.Setup setup = Bench.Setup.of(new Linux618Policy(), cpus).quota(quota, PERIOD);
        String[] entries = Collections.nCopies(cpus, "main").toArray(String[]::new);
        return new Bench(setup, entries, (a, data) -> {
                    Assembler.Label next = a.label();
                    a.place(a.label("main"));
                    a.place(next);
                    if (asleep > 0) {
                        a.li(Reg.A0, (long) (asleep * 10_000_000 / (1 - asleep)));
                        a.syscall(HostCall.SYS_NANOSLEEP);
                    }
                    for (int i = 0; i < 100; i++) {
                        a.work(100_000);
                    }
                    a.jmp(next);
                })
                .run(PERIODS * PERIOD);
    }

    private static double throttledSeconds(Bench bench, double seconds) {
        long cycles = 0;
        for (int cpu = 0; cpu < bench.machine.cores.length; cpu++) {
            cycles += bench.kernel.bandwidth().throttledCycles(cpu, bench.machine.profile.cyclesOf(seconds));
        }
        return (double) cycles / bench.machine.profile.clockHz();
    }

    /** What a tick finds overdrawn is paid back, so that over many periods nothing is left of it but the last tick. */
    @Test
    void aProcessThatNeverSleepsRunsItsQuotaAndNoMore() {
        for (int cpus : new int[] {1, 2, 4}) {
            double quota = 8e-3;
            Bench bench = spinning(cpus, quota, 0);
            double wall = PERIODS * PERIOD * cpus;
            // the first period is a part of one with a whole quota, and each CPU may owe what it ran until a tick
            double slack = quota + cpus * 4e-3;
            assertThat(wall - throttledSeconds(bench, PERIODS * PERIOD)).isCloseTo(PERIODS * quota, within(slack));
            assertThat(bench.kernel.bandwidth().periods()).isBetween(PERIODS - 1L, PERIODS + 1L);
            assertThat(bench.kernel.bandwidth().throttledPeriods())
                    .isBetween(PERIODS - 2L, bench.kernel.bandwidth().periods());
        }
    }

    @Test
    void whoUsesLessThanItsQuotaIsNeverThrottled() {
        Bench bench = spinning(2, 36e-3, 0.5);
        assertThat(throttledSeconds(bench, PERIODS * PERIOD)).isZero();
        assertThat(bench.kernel.bandwidth().throttledPeriods()).isZero();
        assertThat(bench.kernel.bandwidth().periods()).isBetween(PERIODS - 1L, PERIODS + 1L);
    }

    /** A process that sleeps so many times for a period, works for a millisecond after each, and then never sleeps. */
    private static Bench late(int sleeps, double sleepSeconds) {
        Bench.Setup setup = Bench.Setup.of(new Linux618Policy(), 1).quota(8e-3, PERIOD);
        return new Bench(setup, new String[] {"main"}, (a, data) -> {
            a.place(a.label("main"));
            a.li(Reg.W0, sleeps);
            Assembler.Label sleep = a.here();
            a.li(Reg.A0, Math.round(sleepSeconds * CLOCK_HZ));
            a.syscall(HostCall.SYS_NANOSLEEP);
            for (int i = 0; i < 10; i++) {
                a.work((int) Math.round(1e-4 * CLOCK_HZ));
            }
            a.djnz(Reg.W0, sleep);
            Assembler.Label next = a.here();
            a.work(100_000);
            a.jmp(next);
        });
    }

    /** What a process leaves of its quota is lost with the period: nothing of it is there when it stops sleeping. */
    @Test
    void whatIsLeftOfAQuotaIsLost() {
        double begin = 8 * (PERIOD + 1e-3);
        Bench bench = late(8, PERIOD).run(begin);
        assertThat(throttledSeconds(bench, begin)).isZero();
        double end = begin + 3 * PERIOD;
        double ran = 3 * PERIOD - throttledSeconds(bench.run(end), end);
        // the period in which it stops sleeping, three more begin, and the last one's debt may be of a tick
        assertThat(ran).isLessThan(4 * 8e-3 + 4e-3 + 1e-3);
    }

    /** While nobody runs no period ends, but for those that were armed when somebody did. */
    @Test
    void aSleepingProcessHasNoPeriods() {
        Bench bench = late(1, 10 * PERIOD).run(9 * PERIOD);
        assertThat(bench.kernel.bandwidth().periods()).isLessThanOrEqualTo(3);
    }

    /** A throttled thread is switched out though it could run on, so that whoever is inside a section is aborted. */
    @Test
    void aThrottledThreadIsPreempted() {
        Bench bench = spinning(1, 8e-3, 0);
        long throttled = bench.events.stream()
                .filter(event -> event.kind() == EventKind.SWITCH && "throttled".equals(event.text(Column.STATE)))
                .count();
        assertThat(throttled).isBetween((long) PERIODS / 2, PERIODS + 1L);
        assertThat(bench.count(EventKind.PREEMPT)).isEqualTo(throttled);
    }

    @Test
    void aLiftedQuotaIsNone() {
        Bench.Setup setup = Bench.Setup.of(new Linux618Policy(), 1).quota(2e-3, PERIOD);
        Bench bench = new Bench(setup, new String[] {"main"}, (a, data) -> {
                    Assembler.Label next = a.label();
                    a.place(a.label("main"));
                    a.place(next);
                    a.work(100_000);
                    a.jmp(next);
                })
                .run(3 * PERIOD);
        assertThat(throttledSeconds(bench, 3 * PERIOD)).isGreaterThan(PERIOD);
        bench.kernel.bandwidth().lift(bench.machine.profile.cyclesOf(3 * PERIOD));
        double atLift = throttledSeconds(bench, 3 * PERIOD);
        bench.run(6 * PERIOD);
        assertThat(throttledSeconds(bench, 6 * PERIOD)).isEqualTo(atLift);
    }

    /**
     * Four CPUs with a quota of which the last slice is gone after 14 ms, in a period that ends later. The first CPU
     * never sleeps, and is throttled when it has run 15 ms. As many others as {@code sleepers} take a slice each at 14
     * ms and go to sleep at 16 ms, with 3 ms left, of which they keep 1.
     */
    private static Bench givingBack(int sleepers, double period) {
        Bench.Setup setup = Bench.Setup.of(new Linux618Policy(), 4).quota(15.5e-3 + sleepers * 5.1e-3, period);
        String[] entries = {"spins", "sleeps", "sleeps", "sleeps"};
        return new Bench(setup, Arrays.copyOf(entries, 1 + sleepers), (a, data) -> {
                    Assembler.Label next = a.label();
                    a.place(a.label("spins"));
                    a.place(next);
                    a.work(10_000);
                    a.jmp(next);
                    a.place(a.label("sleeps"));
                    a.li(Reg.A0, Math.round(13.9e-3 * CLOCK_HZ));
                    a.syscall(HostCall.SYS_NANOSLEEP);
                    for (int i = 0; i < 20; i++) {
                        a.work((int) Math.round(1e-4 * CLOCK_HZ));
                    }
                    a.li(Reg.A0, Math.round(CLOCK_HZ));
                    a.syscall(HostCall.SYS_NANOSLEEP);
                })
                .takingTurns(1e-4)
                .run(25e-3);
    }

    /** When the last switch to or from a state was, on the first CPU or on one of the others. */
    private static double lastSwitch(Bench bench, boolean first, String state) {
        return bench.events.stream()
                        .filter(event -> event.kind() == EventKind.SWITCH)
                        .filter(event -> event.number(Column.CPU) == 0 == first)
                        .filter(event -> state.equals(event.text(Column.STATE)))
                        .mapToLong(Event::cycle)
                        .max()
                        .orElseThrow()
                / CLOCK_HZ;
    }

    /** When CPUs that ran out of tasks have given back more than a slice, the throttled one has it after 5 ms. */
    @Test
    void whatSleepingCpusGiveBackIsDealtOutFiveMillisecondsLater() {
        Bench bench = givingBack(3, 1);
        assertThat(bench.kernel.bandwidth().periods()).isZero();
        double givenBack = lastSwitch(bench, false, "blocked");
        assertThat(lastSwitch(bench, true, "throttled")).isBetween(15e-3, givenBack);
        assertThat(lastSwitch(bench, true, "idle")).isCloseTo(givenBack + 5e-3, within(50e-6));
    }

    /** Whether the first period, of which a part that is drawn has gone by when the bench begins, ends in between. */
    private static boolean firstPeriodEndsBetween(double period, double from, double to) {
        Bench bench = new Bench(
                Bench.Setup.of(new Linux618Policy(), 4).quota(1, period), new String[] {"main"}, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label next = a.here();
                    a.work(100_000);
                    a.jmp(next);
                });
        return bench.run(from).kernel.bandwidth().periods() == 0
                && bench.run(to).kernel.bandwidth().periods() == 1;
    }

    /** What is given back at 16 ms is not dealt out at 21 where the period ends at 22: its end is waited for. */
    @Test
    void whatIsGivenBackShortlyBeforeAPeriodsEndWaitsForIt() {
        double period = IntStream.range(240, 1200)
                .mapToDouble(quarters -> quarters * 0.25e-3)
                .filter(length -> firstPeriodEndsBetween(length, 21.5e-3, 22.5e-3))
                .findFirst()
                .orElseThrow();
        Bench bench = givingBack(3, period);
        double givenBack = lastSwitch(bench, false, "blocked");
        assertThat(lastSwitch(bench, true, "throttled")).isBetween(15e-3, givenBack);
        assertThat(lastSwitch(bench, true, "idle")).isCloseTo(22e-3, within(0.6e-3));
        assertThat(bench.kernel.bandwidth().periods()).isOne();
    }

    /** Two give back less than a slice, which waits for the period's end. */
    @Test
    void lessThanASliceIsNotDealtOut() {
        Bench bench = givingBack(2, 1);
        assertThat(bench.kernel.bandwidth().periods()).isZero();
        double throttled = lastSwitch(bench, true, "throttled");
        assertThat(throttled).isBetween(15e-3, lastSwitch(bench, false, "blocked"));
        assertThat(lastSwitch(bench, true, "idle")).isLessThan(throttled);
    }
}
