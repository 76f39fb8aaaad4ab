package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** membarrier(RSEQ) aborts the sections that run on the CPUs it names, and comes back when it has. */
class MembarrierTest {
    private static final int DONE = 512;

    private static void membarrier(Assembler a, int command, int flags, int cpu) {
        a.li(Reg.A0, command);
        a.li(Reg.A1, flags);
        a.li(Reg.A2, cpu);
        a.syscall(HostCall.SYS_MEMBARRIER);
    }

    private static void loopInSection(Assembler a) {
        Assembler.Label again = a.here();
        Assembler.SectionLabel section = a.section("long", again);
        a.arm(section, Reg.T0);
        a.start(section);
        Assembler.Label loop = a.here();
        a.jmp(loop);
        a.commit(section);
    }

    /** Threads 0 and 1 loop in sections; thread 2, on CPU 2, makes some calls and says how often it came back. */
    private static Bench barriers(RseqPolicy policy, int calls, int flags, int cpu) {
        return new Bench(Bench.Setup.of(policy, 3), new String[] {"looper", "looper", "caller"}, (a, data) -> {
                    a.place(a.label("looper"));
                    loopInSection(a);
                    a.place(a.label("caller"));
                    membarrier(a, Membarrier.REGISTER, 0, 0);
                    a.work(10_000);
                    for (int i = 0; i < calls; i++) {
                        membarrier(a, Membarrier.BARRIER, flags, cpu);
                        a.li(Reg.T1, data + DONE + 8 * i);
                        a.li(Reg.T2, 1);
                        a.st64(Reg.T1, 0, Reg.T2);
                    }
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(1e-3);
    }

    @Test
    void everyRunningSectionOfTheProcessIsAbortedByEveryKernel() {
        for (RseqPolicy policy : List.of(
                new Linux618Policy(), new Linux71Policy(), new Linux71LegacyPolicy(), new FreeBsdD32505Policy())) {
            Bench bench = barriers(policy, 5, 0, 0);
            assertThat(bench.causes()).as(policy.id()).hasSize(10).containsOnly((long) Cause.MEMBARRIER);
            assertThat(bench.count(EventKind.MEMBARRIER_IPI)).isEqualTo(10);
            assertThat(bench.word(DONE + 32)).isEqualTo(1);
        }
    }

    @Test
    void onlyTheCpuThatIsNamed() {
        Bench bench = barriers(new Linux618Policy(), 5, Membarrier.FLAG_CPU, 1);
        assertThat(bench.causes()).hasSize(5);
        assertThat(bench.events.stream()
                        .filter(event -> event.kind() == EventKind.ABORT)
                        .map(Event::cpu))
                .containsOnly(1);
        assertThat(barriers(new Linux618Policy(), 5, Membarrier.FLAG_CPU, 99).causes())
                .isEmpty();
    }

    /** No section that began before the call can commit behind its return: the victims have left it by then. */
    @Test
    void theCallComesBackWhenAllHaveServedIt() {
        Bench bench = barriers(new Linux618Policy(), 1, 0, 0);
        long served = bench.events.stream()
                .filter(event -> event.kind() == EventKind.MEMBARRIER_IPI)
                .mapToLong(Event::cycle)
                .max()
                .orElseThrow();
        long ended = bench.events.stream()
                .filter(event -> event.kind() == EventKind.SWITCH && "exited".equals(event.text(Column.STATE)))
                .mapToLong(Event::cycle)
                .findFirst()
                .orElseThrow();
        long called = bench.events.stream()
                .filter(event -> event.kind() == EventKind.SYSCALL && "membarrier".equals(event.text(Column.DETAIL)))
                .mapToLong(Event::cycle)
                .max()
                .orElseThrow();
        assertThat(served - called).isGreaterThanOrEqualTo(bench.machine.profile.cycles("kernel.ipi"));
        assertThat(ended).isGreaterThan(served);
        assertThat(bench.machine.cores[2].kernelCycles).isGreaterThan(bench.machine.profile.cycles("kernel.ipi"));
    }

    /** A CPU that waits in its own call serves the others' interrupts: nobody waits for ever. */
    @Test
    void callersDoNotWaitForEachOther() {
        Bench bench = new Bench(
                        Bench.Setup.of(new Linux618Policy(), 2), new String[] {"caller", "caller"}, (a, data) -> {
                            a.place(a.label("caller"));
                            membarrier(a, Membarrier.REGISTER, 0, 0);
                            a.li(Reg.T5, 50);
                            Assembler.Label again = a.here();
                            membarrier(a, Membarrier.BARRIER, 0, 0);
                            a.djnz(Reg.T5, again);
                            a.li(Reg.T1, 1);
                            a.st64(Reg.WORKLOAD, 0, Reg.T1);
                            a.syscall(HostCall.SYS_EXIT);
                        })
                .run(10e-3);
        assertThat(bench.word(0)).isEqualTo(1);
        assertThat(bench.word(256)).isEqualTo(1);
        assertThat(bench.kernel.alive()).isZero();
        assertThat(bench.count(EventKind.MEMBARRIER_IPI)).isBetween(50L, 100L);
    }

    /**
     * A CPU that waits in its own call is interrupted by another's when that arrives, not when its own is over: else
     * what follows happens in the others' past.
     */
    @Test
    void whoWaitsServesOthersWhenTheyArrive() {
        String[] threads = {"caller", "caller", "caller", "looper"};
        Bench bench = new Bench(Bench.Setup.of(new Linux618Policy(), 4), threads, (a, data) -> {
            a.place(a.label("caller"));
            membarrier(a, Membarrier.REGISTER, 0, 0);
            Assembler.Label again = a.here();
            membarrier(a, Membarrier.BARRIER, 0, 0);
            a.ld64(Reg.T1, Reg.WORKLOAD, 0);
            a.addi(Reg.T1, Reg.T1, 1);
            a.st64(Reg.WORKLOAD, 0, Reg.T1);
            a.jmp(again);
            a.place(a.label("looper"));
            loopInSection(a);
        });
        bench.takingTurns(40e-6).runInSteps(5e-3, 200);
        assertThat(bench.word(0)).isGreaterThan(50);
        long latest = 0;
        for (Event event : bench.events) {
            assertThat(event.cycle())
                    .as(event.kind() + " of thread " + event.number(Column.THREAD))
                    .isGreaterThanOrEqualTo(latest);
            latest = event.cycle();
        }
    }

    private static long result(RseqPolicy policy, int command, int flags, boolean registered) {
        return Bench.Setup.of(policy, 2)
                .run(1e-3, (a, data) -> {
                    a.place(a.label("main"));
                    if (registered) {
                        membarrier(a, Membarrier.REGISTER, 0, 0);
                    }
                    membarrier(a, command, flags, 0);
                    a.st64(Reg.WORKLOAD, 0, Reg.A0);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .word(0);
    }

    @Test
    void theProcessMustHaveSaidThatItWillCall() {
        RseqPolicy linux = new Linux618Policy();
        assertThat(result(linux, Membarrier.BARRIER, 0, false)).isEqualTo(-Errno.EPERM);
        assertThat(result(linux, Membarrier.BARRIER, 0, true)).isZero();
        assertThat(result(linux, Membarrier.BARRIER, 2, true)).isEqualTo(-Errno.EINVAL);
        assertThat(result(linux, Membarrier.REGISTER, 1, false)).isEqualTo(-Errno.EINVAL);
        assertThat(result(linux, 3, 0, true)).isEqualTo(-Errno.EINVAL);
        assertThat(result(linux, 0, 0, false)).isEqualTo(8 | 16 | 128 | 256);
        assertThat(result(new NoRseqPolicy(), Membarrier.REGISTER, 0, false)).isEqualTo(-Errno.EINVAL);
    }

    private static Bench loopersAndCaller(int registration, int command) {
        return new Bench(
                        Bench.Setup.of(new Linux618Policy(), 3),
                        new String[] {"looper", "looper", "caller"},
                        (a, data) -> {
                            a.place(a.label("looper"));
                            loopInSection(a);
                            a.place(a.label("caller"));
                            membarrier(a, registration, 0, 0);
                            membarrier(a, command, 0, 0);
                            a.li(Reg.T1, data + DONE);
                            a.addi(Reg.A0, Reg.A0, 1);
                            a.st64(Reg.T1, 0, Reg.A0);
                            a.syscall(HostCall.SYS_EXIT);
                        })
                .run(1e-3);
    }

    /** The plain barrier interrupts the same CPUs and waits for them as long, and leaves sections alone. */
    @Test
    void thePlainBarrierAbortsNothingAndCostsTheSame() {
        Bench plain = loopersAndCaller(Membarrier.REGISTER_PLAIN, Membarrier.PLAIN);
        Bench rseq = loopersAndCaller(Membarrier.REGISTER, Membarrier.BARRIER);
        assertThat(plain.causes()).isEmpty();
        assertThat(rseq.causes()).hasSize(2);
        assertThat(plain.word(DONE)).as("done, and came back").isEqualTo(1);
        long ipi = plain.machine.profile.cycles("kernel.ipi");
        assertThat(plain.machine.cores[2].kernelCycles)
                .isGreaterThan(ipi)
                .isEqualTo(rseq.machine.cores[2].kernelCycles);
        assertThat(loopersAndCaller(Membarrier.REGISTER, Membarrier.PLAIN).word(DONE))
                .as("registered for the other kind only")
                .isEqualTo(1 - Errno.EPERM);
        assertThat(result(new NoRseqPolicy(), Membarrier.REGISTER_PLAIN, 0, false))
                .isZero();
        assertThat(result(new Linux618Policy(), Membarrier.PLAIN, Membarrier.FLAG_CPU, true))
                .isEqualTo(-Errno.EINVAL);
    }

    /** A caller that names its own CPU inside a section is aborted; one that names none is not. */
    @Test
    void theCallersOwnSection() {
        for (int flags : List.of(0, Membarrier.FLAG_CPU)) {
            Bench bench = new Bench(
                            Bench.Setup.of(new Linux618Policy(), 2), new String[] {"main", "other"}, (a, data) -> {
                                a.place(a.label("main"));
                                membarrier(a, Membarrier.REGISTER, 0, 0);
                                Assembler.Label aborted = a.label();
                                Assembler.SectionLabel section = a.section("own", aborted);
                                a.arm(section, Reg.T0);
                                a.start(section);
                                membarrier(a, Membarrier.BARRIER, flags, 0);
                                a.li(Reg.T2, 0);
                                a.commit(section);
                                a.place(aborted);
                                a.syscall(HostCall.SYS_EXIT);
                                a.place(a.label("other"));
                                Assembler.Label loop = a.here();
                                a.jmp(loop);
                            })
                    .run(1e-3);
            long causes = Cause.MEMBARRIER | Cause.SYSCALL;
            assertThat(bench.causes()).isEqualTo(flags == 0 ? List.of() : List.of(causes));
        }
    }
}
