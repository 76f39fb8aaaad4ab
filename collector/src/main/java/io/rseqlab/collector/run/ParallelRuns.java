package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** Runs jobs on several host threads; each run itself is one thread, so results do not depend on how many there are. */
public final class ParallelRuns {
    /** One piece of work. */
    @FunctionalInterface
    public interface Job<T> {
        T run() throws Exception;

        /** How much work it is, in the unit of the progress it is counted in. */
        default double work() {
            return 1;
        }
    }

    private ParallelRuns() {}

    /** {@link #run(List, int, Progress, StopFlag)} for jobs that nothing ends early. */
    public static <T> List<T> run(List<Job<T>> jobs, int threads, Progress progress) {
        return run(jobs, threads, progress, new StopFlag());
    }

    /**
     * Runs all jobs and answers their results in order, null for those that had not begun when the flag was raised. The
     * first failure raises it; it is thrown when the jobs under way have ended. A job that outgrows the JVM's memory
     * beside others begins again when it can be alone: whether it fits is no matter of chance.
     *
     * @throws UsageException before anything runs, if there are no threads to run on
     */
    public static <T> List<T> run(List<Job<T>> jobs, int threads, Progress progress, StopFlag stop) {
        if (threads < 1) {
            throw new UsageException("--jobs must be at least 1, not " + threads);
        }
        ReadWriteLock others = threads == 1 || jobs.size() == 1 ? null : new ReentrantReadWriteLock(true);
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "run");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (Job<T> job : jobs) {
                futures.add(executor.submit(() -> step(job, others, progress, stop)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw unwrapped(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            end(executor);
            progress.end();
        }
    }

    private static <T> T step(Job<T> job, ReadWriteLock others, Progress progress, StopFlag stop) throws Exception {
        if (stop.isRaised()) {
            return null;
        }
        try {
            T result = others == null ? job.run() : besideOthersOrAlone(job, others, progress, stop);
            if (!stop.isRaised()) {
                progress.step(job.work());
            }
            return result;
        } catch (Throwable failure) {
            stop.raise();
            throw failure;
        }
    }

    private static <T> T besideOthersOrAlone(Job<T> job, ReadWriteLock others, Progress progress, StopFlag stop)
            throws Exception {
        others.readLock().lock();
        try {
            return job.run();
        } catch (MemoryNeeds.OutgrownException e) {
            progress.say("a run found too little memory beside others: it begins again, alone");
        } finally {
            others.readLock().unlock();
        }
        others.writeLock().lock();
        try {
            return stop.isRaised() ? null : job.run();
        } finally {
            others.writeLock().unlock();
        }
    }

    /** Waits for the jobs under way: each leaves its trace closed. */
    private static void end(ExecutorService executor) {
        executor.shutdown();
        try {
            executor.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static RuntimeException unwrapped(ExecutionException failure) {
        if (failure.getCause() instanceof RuntimeException cause) {
            return cause;
        }
        if (failure.getCause() instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(failure.getCause());
    }
}
