package io.rseqlab.collector.kernel;

import static io.rseqlab.collector.kernel.RseqStatistics.Kind.CLEAR;
import static io.rseqlab.collector.kernel.RseqStatistics.Kind.CS;
import static io.rseqlab.collector.kernel.RseqStatistics.Kind.EXIT;
import static io.rseqlab.collector.kernel.RseqStatistics.Kind.FASTP;
import static io.rseqlab.collector.kernel.RseqStatistics.Kind.FIXUP;
import static io.rseqlab.collector.kernel.RseqStatistics.Kind.IDS;
import static io.rseqlab.collector.kernel.RseqStatistics.Kind.SIGNAL;
import static io.rseqlab.collector.kernel.RseqStatistics.Kind.SLOWP;
import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.EventKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kernel's own counters of restartable sequences say what its events say. */
class StatisticsTest {
    /** Commits a section, sleeps outside of it with the descriptor still armed, over and over. */
    private static Bench sleeper(RseqPolicy policy, double signalHz) {
        return Bench.Setup.of(policy, 1).signals(signalHz).run(5e-3, (a, data) -> {
            a.place(a.label("main"));
            a.li(Reg.T5, 20);
            Assembler.Label again = a.here();
            Assembler.SectionLabel section = a.section("short", again);
            a.arm(section, Reg.T0);
            a.start(section);
            a.st64(Reg.WORKLOAD, 0, Reg.T5);
            a.commit(section);
            a.li(Reg.A0, 1000);
            a.syscall(HostCall.SYS_NANOSLEEP);
            a.djnz(Reg.T5, again);
            a.syscall(HostCall.SYS_EXIT);
        });
    }

    private static List<Long> counts(Bench bench, RseqStatistics.Kind... kinds) {
        return List.of(kinds).stream().map(bench.kernel.rseqStatistics()::total).toList();
    }

    @Test
    void sixEighteenLooksAtEverySwitchAndRewritesTheIdsEachTime() {
        Bench bench = sleeper(new Linux618Policy(), 0);
        // The first exit registers; each sleep is one exit.
        assertThat(counts(bench, EXIT, SIGNAL, SLOWP, FASTP, IDS, CS, CLEAR, FIXUP))
                .containsExactly(21L, 0L, 21L, 0L, 21L, 20L, 20L, 0L);
    }

    @Test
    void v2DoesNothingBehindASystemCall() {
        Bench bench = sleeper(new Linux71Policy(), 0);
        assertThat(counts(bench, EXIT, SIGNAL, SLOWP, FASTP, IDS, CS, CLEAR, FIXUP))
                .containsExactly(21L, 0L, 0L, 1L, 1L, 0L, 0L, 0L);
    }

    @Test
    void signalsAndFixUpsAreThoseOfTheTrace() {
        Bench bench = Bench.Setup.of(new Linux618Policy(), 1).signals(10_000).run(5e-3, (a, data) -> {
            a.place(a.label("main"));
            Assembler.Label again = a.here();
            Assembler.SectionLabel section = a.section("long", again);
            a.arm(section, Reg.T0);
            a.start(section);
            Assembler.Label loop = a.here();
            a.jmp(loop);
            a.commit(section);
        });
        long aborts = bench.count(EventKind.ABORT);
        assertThat(aborts).isGreaterThan(30);
        assertThat(counts(bench, SIGNAL, CS, FIXUP)).containsExactly(aborts, aborts, aborts);
        bench.kernel.rseqStatistics().clear();
        assertThat(counts(bench, EXIT, SIGNAL, FIXUP)).containsExactly(0L, 0L, 0L);
    }
}
