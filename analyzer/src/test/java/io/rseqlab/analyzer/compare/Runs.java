package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.LatencyHistogram.Bucket;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunKey;
import io.rseqlab.analyzer.result.RunResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results of runs made by hand. */
final class Runs {
    private Runs() {}

    static RunResult run(String strategy, double handoff, long seed, double throughput) {
        return run(strategy, strategy + ":capacity=256", handoff, seed, throughput, 0.2);
    }

    static RunResult run(
            String strategy, String settings, double handoff, long seed, double throughput, double duration) {
        String workload = "churn:live=16,handoff=" + handoff;
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("strategy", strategy);
        spec.put("strategy_settings", settings);
        spec.put("workload", workload);
        spec.put("duration_s", duration);
        spec.put("machine_validated", strategy.equals("none"));
        return new RunResult(
                "out/" + settings + "/" + handoff + "/" + seed,
                new RunKey(strategy, workload, "zen5-vm-2", "linux-6.18", 2, 8, seed, null),
                "simulated",
                "complete",
                spec,
                "rseqlab collect --strategy " + settings + " --seeds " + seed + " --out DIR",
                "00",
                duration,
                1_000_000_000L,
                2,
                "instructions",
                metrics(throughput),
                Map.of("malloc", new LatencyHistogram("cycles", List.of(new Bucket(40, 40, 5)))),
                List.of(new AbortSite("pop", 3, 2, Map.of("preemption", 2L), 100L)),
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                null);
    }

    private static Map<String, MetricValue> metrics(double throughput) {
        Map<String, MetricValue> metrics = new LinkedHashMap<>();
        metrics.put("throughput_ops_per_s", MetricValue.of(throughput, "ops/s"));
        metrics.put("aborts", MetricValue.of(2, "aborts"));
        metrics.put("preemptions", MetricValue.of(30, "preemptions"));
        metrics.put("aborts_per_mop", MetricValue.of(0.0, "1/Mop"));
        metrics.put("aborts_by_cause", MetricValue.group("aborts", Map.of("preemption", MetricValue.of(2, "aborts"))));
        return metrics;
    }

    /** How a strategy's throughput stands to the baseline's in a cell. */
    static Contrast contrast(Cell cell, String strategy) {
        return cell.contrasts().stream()
                .filter(one -> one.strategy().equals(strategy) && one.metric().equals("throughput_ops_per_s"))
                .findFirst()
                .orElseThrow();
    }
}
