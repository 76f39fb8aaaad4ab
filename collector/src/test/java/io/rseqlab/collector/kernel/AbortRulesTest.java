package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.EventKind;
import org.junit.jupiter.api.Test;

/**
 * What aborts a section and what does not on Linux 6.18. These are the rules that were measured on a running kernel; a
 * model that broke one of them could agree with reality only by accident.
 */
class AbortRulesTest {
    private static final String[] ONE = {"main"};

    /** A section that loops for a number of turns, then adds 1 to the word at WORKLOAD; over and over. */
    private static void loopInSection(Assembler a, long turns) {
        a.place(a.label("main"));
        Assembler.Label again = a.here();
        Assembler.SectionLabel section = a.section("long", again);
        a.li(Reg.T1, turns);
        a.arm(section, Reg.T0);
        a.start(section);
        Assembler.Label loop = a.here();
        a.djnz(Reg.T1, loop);
        a.ld64(Reg.T2, Reg.WORKLOAD, 0);
        a.addi(Reg.T2, Reg.T2, 1);
        a.st64(Reg.WORKLOAD, 0, Reg.T2);
        a.commit(section);
        a.jmp(again);
    }

    @Test
    void aTickAloneNeverAborts() {
        // 46.7 M turns at one a cycle are 12.8 ms: three ticks at 250 Hz fall inside each attempt.
        Bench bench = new Bench(1, false, 0, ONE, (a, data) -> loopInSection(a, 46_700_000)).run(0.03);
        assertThat(bench.count(EventKind.ABORT)).isZero();
        assertThat(bench.machine.memory.read64(bench.data)).isEqualTo(2);
        assertThat(bench.machine.cores[0].kernelCycles).isGreaterThan(5 * bench.machine.profile.cycles("kernel.tick"));
    }

    @Test
    void twoThreadsLoopingInSectionsOnOneCpuAbortAtEverySwitchOutTakenInside() {
        Bench bench =
                new Bench(1, false, 0, new String[] {"main", "main"}, (a, data) -> loopInSection(a, 200_000)).run(0.1);
        long switchedBackIn = bench.events.stream()
                .filter(event -> event.kind() == EventKind.SWITCH)
                .filter(event -> event.number(Column.OTHER_THREAD) >= 0)
                .count();
        // The first switch-in of each thread starts it; each later one finds it inside but for a vanishing share.
        assertThat(bench.count(EventKind.ABORT)).isEqualTo(switchedBackIn - 2).isGreaterThan(15);
        assertThat(bench.causes()).containsOnly((long) Cause.PREEMPTION);
    }

    @Test
    void aSignalAbortsBeforeItsFrame() {
        Bench bench = new Bench(1, false, 1000, ONE, (a, data) -> loopInSection(a, 1_000_000)).run(0.05);
        assertThat(bench.count(EventKind.ABORT))
                .isEqualTo(bench.count(EventKind.SIGNAL))
                .isGreaterThan(40);
        assertThat(bench.causes()).containsOnly((long) Cause.SIGNAL);
    }

    /** The kernel's preemption bit is still set from the sleep, because no section was found then. */
    @Test
    void aSwitchLongPastIsNoCauseOfALaterAbort() {
        Bench bench = new Bench(1, false, 1000, ONE, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label again = a.here();
                    a.li(Reg.A0, 10_000);
                    a.syscall(HostCall.SYS_NANOSLEEP);
                    Assembler.SectionLabel section = a.section("long", again);
                    a.li(Reg.T1, 1_000_000);
                    a.arm(section, Reg.T0);
                    a.start(section);
                    Assembler.Label loop = a.here();
                    a.djnz(Reg.T1, loop);
                    a.st64(Reg.WORKLOAD, 0, Reg.T2);
                    a.commit(section);
                    a.jmp(again);
                })
                .run(0.05);
        assertThat(bench.count(EventKind.ABORT)).isGreaterThan(30);
        assertThat(bench.causes()).containsOnly((long) Cause.SIGNAL);
    }

    @Test
    void aSystemCallThatDoesNotBlockCommits() {
        Bench bench =
                new Bench(1, false, 0, ONE, (a, data) -> syscallInSection(a, HostCall.SYS_GETPPID, 10)).run(0.001);
        assertThat(bench.count(EventKind.ABORT)).isZero();
        assertThat(bench.machine.memory.read64(bench.data)).isEqualTo(10);
    }

    @Test
    void aYieldWithNothingElseRunnableCommits() {
        Bench bench =
                new Bench(1, false, 0, ONE, (a, data) -> syscallInSection(a, HostCall.SYS_SCHED_YIELD, 10)).run(0.001);
        assertThat(bench.count(EventKind.ABORT)).isZero();
        assertThat(bench.machine.memory.read64(bench.data)).isEqualTo(10);
    }

    @Test
    void aBlockingSystemCallAbortsOnReturn() {
        Bench bench =
                new Bench(1, false, 0, ONE, (a, data) -> syscallInSection(a, HostCall.SYS_NANOSLEEP, 10)).run(0.01);
        // It sleeps, comes back at the abort handler and starts again: the section never commits.
        assertThat(bench.count(EventKind.ABORT)).isGreaterThan(5);
        assertThat(bench.machine.memory.read64(bench.data)).isZero();
    }

    /** A section that makes a system call and commits by counting the word at WORKLOAD up, {@code times} times. */
    private static void syscallInSection(Assembler a, int number, int times) {
        a.place(a.label("main"));
        a.li(Reg.T5, times);
        Assembler.Label again = a.here();
        Assembler.SectionLabel section = a.section("call", again);
        a.li(Reg.A0, 1_000_000);
        a.arm(section, Reg.T0);
        a.start(section);
        a.syscall(number);
        a.ld64(Reg.T2, Reg.WORKLOAD, 0);
        a.addi(Reg.T2, Reg.T2, 1);
        a.st64(Reg.WORKLOAD, 0, Reg.T2);
        a.commit(section);
        a.djnz(Reg.T5, again);
        a.syscall(HostCall.SYS_EXIT);
    }

    @Test
    void aStaleDescriptorOutsideItsRangeIsForgottenAfterASwitch() {
        Bench bench = new Bench(1, false, 0, ONE, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label resume = a.label();
                    Assembler.SectionLabel section = a.section("short", resume);
                    a.arm(section, Reg.T0);
                    a.start(section);
                    a.li(Reg.T2, 1);
                    a.commit(section);
                    a.place(resume);
                    a.ld64(Reg.T3, Reg.RSEQ, RseqArea.RSEQ_CS);
                    a.st64(Reg.WORKLOAD, 0, Reg.T3);
                    a.li(Reg.A0, 1000);
                    a.syscall(HostCall.SYS_NANOSLEEP);
                    a.ld64(Reg.T3, Reg.RSEQ, RseqArea.RSEQ_CS);
                    a.st64(Reg.WORKLOAD, 8, Reg.T3);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(0.01);
        assertThat(bench.machine.memory.read64(bench.data)).isNotZero();
        assertThat(bench.machine.memory.read64(bench.data + 8)).isZero();
        assertThat(bench.count(EventKind.ABORT)).isZero();
    }

    @Test
    void aDescriptorThatIsNoneKillsEvenOutsideOfAnySection() {
        Bench bench = new Bench(1, false, 0, ONE, (a, data) -> {
                    a.place(a.label("main"));
                    a.li(Reg.T0, 0x7fff_ffff_ffffL);
                    a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T0);
                    a.li(Reg.A0, 1000);
                    a.syscall(HostCall.SYS_NANOSLEEP);
                    a.li(Reg.T1, 1);
                    a.st64(Reg.WORKLOAD, 0, Reg.T1);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(0.01);
        assertThat(bench.killed).containsExactly("rseq: rseq_cs is no user address");
        assertThat(bench.machine.memory.read64(bench.data)).isZero();
    }

    @Test
    void theIdFieldsFollowTheCpuAfterEverySwitch() {
        Bench bench = new Bench(2, false, 0, new String[] {"main", "main"}, (a, data) -> {
                    a.place(a.label("main"));
                    a.ld32(Reg.T0, Reg.RSEQ, RseqArea.CPU_ID);
                    a.st64(Reg.WORKLOAD, 0, Reg.T0);
                    a.syscall(HostCall.SYS_GETCPU);
                    a.st64(Reg.WORKLOAD, 8, Reg.A0);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(0.001);
        for (int thread = 0; thread < 2; thread++) {
            long data = bench.data + 256L * thread;
            assertThat(bench.machine.memory.read64(data)).isEqualTo(bench.machine.memory.read64(data + 8));
        }
        assertThat(bench.machine.memory.read64(bench.data)).isNotEqualTo(bench.machine.memory.read64(bench.data + 256));
    }
}
