package io.rseqlab.collector.live;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a thread of a scheduler experiment does, in the words of the native program {@code sched}:
 * {@code KIND[:US[:US]][/NICE][@CPU]}.
 *
 * @param kind what it does over and over
 * @param firstUs microseconds: of work of {@code yield}, {@code wake} and {@code wait}, of sleep of {@code sleep}
 * @param secondUs microseconds of work of {@code sleep}
 * @param nice its nice value
 * @param cpu the only CPU it may use, -1 for any
 */
public record SchedulerThread(Kind kind, long firstUs, long secondUs, int nice, int cpu) {
    private static final Pattern FORM =
            Pattern.compile("([a-z]+)(?::(\\d{1,7}))?(?::(\\d{1,7}))?(?:/(-?\\d{1,2}))?(?:@(\\d{1,3}))?");

    /** What a thread does over and over. */
    public enum Kind {
        /** Computes. */
        HOG,
        /** Computes, then yields. */
        YIELD,
        /** Sleeps, then computes. */
        SLEEP,
        /** Computes, then wakes the next {@code wait} thread behind it. */
        WAKE,
        /** Waits to be woken, then computes. */
        WAIT
    }

    /**
     * Reads a list of threads, separated by commas.
     *
     * @throws IllegalArgumentException if that is not the form of a thread
     */
    public static List<SchedulerThread> parse(String text) {
        return Arrays.stream(text.split(",")).map(SchedulerThread::one).toList();
    }

    private static SchedulerThread one(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not KIND[:US[:US]][/NICE][@CPU]");
        }
        return new SchedulerThread(
                Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT)),
                number(matcher.group(2), 0),
                number(matcher.group(3), 0),
                (int) number(matcher.group(4), 0),
                (int) number(matcher.group(5), -1));
    }

    private static long number(String text, long absent) {
        return text == null ? absent : Long.parseLong(text);
    }
}
