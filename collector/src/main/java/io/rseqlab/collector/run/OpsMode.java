package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.UsageException;

/**
 * Which allocator operations become rows of the trace; totals do not depend on it.
 *
 * @param oneIn 1 for all, n for every n-th of a thread, 0 for none but slow ones
 * @param slow operations above tier 0 become rows
 */
public record OpsMode(int oneIn, boolean slow) {
    public static final OpsMode SLOW = new OpsMode(0, true);
    public static final OpsMode NONE = new OpsMode(0, false);

    /** Reads {@code all}, {@code 1/N}, {@code slow} or {@code none}. */
    public static OpsMode parse(String text) {
        switch (text) {
            case "all":
                return new OpsMode(1, true);
            case "slow":
                return SLOW;
            case "none":
                return NONE;
            default:
                if (text.matches("1/[1-9][0-9]{0,8}")) {
                    return new OpsMode(Integer.parseInt(text.substring(2)), false);
                }
                throw new UsageException("ops: '" + text + "' is none of all, 1/N, slow, none");
        }
    }

    @Override
    public String toString() {
        return oneIn == 1 ? "all" : oneIn > 1 ? "1/" + oneIn : slow ? "slow" : "none";
    }
}
