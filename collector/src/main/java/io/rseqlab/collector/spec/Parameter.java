package io.rseqlab.collector.spec;

import java.util.List;

/**
 * A declared setting of a strategy or workload.
 *
 * @param name as written in {@code name:key=value}
 * @param unit unit of the value, empty for plain counts
 * @param defaultValue value when not given
 * @param least smallest allowed value
 * @param most largest allowed value
 * @param whole true where only whole numbers make sense
 * @param meaning one sentence
 * @param choices words to choose from, the value being the place in this list; empty for numbers
 * @param text true where the value is any text, such as the path of a file, and not a number
 */
public record Parameter(
        String name,
        String unit,
        double defaultValue,
        double least,
        double most,
        boolean whole,
        String meaning,
        List<String> choices,
        boolean text) {

    /** A whole-number parameter. */
    public static Parameter count(String name, String unit, long defaultValue, long least, long most, String meaning) {
        return new Parameter(name, unit, defaultValue, least, most, true, meaning, List.of(), false);
    }

    /** A probability or another share from 0 to 1. */
    public static Parameter share(String name, double defaultValue, String meaning) {
        return new Parameter(name, "", defaultValue, 0, 1, false, meaning, List.of(), false);
    }

    /** One of several words; the first is the default. */
    public static Parameter choice(String name, List<String> choices, String meaning) {
        return new Parameter(name, "", 0, 0, choices.size() - 1.0, true, meaning, List.copyOf(choices), false);
    }

    /** A number that need not be whole. */
    public static Parameter number(
            String name, String unit, double defaultValue, double least, double most, String meaning) {
        return new Parameter(name, unit, defaultValue, least, most, false, meaning, List.of(), false);
    }

    /** A text; the unit says of what kind. It is empty by default. */
    public static Parameter text(String name, String unit, String meaning) {
        return new Parameter(name, unit, 0, 0, 0, false, meaning, List.of(), true);
    }
}
