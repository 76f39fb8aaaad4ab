package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.FolderNames;
import io.rseqlab.collector.run.RunSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * One combination of values of all axes.
 *
 * @param coordinates value by axis, in the order of the axes; null where neither strategy nor workload has the
 *     parameter
 * @param spec its run, for the first seed
 */
record Point(Map<String, String> coordinates, RunSpec spec) {
    /** What Hive calls the folder of no value; readers of partitioned data sets make it NULL. */
    static final String NO_VALUE = "__HIVE_DEFAULT_PARTITION__";

    /** The innermost axis. */
    static final String SEED = "seed";

    /**
     * The folder of one of its runs, {@code axis=value/.../seed=N}, as Hive lays partitions out; of a value that is too
     * long for a name, the beginning and a digest.
     */
    Path folder(long seed) {
        StringJoiner path = new StringJoiner("/");
        coordinates.forEach((axis, value) ->
                path.add(FolderNames.shortened(axis + "=" + (value == null ? NO_VALUE : encoded(value)))));
        return Path.of(path.add(SEED + "=" + seed).toString());
    }

    /** A value as part of a path: what a file system or a reader of partitions might take amiss is %XX. */
    static String encoded(String value) {
        StringBuilder text = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || "._-".indexOf(b) >= 0;
            text.append(plain ? String.valueOf((char) b) : String.format(Locale.ROOT, "%%%02X", b & 0xff));
        }
        return text.toString();
    }

    /** All that its runs depend on, but for strategy and seed: points with the same are held against each other. */
    Map<String, Object> conditions() {
        Map<String, Object> conditions = new LinkedHashMap<>(spec.toMap());
        conditions.keySet().removeAll(List.of("strategy", "strategy_settings", "mode", "seed", "command"));
        return conditions;
    }

    /** In words, for messages: {@code strategy=rseq-freelist, threads=4}. */
    String words() {
        StringJoiner words = new StringJoiner(", ");
        coordinates.forEach((axis, value) -> words.add(axis + "=" + (value == null ? "(has none)" : value)));
        return words.toString();
    }

    /** Simulated seconds of all CPUs of one run, warm-up included: what its cost goes by. */
    double cpuSeconds() {
        return (spec.warmupSeconds() + spec.durationSeconds()) * spec.cpus();
    }
}
