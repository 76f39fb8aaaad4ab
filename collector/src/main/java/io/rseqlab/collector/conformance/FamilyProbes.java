package io.rseqlab.collector.conformance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** fork, threads, exec and membarrier. */
final class FamilyProbes {
    private static final List<String> RULES = List.of(
            "fork-inherits",
            "fork-section",
            "thread-registers",
            "thread-unregisters",
            "vfork-registers",
            "exec-resets",
            "exec-fails",
            "membarrier-unregistered",
            "membarrier",
            "membarrier-its-cpu",
            "membarrier-other-cpu",
            "membarrier-plain");

    private FamilyProbes() {}

    static Map<String, ModelProbe> all() {
        Map<String, ModelProbe> probes = new HashMap<>();
        for (String rule : RULES) {
            probes.put(rule, ModelProbe.cannot("the model has no fork, exec or membarrier yet"));
        }
        return probes;
    }
}
