package io.rseqlab.collector.sweep;

/** A mistake in an experiment's file, or a data set that is not that of the file: says where, what, and the way out. */
public class ExperimentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExperimentException(String message) {
        super(message);
    }

    ExperimentException(String message, Throwable cause) {
        super(message, cause);
    }
}
