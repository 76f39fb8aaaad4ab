package io.rseqlab.collector.run;

/** Tells runs on other threads to end early, each as soon as its trace can be closed. */
public class StopFlag {
    private volatile boolean raised;

    /** From now on runs end early. */
    public void raise() {
        raised = true;
    }

    public boolean isRaised() {
        return raised;
    }

    /**
     * For work that is of no use unless it is done.
     *
     * @throws Stopped if the flag is raised
     */
    void check() {
        if (raised) {
            throw new Stopped();
        }
    }

    /** Work was given up because the process is told to end. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Stopped() {
            super("interrupted", null, false, false);
        }
    }
}
