package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.spec.UsageException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Runs beside each other, and what is said of them. */
class ParallelRunsTest {
    /** A run that is cut short is not one of those that are done. */
    @Test
    void progressCountsNoRunThatWasInterrupted() {
        StringWriter text = new StringWriter();
        long[] now = {0};
        Progress progress = new Progress("collect", 3, 3, new PrintWriter(text), true, () -> now[0] += 1_000_000_000L);
        StopFlag stop = new StopFlag();
        List<ParallelRuns.Job<String>> jobs = List.of(
                () -> "whole",
                () -> {
                    stop.raise();
                    return "cut short";
                },
                () -> "never begun");
        assertThat(ParallelRuns.run(jobs, 1, progress, stop)).containsExactly("whole", "cut short", null);
        assertThat(text.toString()).contains("1 of 3 runs").doesNotContain("2 of 3 runs");
        assertThat(ParallelRuns.run(Collections.nCopies(2, () -> "x"), 1, progress))
                .hasSize(2);
    }

    /** Whether a run fits must not hang on which others happen to be at work. */
    @Test
    void aRunThatFoundTooLittleMemoryBesideOthersBeginsAgainAlone() {
        AtomicInteger atWork = new AtomicInteger();
        CountDownLatch both = new CountDownLatch(2);
        ParallelRuns.Job<String> small = () -> {
            atWork.incrementAndGet();
            both.countDown();
            both.await();
            Thread.sleep(20);
            atWork.decrementAndGet();
            return "small";
        };
        ParallelRuns.Job<String> large = () -> {
            both.countDown();
            both.await();
            if (atWork.get() > 0) {
                throw outgrown();
            }
            return "large";
        };
        StringWriter text = new StringWriter();
        Progress progress = new Progress("collect", 3, 3, new PrintWriter(text), false, () -> 0);
        assertThat(ParallelRuns.run(List.of(small, large, () -> "last"), 2, progress))
                .containsExactly("small", "large", "last");
        assertThat(text.toString()).containsOnlyOnce("begins again, alone");
    }

    @Test
    void aRunThatDoesNotFitAloneFails() {
        AtomicInteger tries = new AtomicInteger();
        ParallelRuns.Job<String> large = () -> {
            tries.incrementAndGet();
            throw outgrown();
        };
        for (int threads = 1; threads <= 2; threads++) {
            int most = threads;
            tries.set(0);
            Progress progress = new Progress("collect", 2, new PrintWriter(new StringWriter()));
            assertThatThrownBy(() -> ParallelRuns.run(List.of(large, () -> "x"), most, progress))
                    .isInstanceOf(UsageException.class);
            assertThat(tries).hasValue(threads);
        }
    }

    private static RuntimeException outgrown() {
        RunRequest request = RunRequest.of("ideal", "churn").threads(2);
        return MemoryNeeds.outgrown(RunSpecs.resolve(request, 1), new OutOfMemoryError());
    }
}
