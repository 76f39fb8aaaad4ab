package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.EventKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The time-slice extension of Linux 7.0: a thread that asks is let go on for 5 us at the end of its slice. */
class SliceExtensionTest {
    private static final int PASSES = 0;
    private static final int YIELDS = 8;
    private static final int GRANTED_WORD = 16;
    private static final double SECONDS = 0.1;

    /** What a thread does with the end of each of its passes. */
    private enum Ending {
        YIELDS,
        CALLS,
        NOTHING
    }

    /**
     * A thread passes through a section of some 1 us again and again beside a competitor. It asks for an extension at
     * the start of each pass and takes the request back at its end; if it was granted it then does what it is told.
     */
    private static Bench run(RseqPolicy policy, boolean asks, Ending ending, int turns) {
        return bench(policy, asks, ending, turns).run(SECONDS);
    }

    private static Bench bench(RseqPolicy policy, boolean asks, Ending ending, int turns) {
        Bench.Setup setup = Bench.Setup.of(policy, 1);
        return new Bench(setup, new String[] {"main", "rival"}, (a, data) -> {
            a.place(a.label("main"));
            a.li(Reg.A0, SliceExtensions.OPTION);
            a.li(Reg.A1, SliceExtensions.SET);
            a.li(Reg.A2, SliceExtensions.ENABLE);
            a.syscall(HostCall.SYS_PRCTL);
            a.li(Reg.T9, asks ? 1 : 0);
            a.li(Reg.T10, 0);
            Assembler.Label again = a.here();
            Assembler.Label next = a.label();
            a.st32(Reg.RSEQ, RseqArea.SLICE_CONTROL, Reg.T9);
            Assembler.SectionLabel section = a.section("pass", again);
            a.arm(section, Reg.T0);
            a.start(section);
            a.li(Reg.T1, turns);
            Assembler.Label loop = a.here();
            a.djnz(Reg.T1, loop);
            a.st64(Reg.WORKLOAD, PASSES, Reg.T10);
            a.commit(section);
            a.addi(Reg.T10, Reg.T10, 1);
            a.ld32(Reg.T2, Reg.RSEQ, RseqArea.SLICE_CONTROL);
            a.mov(Reg.T5, Reg.T2);
            a.li(Reg.T3, 0);
            a.st32(Reg.RSEQ, RseqArea.SLICE_CONTROL, Reg.T3);
            a.shri(Reg.T2, Reg.T2, 8);
            a.beqz(Reg.T2, next);
            a.st64(Reg.WORKLOAD, GRANTED_WORD, Reg.T5);
            if (ending == Ending.YIELDS) {
                a.syscall(HostCall.SYS_RSEQ_SLICE_YIELD);
                a.ld64(Reg.T4, Reg.WORKLOAD, YIELDS);
                a.add(Reg.T4, Reg.T4, Reg.A0);
                a.st64(Reg.WORKLOAD, YIELDS, Reg.T4);
            } else if (ending == Ending.CALLS) {
                a.syscall(HostCall.SYS_GETPPID);
            }
            a.place(next);
            a.jmp(again);
            a.place(a.label("rival"));
            Assembler.Label forever = a.here();
            a.jmp(forever);
        });
    }

    private static long stat(Bench bench, RseqStatistics.Kind kind) {
        return bench.kernel.rseqStatistics().total(kind);
    }

    private static long aborts(Bench bench) {
        return bench.count(EventKind.ABORT);
    }

    private static List<String> endsOfMain(Bench bench) {
        return bench.events.stream()
                .filter(event -> event.kind() == EventKind.SWITCH && event.number(Column.THREAD) == 0)
                .map(event -> event.text(Column.STATE))
                .toList();
    }

    @Test
    void aThreadThatAsksFinishesItsSectionAndGivesTheCpuBack() {
        Bench without = run(new Linux71Policy(), false, Ending.YIELDS, 4000);
        assertThat(aborts(without)).as("each slice ends in a section").isGreaterThan(8);
        assertThat(stat(without, RseqStatistics.Kind.SGRANT)).isZero();
        Bench with = run(new Linux71Policy(), true, Ending.YIELDS, 4000);
        long grants = stat(with, RseqStatistics.Kind.SGRANT);
        assertThat(grants).isGreaterThan(8);
        assertThat(aborts(with)).isLessThanOrEqualTo(1);
        assertThat(with.word(GRANTED_WORD)).as("the request is taken back").isEqualTo(0x100);
        assertThat(stat(with, RseqStatistics.Kind.SYIELD)).isBetween(grants - 1, grants);
        assertThat(with.word(YIELDS))
                .as("the call says that it gave something back")
                .isBetween(grants - 1, grants);
        assertThat((long) endsOfMain(with).size())
                .as("it is switched out behind its section")
                .isBetween(grants - 1, grants + 1);
    }

    @Test
    void whoComputesOnLosesTheCpuAfterFiveMicroseconds() {
        // 400,000 turns take 110 us at 3.65 GHz: no pass is over in time.
        Bench bench = run(new Linux71Policy(), true, Ending.NOTHING, 400_000);
        long grants = stat(bench, RseqStatistics.Kind.SGRANT);
        assertThat(grants).isGreaterThan(8);
        assertThat(stat(bench, RseqStatistics.Kind.SEXPIR)).isBetween(grants - 1, grants);
        assertThat(aborts(bench)).isBetween(grants - 1, grants);
        assertThat(stat(bench, RseqStatistics.Kind.SREVOK))
                .as("its time was over")
                .isZero();
    }

    /** A lone tick every 4 ms: without the extension the thread is switched out at the tick, with it 5 us later. */
    @Test
    void theExtensionLastsFiveMicroseconds() {
        long first = firstPreemption(run(new Linux71Policy(), false, Ending.NOTHING, 400_000));
        Bench bench = run(new Linux71Policy(), true, Ending.NOTHING, 400_000);
        long later = firstPreemption(bench);
        long extension = bench.machine.profile.cyclesOf(5e-6);
        long interrupt = bench.machine.profile.cycles("kernel.timer_interrupt");
        assertThat(later - first).isBetween(extension, extension + interrupt + 2000);
    }

    private static long firstPreemption(Bench bench) {
        return bench.events.stream()
                .filter(event -> event.kind() == EventKind.PREEMPT && event.number(Column.THREAD) == 0)
                .mapToLong(event -> event.cycle())
                .min()
                .orElseThrow();
    }

    @Test
    void anyOtherSystemCallEndsItToo() {
        Bench bench = run(new Linux71Policy(), true, Ending.CALLS, 4000);
        long grants = stat(bench, RseqStatistics.Kind.SGRANT);
        assertThat(grants).isGreaterThan(8);
        assertThat(stat(bench, RseqStatistics.Kind.SABORT)).isBetween(grants - 1, grants);
        assertThat((long) endsOfMain(bench).size()).isBetween(grants - 1, grants + 1);
    }

    @Test
    void otherKernelsAndShortAreasHaveNone() {
        for (RseqPolicy policy : List.of(new Linux618Policy(), new Linux71LegacyPolicy())) {
            Bench bench = run(policy, true, Ending.NOTHING, 4000);
            assertThat(stat(bench, RseqStatistics.Kind.SGRANT)).as(policy.id()).isZero();
            assertThat(aborts(bench)).as(policy.id()).isGreaterThan(8);
        }
    }

    /** Registered with the flag, it is on from the start, and the area's flags say so; 6.18 knows no such flag. */
    @Test
    void aFlagOfTheRegistrationTurnsItOn() {
        for (RseqPolicy policy : List.of(new Linux71Policy(), new Linux618Policy())) {
            Bench bench = Bench.Setup.of(policy, 1).unregistered().run(1e-3, (a, data) -> {
                a.place(a.label("main"));
                a.mov(Reg.A0, Reg.RSEQ);
                a.li(Reg.A1, 64);
                a.li(Reg.A2, Registration.SLICE_EXTENSION);
                a.li(Reg.A3, 7);
                a.syscall(HostCall.SYS_RSEQ);
                a.st64(Reg.WORKLOAD, 0, Reg.A0);
                a.ld32(Reg.T1, Reg.RSEQ, RseqArea.FLAGS);
                a.st64(Reg.WORKLOAD, 8, Reg.T1);
                a.syscall(HostCall.SYS_EXIT);
            });
            boolean known = policy instanceof Linux71Policy;
            assertThat(bench.word(0)).isEqualTo(known ? 0 : -Errno.EINVAL);
            assertThat(bench.word(8)).isEqualTo(known ? SliceExtensions.AVAILABLE | SliceExtensions.ENABLED : 0);
        }
    }

    /** A second request to switch, here of a tick 4 us after the first, ends a grant before its time. */
    @Test
    void aSecondRequestRevokesIt() {
        Bench bench = bench(new Linux71Policy(), true, Ending.NOTHING, 400_000);
        bench.takingTurns(4e-6).run(1e-3);
        long grants = stat(bench, RseqStatistics.Kind.SGRANT);
        assertThat(grants).isGreaterThan(10);
        assertThat(stat(bench, RseqStatistics.Kind.SREVOK)).isBetween(grants - 1, grants);
        assertThat(stat(bench, RseqStatistics.Kind.SEXPIR)).isZero();
    }

    /** A thread that wakes another in a system call is switched out on its way back from it, whatever it asks for. */
    @Test
    void onTheWayBackFromASystemCallThereIsNone() {
        Bench bench = new Bench(Bench.Setup.of(new Linux71Policy(), 1), new String[] {"sleeper", "main"}, (a, data) -> {
                    a.place(a.label("main"));
                    a.li(Reg.A0, SliceExtensions.OPTION);
                    a.li(Reg.A1, SliceExtensions.SET);
                    a.li(Reg.A2, SliceExtensions.ENABLE);
                    a.syscall(HostCall.SYS_PRCTL);
                    a.li(Reg.T9, 1);
                    Assembler.Label again = a.here();
                    a.work(100_000);
                    a.st32(Reg.RSEQ, RseqArea.SLICE_CONTROL, Reg.T9);
                    a.li(Reg.A0, data + 2048);
                    a.li(Reg.A1, 1);
                    a.syscall(HostCall.SYS_FUTEX_WAKE);
                    a.jmp(again);
                    a.place(a.label("sleeper"));
                    Assembler.Label sleep = a.here();
                    a.li(Reg.A0, data + 2048);
                    a.li(Reg.A1, 0);
                    a.syscall(HostCall.SYS_FUTEX_WAIT);
                    a.jmp(sleep);
                })
                .run(3e-3);
        assertThat(bench.count(EventKind.WAKEUP)).isGreaterThan(10);
        assertThat(bench.count(EventKind.PREEMPT)).as("the sleeper comes first").isGreaterThan(0);
        assertThat(stat(bench, RseqStatistics.Kind.SGRANT)).isZero();
    }
}
