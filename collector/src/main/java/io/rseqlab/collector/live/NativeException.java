package io.rseqlab.collector.live;

/** This machine cannot run the native driver, or not now: says what is missing or went wrong, and the way out. */
public class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NativeException(String message) {
        super(message);
    }

    public NativeException(String message, Throwable cause) {
        super(message, cause);
    }
}
