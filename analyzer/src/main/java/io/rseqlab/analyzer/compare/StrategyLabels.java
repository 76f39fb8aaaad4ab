package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.RunResult;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What strategies are called among the runs of one result: the bare name, unless several settings of it meet. */
public final class StrategyLabels {
    private final Map<String, Set<String>> settingsByName = new HashMap<>();

    private StrategyLabels() {}

    /** Labels for these runs. */
    public static StrategyLabels of(List<RunResult> runs) {
        StrategyLabels labels = new StrategyLabels();
        for (RunResult run : runs) {
            labels.settingsByName
                    .computeIfAbsent(run.key().strategy(), name -> new HashSet<>())
                    .add(settings(run));
        }
        return labels;
    }

    /** One of the runs' label, name and parameters where the name alone would do for several; null for a recording. */
    public String of(RunResult run) {
        String name = run.key().strategy();
        return name == null || settingsByName.get(name).size() == 1 ? name : settings(run);
    }

    /** A run's strategy with all parameters. */
    static String settings(RunResult run) {
        return String.valueOf(
                run.spec().getOrDefault("strategy_settings", run.key().strategy()));
    }
}
