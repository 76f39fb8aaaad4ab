package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.EventKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Signals abort the section before their handler's frame is built; handlers are programs with sections of their own.
 */
class SignalsTest {
    private static final int USR1 = 10;
    private static final int USR2 = 12;

    private static final int OUTCOME = 0;
    private static final int RETURNS_TO = 8;
    private static final int ARMED_IN_HANDLER = 16;
    private static final int OWN_COMMITS = 24;

    /** Reserves the position at which a handler will stand: its address is needed before its code. */
    private static long handlerAt(int position) {
        return Program.pointer(position);
    }

    private static void handle(Assembler a, int signal, long handler) {
        a.li(Reg.A0, signal);
        a.li(Reg.A1, handler);
        a.syscall(HostCall.SYS_SIGACTION);
    }

    private static void raise(Assembler a, int signal) {
        a.li(Reg.A0, 0);
        a.li(Reg.A1, signal);
        a.syscall(HostCall.SYS_TGKILL);
    }

    /** The handler stands at position 0: what it sees goes to the data, and it commits a section of its own. */
    private static void handler(Assembler a, long data) {
        a.li(Reg.T8, data);
        a.st64(Reg.T8, RETURNS_TO, Reg.A1);
        a.ld64(Reg.T9, Reg.RSEQ, RseqArea.RSEQ_CS);
        a.st64(Reg.T8, ARMED_IN_HANDLER, Reg.T9);
        Assembler.Label again = a.here();
        Assembler.SectionLabel own = a.section("own", again);
        a.ld64(Reg.T9, Reg.T8, OWN_COMMITS);
        a.addi(Reg.T9, Reg.T9, 1);
        a.arm(own, Reg.T10);
        a.start(own);
        a.st64(Reg.T8, OWN_COMMITS, Reg.T9);
        a.commit(own);
        a.li(Reg.T5, 99);
        a.syscall(HostCall.SYS_SIGRETURN);
    }

    /** Raises a signal inside a section; says whether it committed (1) or was aborted (2). */
    private static Bench raiseInSection(RseqPolicy policy) {
        return Bench.Setup.of(policy, 1).run(1e-3, (a, data) -> {
            handler(a, data);
            a.place(a.label("main"));
            Assembler.Label aborted = a.label();
            Assembler.Label end = a.label();
            handle(a, USR1, handlerAt(0));
            a.li(Reg.T5, 1);
            Assembler.SectionLabel section = a.section("outer", aborted);
            a.arm(section, Reg.T0);
            a.start(section);
            raise(a, USR1);
            a.st64(Reg.WORKLOAD, OUTCOME, Reg.T5);
            a.commit(section);
            a.jmp(end);
            a.place(aborted);
            a.addi(Reg.T5, Reg.T5, 1);
            a.st64(Reg.WORKLOAD, OUTCOME, Reg.T5);
            a.place(end);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    @Test
    void theHandlerSeesAnAbortedSectionAndReturnsToItsAbortHandler() {
        for (RseqPolicy policy : List.of(new Linux618Policy(), new Linux71LegacyPolicy(), new FreeBsdD32505Policy())) {
            Bench bench = raiseInSection(policy);
            assertThat(bench.causes()).as(policy.id()).containsExactly((long) (Cause.SIGNAL | Cause.SYSCALL));
            int abort = bench.program.sections().get(1).abort();
            assertThat(bench.word(RETURNS_TO)).as(policy.id()).isEqualTo(Program.pointer(abort));
            assertThat(bench.word(ARMED_IN_HANDLER)).as(policy.id()).isZero();
            assertThat(bench.word(OWN_COMMITS)).as(policy.id()).isEqualTo(1);
            assertThat(bench.word(OUTCOME))
                    .as("registers are as before, " + policy.id())
                    .isEqualTo(2);
        }
    }

    /** User mode was left by a system call: V2 lets the section go on, even behind a handler. */
    @Test
    void v2LeavesASectionAloneThatRaisedItsSignalItself() {
        Bench bench = raiseInSection(new Linux71Policy());
        assertThat(bench.causes()).isEmpty();
        assertThat(bench.word(OUTCOME)).isEqualTo(1);
        assertThat(bench.word(OWN_COMMITS)).isEqualTo(1);
    }

    @Test
    void aSignalThatIsBlockedByItsHandlerComesOnceAfterIt() {
        Bench bench = Bench.Setup.of(new Linux618Policy(), 1).run(1e-3, (a, data) -> {
            Assembler.Label second = a.label();
            a.li(Reg.T8, data);
            a.ld64(Reg.T9, Reg.T8, OWN_COMMITS);
            a.addi(Reg.T9, Reg.T9, 1);
            a.st64(Reg.T8, OWN_COMMITS, Reg.T9);
            a.addi(Reg.T9, Reg.T9, -1);
            a.bnez(Reg.T9, second);
            raise(a, USR1);
            raise(a, USR1);
            a.ld64(Reg.T9, Reg.T8, OWN_COMMITS);
            a.st64(Reg.T8, ARMED_IN_HANDLER, Reg.T9);
            a.place(second);
            a.syscall(HostCall.SYS_SIGRETURN);
            a.place(a.label("main"));
            handle(a, USR1, handlerAt(0));
            raise(a, USR1);
            a.syscall(HostCall.SYS_EXIT);
        });
        assertThat(bench.word(ARMED_IN_HANDLER)).as("not inside itself").isEqualTo(1);
        assertThat(bench.word(OWN_COMMITS)).isEqualTo(2);
        assertThat(bench.count(EventKind.SIGNAL)).isEqualTo(2);
    }

    /** Thread 0 waits by the call given; thread 1 sends it a signal that has a handler; thread 0 stores the result. */
    private static Bench interrupted(int call, boolean handled) {
        return new Bench(Bench.Setup.of(new Linux618Policy(), 2), new String[] {"main", "sender"}, (a, data) -> {
                    handler(a, data);
                    a.place(a.label("main"));
                    if (handled) {
                        handle(a, USR2, handlerAt(0));
                    }
                    a.li(Reg.A0, call == HostCall.SYS_NANOSLEEP ? 100_000_000 : data + 1024);
                    a.li(Reg.A1, 0);
                    a.syscall(call);
                    a.li(Reg.T1, data + 64);
                    a.st64(Reg.T1, 0, Reg.A0);
                    a.syscall(HostCall.SYS_EXIT);
                    a.place(a.label("sender"));
                    a.work(500_000);
                    raise(a, USR2);
                    a.work(500_000);
                    a.li(Reg.A0, data + 1024);
                    a.li(Reg.A1, 1);
                    a.syscall(HostCall.SYS_FUTEX_WAKE);
                    a.li(Reg.T1, data + 72);
                    a.st64(Reg.T1, 0, Reg.A0);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(2e-3);
    }

    @Test
    void aSignalEndsAWait() {
        for (int call : List.of(HostCall.SYS_NANOSLEEP, HostCall.SYS_FUTEX_WAIT)) {
            Bench bench = interrupted(call, true);
            assertThat(bench.word(64)).isEqualTo(-Errno.EINTR);
            assertThat(bench.word(OWN_COMMITS)).isEqualTo(1);
            assertThat(bench.word(72)).as("nobody waits any more").isZero();
        }
    }

    @Test
    void aSignalWithoutAHandlerEndsTheThread() {
        Bench bench = interrupted(HostCall.SYS_FUTEX_WAIT, false);
        assertThat(bench.killed).containsExactly("signal 12 without a handler");
        assertThat(bench.word(64)).isZero();
    }

    /** Turns that thread 0 takes in a millisecond in which thread 1, on another CPU, sends it signals. */
    private static long turnsBesideSignals(int signals) {
        return new Bench(Bench.Setup.of(new Linux618Policy(), 2), new String[] {"main", "sender"}, (a, data) -> {
                    a.syscall(HostCall.SYS_SIGRETURN);
                    a.place(a.label("main"));
                    handle(a, USR2, handlerAt(0));
                    Assembler.Label loop = a.here();
                    a.addi(Reg.T3, Reg.T3, 1);
                    a.st64(Reg.WORKLOAD, OUTCOME, Reg.T3);
                    a.jmp(loop);
                    a.place(a.label("sender"));
                    for (int i = 0; i < signals; i++) {
                        a.work(200_000);
                        raise(a, USR2);
                    }
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(1e-3)
                .word(OUTCOME);
    }

    /** The interrupt that brings it takes time of the CPU that is interrupted, beside the signal itself. */
    @Test
    void aSignalFromAnotherCpuTakesAnInterruptToo() {
        int signals = 10;
        MachineProfile profile = ProfileReader.shipped("zen5-vm-2");
        Costs costs = new Costs(profile);
        long undisturbed = turnsBesideSignals(0);
        double cyclesPerTurn = profile.clockHz() * 1e-3 / undisturbed;
        double lost = (undisturbed - turnsBesideSignals(signals)) * cyclesPerTurn / signals;
        double signal = costs.signal + costs.signalReturn;
        assertThat(lost - signal).isBetween(0.95 * costs.ipiHandler, 1.05 * costs.ipiHandler + costs.syscall);
    }

    @Test
    void callsThatMakeNoSenseAreRefused() {
        Bench bench = Bench.Setup.of(new Linux618Policy(), 1).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            long[][] calls = {{0, 65}, {7, 1}, {0, 0}, {7, 0}, {0, 17}};
            for (int i = 0; i < calls.length; i++) {
                a.li(Reg.A0, calls[i][0]);
                a.li(Reg.A1, calls[i][1]);
                a.syscall(HostCall.SYS_TGKILL);
                a.st64(Reg.WORKLOAD, 8 * i, Reg.A0);
            }
            handle(a, 9, handlerAt(0));
            a.st64(Reg.WORKLOAD, 64, Reg.A0);
            a.syscall(HostCall.SYS_SIGRETURN);
        });
        assertThat(bench.word(0)).isEqualTo(-Errno.EINVAL);
        assertThat(bench.word(8)).isEqualTo(-Errno.ESRCH);
        assertThat(bench.word(16)).isZero();
        assertThat(bench.word(24)).isEqualTo(-Errno.ESRCH);
        assertThat(bench.word(32)).as("ignored unless handled").isZero();
        assertThat(bench.word(64)).isEqualTo(-Errno.EINVAL);
        assertThat(bench.killed).containsExactly("rt_sigreturn without a frame");
    }
}
