package io.rseqlab.collector.live;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Lines of a recording that are no calls of its form and were skipped: recorders that are killed, and logs that others
 * write into, leave some. Many of them mean that the form is another.
 */
public final class BadLines {
    /** The most that are skipped. */
    static final int MOST = 100;

    /** Besides, at most one in so many lines; one is always. */
    static final int ONE_IN = 100;

    private static final int MOST_SHOWN = 10;
    private static final int MOST_CHARACTERS = 80;

    private final List<Long> numbers = new ArrayList<>();
    private long count;
    private String first;
    private String why;

    /**
     * Adds one.
     *
     * @param whyUnknown what in it could not be read; null if nobody can say
     */
    void add(long number, String line, String whyUnknown) {
        count++;
        if (numbers.size() < MOST_SHOWN) {
            numbers.add(number);
        }
        if (first == null) {
            why = whyUnknown;
            first = line.length() > MOST_CHARACTERS ? line.substring(0, MOST_CHARACTERS) + "…" : line;
        }
    }

    /**
     * True if they are more than a recording of so many lines may hold, or than the calls in it: a short text of
     * another kind may hold a line that looks like a call.
     */
    boolean tooMany(long lines, long calls) {
        return count > Math.min(MOST, 1 + lines / ONE_IN) || count > calls;
    }

    /** How many. */
    public long count() {
        return count;
    }

    /** The numbers of the first of them, from 1. */
    public List<Long> numbers() {
        return List.copyOf(numbers);
    }

    /** The first in words. */
    String first(Object file) {
        return "line " + numbers.get(0) + " of '" + file + "' is no call: '" + first + "'"
                + (why == null ? "" : ", where " + why);
    }

    /** All in words. */
    public String words() {
        String all = String.join(", ", numbers.stream().map(String::valueOf).toList());
        return String.format(
                Locale.ROOT,
                "%d %s no call of this form and %s skipped: %s %s%s",
                count,
                count == 1 ? "line is" : "lines are",
                count == 1 ? "was" : "were",
                count == 1 ? "line" : "lines",
                all,
                count > numbers.size() ? ", …" : "");
    }
}
