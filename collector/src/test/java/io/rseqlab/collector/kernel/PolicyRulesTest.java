package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.EventKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In what the kernels differ: the tables that their sources and their documentation give. */
class PolicyRulesTest {
    private static final RseqPolicy V618 = new Linux618Policy();
    private static final RseqPolicy DEBUG = new Linux618DebugPolicy();
    private static final RseqPolicy V2 = new Linux71Policy();
    private static final RseqPolicy LEGACY = new Linux71LegacyPolicy();
    private static final RseqPolicy FREEBSD = new FreeBsdD32505Policy();
    private static final RseqPolicy CHERI = new CheriAbiPolicy();
    private static final List<RseqPolicy> WITH_RSEQ = List.of(V618, DEBUG, V2, LEGACY, FREEBSD, CHERI);

    private static final int DESCRIPTOR = 1024;

    /**
     * Makes a system call in a section once; at WORKLOAD stands whether it committed (1) or was aborted (2), behind it
     * that the call returned.
     */
    private static Bench callInSection(RseqPolicy policy, int number, long argument) {
        return Bench.Setup.of(policy, 1).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            Assembler.Label aborted = a.label();
            Assembler.Label end = a.label();
            Assembler.SectionLabel section = a.section("call", aborted);
            a.li(Reg.T5, 1);
            a.li(Reg.A0, argument);
            a.arm(section, Reg.T0);
            a.start(section);
            a.syscall(number);
            a.st64(Reg.WORKLOAD, 0, Reg.T5);
            a.commit(section);
            a.jmp(end);
            a.place(aborted);
            a.li(Reg.T5, 2);
            a.st64(Reg.WORKLOAD, 0, Reg.T5);
            a.place(end);
            a.ld64(Reg.T1, Reg.RSEQ, RseqArea.RSEQ_CS);
            a.st64(Reg.WORKLOAD, 16, Reg.T1);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    @Test
    void aCallThatDoesNotBlockCommitsUnlessTheKernelIsADebugOne() {
        for (RseqPolicy policy : WITH_RSEQ) {
            Bench bench = callInSection(policy, HostCall.SYS_GETPPID, 0);
            assertThat(bench.causes()).as(policy.id()).isEmpty();
            assertThat(bench.word(0)).as(policy.id()).isEqualTo(policy == DEBUG ? 0 : 1);
            assertThat(bench.killed)
                    .as(policy.id())
                    .isEqualTo(policy == DEBUG ? List.of(KillReason.SYSCALL.words()) : List.of());
        }
    }

    @Test
    void aCallThatBlocksIsAbortedOnReturnButNotByV2() {
        for (RseqPolicy policy : List.of(V618, LEGACY, FREEBSD, CHERI)) {
            Bench bench = callInSection(policy, HostCall.SYS_NANOSLEEP, 1000);
            assertThat(bench.causes()).as(policy.id()).containsExactly((long) (Cause.PREEMPTION | Cause.SYSCALL));
            assertThat(bench.word(0)).as(policy.id()).isEqualTo(2);
        }
        Bench v2 = callInSection(V2, HostCall.SYS_NANOSLEEP, 1000);
        assertThat(v2.causes()).isEmpty();
        assertThat(v2.word(0)).isEqualTo(1);
        assertThat(v2.word(16)).as("still armed").isEqualTo(Program.descriptor(0));
    }

    /** The sleep has happened when the thread is killed: a switch stands in the trace. */
    @Test
    void aDebugKernelKillsAfterTheCallNotInsteadOfIt() {
        Bench bench = callInSection(DEBUG, HostCall.SYS_NANOSLEEP, 1000);
        assertThat(bench.killed).containsExactly(KillReason.SYSCALL.words());
        assertThat(bench.count(EventKind.WAKEUP)).isEqualTo(1);
    }

    /** Two threads that loop in sections on one CPU: interrupted sections are aborted by all. */
    @Test
    void everyKernelAbortsAnInterruptedSection() {
        for (RseqPolicy policy : WITH_RSEQ) {
            Bench bench = new Bench(Bench.Setup.of(policy, 1), new String[] {"main", "main"}, (a, data) -> {
                        a.place(a.label("main"));
                        loopInSection(a, 200_000);
                    })
                    .takingTurns(4e-3)
                    .run(0.05);
            assertThat(bench.causes()).as(policy.id()).hasSizeGreaterThan(8).containsOnly((long) Cause.PREEMPTION);
            Bench signals = Bench.Setup.of(policy, 1).signals(1000).run(0.01, (a, data) -> {
                a.place(a.label("main"));
                loopInSection(a, 1_000_000);
            });
            assertThat(signals.causes()).as(policy.id()).hasSizeGreaterThan(7).containsOnly((long) Cause.SIGNAL);
        }
    }

    private static void loopInSection(Assembler a, long turns) {
        Assembler.Label again = a.here();
        Assembler.SectionLabel section = a.section("long", again);
        a.li(Reg.T1, turns);
        a.arm(section, Reg.T0);
        a.start(section);
        Assembler.Label loop = a.here();
        a.djnz(Reg.T1, loop);
        a.st64(Reg.WORKLOAD, 0, Reg.T2);
        a.commit(section);
        a.jmp(again);
    }

    @Test
    void onlySixEighteenAbortsForWhatIsLongPast() {
        for (RseqPolicy policy : WITH_RSEQ) {
            Bench bench = Bench.Setup.of(policy, 1).run(0.15, (a, data) -> {
                a.place(a.label("main"));
                a.li(Reg.A0, 1000);
                a.syscall(HostCall.SYS_NANOSLEEP);
                loopInSection(a, 1_000_000_000);
            });
            boolean stale = policy == V618 || policy == DEBUG;
            assertThat(bench.causes()).as(policy.id()).isEqualTo(stale ? List.of((long) Cause.STALE) : List.of());
        }
    }

    /** Sleeps with a program's own value in a field that only the kernel writes; the field afterwards at WORKLOAD. */
    private static Bench tamper(RseqPolicy policy, int cpus) {
        return Bench.Setup.of(policy, cpus).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            a.li(Reg.T1, 77);
            a.st32(Reg.RSEQ, RseqArea.CPU_ID_START, Reg.T1);
            a.li(Reg.A0, 1000);
            a.syscall(HostCall.SYS_NANOSLEEP);
            a.ld32(Reg.T1, Reg.RSEQ, RseqArea.CPU_ID_START);
            a.st64(Reg.WORKLOAD, 0, Reg.T1);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    @Test
    void idsAreRewrittenAtEverySwitchExceptByV2() {
        for (RseqPolicy policy : List.of(V618, DEBUG, LEGACY, FREEBSD, CHERI)) {
            Bench bench = tamper(policy, 1);
            assertThat(bench.word(0)).as(policy.id()).isZero();
            assertThat(bench.killed).as(policy.id()).isEmpty();
            assertThat(bench.warnings)
                    .as(policy.id())
                    .isEqualTo(policy == DEBUG ? List.of(KillReason.FIELDS.words()) : List.of());
        }
        Bench v2 = tamper(V2, 1);
        assertThat(v2.word(0)).isEqualTo(77);
        assertThat(v2.killed).isEmpty();
    }

    /** The thread is interrupted outside of its section with a descriptor armed that is none. */
    private static Bench badOutside(RseqPolicy policy) {
        return new Bench(Bench.Setup.of(policy, 1), new String[] {"main", "other"}, (a, data) -> {
                    a.place(a.label("main"));
                    a.li(Reg.T0, data + DESCRIPTOR);
                    a.li(Reg.T1, 1);
                    a.st64(Reg.T0, RseqArea.CS_VERSION, Reg.T1);
                    a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T0);
                    a.place(a.label("other"));
                    Assembler.Label loop = a.here();
                    a.jmp(loop);
                })
                .takingTurns(4e-3)
                .run(0.02);
    }

    @Test
    void onlySixEighteenValidatesWhatIsArmedOutsideOfItsSection() {
        for (RseqPolicy policy : List.of(V618, DEBUG)) {
            assertThat(badOutside(policy).killed).as(policy.id()).containsExactly(KillReason.VERSION.words());
        }
        for (RseqPolicy policy : List.of(V2, LEGACY, FREEBSD)) {
            Bench bench = badOutside(policy);
            assertThat(bench.killed).as(policy.id()).isEmpty();
            assertThat(bench.machine.memory.read64(bench.rseqAreas[0] + RseqArea.RSEQ_CS))
                    .as(policy.id())
                    .isZero();
        }
        assertThat(badOutside(CHERI).killed).containsExactly(KillReason.FORGED_POINTER.words());
    }

    /** Loops in a section whose loaded descriptor has been given another abort handler, one with a signature. */
    private static Bench otherHandler(RseqPolicy policy) {
        return new Bench(Bench.Setup.of(policy, 1), new String[] {"main", "other"}, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label aborted = a.label();
                    a.li(Reg.T0, Program.descriptor(0));
                    a.li(Reg.T2, Program.descriptor(1));
                    a.ld64(Reg.T1, Reg.T2, RseqArea.CS_ABORT_IP);
                    a.st64(Reg.T0, RseqArea.CS_ABORT_IP, Reg.T1);
                    Assembler.Label again = a.here();
                    Assembler.SectionLabel section = a.section("long", again);
                    a.arm(section, Reg.T0);
                    a.start(section);
                    a.place(a.label("other"));
                    Assembler.Label loop = a.here();
                    a.jmp(loop);
                    a.st64(Reg.WORKLOAD, 0, Reg.T2);
                    a.commit(section);
                    Assembler.SectionLabel second = a.section("second", aborted);
                    a.start(second);
                    a.li(Reg.T3, 0);
                    a.commit(second);
                    a.place(aborted);
                    a.li(Reg.T3, 5);
                    a.st64(Reg.WORKLOAD, 0, Reg.T3);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .takingTurns(4e-3)
                .run(0.05);
    }

    @Test
    void whereTheHandlerIsACapabilityAForgedOneIsRefused() {
        assertThat(otherHandler(FREEBSD).word(0)).isEqualTo(5);
        assertThat(otherHandler(V618).word(0)).isEqualTo(5);
        Bench cheri = otherHandler(CHERI);
        assertThat(cheri.killed).containsExactly(KillReason.FORGED_HANDLER.words());
        assertThat(cheri.word(0)).isZero();
    }

    @Test
    void v2IsAskedForByTheLengthOfTheRegistration() {
        assertThat(V2.libraryBytes()).isGreaterThan(RseqArea.LENGTH);
        assertThat(LEGACY.libraryBytes()).isEqualTo(RseqArea.LENGTH);
        UserExit switchAfterCall = new UserExit(false, true, false, false, true);
        assertThat(V2.evaluates(switchAfterCall)).isFalse();
        assertThat(V2.writesIds(switchAfterCall)).isFalse();
        UserExit short32 = new UserExit(false, true, false, false, false);
        assertThat(V2.evaluates(short32)).isTrue();
        assertThat(V2.writesIds(short32)).isTrue();
    }
}
