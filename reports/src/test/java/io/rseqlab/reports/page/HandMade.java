package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.SectionListing;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.analyzer.result.Timeline;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** A comparison as large as the demo's, with made-up numbers: six strategies, ten cells, ten seeds. */
public final class HandMade {
    static final List<String> STRATEGIES =
            List.of("rseq-freelist", "message-passing", "rseq-message", "percpu-lock", "global-mutex", "ideal");
    static final List<String> WORKLOADS = List.of(
            "churn:handoff=0,live=16,think=0",
            "churn:handoff=0.1,live=16,think=0",
            "churn:handoff=0.5,live=16,think=0",
            "churn:handoff=1,live=16,think=0",
            "producer-consumer");
    private static final long HZ = 4_000_000_000L;
    private static final Map<String, Double> SPEED = Map.of(
            "rseq-freelist", 1.0,
            "message-passing", 1.08,
            "rseq-message", 0.97,
            "percpu-lock", 0.71,
            "global-mutex", 0.16,
            "ideal", 1.31);

    private final Random random = new Random(7);

    private HandMade() {}

    static ComparisonDocument comparison() {
        return new HandMade().build(STRATEGIES, WORKLOADS, List.of(2, 16));
    }

    /** One strategy beside the baseline in one cell. */
    public static ComparisonDocument small() {
        return new HandMade().build(STRATEGIES.subList(0, 2), WORKLOADS.subList(0, 1), List.of(2));
    }

    /** A strategy of which nothing is known but some metrics, from one run on a machine that was never validated. */
    public static StrategyResult result(String strategy, Map<String, Estimate> metrics) {
        return new StrategyResult(
                strategy,
                List.of(1L),
                List.of("t"),
                1,
                Map.of(),
                metrics,
                Map.of(),
                Map.of(),
                List.of(),
                "instructions",
                List.of(),
                null,
                Map.of("machine_validated", false),
                null);
    }

    static ReportModel model() {
        return ReportModel.of("rseqlab demo: rseq freelists against message passing")
                .withCommand("rseqlab demo --out out/demo")
                .withComparison(comparison())
                .withTable(new Table(
                        "Split estimator: predicted and measured",
                        List.of("cell", "strategy", "cycles per op", "P(abort | interruption)", "predicted, Mop/s"),
                        List.of(List.of(
                                "churn, 2 CPUs",
                                "rseq-freelist",
                                Quantity.of(61.2, Quantity.Form.NUMBER),
                                Quantity.percent(0.214),
                                Quantity.of(65_432_100, Quantity.Form.MILLIONS))),
                        "The prediction uses no long run."))
                .withNotModelled("the translation look-aside buffer");
    }

    static ComparisonDocument document(List<Cell> cells, List<String> verdicts) {
        return new ComparisonDocument(
                ComparisonDocument.FORMAT_VERSION,
                "rseq-freelist",
                "throughput_ops_per_s",
                0.05,
                0.95,
                verdicts,
                cells,
                "Ratios of the model were never validated on this machine; see rseqlab validate.",
                List.of("T/seed-11: the run was cut short"),
                List.of("Medians of buckets."));
    }

    private ComparisonDocument build(List<String> strategies, List<String> workloads, List<Integer> cpus) {
        List<Cell> cells = new ArrayList<>();
        for (int count : cpus) {
            for (String workload : workloads) {
                cells.add(cell(strategies, workload, count));
            }
        }
        return document(
                cells,
                List.of(
                        "message-passing beats rseq-freelist in 6 of 10 cells, loses in 3, and "
                                + "no difference was detected"
                                + " in 1 (throughput, 95 % intervals, Holm over 50 comparisons).",
                        "The crossover lies between hand-off 0.1 and 0.5 on 2 CPUs; on 16 CPUs there is none."));
    }

    private Cell cell(List<String> strategies, String workload, int cpus) {
        CellKey key = new CellKey(workload, "zen5-vm-2", "linux-6.18", cpus, 4 * cpus, null, null);
        List<StrategyResult> results = new ArrayList<>();
        List<Contrast> contrasts = new ArrayList<>();
        double handoff = workload.contains("=0,") ? 0 : workload.contains("0.1") ? 0.1 : 0.6;
        for (String strategy : strategies) {
            double base = SPEED.get(strategy) * (strategy.startsWith("message") ? 1 - 0.35 * handoff : 1);
            double speed = base * 42e6 * Math.pow(cpus, strategy.equals("global-mutex") ? 0.1 : 0.96);
            results.add(result(strategy, key, speed));
            if (!strategy.equals("rseq-freelist")) {
                contrasts.add(contrast(strategy, base * Math.pow(cpus, strategy.equals("global-mutex") ? -0.8 : 0)));
            }
        }
        return new Cell(key, key.label(), results, contrasts, "message-passing is lower");
    }

    private Contrast contrast(String strategy, double ratio) {
        double half = 0.004 + 0.02 * random.nextDouble();
        double low = ratio * (1 - half);
        double high = ratio * (1 + half);
        String range =
                String.format(Locale.ROOT, " [%.1f%%, %.1f%%]", 100 * Math.abs(low - 1), 100 * Math.abs(high - 1));
        String size = String.format(Locale.ROOT, "%.1f%%", 100 * Math.abs(ratio - 1));
        String phrase = low <= 1 && high >= 1
                ? "no difference detected [-0.4%, +1.9%]"
                : (ratio < 1 ? "lower by " : "higher by ") + size + range;
        return new Contrast(
                strategy,
                "rseq-freelist",
                "throughput_ops_per_s",
                ratio,
                new Interval(low, high, 0.95, "paired t on log ratios"),
                10,
                0.001953125,
                0.09765625,
                "sign-flip permutation",
                0.87,
                low <= 1 && high >= 1 ? "no_difference_detected" : ratio < 1 ? "lower" : "higher",
                phrase);
    }

    private StrategyResult result(String strategy, CellKey key, double speed) {
        boolean rseq = strategy.startsWith("rseq");
        long interruptions = 90 + random.nextInt(60);
        long aborts = rseq ? Math.round(interruptions * (0.17 + 0.1 * random.nextDouble())) : 0;
        Map<String, Long> events = new LinkedHashMap<>();
        events.put("ops", Math.round(speed * 0.2));
        events.put("interruptions", interruptions);
        events.put("preemptions", interruptions - 4);
        events.put("migrations", (long) random.nextInt(5));
        events.put("aborts", aborts);
        Map<String, Estimate> metrics = new LinkedHashMap<>();
        metrics.put("throughput_ops_per_s", estimate(speed, "ops/s"));
        if (rseq) {
            metrics.put("aborts_per_interruption_exposure", estimate(0.22, ""));
        }
        Map<String, LatencyHistogram> latency = new LinkedHashMap<>();
        latency.put("malloc", histogram(20 / SPEED.get(strategy), 0.5));
        latency.put("free", histogram(26 / SPEED.get(strategy), 0.7));
        List<Long> seeds = LongStream.rangeClosed(1, 10).boxed().toList();
        return new StrategyResult(
                strategy,
                seeds,
                seeds.stream().map(seed -> "T/" + strategy + "/seed-" + seed).toList(),
                0.2,
                events,
                metrics,
                latency,
                aborts == 0 ? Map.of() : causes(aborts),
                rseq ? sites(aborts) : List.of(),
                "instructions",
                rseq ? List.of(POP, PUSH) : List.of(),
                timeline(key.cpus(), key.threads(), rseq),
                Map.of("strategy", strategy, "workload", key.workload(), "duration_cycles", 80_000_000),
                "rseqlab collect --strategy " + strategy + " --workload " + key.workload() + " --cpus " + key.cpus());
    }

    private static Map<String, Long> causes(long aborts) {
        Map<String, Long> causes = new TreeMap<>();
        causes.put("preemption", aborts - aborts / 5 - 1);
        causes.put("preemption+migration", aborts / 5);
        causes.put("signal", 1L);
        return causes;
    }

    private static final SectionListing POP = new SectionListing(
            "rseq_pop",
            8,
            List.of(
                    "store [rseq.cs], &descriptor",
                    "load r1, [rseq.cpu_id]",
                    "shl r2, r1, 7",
                    "load r3, [heads + r2]",
                    "beq r3, 0, empty",
                    "load r4, [r3 + next]",
                    "load r5, [r3 + depth]",
                    "store [heads + r2], r4   ; commit"));
    private static final SectionListing PUSH = new SectionListing(
            "rseq_push",
            6,
            List.of(
                    "store [rseq.cs], &descriptor",
                    "load r1, [rseq.cpu_id]",
                    "load r3, [heads + r1]",
                    "store [r0 + next], r3",
                    "store [r0 + depth], r4",
                    "store [heads + r1], r0   ; commit"));

    private List<AbortSite> sites(long aborts) {
        List<AbortSite> sites = new ArrayList<>();
        for (int offset = 1; offset < 8; offset++) {
            long count = aborts * (offset == 3 ? 4 : 1) / 14;
            sites.add(new AbortSite(
                    "rseq_pop", offset, count, Map.of("preemption", count), (offset == 3 ? 4L : 1) * 1_000_000));
        }
        for (int offset = 1; offset < 6; offset++) {
            long count = aborts * (offset == 2 ? 3 : 1) / 20;
            sites.add(new AbortSite("rseq_push", offset, count, Map.of("preemption", count), 500_000L + offset * 100));
        }
        return sites;
    }

    private Estimate estimate(double mean, String unit) {
        double half = mean * (0.003 + 0.01 * random.nextDouble());
        List<Double> values = new ArrayList<>();
        for (int seed = 0; seed < 10; seed++) {
            values.add(mean + half * random.nextGaussian());
        }
        return new Estimate(mean, new Interval(mean - half, mean + half, 0.95, "t"), 10, unit, values, null);
    }

    private LatencyHistogram histogram(double median, double sigma) {
        TreeMap<Long, Long> counts = new TreeMap<>();
        for (int i = 0; i < 20_000; i++) {
            double slow = random.nextInt(2000) == 0 ? 1000 : 1;
            long value = Math.max(1, Math.round(median * slow * Math.exp(sigma * random.nextGaussian())));
            long low = bucket(value);
            counts.merge(low, 1L + random.nextInt(90), Long::sum);
        }
        List<LatencyHistogram.Bucket> buckets = new ArrayList<>();
        counts.forEach((low, count) -> buckets.add(new LatencyHistogram.Bucket(low, low + width(low) - 1, count)));
        return new LatencyHistogram("cycles", buckets);
    }

    private static long width(long value) {
        return Math.max(1, Long.highestOneBit(value) / 32);
    }

    private static long bucket(long value) {
        return value / width(value) * width(value);
    }

    private Timeline timeline(int cpus, int threads, boolean rseq) {
        List<Timeline.Segment> segments = new ArrayList<>();
        List<Timeline.Mark> marks = new ArrayList<>();
        long end = HZ * 40 / 1000;
        for (int cpu = 0; cpu < cpus; cpu++) {
            long at = 0;
            for (int turn = 0; at < end; turn++) {
                int thread = cpu + cpus * (turn % (threads / cpus));
                long stop = Math.min(end, at + HZ * (3 + random.nextInt(3)) / 1000);
                segments.add(new Timeline.Segment(cpu, thread, "t" + thread, at, stop, "preempted"));
                if (stop < end) {
                    marks.add(new Timeline.Mark("preempt", stop, cpu, thread, "", null));
                    if (rseq && random.nextInt(4) == 0) {
                        marks.add(new Timeline.Mark("abort", stop + 4000, cpu, thread, "preemption in rseq_pop", null));
                    }
                    if (random.nextInt(9) == 0) {
                        int target = (cpu + 1) % cpus;
                        marks.add(new Timeline.Mark("migrate", stop - 100_000, cpu, thread, "", target));
                    }
                }
                at = stop + (random.nextInt(5) == 0 ? HZ / 1000 : 0);
            }
        }
        return new Timeline(0, end, HZ, cpus, segments, marks, false);
    }
}
