package io.rseqlab.reports.app;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What advice is asked on: a program as something that can be run under any strategy, with the figures that say what it
 * is like.
 *
 * @param name what to call it
 * @param workload the workload and its settings, but for the work between calls
 * @param threads simulated threads, null for as many as the workload has by itself
 * @param think the work between calls
 * @param warmup simulated time before the window
 * @param duration simulated time of the window
 * @param figures what the program is like
 * @param part how much of it is run, in words
 * @param notes what must be known of it to read the answer
 */
record AdviceSubject(
        String name,
        String workload,
        Integer threads,
        Think think,
        String warmup,
        String duration,
        List<Figure> figures,
        String part,
        List<String> notes) {

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
     * The work between calls, as a parameter of the workload.
     *
     * @param parameter its name
     * @param base its value for the program as it is
     * @param factors what it is multiplied by, 1 among them
     * @param words where it comes from
     */
    record Think(String parameter, double base, List<Double> factors, String words) {
        /** The parameter's values, in the order of the factors. */
        List<String> values() {
            return factors.stream().map(factor -> plain(base * factor)).toList();
        }

        /** The factor that a value of the parameter stands for. */
        double factorOf(String value) {
            return factors.get(values().indexOf(value));
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
}
