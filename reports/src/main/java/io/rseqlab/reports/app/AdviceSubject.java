package io.rseqlab.reports.app;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What advice is asked on: a program as something that can be run under any strategy, with the figures that say what it
 * is like, and the points at which it is run: as it is, and with something changed.
 *
 * @param name what to call it
 * @param workload the workload and those of its settings that no point changes
 * @param threads simulated threads, null for as many as the workload has, or where points say
 * @param thinkWords where the work between calls comes from
 * @param points the program as it is, and its neighbours
 * @param warmup simulated time before the window
 * @param duration simulated time of the window
 * @param figures what the program is like
 * @param part how much of it is run, in words
 * @param notes what must be known of it to read the answer
 * @param likeness whether what is run is like the whole program; null where nothing of the kind can be asked
 */
record AdviceSubject(
        String name,
        String workload,
        Integer threads,
        String thinkWords,
        List<Point> points,
        String warmup,
        String duration,
        List<Figure> figures,
        String part,
        List<String> notes,
        Likeness likeness) {

    /** The axis along which the work between calls changes. */
    static final String THINK = "think_factor";

    /**
     * One figure.
     *
     * @param key its name in JSON, with the unit last
     * @param value its value there, null if it is unknown
     * @param label its name for people
     * @param text its value for people
     */
    record Figure(String key, Object value, String label, String text) {}

    /**
     * Where the program is run.
     *
     * @param axis what differs from the program as it is
     * @param value the factor of the work between calls, or the value of another axis
     * @param settings what the run has there, by name: parameters of the workload, and threads
     */
    record Point(String axis, double value, Map<String, String> settings) {
        /** True for the program as it is. */
        boolean own() {
            return axis.equals(THINK) && value == 1;
        }
    }

    /** A number as it is written in settings: no exponent, no needless zeros. */
    static String plain(double value) {
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }

    /** The figures for JSON. */
    Map<String, Object> figuresByKey() {
        Map<String, Object> map = new LinkedHashMap<>();
        figures.forEach(figure -> map.put(figure.key(), figure.value()));
        return map;
    }

    /** The subject with one note more. */
    AdviceSubject withNote(String note) {
        List<String> more = new ArrayList<>(notes);
        more.add(note);
        return new AdviceSubject(
                name,
                workload,
                threads,
                thinkWords,
                points,
                warmup,
                duration,
                figures,
                part,
                List.copyOf(more),
                likeness);
    }

    /** The subject, of which it is known whether what is run is like the whole program. */
    AdviceSubject withLikeness(Likeness found) {
        return new AdviceSubject(
                name, workload, threads, thinkWords, points, warmup, duration, figures, part, notes, found);
    }

    /** Why the runs are no answer for the program, and what to do; null where they are one. */
    String doubt() {
        return likeness == null ? null : likeness.doubt();
    }

    /** The subject with other windows. */
    AdviceSubject withWindow(String newWarmup, String newDuration) {
        return new AdviceSubject(
                name, workload, threads, thinkWords, points, newWarmup, newDuration, figures, part, notes, likeness);
    }
}
