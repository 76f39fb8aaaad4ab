package io.rseqlab.collector.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * What happens when the process is told to end (signals INT and TERM) while runs are under way: they close their traces
 * with what was simulated so far, one line says where, and the process ends with 128 and the signal's number, as the
 * JVM does once its shutdown hooks are through.
 */
public final class Interruption implements AutoCloseable {
    private final StopFlag stop;
    private final PrintWriter err;
    private final Supplier<String> words;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook = new Thread(this::interrupted, "interrupted");
    private final List<Path> partial = new ArrayList<>();
    private int complete;

    private Interruption(StopFlag stop, PrintWriter err, Supplier<String> words) {
        this.stop = stop;
        this.err = err;
        this.words = words == null ? this::words : words;
    }

    /**
     * Watches from now on until closed.
     *
     * @param stop ends the runs
     * @param err takes the line
     */
    static Interruption watch(StopFlag stop, PrintWriter err) {
        return watch(stop, err, null);
    }

    /**
     * The same where something else is to be said than which traces are partial.
     *
     * @param words what there is when the runs have ended; null for the traces told to {@link #ran}
     */
    public static Interruption watch(StopFlag stop, PrintWriter err, Supplier<String> words) {
        Interruption interruption = new Interruption(stop, err, words);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** A run has come to its end, be it early. */
    synchronized void ran(Path directory, boolean complete) {
        if (complete) {
            this.complete++;
        } else {
            partial.add(directory);
        }
    }

    private void interrupted() {
        stop.raise();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        err.println("rseqlab: interrupted: " + words.get());
        err.flush();
    }

    private synchronized String words() {
        String runs = complete == 0 ? "" : complete + (complete == 1 ? " run is complete" : " runs are complete");
        if (partial.isEmpty()) {
            return runs.isEmpty() ? "no run had begun" : runs;
        }
        String traces = (partial.size() == 1 ? "partial trace in " : "partial traces in ")
                + String.join(
                        ", ", partial.stream().map(Path::toString).sorted().toList());
        return runs.isEmpty() ? traces : traces + "; " + runs;
    }

    /** The runs have ended. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending: the hook has its say.
        }
    }
}
