package io.rseqlab.analyzer.result;

import java.util.Set;

/** Which way is good: of most metrics, which count costs, less is better. */
public final class Goodness {
    private static final Set<String> MORE = Set.of(
            "throughput_ops_per_s",
            "fast_path_hit_ratio",
            "fairness_jain",
            "ops",
            "objects_per_message",
            "requests_per_s",
            "requests_served_share");

    private Goodness() {}

    /** True where a higher value of the metric, or of the part of one that a path names, is better. */
    public static boolean moreIsBetter(String path) {
        return MORE.contains(path.contains(".") ? path.substring(0, path.indexOf('.')) : path);
    }
}
