package io.rseqlab.collector.sweep;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an experiment's file says, each value as the text that {@code collect} would be given.
 *
 * @param title what to call it, empty for nothing
 * @param seeds root seeds, the same for every point, so that strategies can be paired
 * @param shared settings that all runs have, by key
 * @param grid lists that are combined each with each, by key
 * @param zips groups of lists of one length that go together, by key
 * @param costs how often costs are drawn from their ranges; null for not at all
 * @param refine how often to look between points where the better strategy changes, by key of the grid
 * @param lines where keys stand, for messages
 * @param file the file as the user named it, for messages
 */
record Experiment(
        String title,
        List<Long> seeds,
        Map<String, String> shared,
        Map<String, List<String>> grid,
        List<Map<String, List<String>>> zips,
        Costs costs,
        Map<String, Integer> refine,
        TomlLines lines,
        String file) {

    /** What decides what a run is called after: strategies are held against each other, workloads are not. */
    static final String STRATEGY = "strategy";

    static final String WORKLOAD = "workload";

    /**
     * Draws of costs.
     *
     * @param draws how many, each of which all points run with
     * @param seeds how many of the seeds each of them has, the first ones
     */
    record Costs(int draws, int seeds) {}

    /** The same experiment in which a key of the grid has one value only. */
    Experiment with(String key, String value) {
        Map<String, List<String>> one = new LinkedHashMap<>(grid);
        one.put(key, List.of(value));
        return new Experiment(title, seeds, shared, one, zips, costs, refine, lines, file);
    }

    /** Where a key stands: {@code grid.threads}, {@code zip.0.cpus} or {@code run.workload}; null if nowhere. */
    String pathOf(String key) {
        if (grid.containsKey(key)) {
            return "grid." + key;
        }
        for (int i = 0; i < zips.size(); i++) {
            if (zips.get(i).containsKey(key)) {
                return "zip." + i + "." + key;
            }
        }
        return shared.containsKey(key) ? "run." + key : null;
    }

    /** A mistake at a key: file, line, key, and what is wrong. */
    ExperimentException mistake(String key, String what) {
        String path = pathOf(key);
        return new ExperimentException(
                file + ": " + (path == null ? "" : lines.of(path)) + key + ": " + without(key, what));
    }

    /** What is wrong, without the key where that begins with it: it has been said. */
    static String without(String key, String what) {
        return what.startsWith(key + ": ") || what.startsWith(key + "=") && !what.startsWith(key + "==")
                ? what.substring(key.length() + 1).strip()
                : what;
    }
}
