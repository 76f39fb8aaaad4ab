package io.rseqlab.trace;

/** Input that cannot be read as a trace, or that breaks its contract: says what, where and what to do. */
public class TraceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TraceException(String message) {
        super(message);
    }

    public TraceException(String message, Throwable cause) {
        super(message, cause);
    }
}
