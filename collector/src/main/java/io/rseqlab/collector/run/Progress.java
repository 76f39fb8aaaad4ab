package io.rseqlab.collector.run;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * One line on standard error that says how far a command is. Where standard error is no terminal, a line of its own
 * every ten seconds: a log tells that work goes on, and short work leaves nothing in it.
 */
public final class Progress {
    private static final long LEAST_NANOS = 100_000_000;
    private static final long LOG_NANOS = 10_000_000_000L;

    /**
     * Before so much is done nobody knows how long the rest takes: the longest runs come first, so that demo, which
     * took 52 s, promised 46 minutes after 3 of 778.
     */
    private static final double KNOWN_SHARE = 0.05;

    private final String what;
    private final int total;
    private final PrintWriter err;
    private final boolean terminal;
    private final LongSupplier nanos;
    private final long started;
    private final double totalWork;
    private long lastShown;
    private int done;
    private double doneWork;

    /**
     * @param what the command
     * @param total how often {@link #step} will be called
     */
    public Progress(String what, int total, PrintWriter err) {
        this(what, total, total, err);
    }

    /**
     * Progress of runs that do not cost the same: the time left goes by their work.
     *
     * @param what the command
     * @param total how often {@link #step} will be called
     * @param totalWork of all runs together, in any unit
     */
    public Progress(String what, int total, double totalWork, PrintWriter err) {
        this(what, total, totalWork, err, System.console() != null, System::nanoTime);
    }

    Progress(String what, int total, double totalWork, PrintWriter err, boolean terminal, LongSupplier nanos) {
        this.what = what;
        this.total = total;
        this.totalWork = totalWork;
        this.err = err;
        this.terminal = terminal;
        this.nanos = nanos;
        started = nanos.getAsLong();
        lastShown = started;
    }

    /** One more run is done. */
    public void step() {
        step(1);
    }

    /** One more run is done, and so much of the work with it. */
    public synchronized void step(double work) {
        done++;
        doneWork += work;
        long now = nanos.getAsLong();
        if (now - lastShown > (terminal ? LEAST_NANOS : LOG_NANOS) || terminal && done == total) {
            lastShown = now;
            int all = Math.max(total, done); // a host that changes its state makes for more of them than were planned
            String line = String.format(Locale.ROOT, "%s: %d of %d runs", what, done, all) + left(now);
            err.print(terminal ? "\r" + line + " \u001b[K" : line + System.lineSeparator());
            err.flush();
        }
    }

    private String left(long now) {
        if (doneWork < KNOWN_SHARE * totalWork) {
            return "";
        }
        double seconds = (now - started) / 1e9 / doneWork * Math.max(0, totalWork - doneWork);
        return ", about " + Durations.rough(seconds) + " left";
    }

    /** Says something that whoever waits should know before the end, on a line of its own. */
    public synchronized void say(String text) {
        err.print((terminal ? "\r" : "") + what + ": " + text + (terminal ? "\u001b[K" : "") + System.lineSeparator());
        err.flush();
    }

    /** Clears the line. */
    public synchronized void end() {
        if (terminal) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
