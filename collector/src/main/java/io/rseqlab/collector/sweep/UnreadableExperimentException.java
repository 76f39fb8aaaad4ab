package io.rseqlab.collector.sweep;

/** An experiment, or what was made of it, cannot be read or is damaged: no mistake of whoever wrote it. */
public final class UnreadableExperimentException extends ExperimentException {
    private static final long serialVersionUID = 1L;

    UnreadableExperimentException(String message, Throwable cause) {
        super(message, cause);
    }
}
