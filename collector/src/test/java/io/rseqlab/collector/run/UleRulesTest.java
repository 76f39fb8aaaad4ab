package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.live.SchedulerFigures;
import io.rseqlab.collector.live.SchedulerThread;
import io.rseqlab.collector.machine.ProfileReader;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What FreeBSD's scheduler does to threads; ticks of 1/127 s, slices of 12 divided by those that wait. */
class UleRulesTest {
    private static final double TICK_US = 1e6 / 127;

    private static SchedulerFigures run(String threads, int cpus, double warmup, double seconds) {
        return new SchedulerExperiment(
                        ProfileReader.shipped("zen4-vm-2").withCpus(cpus),
                        Kernels.policy("freebsd-d32505"),
                        SchedulerThread.parse(threads),
                        false,
                        1)
                .run(warmup, seconds);
    }

    private static double share(SchedulerFigures figures, int thread) {
        return figures.threads().get(thread).cpuS() / figures.seconds();
    }

    private static double quantile(List<Double> values, double share) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[(int) ((sorted.length - 1) * share)];
    }

    private static long migrations(SchedulerFigures figures) {
        return figures.threads().stream()
                .mapToLong(SchedulerFigures.OfThread::migrations)
                .sum();
    }

    private static void assertSlice(String threads, int ticks) {
        SchedulerFigures figures = run(threads, 1, 0.5, 6);
        for (SchedulerFigures.OfThread thread : figures.threads()) {
            assertThat(quantile(thread.slicesUs(), 0.5)).isCloseTo(ticks * TICK_US, within(0.05 * TICK_US));
            assertThat(thread.cpuS() / figures.seconds())
                    .isCloseTo(1.0 / figures.threads().size(), within(0.04));
        }
    }

    @Test
    void aSliceIsTwelveTicksDividedByThoseThatWait() {
        assertSlice("hog@0,hog@0", 12);
        assertSlice("hog@0,hog@0,hog@0", 6);
        assertSlice("hog@0,hog@0,hog@0,hog@0", 4);
        assertSlice("hog@0,hog@0,hog@0,hog@0,hog@0,hog@0", 2);
        assertSlice("hog@0,hog@0,hog@0,hog@0,hog@0,hog@0,hog@0,hog@0", 2);
    }

    /**
     * Of two hogs the nicer one waits in a later turn, but not for longer than the other's slice while the difference
     * is below twelve turns: niceness of 5 changes nothing, of 19 something.
     */
    @Test
    void nicenessIsADistanceInTheCalendar() {
        assertThat(share(run("hog@0,hog/5@0", 1, 1, 6), 0)).isCloseTo(0.5, within(0.03));
        assertThat(share(run("hog@0,hog/19@0", 1, 1, 6), 0)).isBetween(0.55, 0.75);
    }

    /** A hog is not preempted by who wakes up, so a sleeper waits for the rest of its slice. */
    @Test
    void whoWakesUpWaitsForTheSliceOfTheRunningThread() {
        SchedulerFigures figures = run("hog@0,sleep:300000:100@0", 1, 1, 30);
        List<Double> latencies = figures.threads().get(1).latenciesUs();
        assertThat(quantile(latencies, 0.5)).isBetween(2 * TICK_US, 11 * TICK_US);
        assertThat(quantile(latencies, 1)).isBetween(8 * TICK_US, 13 * TICK_US);
    }

    /** The sleeper comes to the CPU that has nothing to do, and finds it within the time that waking up takes. */
    @Test
    void whoWakesUpFindsAnIdleCpu() {
        SchedulerFigures figures = run("hog,sleep:20000:100", 2, 0.5, 2);
        assertThat(quantile(figures.threads().get(1).latenciesUs(), 0.99)).isLessThan(100);
    }

    /** Two share a CPU until the third sleeps; its CPU takes one of them, at once. */
    @Test
    void anIdleCpuTakesAWaitingThread() {
        SchedulerFigures figures = run("hog,hog,sleep:1000000:300000", 2, 2, 4);
        assertThat(share(figures, 0) + share(figures, 1) + share(figures, 2)).isCloseTo(2, within(0.02));
    }

    /** Three hogs on two CPUs take turns because one is moved every half to one and a half seconds. */
    @Test
    void theBalancerMovesOneThreadAboutEverySecond() {
        SchedulerFigures figures = run("hog,hog,hog", 2, 1, 30);
        assertThat(migrations(figures) / figures.seconds()).isBetween(0.7, 1.4);
        for (int thread = 0; thread < 3; thread++) {
            assertThat(share(figures, thread)).isCloseTo(2.0 / 3, within(0.12));
        }
    }

    @Test
    void pairsOnEveryCpuStayWhereTheyAre() {
        assertThat(migrations(run("hog,hog,hog,hog", 2, 3, 5))).isZero();
    }

    /** Two yielders on one CPU take turns at every yield. */
    @Test
    void whoYieldsLetsTheOtherGoFirst() {
        SchedulerFigures figures = run("yield:100@0,yield:100@0", 1, 0.1, 1);
        assertThat(share(figures, 0)).isCloseTo(0.5, within(0.03));
        assertThat(figures.threads().get(0).involuntarySwitches()).isGreaterThan(1000);
    }
}
