package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Kernel threads take a CPU as often as the profile says, more than half of the times at a tick. */
class BackgroundThreadsTest {
    private static final double SECONDS = 4;

    private static Bench hog(int hz) {
        Bench.Setup setup = new Bench.Setup(new Linux618Policy(), 1, true, 0, hz, true);
        return new Bench(setup, new String[] {"main"}, (a, data) -> {
                    a.place(a.label("main"));
                    Assembler.Label again = a.here();
                    a.work(2000); // half a microsecond: steps are few
                    a.jmp(again);
                })
                .run(SECONDS);
    }

    @Test
    void moreThanHalfOfThemComeAtTicks() {
        Bench bench = hog(250);
        List<Long> starts = bench.events.stream()
                .filter(event -> event.kind() == EventKind.SWITCH && event.number(Column.THREAD) == 0)
                .map(Event::cycle)
                .toList();
        double perSecond = bench.machine.profile.cost("kernel.noise_per_s");
        assertThat(starts.size() / SECONDS).isBetween(0.6 * perSecond, 1.5 * perSecond);
        long period = bench.machine.profile.cyclesOf(4e-3);
        long width = bench.machine.profile.cyclesOf(40e-6);
        long most = starts.stream()
                .mapToLong(phase -> starts.stream()
                        .filter(other -> Math.floorMod(other - phase, period) < width)
                        .count())
                .max()
                .orElseThrow();
        assertThat((double) most / starts.size())
                .as("share within 40 us of the tick's phase")
                .isBetween(0.4, 0.75);
    }
}
