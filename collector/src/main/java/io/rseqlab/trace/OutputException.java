package io.rseqlab.trace;

/** A place that cannot be written to, as the user named it: says which, why, and the way out. */
public class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OutputException(String message) {
        super(message);
    }

    public OutputException(String message, Throwable cause) {
        super(message, cause);
    }
}
