package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import org.junit.jupiter.api.Test;

/**
 * 6.18 clears event bits only where it finds a section, so that one of a switch long past can abort a section for
 * nothing: when the scan for concurrency ids, ten times a second, takes the thread through the notified way.
 */
class StaleBitsTest {
    /** Sleeps once, or not at all, then loops in a section over two scans, and counts commits at WORKLOAD. */
    private static Bench run(RseqPolicy policy, boolean sleeps) {
        return Bench.Setup.of(policy, 1).run(0.25, (a, data) -> {
            a.place(a.label("main"));
            if (sleeps) {
                a.li(Reg.A0, 10_000);
                a.syscall(HostCall.SYS_NANOSLEEP);
            }
            Assembler.Label again = a.here();
            Assembler.SectionLabel section = a.section("long", again);
            a.li(Reg.T1, 100_000_000);
            a.arm(section, Reg.T0);
            a.start(section);
            Assembler.Label loop = a.here();
            a.djnz(Reg.T1, loop);
            a.ld64(Reg.T2, Reg.WORKLOAD, 0);
            a.addi(Reg.T2, Reg.T2, 1);
            a.st64(Reg.WORKLOAD, 0, Reg.T2);
            a.commit(section);
            a.jmp(again);
        });
    }

    @Test
    void aBitOfASwitchLongPastAbortsAtTheNextScan() {
        Bench bench = run(new Linux618Policy(), true);
        assertThat(bench.causes()).containsExactly((long) Cause.STALE);
        Event abort = bench.events.stream()
                .filter(event -> event.kind() == EventKind.ABORT)
                .findFirst()
                .orElseThrow();
        assertThat(abort.cycle()).isBetween(bench.machine.profile.cyclesOf(0.1), bench.machine.profile.cyclesOf(0.11));
        Event left = bench.events.stream()
                .filter(event -> event.number(Column.SEQUENCE) == abort.number(Column.CAUSE_SEQUENCE))
                .findFirst()
                .orElseThrow();
        assertThat(left.kind()).isEqualTo(EventKind.SWITCH);
        assertThat(left.cycle()).isLessThan(bench.machine.profile.cyclesOf(0.001));
    }

    /** The thread has never been switched out: no bit is set. */
    @Test
    void aScanAloneAbortsNothing() {
        Bench bench = run(new Linux618Policy(), false);
        assertThat(bench.causes()).isEmpty();
        assertThat(bench.word(0)).as("commits").isGreaterThanOrEqualTo(8);
    }
}
