package io.rseqlab.collector.spec;

/**
 * A declared setting of a strategy or workload.
 *
 * @param name as written in {@code name:key=value}
 * @param unit unit of the value, empty for plain counts
 * @param defaultValue value when not given
 * @param least smallest allowed value
 * @param most largest allowed value
 * @param whole true where only whole numbers make sense
 * @param text true where the value is no number but a text, such as a file's path
 * @param meaning one sentence
 */
public record Parameter(
        String name,
        String unit,
        double defaultValue,
        double least,
        double most,
        boolean whole,
        boolean text,
        String meaning) {

    /** A whole-number parameter. */
    public static Parameter count(String name, String unit, long defaultValue, long least, long most, String meaning) {
        return new Parameter(name, unit, defaultValue, least, most, true, false, meaning);
    }

    /** A probability or another share from 0 to 1. */
    public static Parameter share(String name, double defaultValue, String meaning) {
        return new Parameter(name, "", defaultValue, 0, 1, false, false, meaning);
    }

    /** A number that need not be whole. */
    public static Parameter number(
            String name, String unit, double defaultValue, double least, double most, String meaning) {
        return new Parameter(name, unit, defaultValue, least, most, false, false, meaning);
    }

    /** A text; the unit says of what kind. It is empty by default. */
    public static Parameter text(String name, String unit, String meaning) {
        return new Parameter(name, unit, 0, 0, 0, false, true, meaning);
    }
}
