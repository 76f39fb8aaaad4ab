package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The run specifications: what all runs share, and the command of each. */
final class SpecSection {
    private final List<Map<String, String>> specs = new ArrayList<>();
    private final List<Views.Named> commands = new ArrayList<>();

    private SpecSection() {}

    static SpecSection of(Draft draft) {
        SpecSection section = new SpecSection();
        for (Cell cell : draft.cells()) {
            for (StrategyResult result : cell.strategies()) {
                section.add(
                        draft.names().name(cell.key()) + " · " + result.strategy(), result.spec(), result.reproduce());
            }
        }
        if (draft.model().runs() != null) {
            for (RunResult run : draft.model().runs().runs()) {
                section.add(Observed.place(run), run.spec(), run.reproduce());
            }
        }
        return section;
    }

    private void add(String name, Map<String, Object> spec, String reproduce) {
        Map<String, String> flat = new LinkedHashMap<>();
        if (spec != null) {
            spec.forEach((key, value) -> flatten(key, value, flat));
        }
        specs.add(flat);
        if (reproduce != null) {
            commands.add(new Views.Named(name, reproduce));
        }
    }

    private static void flatten(String key, Object value, Map<String, String> flat) {
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, part) -> flatten(key + "." + name, part, flat));
        } else if (value != null) {
            flat.put(key, value.toString());
        }
    }

    /** Settings that every run has with the same value; those that differ are named without one. */
    List<Views.Named> settings() {
        Set<String> keys = new LinkedHashSet<>();
        specs.forEach(spec -> keys.addAll(spec.keySet()));
        List<Views.Named> settings = new ArrayList<>();
        for (String key : keys) {
            Set<String> values = new LinkedHashSet<>();
            specs.forEach(spec -> values.add(spec.getOrDefault(key, "not set")));
            settings.add(new Views.Named(key, String.join(values.size() > 6 ? ", " : " | ", shortened(values))));
        }
        return settings;
    }

    private static List<String> shortened(Set<String> values) {
        List<String> list = new ArrayList<>(values);
        return list.size() <= 12
                ? list
                : List.of(list.get(0), "… " + list.size() + " values …", list.get(list.size() - 1));
    }

    List<Views.Named> commands() {
        return commands;
    }
}
