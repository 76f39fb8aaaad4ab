package io.rseqlab.collector.spec;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A name with resolved parameter values: what {@code churn:think=100,handoff=0.5} means. */
public final class Settings {
    private final String name;
    private final Map<String, Double> values;
    private final Map<String, List<String>> choices = new HashMap<>();

    private final Map<String, String> texts;
    private final List<Parameter> parameters;

    private Settings(String name, Map<String, Double> values, Map<String, String> texts, List<Parameter> parameters) {
        this.name = name;
        this.values = values;
        this.texts = texts;
        this.parameters = parameters;
        parameters.forEach(parameter -> choices.put(parameter.name(), parameter.choices()));
    }

    /** The part of a text before its first colon. */
    public static String nameOf(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? text : text.substring(0, colon);
    }

    /** Parses {@code name:key=value,...} against the declared parameters and fills in the defaults. */
    public static Settings parse(String text, List<Parameter> parameters) {
        String name = nameOf(text);
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, String> texts = new LinkedHashMap<>();
        for (Parameter parameter : parameters) {
            values.put(parameter.name(), parameter.defaultValue());
            if (parameter.text()) {
                texts.put(parameter.name(), "");
            }
        }
        Set<String> given = new HashSet<>();
        String rest = text.substring(Math.min(text.length(), name.length() + 1));
        for (String item : rest.isEmpty() ? new String[0] : rest.split(",", -1)) {
            int equals = item.indexOf('=');
            if (equals < 1) {
                throw new UsageException("'" + item + "' in '" + text + "' is not key=value");
            }
            Parameter parameter = find(name, item.substring(0, equals), parameters);
            if (!given.add(parameter.name())) {
                throw new UsageException("'" + parameter.name() + "' is given twice in '" + text + "'");
            }
            String value = item.substring(equals + 1);
            if (parameter.text()) {
                texts.put(parameter.name(), value);
            } else {
                values.put(parameter.name(), number(parameter, value));
            }
        }
        return new Settings(name, values, texts, parameters);
    }

    private static Parameter find(String name, String key, List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            if (parameter.name().equals(key)) {
                return parameter;
            }
        }
        List<String> names = parameters.stream().map(Parameter::name).toList();
        throw new UsageException(name + " has no parameter '" + key + "'"
                + (names.isEmpty() ? "; it has none" : Nearest.hint(key, names)));
    }

    private static double number(Parameter parameter, String text) {
        if (!parameter.choices().isEmpty()) {
            int place = parameter.choices().indexOf(text);
            if (place < 0) {
                throw new UsageException(parameter.name() + "=" + text + " is not one of "
                        + String.join(", ", parameter.choices()) + Nearest.hint(text, parameter.choices()));
            }
            return place;
        }
        double value;
        try {
            value = Double.parseDouble(text.replace("_", ""));
        } catch (NumberFormatException e) {
            throw new UsageException(parameter.name() + "=" + text + " is not a number");
        }
        boolean allowed = value >= parameter.least() && value <= parameter.most();
        if (!allowed || (parameter.whole() && value != Math.rint(value))) {
            throw new UsageException(parameter.name() + "=" + text + " is not allowed: "
                    + (parameter.whole() ? "a whole number from " : "from ") + format(parameter.least()) + " to "
                    + format(parameter.most()) + (parameter.unit().isEmpty() ? "" : " " + parameter.unit()));
        }
        return value;
    }

    public String name() {
        return name;
    }

    /** Value of a whole-number parameter. */
    public long count(String key) {
        return (long) number(key);
    }

    /** Value of a parameter. */
    public double number(String key) {
        Double value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(name + " declares no parameter " + key);
        }
        return value;
    }

    /**
     * Refuses settings of which one is more than another that bounds it.
     *
     * @throws UsageException naming both with their values
     */
    public void requireAtMost(String least, String most) {
        if (number(least) > number(most)) {
            throw new UsageException(name + ": " + least + "=" + format(number(least)) + " is more than " + most + "="
                    + format(number(most)) + ", which bounds it");
        }
    }

    /** The word chosen. */
    public String choice(String key) {
        return choices.get(key).get((int) number(key));
    }

    /** True if there is such a parameter and that word was chosen. */
    public boolean chooses(String key, String word) {
        return choices.containsKey(key)
                && choices.get(key).contains(word)
                && choice(key).equals(word);
    }

    private String spelled(String key) {
        if (texts.containsKey(key)) {
            return texts.get(key);
        }
        return choices.get(key).isEmpty() ? format(values.get(key)) : choice(key);
    }

    /** Value of a text parameter, empty if it was not given. */
    public String text(String key) {
        String value = texts.get(key);
        if (value == null) {
            throw new IllegalArgumentException(name + " declares no text " + key);
        }
        return value;
    }

    /** The same settings with another text. */
    public Settings withText(String key, String value) {
        Map<String, String> changed = new LinkedHashMap<>(texts);
        changed.put(key, value);
        return new Settings(name, values, changed, parameters);
    }

    /** The whole setting with every value spelled out, in declared order. */
    @Override
    public String toString() {
        if (values.isEmpty()) {
            return name;
        }
        return name + ":"
                + values.keySet().stream().map(key -> key + "=" + spelled(key)).collect(Collectors.joining(","));
    }

    private static String format(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%s", value);
    }
}
