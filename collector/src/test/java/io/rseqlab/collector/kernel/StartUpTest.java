package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.machine.ProfileReader;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StartUpTest {
    private static final int STARTS = 2000;

    private static StartUp.Plan plan(int cpus, int threads, long seed) {
        return plan(cpus, threads, StartUp.STAYS, seed);
    }

    private static StartUp.Plan plan(int cpus, int threads, double busy, long seed) {
        return new StartUp(cpus, threads, busy, new SplittableRandom(seed)).plan();
    }

    /** Of the pairs 0-1, 2-3, 4-5, 6-7 on two CPUs, how many starts have 0, 1, 2, 3, 4 apart. */
    private static double[] pairsApart(double busy) {
        double[] starts = new double[5];
        for (int seed = 0; seed < STARTS; seed++) {
            int[] cpus = plan(2, 8, busy, seed).cpus();
            int apart = (int) IntStream.range(0, 4)
                    .filter(pair -> cpus[2 * pair] != cpus[2 * pair + 1])
                    .count();
            starts[apart]++;
        }
        return starts;
    }

    @Test
    void pairsOfEightThreadsOnTwoCpusAreApartAsOftenAsOnTheMachine() {
        // 24 starts of the driver: 4, 8, 11, 1 of them had 0, 1, 2, 3 of the pairs 0-1, 2-3, 4-5, 6-7 on two CPUs
        double[] starts = pairsApart(StartUp.STAYS);
        double mean = IntStream.range(0, 5).mapToDouble(n -> n * starts[n]).sum() / STARTS;
        // measured 1.38, its standard error 0.16
        assertThat(mean).as("pairs apart, seeds 0 to %d", STARTS - 1).isBetween(1.06, 1.70);
        assertThat(starts[0] / STARTS).as("no pair apart").isBetween(0.05, 0.37);
        assertThat((starts[3] + starts[4]) / STARTS).as("three or four apart").isLessThan(0.2);
    }

    /** 24 starts of the driver on granite-vm-2: 0, 1, 3, 14, 6 of them had 0, 1, 2, 3, 4 pairs apart. */
    @Test
    void whereWakingTakesLongThreadsAreCreatedOnEitherCpuInTurn() {
        double[] starts = pairsApart(ProfileReader.shipped("granite-vm-2").costOr("kernel.start_busy", 0));
        double mean = IntStream.range(0, 5).mapToDouble(n -> n * starts[n]).sum() / STARTS;
        assertThat(mean).as("measured 3.04, its standard error 0.16").isBetween(2.6, 3.4);
        assertThat(starts[0] / STARTS).as("no pair apart").isLessThan(0.05);
    }

    @Test
    void mostThreadsAreWokenWhereTheirParentIsNot() {
        double fuller = 0;
        for (int seed = 0; seed < STARTS; seed++) {
            int second = Arrays.stream(plan(2, 8, seed).cpus()).sum();
            fuller += Math.max(second, 8 - second);
        }
        // measured 5.7 of eight in 24 starts
        assertThat(fuller / STARTS).isBetween(5.3, 6.2);
    }

    @Test
    void threadsThatNeedNotShareACpuDoNot() {
        for (int seed = 0; seed < 200; seed++) {
            for (int[] size : new int[][] {{1, 1}, {2, 1}, {2, 2}, {4, 3}, {16, 16}, {64, 40}}) {
                int[] cpus = plan(size[0], size[1], seed).cpus();
                assertThat(Arrays.stream(cpus).distinct().count())
                        .as("%d threads on %d CPUs, seed %d", size[1], size[0], seed)
                        .isEqualTo(size[1]);
            }
        }
    }

    @Test
    void theLastToComeRunsFirstAndEveryThreadOnce() {
        for (int seed = 0; seed < 200; seed++) {
            StartUp.Plan plan = plan(4, 11, seed);
            assertThat(plan.order()[0]).isEqualTo(10);
            assertThat(Arrays.stream(plan.order()).sorted().toArray())
                    .isEqualTo(IntStream.range(0, 11).toArray());
            assertThat(Arrays.stream(plan.cpus())).allMatch(cpu -> cpu >= 0 && cpu < 4);
        }
    }

    @Test
    void withOneCpuThereIsNoChoice() {
        assertThat(plan(1, 5, 1).cpus()).containsOnly(0);
    }
}
