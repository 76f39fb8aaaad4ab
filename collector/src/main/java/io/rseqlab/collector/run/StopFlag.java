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
}
