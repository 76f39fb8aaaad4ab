package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs jobs on several host threads; each run itself is one thread, so results do not depend on how many there are. */
public final class ParallelRuns {
    /** One piece of work. */
    @FunctionalInterface
    public interface Job<T> {
        T run() throws Exception;
    }

    private ParallelRuns() {}

    /**
     * Runs all jobs and answers their results in order; the first failure ends the rest.
     *
     * @throws UsageException before anything runs, if there are no threads to run on
     */
    public static <T> List<T> run(List<Job<T>> jobs, int threads, Progress progress) {
        if (threads < 1) {
            throw new UsageException("--jobs must be at least 1, not " + threads);
        }
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "run");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (Job<T> job : jobs) {
                futures.add(executor.submit(() -> {
                    T result = job.run();
                    progress.step();
                    return result;
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            executor.shutdownNow();
            progress.end();
        }
    }
}
