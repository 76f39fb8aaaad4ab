package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.live.NativeRequest;
import io.rseqlab.collector.live.NativeWindow;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.run.Progress;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Figures of a host that changed its state meanwhile are figures of no machine: which windows count, and for what. */
class ValidationWindowsTest {
    /** Lines travel in 25 or 129 ns on this machine. */
    private static final MachineProfile PROFILE = ProfileReader.shipped("zen4-vm-2");
    /** Not the profile's. */
    static final double TSC_HZ = 2e9;

    private static final ValidationPoint SHARING =
            ValidationPoint.churn("rseq-freelist", 2).handoff(0.5);
    private static final ValidationPoint APART = ValidationPoint.churn("rseq-freelist", 2);
    private static final double NEAR_NS = 30;
    private static final double FAR_NS = 150;
    private static final double FAST = 0.7;
    private static final double SLOW = 1.3;

    private static NativeWindow window(
            double throughput, double beforeNs, double afterNs, double nopsBefore, double nopsAfter) {
        return window(throughput, beforeNs, afterNs, nopsBefore, nopsAfter, 0.0);
    }

    private static NativeWindow window(
            double throughput, double beforeNs, double afterNs, double nopsBefore, double nopsAfter, Double waitedS) {
        return window(throughput, beforeNs, afterNs, nopsBefore, nopsAfter, waitedS, null, null, null);
    }

    /** A quiet window around which so many gaps were seen, that long together, in so much time. */
    static NativeWindow withGaps(long gaps, long gapsTsc, long lookedTsc) {
        return window(1e8, NEAR_NS, NEAR_NS, FAST, FAST, 0.0, gaps, gapsTsc, lookedTsc);
    }

    private static NativeWindow window(
            double throughput,
            double beforeNs,
            double afterNs,
            double nopsBefore,
            double nopsAfter,
            Double waitedS,
            Long gaps,
            Long gapsTsc,
            Long lookedTsc) {
        return new NativeWindow(
                "rseq-freelist",
                2,
                1,
                2,
                1,
                throughput,
                1L,
                100,
                500L,
                3L,
                0,
                0,
                beforeNs,
                afterNs,
                FAST,
                FAST,
                nopsBefore,
                nopsAfter,
                gaps,
                gapsTsc,
                lookedTsc,
                TSC_HZ,
                waitedS,
                null,
                0.0,
                true);
    }

    private static NativeWindow near(double throughput) {
        return window(throughput, NEAR_NS, NEAR_NS, FAST, FAST);
    }

    private static NativeWindow far(double throughput) {
        return window(throughput, FAR_NS, FAR_NS, FAST, FAST);
    }

    /** A driver that answers with these windows, and with the last of them again and again. */
    private static ValidationWindows taken(ValidationPoint point, List<NativeRequest> asked, NativeWindow... answers) {
        return taken(true, point, asked, answers);
    }

    private static ValidationWindows taken(
            boolean widthKnown, ValidationPoint point, List<NativeRequest> asked, NativeWindow... answers) {
        Deque<NativeWindow> left = new ArrayDeque<>(Arrays.asList(answers));
        ValidationGrid grid = new ValidationGrid("test", List.of(point), 50, 2, 3, 300);
        ValidationWindows windows = new ValidationWindows(
                request -> {
                    asked.add(request);
                    return left.size() > 1 ? left.poll() : left.peek();
                },
                grid,
                List.of(0, 1),
                PROFILE,
                widthKnown);
        Progress silent = new Progress("test", 2, new PrintWriter(Writer.nullWriter()));
        windows.round(silent);
        windows.round(silent);
        windows.complete(silent);
        return windows;
    }

    private static Map<HostState, ValidationMeasurement> measured(ValidationPoint point, NativeWindow... answers) {
        return taken(point, new ArrayList<>(), answers).measured(point);
    }

    @Test
    void windowsInWhichTheHostChangedOrWasSlowedDownAreDropped() {
        Map<HostState, ValidationMeasurement> measured = measured(
                SHARING,
                window(9e8, NEAR_NS, FAR_NS, FAST, FAST),
                window(9e8, NEAR_NS, NEAR_NS, SLOW, FAST),
                window(9e8, NEAR_NS, NEAR_NS, FAST, SLOW),
                near(1e8));
        assertThat(measured).containsOnlyKeys(HostState.NEAR);
        assertThat(measured.get(HostState.NEAR).throughput().most()).isEqualTo(1e8);
        assertThat(measured.get(HostState.NEAR).windows()).isEqualTo(3);
        assertThat(measured.get(HostState.NEAR).dropped()).isEqualTo(3);
    }

    @Test
    void sharedLinesAreMeasuredStateByState() {
        Map<HostState, ValidationMeasurement> measured =
                measured(SHARING, near(4e8), near(4e8), near(4e8), far(1e8), far(1e8), far(1e8));
        assertThat(measured.get(HostState.NEAR).throughput().value()).isEqualTo(4e8);
        assertThat(measured.get(HostState.FAR).throughput().value()).isEqualTo(1e8);
    }

    @Test
    void aStateWithTooFewWindowsGivesNoFigure() {
        assertThat(measured(SHARING, near(4e8), far(1e8), far(1e8), near(4e8), near(4e8), near(4e8)))
                .containsOnlyKeys(HostState.NEAR);
    }

    @Test
    void whereThreadsShareNoLinesTheStateDoesNotMatter() {
        Map<HostState, ValidationMeasurement> measured =
                measured(APART, near(1e8), near(1e8), near(1e8), far(3e8), far(3e8), far(3e8));
        assertThat(measured).hasSize(1);
        assertThat(measured.values().iterator().next().windows()).isEqualTo(6);
    }

    @Test
    void whereTheHostNeverKeptStillAllWindowsMakeAFigureThatIsNotComparedWithAnything() {
        Map<HostState, ValidationMeasurement> measured = measured(SHARING, window(1e8, NEAR_NS, FAR_NS, FAST, FAST));
        assertThat(measured).hasSize(1);
        ValidationMeasurement restless = measured.values().iterator().next();
        assertThat(restless.windows()).isZero();
        assertThat(restless.dropped()).isEqualTo(30);
        assertThat(restless.throughput().value()).isEqualTo(1e8);
        Validation.Point compared = Validation.point(
                SHARING, HostState.NEAR, restless, new ValidationPrediction(2e8, null, null, 0, null, null, null, 0));
        assertThat(compared.throughputOpsPerS().error()).isNull();
    }

    @Test
    void windowsWaitForTheHostOnceItIsKnownHowFastTheCpusAre() {
        List<NativeRequest> asked = new ArrayList<>();
        taken(SHARING, asked, near(1e8));
        assertThat(asked.get(0).quietNopsTsc()).isNull();
        assertThat(asked.subList(1, asked.size())).allSatisfy(request -> {
            assertThat(request.quietNopsTsc()).isBetween(FAST, SLOW);
            assertThat(request.quietWaitMs()).isPositive();
        });
    }

    @Test
    void whatTheHostTakesAwayIsTakenFromTheWindowsOfOneState() {
        NativeWindow gaps = window(
                1e8, FAR_NS, FAR_NS, FAST, FAST, 0.0, 2000L, Math.round(2000 * 30e-6 * TSC_HZ), Math.round(TSC_HZ));
        ValidationWindows windows =
                taken(SHARING, new ArrayList<>(), near(4e8), near(4e8), near(4e8), gaps, gaps, gaps);
        assertThat(windows.steal(SHARING, HostState.NEAR)).isEqualTo(Steal.NONE);
        assertThat(windows.steal(SHARING, HostState.FAR).perSecond())
                .isCloseTo(2000 - PROFILE.cost("kernel.hz"), within(1e-3));
    }

    /** The profile may be of another machine's time stamp counter: the clock is what the driver's own says. */
    @Test
    void theClockHangsOnTheTimeStampCounterOfTheMachineThatWasMeasured() {
        ValidationWindows windows = taken(SHARING, new ArrayList<>(), near(1e8), near(1e8), near(1e8));
        assertThat(windows.clockHz()).isCloseTo(TSC_HZ / FAST, within(1.0));
    }

    @Test
    void aHostThatNeverLeavesTheCpusAloneIsNotTakenForAQuietOne() {
        // Six a cycle: eight take 1.33 cycles, and a turn of the loop takes one.
        double alone = 8 / 6.0 * FAST;
        assertThat(taken(APART, new ArrayList<>(), window(1e8, NEAR_NS, NEAR_NS, 1.1 * alone, 1.1 * alone))
                        .neverAlone())
                .isFalse();
        assertThat(taken(APART, new ArrayList<>(), window(1e8, NEAR_NS, NEAR_NS, 1.4 * alone, 1.4 * alone))
                        .neverAlone())
                .isTrue();
    }

    @Test
    void theWidthOfAnotherProcessorSaysNothing() {
        NativeWindow narrower = window(1e8, NEAR_NS, NEAR_NS, 1.4 * 8 / 6.0 * FAST, 1.4 * 8 / 6.0 * FAST);
        ValidationWindows windows = taken(false, APART, new ArrayList<>(), narrower);
        assertThat(windows.neverAlone()).isFalse();
        assertThat(windows.measured(APART).get(HostState.NEAR).dropped()).isZero();
    }

    @Test
    void waitingForTheHostHasAnEnd() {
        NativeWindow waited = window(1e8, NEAR_NS, NEAR_NS, FAST, FAST, 250.0);
        List<NativeRequest> asked = new ArrayList<>();
        taken(SHARING, asked, waited);
        assertThat(asked).extracting(NativeRequest::quietNopsTsc).last().isNull();
    }

    /** Of a hundred points and a host that is never steady, each would be asked for 24 times more. */
    @Test
    void aHostThatIsNeverSteadyIsNotWaitedForLong() {
        List<ValidationPoint> points = IntStream.rangeClosed(1, 100)
                .mapToObj(threads -> ValidationPoint.churn("rseq-freelist", threads))
                .toList();
        AtomicInteger asked = new AtomicInteger();
        ValidationWindows windows = new ValidationWindows(
                request -> window(1e8, NEAR_NS, NEAR_NS, asked.incrementAndGet() == 1 ? FAST : SLOW, SLOW),
                new ValidationGrid("test", points, 50, 1, 3, 300),
                List.of(0, 1),
                PROFILE,
                true);
        Progress silent = new Progress("test", 2, new PrintWriter(Writer.nullWriter()));
        windows.round(silent);
        assertThat(windows.restlessness()).contains("100 % of the windows");
        windows.complete(silent);
        assertThat(asked).hasValue(300 + 900);
        assertThat(taken(APART, new ArrayList<>(), near(1e8)).restlessness()).isNull();
    }

    @Test
    void measuringGoesOnWhileInterruptionsAreLackingAndNoLonger() {
        List<NativeRequest> asked = new ArrayList<>();
        taken(APART.aborts(), asked, near(1e8));
        assertThat(asked).hasSize(6);
        asked.clear();
        NativeWindow quiet = new NativeWindow(
                "rseq-freelist",
                2,
                1,
                2,
                1,
                1e8,
                1L,
                40,
                500L,
                3L,
                0,
                0,
                NEAR_NS,
                NEAR_NS,
                FAST,
                FAST,
                FAST,
                FAST,
                null,
                null,
                null,
                TSC_HZ,
                0.0,
                null,
                0.0,
                true);
        taken(APART.aborts(), asked, quiet);
        assertThat(asked).hasSize(8);
        assertThat(asked).extracting(NativeRequest::durationMs).containsOnly(400);
    }
}
