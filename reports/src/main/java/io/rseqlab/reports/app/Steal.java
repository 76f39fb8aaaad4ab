package io.rseqlab.reports.app;

import io.rseqlab.collector.live.NativeWindow;
import io.rseqlab.collector.machine.MachineProfile;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * What the host takes away from each CPU, beside its ticks: the driver looks for it before and after its windows. It
 * shortens what a lock's holder and those that wait for it do in turn, so it is not only a loss of time.
 *
 * @param perSecond how often on each CPU
 * @param seconds for how long each time
 */
record Steal(double perSecond, double seconds) {
    static final Steal NONE = new Steal(0, 0);

    /** Fewer than this many a second are no more than what ticks differ by. */
    private static final double LEAST_PER_SECOND = 20;

    /** Gaps that are longer than the others' by this factor are another program's turns. */
    private static final double ANOTHER_PROGRAMS = 4;

    /** What these windows saw; ticks of the profile's rate and length are not the host's. */
    static Steal of(Collection<NativeWindow> all, MachineProfile profile) {
        List<NativeWindow> windows = ofTheHost(all);
        double lookedTsc = sum(windows, NativeWindow::lookedTsc);
        double lookedS = windows.stream()
                .filter(window -> window.lookedTsc() != null)
                .mapToDouble(window -> window.lookedTsc() / window.tscHz())
                .sum();
        double perSecond = sum(windows, NativeWindow::gaps) / lookedS;
        double share = sum(windows, NativeWindow::gapsTsc) / lookedTsc;
        double ticksPerSecond = profile.cost("kernel.hz");
        double stolen = share - ticksPerSecond * profile.cost("kernel.tick") / profile.clockHz();
        double beside = perSecond - ticksPerSecond;
        return beside >= LEAST_PER_SECOND && stolen > 0 ? new Steal(beside, stolen / beside) : NONE;
    }

    /** Without windows around which another program ran: one turn of it is longer than all that the host takes. */
    private static List<NativeWindow> ofTheHost(Collection<NativeWindow> windows) {
        double[] gapsTsc = windows.stream()
                .filter(window -> gapTsc(window) > 0)
                .mapToDouble(Steal::gapTsc)
                .sorted()
                .toArray();
        double most = gapsTsc.length == 0 ? 0 : ANOTHER_PROGRAMS * ValidationMeasurement.median(gapsTsc);
        return windows.stream().filter(window -> gapTsc(window) <= most).toList();
    }

    private static double gapTsc(NativeWindow window) {
        return window.gaps() == null || window.gaps() == 0 ? 0 : (double) window.gapsTsc() / window.gaps();
    }

    private static double sum(Collection<NativeWindow> windows, Function<NativeWindow, Long> part) {
        return windows.stream()
                .map(part)
                .filter(Objects::nonNull)
                .mapToDouble(Long::doubleValue)
                .sum();
    }

    /** Share of a CPU's time that it leaves. */
    double left() {
        return 1 - perSecond * seconds;
    }

    /** The machine below this host. */
    MachineProfile applied(MachineProfile profile) {
        return perSecond == 0 ? profile : profile.stolen(perSecond, seconds);
    }
}
