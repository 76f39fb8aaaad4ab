package io.rseqlab.reports.app;

import io.rseqlab.collector.live.NativeRequest;
import io.rseqlab.collector.live.NativeWindow;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.run.Progress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * The native windows of a grid. All points are measured in turn, several times over, so that an episode of the host
 * hits each point a little and none wholly.
 */
final class ValidationWindows {
    private static final int WARMUP_MS = 30;
    private static final int LONG_WARMUP_MS = 80;
    private static final int LONG_WINDOW_MS = 400;

    /** Windows in one state of the host that make a figure; and how often more are taken where they are too few. */
    private static final int LEAST_STEADY = 3;

    private static final int MOST_EXTRA = 24;

    /**
     * The least share of steady windows of a host that is worth waiting for, and how many more windows are taken of all
     * points together where there are fewer. (Of one in ten, a full grid looked for them for half an hour, and half of
     * its points came to nothing all the same.)
     */
    private static final double WORTH_WAITING = 0.4;

    private static final int MOST_EXTRA_RESTLESS = 900;

    /** How long one window waits for the host to leave the CPUs alone, and all together. */
    private static final int MOST_WAIT_MS = 1500;

    private static final double MOST_WAITING_S = 600;

    /** No-operations that the driver times at once. */
    private static final int NOPS = 8;

    private final Function<NativeRequest, NativeWindow> driver;
    private final ValidationGrid grid;
    private final List<Integer> cpus;
    private final MachineProfile profile;
    private final boolean widthKnown;
    private final Map<ValidationPoint, List<NativeWindow>> windows = new HashMap<>();
    private double fastestNopsTsc = Double.NaN;
    private double leastNopsTsc = Double.POSITIVE_INFINITY;
    private double waitedS;
    private boolean balanced = true;

    /**
     * @param driver measures one window
     * @param grid what to measure
     * @param cpus the CPUs that threads may use
     * @param profile tells the states of the host apart
     * @param widthKnown whether the profile is of this processor, so that its width says how fast it can be
     */
    ValidationWindows(
            Function<NativeRequest, NativeWindow> driver,
            ValidationGrid grid,
            List<Integer> cpus,
            MachineProfile profile,
            boolean widthKnown) {
        this.driver = driver;
        this.grid = grid;
        this.cpus = cpus;
        this.profile = profile;
        this.widthKnown = widthKnown;
    }

    /** Measures each point some windows. */
    void round(Progress progress) {
        for (ValidationPoint point : grid.points()) {
            for (int i = 0; i < grid.windowsPerRound(); i++) {
                measure(point);
            }
            progress.step();
        }
    }

    /** What whoever waits should know at once: that the host is too restless for figures; null if it is not. */
    String restlessness() {
        double steady = steadyShare();
        if (steady >= WORTH_WAITING) {
            return null;
        }
        double taken = 1 - Steal.of(all(), profile).left();
        return String.format(
                Locale.ROOT,
                "the host slowed the CPUs down or moved them in %.0f %% of the windows so far, and takes %.0f %% of"
                        + " their time away: many points will get no error. Stop it and run it at another hour",
                100 * (1 - steady),
                100 * taken);
    }

    private List<NativeWindow> all() {
        return windows.values().stream().flatMap(List::stream).toList();
    }

    private double steadyShare() {
        return all().stream()
                .mapToInt(window -> HostState.steady(window, fastestNopsTsc) ? 1 : 0)
                .average()
                .orElse(1);
    }

    /** Measures on where the windows are too few, the host changed its state, or interruptions are lacking. */
    void complete(Progress progress) {
        int left = steadyShare() < WORTH_WAITING ? MOST_EXTRA_RESTLESS : Integer.MAX_VALUE;
        for (ValidationPoint point : grid.points()) {
            for (int i = 0; i < MOST_EXTRA && left > 0 && !enough(point); i++, left--) {
                measure(point);
                progress.step();
            }
        }
    }

    private void measure(ValidationPoint point) {
        List<NativeWindow> taken = windows.computeIfAbsent(point, key -> new ArrayList<>());
        boolean longer = point.seesInterruptions();
        NativeWindow window = driver.apply(whenQuiet(point.nativeWindow(
                cpus,
                longer ? LONG_WARMUP_MS : WARMUP_MS,
                longer ? LONG_WINDOW_MS : grid.windowMs(),
                taken.size() + 1)));
        waitedS += window.waitedS() == null ? 0 : window.waitedS();
        balanced &= window.balanced();
        taken.add(window);
        if (window.nopsAfterTsc() != null) {
            double nops = Math.min(window.nopsBeforeTsc(), window.nopsAfterTsc());
            leastNopsTsc = Math.min(leastNopsTsc, nops);
            double fast = widthKnown ? Math.min(nops, fromWidthTsc(window)) : nops;
            fastestNopsTsc = Double.isNaN(fastestNopsTsc) ? fast : Math.min(fastestNopsTsc, fast);
        }
    }

    /**
     * The most that eight no-operations take on a core by itself: what its width says, and a little. Some cores do more
     * of them in a cycle; but where the host never leaves a core alone, this is what tells it.
     */
    private double fromWidthTsc(NativeWindow window) {
        double cycleTsc = Math.min(window.cycleBeforeTsc(), window.cycleAfterTsc());
        return HostState.SLOW_NOPS * NOPS / profile.cost("core.dispatch_width") * cycleTsc;
    }

    private NativeRequest whenQuiet(NativeRequest request) {
        return Double.isNaN(fastestNopsTsc) || waitedS > MOST_WAITING_S
                ? request
                : request.whenQuiet(HostState.quietNopsTsc(fastestNopsTsc), MOST_WAIT_MS);
    }

    private boolean enough(ValidationPoint point) {
        List<NativeWindow> best = most(byState(point));
        return best.size() >= LEAST_STEADY && (!point.asksAborts() || interruptions(best) >= grid.leastInterruptions());
    }

    private static long interruptions(List<NativeWindow> windows) {
        return windows.stream().mapToLong(NativeWindow::interruptions).sum();
    }

    /** Steady windows of a point by state; in one list where threads share nothing. */
    private Map<HostState, List<NativeWindow>> byState(ValidationPoint point) {
        Map<HostState, List<NativeWindow>> states = new EnumMap<>(HostState.class);
        for (NativeWindow window : windows.get(point)) {
            if (HostState.steady(window, fastestNopsTsc)) {
                HostState state = point.sharesLines() ? HostState.of(window, profile) : HostState.NEAR;
                states.computeIfAbsent(state, key -> new ArrayList<>()).add(window);
            }
        }
        return states;
    }

    private static List<NativeWindow> most(Map<HostState, List<NativeWindow>> states) {
        return states.values().stream()
                .reduce((a, b) -> a.size() >= b.size() ? a : b)
                .orElse(List.of());
    }

    /**
     * What was measured of a point in each state of the host in which there are enough windows; where there are such in
     * none, of all windows, steady or not, which is said of them.
     */
    Map<HostState, ValidationMeasurement> measured(ValidationPoint point) {
        Map<HostState, List<NativeWindow>> states = byState(point);
        states.values().removeIf(steady -> steady.size() < LEAST_STEADY);
        List<NativeWindow> all = windows.get(point);
        if (states.isEmpty()) {
            return Map.of(
                    HostState.of(all.get(all.size() / 2), profile),
                    ValidationMeasurement.of(all, 0).inDisturbance());
        }
        Map<HostState, ValidationMeasurement> measured = new EnumMap<>(HostState.class);
        states.forEach((state, used) -> measured.put(state, ValidationMeasurement.of(used, all.size() - used.size())));
        return measured;
    }

    /** What the host took away from the CPUs around a point's steady windows in one of its states. */
    Steal steal(ValidationPoint point, HostState state) {
        return Steal.of(byState(point).getOrDefault(state, List.of()), profile);
    }

    /** The same, around all points' steady windows. */
    Steal steal() {
        return Steal.of(
                windows.keySet().stream()
                        .flatMap(point -> byState(point).values().stream())
                        .flatMap(List::stream)
                        .toList(),
                profile);
    }

    /** False if the native driver's books did not balance in some window. */
    boolean balanced() {
        return balanced;
    }

    /** True if the host did not leave the CPUs alone before or after any window. */
    boolean neverAlone() {
        return !Double.isNaN(fastestNopsTsc) && leastNopsTsc > HostState.quietNopsTsc(fastestNopsTsc);
    }

    /** Clock at which the cores were found to run, whoever else was on them; NaN if not probed. */
    double clockHz() {
        double[] clocks = all().stream()
                .filter(window -> window.cycleAfterTsc() != null)
                .mapToDouble(window -> window.tscHz() / Math.max(window.cycleBeforeTsc(), window.cycleAfterTsc()))
                .sorted()
                .toArray();
        return clocks.length == 0 ? Double.NaN : ValidationMeasurement.median(clocks);
    }
}
