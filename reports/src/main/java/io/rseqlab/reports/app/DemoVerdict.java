package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The demo's question answered in one sentence, from the comparison's outcomes. */
final class DemoVerdict {
    private static final String SUBJECT = "message-passing";

    private DemoVerdict() {}

    /** Where message passing wins, where the rseq freelist does, and where neither can be told. */
    static String of(ComparisonDocument comparison) {
        List<Contrast> higher = new ArrayList<>();
        List<Contrast> lower = new ArrayList<>();
        Set<String> won = new LinkedHashSet<>();
        Set<String> lost = new LinkedHashSet<>();
        Set<String> open = new LinkedHashSet<>();
        for (Cell cell : comparison.cells()) {
            for (Contrast contrast : cell.contrasts()) {
                boolean headline = contrast.metric().equals(comparison.metric());
                if (!headline || !contrast.strategy().startsWith(SUBJECT)) {
                    continue;
                }
                String workload = shortName(cell.key().workload());
                switch (String.valueOf(contrast.outcome())) {
                    case "higher" -> {
                        higher.add(contrast);
                        won.add(workload);
                    }
                    case "lower" -> {
                        lower.add(contrast);
                        lost.add(workload);
                    }
                    default -> open.add(workload);
                }
            }
        }
        return "Message passing is faster than rseq freelists on " + list(won, higher)
                + "; rseq freelists are faster on "
                + list(lost, lower)
                + (open.isEmpty() ? "." : "; no difference is detected in part of " + String.join(", ", open) + ".");
    }

    private static String list(Set<String> workloads, List<Contrast> contrasts) {
        if (workloads.isEmpty()) {
            return "none of the workloads";
        }
        double least = contrasts.stream().mapToDouble(DemoVerdict::factor).min().orElse(1);
        double most = contrasts.stream().mapToDouble(DemoVerdict::factor).max().orElse(1);
        return String.join(", ", workloads) + String.format(Locale.ROOT, " (%.2f to %.2f times)", least, most);
    }

    private static double factor(Contrast contrast) {
        return Math.max(contrast.ratio(), 1 / contrast.ratio());
    }

    /** {@code churn:live=16,think=0,handoff=0.5,...} becomes {@code churn with hand-off 0.5}. */
    static String shortName(String workload) {
        int colon = workload.indexOf(':');
        String name = colon < 0 ? workload : workload.substring(0, colon);
        for (String item : workload.substring(Math.max(0, colon + 1)).split(",")) {
            if (item.startsWith("handoff=")) {
                return name + " with hand-off " + item.substring("handoff=".length());
            }
        }
        return name;
    }
}
