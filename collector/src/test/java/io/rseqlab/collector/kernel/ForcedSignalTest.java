package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import org.junit.jupiter.api.Test;

/**
 * SIGSEGV that the kernel forces for what it finds of rseq, where the program has a handler for it: seen on 6.18.44,
 * the handler runs once, because building its frame finds the same again, and then the signal's default ends the
 * thread.
 */
class ForcedSignalTest {
    private static final long NOWHERE = 0x7f00_0000_0000L;
    private static final int RUNS = 0;
    private static final int LAST = 8;
    private static final int LIVED = 16;

    /** The handler, which stands first, counts; the program arms a pointer, sleeps, and says that it lived. */
    private static Bench sleepWith(RseqPolicy policy, long pointer, boolean sleepInHandler) {
        return Bench.Setup.of(policy, 1).run(5e-3, (a, data) -> {
            a.st64(Reg.WORKLOAD, LAST, Reg.A0);
            a.ld64(Reg.T9, Reg.WORKLOAD, RUNS);
            a.addi(Reg.T9, Reg.T9, 1);
            a.st64(Reg.WORKLOAD, RUNS, Reg.T9);
            if (sleepInHandler) {
                a.li(Reg.A0, 1000);
                a.syscall(HostCall.SYS_NANOSLEEP);
                a.st64(Reg.WORKLOAD, LIVED, Reg.T9);
            }
            a.syscall(HostCall.SYS_SIGRETURN);
            a.place(a.label("main"));
            a.li(Reg.A0, Signals.SEGV);
            a.li(Reg.A1, Program.CODE_BASE);
            a.syscall(HostCall.SYS_SIGACTION);
            a.li(Reg.T1, pointer);
            a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T1);
            a.li(Reg.A0, 1000);
            a.syscall(HostCall.SYS_NANOSLEEP);
            a.li(Reg.T2, 1);
            a.st64(Reg.WORKLOAD, LIVED, Reg.T2);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    @Test
    void theHandlerRunsOnceAndThenTheThreadEnds() {
        Bench bench = sleepWith(new Linux618Policy(), NOWHERE, false);
        assertThat(bench.word(RUNS)).isEqualTo(1);
        assertThat(bench.word(LAST)).isEqualTo(Signals.SEGV);
        assertThat(bench.word(LIVED)).isZero();
        assertThat(bench.killed).containsExactly(KillReason.DESCRIPTOR.words());
        assertThat(bench.kernel.alive()).isZero();
    }

    /** The second finding comes while the signal is blocked: that ends the thread at once. */
    @Test
    void aHandlerThatIsSwitchedOutDoesNotComeBack() {
        Bench bench = sleepWith(new Linux618Policy(), NOWHERE, true);
        assertThat(bench.word(RUNS)).isEqualTo(1);
        assertThat(bench.word(LIVED)).isZero();
        assertThat(bench.killed).containsExactly(KillReason.DESCRIPTOR.words());
    }

    @Test
    void nobodyIsDisturbedWhereNothingIsWrong() {
        Bench bench = sleepWith(new Linux618Policy(), 0, false);
        assertThat(bench.word(RUNS)).isZero();
        assertThat(bench.word(LIVED)).isEqualTo(1);
        assertThat(bench.killed).isEmpty();
    }

    /** Delivery aborts the section in which the call was made, so that there is nothing left to find: it lives on. */
    @Test
    void aSystemCallInASectionOfADebugKernelCanBeSurvived() {
        Bench bench = Bench.Setup.of(new Linux618DebugPolicy(), 1).run(5e-3, (a, data) -> {
            a.st64(Reg.WORKLOAD, LAST, Reg.A0);
            a.syscall(HostCall.SYS_SIGRETURN);
            a.place(a.label("main"));
            a.li(Reg.A0, Signals.SEGV);
            a.li(Reg.A1, Program.CODE_BASE);
            a.syscall(HostCall.SYS_SIGACTION);
            Assembler.Label aborted = a.label();
            Assembler.SectionLabel section = a.section("calls", aborted);
            a.li(Reg.T5, 1);
            a.arm(section, Reg.T0);
            a.start(section);
            a.syscall(HostCall.SYS_GETPPID);
            a.st64(Reg.WORKLOAD, RUNS, Reg.T5);
            a.commit(section);
            a.syscall(HostCall.SYS_EXIT);
            a.place(aborted);
            a.st64(Reg.WORKLOAD, LIVED, Reg.T5);
            a.syscall(HostCall.SYS_EXIT);
        });
        assertThat(bench.word(LAST)).isEqualTo(Signals.SEGV);
        assertThat(bench.word(LIVED)).isEqualTo(1);
        assertThat(bench.word(RUNS)).isZero();
        assertThat(bench.killed).isEmpty();
    }

    /** What the thread has brought about itself comes before what was sent, though its number is higher. */
    @Test
    void theForcedSignalIsDeliveredFirst() {
        int usr1 = 10;
        Bench bench = Bench.Setup.of(new Linux618DebugPolicy(), 1).run(5e-3, (a, data) -> {
            a.st64(Reg.WORKLOAD, LAST, Reg.A0);
            a.syscall(HostCall.SYS_SIGRETURN);
            a.place(a.label("main"));
            for (int signal : new int[] {Signals.SEGV, usr1}) {
                a.li(Reg.A0, signal);
                a.li(Reg.A1, Program.CODE_BASE);
                a.syscall(HostCall.SYS_SIGACTION);
            }
            Assembler.Label aborted = a.label();
            Assembler.SectionLabel section = a.section("calls", aborted);
            a.li(Reg.A0, 0);
            a.li(Reg.A1, usr1);
            a.arm(section, Reg.T0);
            a.start(section);
            a.syscall(HostCall.SYS_TGKILL);
            a.st64(Reg.WORKLOAD, RUNS, Reg.A1);
            a.commit(section);
            a.place(aborted);
            a.syscall(HostCall.SYS_EXIT);
        });
        // The frame that was built first is left last.
        assertThat(bench.word(LAST)).isEqualTo(Signals.SEGV);
        assertThat(bench.killed).isEmpty();
    }
}
