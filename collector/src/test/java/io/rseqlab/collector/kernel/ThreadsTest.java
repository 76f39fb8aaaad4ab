package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.EventKind;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of a registration by clone, fork and execve, and of a section by sched_setaffinity. */
class ThreadsTest {
    private static void register(Assembler a) {
        a.mov(Reg.A0, Reg.RSEQ);
        a.li(Reg.A1, RseqArea.LENGTH);
        a.li(Reg.A2, 0);
        a.li(Reg.A3, Program.SIGNATURE);
        a.syscall(HostCall.SYS_RSEQ);
    }

    /** A child tries to register its parent's area; its result at WORKLOAD, the parent's view of it behind that. */
    private static Bench child(int flags) {
        return Bench.Setup.of(new Linux618Policy(), 2).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            Assembler.Label child = a.label();
            a.li(Reg.A0, flags);
            a.li(Reg.A1, 0);
            a.syscall(HostCall.SYS_CLONE);
            a.beqz(Reg.A0, child);
            a.st64(Reg.WORKLOAD, 8, Reg.A0);
            a.syscall(HostCall.SYS_EXIT);
            a.place(child);
            register(a);
            a.st64(Reg.WORKLOAD, 0, Reg.A0);
            a.li(Reg.T1, 1);
            a.st64(Reg.WORKLOAD, 16, Reg.T1);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    @Test
    void aThreadStartsWithoutARegistrationAndAForkedProcessWithItsParents() {
        Bench thread = child(Threads.CLONE_VM);
        assertThat(thread.word(0)).isZero();
        assertThat(thread.word(8)).as("the child's number").isEqualTo(1);
        assertThat(thread.word(16)).as("the child ran").isEqualTo(1);
        assertThat(child(0).word(0)).isEqualTo(-Errno.EBUSY);
    }

    @Test
    void anExecutedProgramStartsWithoutARegistration() {
        Bench bench = Bench.Setup.of(new Linux618Policy(), 1).run(1e-3, (a, data) -> {
            a.li(Reg.A0, 1000);
            a.syscall(HostCall.SYS_NANOSLEEP);
            a.ld32(Reg.T1, Reg.RSEQ, RseqArea.CPU_ID_START);
            a.st64(Reg.WORKLOAD, 0, Reg.T1);
            register(a);
            a.st64(Reg.WORKLOAD, 8, Reg.A0);
            a.ld32(Reg.T1, Reg.RSEQ, RseqArea.CPU_ID_START);
            a.st64(Reg.WORKLOAD, 16, Reg.T1);
            a.syscall(HostCall.SYS_EXIT);
            a.place(a.label("main"));
            a.li(Reg.T1, 55);
            a.st32(Reg.RSEQ, RseqArea.CPU_ID_START, Reg.T1);
            a.st64(Reg.WORKLOAD, 8, Reg.T1);
            a.li(Reg.A0, Program.CODE_BASE);
            a.syscall(HostCall.SYS_EXECVE);
            a.syscall(HostCall.SYS_EXIT);
        });
        assertThat(bench.word(0)).as("nobody writes the area").isEqualTo(55);
        assertThat(bench.word(8)).as("registers anew").isZero();
        assertThat(bench.word(16)).isZero();
    }

    /** Moves itself to CPU 1 inside a section, having written to an id field or not. */
    private static Bench move(RseqPolicy policy, boolean tampers) {
        return Bench.Setup.of(policy, 2).run(1e-3, (a, data) -> {
            a.place(a.label("main"));
            Assembler.Label aborted = a.label();
            Assembler.Label end = a.label();
            Assembler.SectionLabel section = a.section("move", aborted);
            if (tampers) {
                a.li(Reg.T1, 77);
                a.st32(Reg.RSEQ, RseqArea.CPU_ID_START, Reg.T1);
            }
            a.li(Reg.T5, 1);
            a.li(Reg.A0, -1);
            a.li(Reg.A1, 2);
            a.arm(section, Reg.T0);
            a.start(section);
            a.syscall(HostCall.SYS_SETAFFINITY);
            a.st64(Reg.WORKLOAD, 0, Reg.T5);
            a.commit(section);
            a.jmp(end);
            a.place(aborted);
            a.li(Reg.T5, 2);
            a.st64(Reg.WORKLOAD, 0, Reg.T5);
            a.place(end);
            a.ld32(Reg.T1, Reg.RSEQ, RseqArea.CPU_ID);
            a.st64(Reg.WORKLOAD, 8, Reg.T1);
            a.syscall(HostCall.SYS_GETCPU);
            a.st64(Reg.WORKLOAD, 16, Reg.A0);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    @Test
    void aThreadThatMayNotStayIsSwitchedOutAndMoved() {
        Bench bench = move(new Linux618Policy(), false);
        assertThat(bench.word(16)).isEqualTo(1);
        assertThat(bench.word(8)).isEqualTo(1);
        assertThat(bench.count(EventKind.MIGRATE)).isEqualTo(1);
        assertThat(bench.causes()).containsExactly((long) (Cause.PREEMPTION | Cause.MIGRATION | Cause.SYSCALL));
        assertThat(bench.word(0)).isEqualTo(2);
    }

    /** The call made it move: the program's own fault, says 7.1; it goes on inside, on another CPU. */
    @Test
    void v2WritesTheIdsOfAMovedThreadAndLeavesItsSectionAlone() {
        Bench bench = move(new Linux71Policy(), false);
        assertThat(bench.causes()).isEmpty();
        assertThat(bench.word(0)).isEqualTo(1);
        assertThat(bench.word(8)).isEqualTo(1);
    }

    @Test
    void v2KillsAProgramThatWroteTheFieldsOfTheKernel() {
        assertThat(move(new Linux71Policy(), true).killed).containsExactly(KillReason.FIELDS.words());
        assertThat(move(new Linux71LegacyPolicy(), true).killed).isEmpty();
        assertThat(move(new Linux618Policy(), true).killed).isEmpty();
        Bench debug = move(new Linux618DebugPolicy(), true);
        assertThat(debug.killed).containsExactly(KillReason.SYSCALL.words());
    }

    /** Two threads on one CPU of two: the one that waits, sleeps or runs elsewhere goes where it is sent. */
    @Test
    void othersCanBeMoved() {
        for (boolean sleeps : List.of(true, false)) {
            Bench bench = new Bench(
                            Bench.Setup.of(new Linux618Policy(), 2), new String[] {"moved", "mover"}, (a, data) -> {
                                a.place(a.label("moved"));
                                Assembler.Label again = a.here();
                                if (sleeps) {
                                    a.li(Reg.A0, 100_000);
                                    a.syscall(HostCall.SYS_NANOSLEEP);
                                }
                                a.ld32(Reg.T1, Reg.RSEQ, RseqArea.CPU_ID);
                                a.st64(Reg.WORKLOAD, 0, Reg.T1);
                                a.jmp(again);
                                a.place(a.label("mover"));
                                a.work(500_000);
                                for (int mask : new int[] {1, 2, 1, 2, 2}) {
                                    a.li(Reg.A0, 0);
                                    a.li(Reg.A1, mask);
                                    a.syscall(HostCall.SYS_SETAFFINITY);
                                    a.work(1_000_000);
                                }
                                a.st64(Reg.WORKLOAD, 8, Reg.A0);
                                a.li(Reg.A0, 0);
                                a.li(Reg.A1, 0);
                                a.syscall(HostCall.SYS_SETAFFINITY);
                                a.st64(Reg.WORKLOAD, 16, Reg.A0);
                                a.syscall(HostCall.SYS_EXIT);
                            })
                    .run(0.05);
            assertThat(bench.word(0)).as("sleeps: " + sleeps).isEqualTo(1);
            assertThat(bench.word(256 + 8)).isZero();
            assertThat(bench.word(256 + 16)).isEqualTo(-Errno.EINVAL);
            assertThat(bench.count(EventKind.MIGRATE)).isGreaterThanOrEqualTo(1);
        }
    }

    /** A thread that counts at WORKLOAD how often it lives, five times at most, between a prologue and its end. */
    private static void lives(Assembler a, long gapCycles, Consumer<Assembler> life) {
        Assembler.Label birth = a.label();
        Assembler.Label last = a.label();
        a.place(a.label("main"));
        a.place(birth);
        a.ld64(Reg.T1, Reg.WORKLOAD, 0);
        a.addi(Reg.T1, Reg.T1, 1);
        a.st64(Reg.WORKLOAD, 0, Reg.T1);
        life.accept(a);
        a.li(Reg.T2, 5);
        a.beq(Reg.T1, Reg.T2, last);
        a.li(Reg.A0, gapCycles);
        a.syscall(HostCall.SYS_EXIT_FOLLOWED);
        a.jmp(birth);
        a.place(last);
        a.syscall(HostCall.SYS_EXIT);
    }

    /** What an ended thread left armed in its area is forgotten, and not found again under the next one's name. */
    @Test
    void aThreadThatFollowsRegistersTheSameAreaAnew() {
        Bench bench = Bench.Setup.of(new Linux618Policy(), 2)
                .run(
                        2e-3,
                        (a, data) -> lives(a, 1000, as -> {
                            as.ld64(Reg.T3, Reg.RSEQ, RseqArea.RSEQ_CS);
                            as.ld64(Reg.T4, Reg.WORKLOAD, 8);
                            as.or(Reg.T4, Reg.T4, Reg.T3);
                            as.st64(Reg.WORKLOAD, 8, Reg.T4);
                            as.li(Reg.T3, -64);
                            as.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T3);
                        }));
        assertThat(bench.killed).isEmpty();
        assertThat(bench.word(0)).as("lives").isEqualTo(5);
        assertThat(bench.word(8)).as("what was found armed").isZero();
        assertThat(bench.events.stream()
                        .filter(event -> event.kind() == EventKind.RSEQ_REGISTER)
                        .map(event -> event.thread() + " " + event.number(Column.NUMBER)))
                .hasSize(5)
                .containsOnly("0 0");
        assertThat(bench.events.stream()
                        .filter(event -> event.kind() == EventKind.SWITCH)
                        .filter(event -> "exited".equals(event.text(Column.STATE))))
                .hasSize(5);
        assertThat(bench.kernel.alive()).isZero();
    }

    /** The kernel does not write to an area whose thread ends: another thread still reads there where it ran. */
    @Test
    void anExitLeavesTheAreaAsItIs() {
        Bench bench = new Bench(Bench.Setup.of(new Linux618Policy(), 2), new String[] {"main", "reader"}, (a, data) -> {
                    lives(a, 400_000, as -> {});
                    a.place(a.label("reader"));
                    a.li(Reg.A0, 100_000);
                    a.syscall(HostCall.SYS_NANOSLEEP);
                    a.ld32(Reg.T1, Reg.RSEQ, RseqArea.CPU_ID - 64);
                    a.st64(Reg.WORKLOAD, 8, Reg.T1);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(60e-6);
        assertThat(bench.word(0))
                .as("the first life is over, the second has not begun")
                .isEqualTo(1);
        assertThat(bench.kernel.isAlive(0)).isFalse();
        assertThat(bench.kernel.alive()).as("one is awaited").isEqualTo(1);
        assertThat(bench.word(256 + 8)).isBetween(0L, 1L);
    }

    /** Two threads of which one ends again and again never need a third id. */
    @ParameterizedTest
    @MethodSource("policiesWithIds")
    void anEndedThreadGivesItsConcurrencyIdBack(RseqPolicy policy) {
        Bench bench = new Bench(Bench.Setup.of(policy, 4), new String[] {"main", "steady"}, (a, data) -> {
                    lives(a, 5000, as -> {
                        Assembler.Label less = as.label();
                        as.ld32(Reg.T3, Reg.RSEQ, RseqArea.MM_CID);
                        as.ld64(Reg.T4, Reg.WORKLOAD, 8);
                        as.blt(Reg.T3, Reg.T4, less);
                        as.st64(Reg.WORKLOAD, 8, Reg.T3);
                        as.place(less);
                    });
                    Assembler.Label round = a.label();
                    a.place(a.label("steady"));
                    a.place(round);
                    a.work(1000);
                    a.jmp(round);
                })
                .run(2e-3);
        assertThat(bench.word(0)).isEqualTo(5);
        assertThat(bench.word(8)).as("highest id").isLessThan(2);
    }

    static List<RseqPolicy> policiesWithIds() {
        return List.of(new Linux618Policy(), new Linux71Policy());
    }
}
