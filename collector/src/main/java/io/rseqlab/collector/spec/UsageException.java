package io.rseqlab.collector.spec;

/** A request that cannot be met as written: says the value, what is allowed and the nearest right name. */
public class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
