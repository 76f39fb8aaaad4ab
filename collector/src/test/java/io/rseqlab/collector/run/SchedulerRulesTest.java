package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.live.SchedulerFigures;
import io.rseqlab.collector.live.SchedulerThread;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a fair scheduler with ticks, lags and deadlines does to threads, on two CPUs with 250 ticks a second. */
class SchedulerRulesTest {
    private static SchedulerFigures run(String threads, double seconds) {
        return run(ProfileReader.shipped("zen4-vm-2"), threads, seconds);
    }

    private static SchedulerFigures run(MachineProfile profile, String threads, double seconds) {
        return new SchedulerExperiment(
                        profile.withCpus(2), Kernels.policy("linux-6.18"), SchedulerThread.parse(threads), false, 1)
                .run(0.3, seconds);
    }

    private static double share(SchedulerFigures figures, int thread) {
        return figures.threads().get(thread).cpuS() / figures.seconds();
    }

    private static double quantile(List<Double> values, double share) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted[(int) ((sorted.length - 1) * share)];
    }

    @Test
    void niceValuesDivideTheCpuByTheirWeights() {
        SchedulerFigures figures = run("hog@0,hog/5@0,hog/10@0,hog@1", 2);
        double all = 1024 + 335 + 110;
        assertThat(share(figures, 0)).isCloseTo(1024 / all, within(0.02));
        assertThat(share(figures, 1)).isCloseTo(335 / all, within(0.02));
        assertThat(share(figures, 2)).isCloseTo(110 / all, within(0.02));
    }

    @Test
    void slicesOfEqualsEndAtEveryTick() {
        SchedulerFigures figures = run("hog@0,hog@0", 1);
        assertThat(figures.threads().get(0).slicesUs()).hasSizeBetween(115, 126);
        assertThat(quantile(figures.threads().get(0).slicesUs(), 0.5)).isCloseTo(3980, within(60.0));
    }

    /** A slice of 1.4 ms ends at the second tick. */
    @Test
    void withAThousandTicksASecondSlicesTakeTwo(@TempDir Path folder) throws IOException {
        String text;
        try (InputStream in = ProfileReader.class.getResourceAsStream("machines/zen4-vm-2.toml")) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Path file = folder.resolve("faster.toml");
        Files.writeString(file, text.replace("hz = { value = 250,", "hz = { value = 1000,"));
        SchedulerFigures figures = run(ProfileReader.read(file), "hog@0,hog@0", 1);
        assertThat(quantile(figures.threads().get(0).slicesUs(), 0.5)).isCloseTo(1980, within(60.0));
    }

    /** Each 4 ms that the other computes are made good by 4 / 1.4 forfeited slices. */
    @Test
    void aYieldForfeitsASlice() {
        SchedulerFigures figures = run("hog@0,yield:0@0", 1);
        assertThat(figures.threads().get(1).turns() / figures.seconds()).isCloseTo(1000 / 1.4, within(25.0));
        assertThat(share(figures, 0)).isGreaterThan(0.98);
    }

    @Test
    void aSleeperThatNeedsLittleMostlyRunsAtOnce() {
        SchedulerFigures figures = run("hog@0,hog@1,sleep:3000:100@0", 2);
        assertThat(quantile(figures.threads().get(2).latenciesUs(), 0.9)).isLessThan(100);
        assertThat(quantile(figures.threads().get(2).latenciesUs(), 1)).isBetween(500.0, 4100.0);
    }

    @Test
    void threeThreadsOnTwoCpusTakeTurnsByMigration() {
        SchedulerFigures figures = run("hog,hog,hog", 4);
        long migrations = figures.threads().stream()
                .mapToLong(SchedulerFigures.OfThread::migrations)
                .sum();
        assertThat(migrations / figures.seconds()).isBetween(4.0, 14.0);
    }

    @Test
    void fourEqualsOnTwoCpusStayWhereTheyAre() {
        SchedulerFigures figures = run("hog,hog,hog,hog", 1);
        assertThat(figures.threads()).allMatch(thread -> thread.migrations() == 0);
    }
}
