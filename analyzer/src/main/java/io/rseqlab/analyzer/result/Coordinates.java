package io.rseqlab.analyzer.result;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cells as points in a space whose axes have names: workload and its parameters, threads, cpus, machine, kernel. */
public final class Coordinates {
    private Coordinates() {}

    /** Value by name; what a cell does not have is left out. */
    public static Map<String, String> of(CellKey key) {
        Map<String, String> coordinates = new LinkedHashMap<>();
        String[] workload = String.valueOf(key.workload()).split(":", 2);
        coordinates.put("workload", workload[0]);
        if (workload.length == 2) {
            settings(coordinates, workload[1], ",");
        }
        put(coordinates, "threads", key.threads());
        put(coordinates, "cpus", key.cpus());
        put(coordinates, "machine", key.machine());
        put(coordinates, "kernel", key.kernel());
        put(coordinates, "inject", key.inject());
        if (key.variant() != null) {
            settings(coordinates, key.variant(), ", ");
        }
        return coordinates;
    }

    private static void settings(Map<String, String> coordinates, String text, String separator) {
        for (String setting : text.split(separator)) {
            int equals = setting.indexOf('=');
            if (equals > 0) {
                coordinates.put(setting.substring(0, equals), setting.substring(equals + 1));
            }
        }
    }

    private static void put(Map<String, String> coordinates, String name, Object value) {
        if (value != null) {
            coordinates.put(name, value.toString());
        }
    }

    /** Coordinates with more than one value among these, with their values: rising numbers, else as found. */
    public static Map<String, List<String>> varying(List<Map<String, String>> all) {
        Map<String, Set<String>> values = new LinkedHashMap<>();
        all.forEach(one -> one.forEach((name, value) ->
                values.computeIfAbsent(name, any -> new LinkedHashSet<>()).add(value)));
        Map<String, List<String>> varying = new LinkedHashMap<>();
        values.forEach((name, distinct) -> {
            if (distinct.size() > 1) {
                varying.put(name, sorted(distinct));
            }
        });
        return varying;
    }

    /** True if all of these are numbers. */
    public static boolean numeric(List<String> values) {
        return values.stream().allMatch(Coordinates::isNumber);
    }

    private static List<String> sorted(Set<String> values) {
        List<String> list = new ArrayList<>(values);
        if (numeric(list)) {
            list.sort(Comparator.comparing(BigDecimal::new));
        }
        return list;
    }

    private static boolean isNumber(String value) {
        try {
            new BigDecimal(value);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** True if a number has nothing behind its point. */
    public static boolean isWhole(String value) {
        return new BigDecimal(value).stripTrailingZeros().scale() <= 0;
    }

    /**
     * The axes that a map of these cells would have: the one or two numeric coordinates with the most values, where the
     * cells fill the grid of all that vary. Empty where they do not.
     */
    public static List<String> axes(List<CellKey> cells) {
        Map<String, List<String>> varying =
                varying(cells.stream().map(Coordinates::of).toList());
        long full = varying.values().stream().mapToLong(List::size).reduce(1, Math::multiplyExact);
        List<String> numeric = varying.keySet().stream()
                .filter(name -> numeric(varying.get(name)) && varying.get(name).size() > 2)
                .sorted(Comparator.comparing((String name) -> -varying.get(name).size()))
                .limit(2)
                .toList();
        return cells.size() == full ? numeric : List.of();
    }
}
