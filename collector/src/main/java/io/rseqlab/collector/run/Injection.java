package io.rseqlab.collector.run;

import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.UsageException;
import java.util.Arrays;
import java.util.List;

/**
 * A fault to inject, into sections, or into hardware transactions where a strategy has these.
 *
 * @param kind which
 * @param probability per attempt of a section or transaction; 1 for faults that take none
 */
public record Injection(Kind kind, double probability) {
    /** Kinds of faults. */
    public enum Kind {
        /** The kernel forgets to abort. */
        NO_ABORT("no-abort", false),
        /** An attempt is aborted with a probability. */
        ABORT_STORM("abort-storm", true),
        /** An attempt is preempted with a probability. */
        PREEMPT_IN_SECTION("preempt-in-section", true),
        /** The kernel offers rseq, but the process cannot register: another library has, or a filter refuses. */
        NO_REGISTRATION("no-registration", false);

        /** What is written on the command line. */
        final String id;

        private final boolean takesProbability;

        Kind(String id, boolean takesProbability) {
            this.id = id;
            this.takesProbability = takesProbability;
        }
    }

    /** Reads {@code no-abort}, {@code no-registration}, {@code abort-storm:0.5} or {@code preempt-in-section:0.01}. */
    public static Injection parse(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? text : text.substring(0, colon);
        for (Kind kind : Kind.values()) {
            if (kind.id.equals(name)) {
                if (kind.takesProbability != colon >= 0) {
                    throw new UsageException(
                            kind.takesProbability
                                    ? name + " needs a probability: " + name + ":0.01"
                                    : name + " takes no value");
                }
                return new Injection(kind, colon < 0 ? 1 : probability(text.substring(colon + 1)));
            }
        }
        List<String> names = Arrays.stream(Kind.values()).map(kind -> kind.id).toList();
        throw new UsageException("no fault is called '" + name + "'" + Nearest.hint(name, names));
    }

    private static double probability(String text) {
        try {
            double value = Double.parseDouble(text);
            if (value >= 0 && value <= 1) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same message.
        }
        throw new UsageException("'" + text + "' is no probability: a number from 0 to 1");
    }

    /** True if it interrupts attempts of sections or transactions, each with the probability. */
    boolean interrupts() {
        return kind.takesProbability;
    }

    @Override
    public String toString() {
        return kind.takesProbability ? kind.id + ":" + probability : kind.id;
    }
}
