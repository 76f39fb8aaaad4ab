package io.rseqlab.collector.run;

import java.io.PrintWriter;
import java.util.Locale;

/** One line on standard error that says how far a command is; nothing where standard error is no terminal. */
public final class Progress {
    private static final long LEAST_NANOS = 100_000_000;

    private final String what;
    private final int total;
    private final PrintWriter err;
    private final boolean visible = System.console() != null;
    private final long started = System.nanoTime();
    private long lastShown;
    private int done;

    public Progress(String what, int total, PrintWriter err) {
        this.what = what;
        this.total = total;
        this.err = err;
    }

    /** One more run is done. */
    public synchronized void step() {
        done++;
        long now = System.nanoTime();
        if (visible && (now - lastShown > LEAST_NANOS || done == total)) {
            lastShown = now;
            double left = (now - started) / 1e9 / done * (total - done);
            err.printf(Locale.ROOT, "\r%s: %d of %d runs, about %.0f s left \u001b[K", what, done, total, left);
            err.flush();
        }
    }

    /** Clears the line. */
    public synchronized void end() {
        if (visible) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
