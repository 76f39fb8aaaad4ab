package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.CellKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What tells a cell from the others of its document: coordinates and parameters that all share are left out. */
final class CellLabels {
    private CellLabels() {}

    static Map<CellKey, String> of(List<CellKey> keys) {
        List<Map<String, String>> coordinates =
                keys.stream().map(CellLabels::coordinates).toList();
        Map<CellKey, String> labels = new LinkedHashMap<>();
        for (int index = 0; index < keys.size(); index++) {
            List<String> words = new ArrayList<>();
            coordinates.get(index).forEach((name, value) -> {
                boolean shared = coordinates.stream().allMatch(other -> Objects.equals(other.get(name), value));
                if (!shared || name.equals("workload")) {
                    words.add(value);
                }
            });
            labels.put(keys.get(index), String.join(", ", words));
        }
        return labels;
    }

    private static Map<String, String> coordinates(CellKey key) {
        Map<String, String> coordinates = new LinkedHashMap<>();
        String[] workload = String.valueOf(key.workload()).split(":", 2);
        coordinates.put("workload", workload[0]);
        if (workload.length == 2) {
            Arrays.stream(workload[1].split(","))
                    .forEach(setting ->
                            coordinates.put(workload[0] + ":" + setting.split("=", 2)[0], setting.replace('=', ' ')));
        }
        put(
                coordinates,
                "threads",
                key.threads(),
                key.threads() != null && key.threads() == 1 ? " thread" : " threads");
        put(coordinates, "cpus", key.cpus(), key.cpus() != null && key.cpus() == 1 ? " CPU" : " CPUs");
        put(coordinates, "machine", key.machine(), "");
        put(coordinates, "kernel", key.kernel(), "");
        put(coordinates, "inject", key.inject(), " injected");
        put(coordinates, "variant", key.variant(), "");
        return coordinates;
    }

    private static void put(Map<String, String> coordinates, String name, Object value, String unit) {
        if (value != null) {
            coordinates.put(name, value + unit);
        }
    }
}
