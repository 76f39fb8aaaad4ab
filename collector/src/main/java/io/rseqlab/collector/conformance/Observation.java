package io.rseqlab.collector.conformance;

/**
 * What came of a probe.
 *
 * @param outcome what was seen, in the words of the policy table; null if the rule could not be shown
 * @param note how it was come by, or why it could not be shown; may be empty
 */
public record Observation(String outcome, String note) {
    static final String COMMITS = "commits";
    static final String ABORTS = "aborts";
    static final String SIGSEGV = "SIGSEGV";
    static final String KEPT = "kept";
    static final String CLEARED = "cleared";

    /** Something was seen. */
    static Observation of(String outcome) {
        return new Observation(outcome, "");
    }

    /** The rule cannot be shown, and why. */
    public static Observation cannot(String reason) {
        return new Observation(null, reason);
    }

    /** Whether there is an outcome. */
    public boolean shown() {
        return outcome != null;
    }
}
