package io.rseqlab.trace.malloc;

/**
 * What a reader met that a clean recording does not hold, and put right; each is a count.
 *
 * @param invertedPairs frees that the recorder wrote down before the allocation that they belong behind, or that it
 *     wrote down after the address was handed out again
 * @param lostFrees objects whose address was handed out again and of which nobody recorded a free
 * @param unknownFrees frees and reallocations of addresses that no recorded call had returned
 * @param failedRequests requests that returned nothing
 * @param skippedLines lines that hold no call
 */
public record Repairs(long invertedPairs, long lostFrees, long unknownFrees, long failedRequests, long skippedLines) {
    /** Of a recording that was clean. */
    public static final Repairs NONE = new Repairs(0, 0, 0, 0, 0);
}
