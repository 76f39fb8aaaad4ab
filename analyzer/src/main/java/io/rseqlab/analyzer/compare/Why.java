package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.WhyDocument;
import io.rseqlab.analyzer.result.WhyDocument.Difference;
import io.rseqlab.analyzer.result.WhyDocument.Part;
import io.rseqlab.analyzer.stats.MeanInterval;
import io.rseqlab.analyzer.stats.RandomStreams;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Takes the difference in cycles per operation apart, twice: by where the cycles go, which is counted, and by what
 * takes them, which is counts times the prices of the machine's profile. In each the last part of a group is what is
 * left, so that parts add up to the whole by construction, in every run and so in the means.
 */
public final class Why {
    private static final String ALL = "cpu_cycles_per_op.all";
    private static final String UNIT = "cycles/op";

    /** Parts by where, with the metrics they are. */
    private static final Map<String, String> WHERE = new LinkedHashMap<>();

    static {
        WHERE.put("malloc, fast path", "malloc_fast");
        WHERE.put("malloc, slow paths", "malloc_slow");
        WHERE.put("free, fast path", "free_fast");
        WHERE.put("free, slow paths", "free_slow");
        WHERE.put("outside of malloc and free", "outside");
        WHERE.put("kernel", "kernel");
        WHERE.put("idle: waits, nothing to run", "idle");
    }

    private final String baseline;
    private final double confidence;
    private final Function<RunResult, Prices> prices;

    private Why(String baseline, double confidence, Function<RunResult, Prices> prices) {
        this.baseline = baseline;
        this.confidence = confidence;
        this.prices = prices;
    }

    /**
     * Takes all cells apart.
     *
     * @param baseline as {@link Comparison#strategies} names it
     * @param prices of the machine of a run, null where they are not known
     * @throws IllegalArgumentException if no cell has the baseline and another strategy
     */
    public static WhyDocument of(
            List<RunResult> runs, String baseline, double confidence, Function<RunResult, Prices> prices) {
        return new Why(baseline, confidence, prices).document(Grouping.of(runs));
    }

    private WhyDocument document(Grouping grouping) {
        Map<CellKey, String> labels =
                CellLabels.of(new ArrayList<>(grouping.cells().keySet()));
        List<Difference> differences = new ArrayList<>();
        grouping.cells()
                .forEach((key, byStrategy) -> byStrategy.forEach((strategy, bySeed) -> {
                    if (!strategy.equals(baseline) && byStrategy.containsKey(baseline)) {
                        Difference difference =
                                difference(key, labels.get(key), strategy, bySeed, byStrategy.get(baseline));
                        if (difference != null) {
                            differences.add(difference);
                        }
                    }
                }));
        if (differences.isEmpty()) {
            throw new IllegalArgumentException("no cell has " + baseline + " and another strategy with the same seeds");
        }
        return new WhyDocument(WhyDocument.FORMAT_VERSION, baseline, UNIT, differences, notes(grouping));
    }

    private static List<String> notes(Grouping grouping) {
        List<String> notes = new ArrayList<>();
        notes.add("the whole is the cycles of all CPUs per operation, CPUs times clock over throughput");
        notes.add("'where' is counted; operations that straddle the ends of the window are outside of malloc and free");
        notes.add("'why' is counts times the prices of the machine's profile; 'dependences and the rest' is what they"
                + " leave of user time: dependence stalls, cache misses, mispredictions, and less than 0 where waits"
                + " overlap. Traces do not count at what distance lines were: each is priced as from a core that"
                + " shares the third level; nor do they count false sharing, or futex waits apart from other idle"
                + " time");
        grouping.skipped().forEach(line -> notes.add("skipped: " + line));
        return notes;
    }

    private Difference difference(
            CellKey key,
            String label,
            String strategy,
            SortedMap<Long, RunResult> candidate,
            SortedMap<Long, RunResult> base) {
        List<RunResult> overs = new ArrayList<>();
        List<RunResult> unders = new ArrayList<>();
        candidate.forEach((seed, run) -> {
            RunResult other = base.get(seed);
            if (other != null && run.number(ALL) != null && other.number(ALL) != null) {
                overs.add(run);
                unders.add(other);
            }
        });
        if (overs.isEmpty()) {
            return null;
        }
        Prices known = prices.apply(overs.get(0));
        Function<Map.Entry<String, ToDoubleFunction<RunResult>>, Part> part =
                entry -> part(entry.getKey(), entry.getValue(), overs, unders, label + strategy);
        return new Difference(
                key,
                label,
                strategy,
                overs.size(),
                part.apply(Map.entry("all", run -> run.number(ALL))),
                where().entrySet().stream().map(part).toList(),
                known == null
                        ? List.of()
                        : why(known).entrySet().stream().map(part).toList(),
                within().entrySet().stream().map(part).toList(),
                known == null
                        ? "the profile of machine " + overs.get(0).key().machine()
                                + " is not at hand, or is another than that of the runs: name it with --machine"
                        : null);
    }

    private Part part(
            String name,
            ToDoubleFunction<RunResult> value,
            List<RunResult> overs,
            List<RunResult> unders,
            String where) {
        double[] over = overs.stream().mapToDouble(value).toArray();
        double[] under = unders.stream().mapToDouble(value).toArray();
        double[] differences = new double[over.length];
        for (int i = 0; i < over.length; i++) {
            differences[i] = over[i] - under[i];
        }
        var estimate = MeanInterval.of(differences, confidence, RandomStreams.of(where + name));
        return new Part(name, mean(under), mean(over), estimate.value(), Estimates.interval(estimate.interval()));
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static Map<String, ToDoubleFunction<RunResult>> where() {
        Map<String, ToDoubleFunction<RunResult>> parts = new LinkedHashMap<>();
        WHERE.forEach((name, id) -> parts.put(name, run -> number(run, "cpu_cycles_per_op." + id)));
        return parts;
    }

    /** What takes the cycles; in each group the last is the rest. */
    static Map<String, ToDoubleFunction<RunResult>> why(Prices prices) {
        Map<String, ToDoubleFunction<RunResult>> parts = new LinkedHashMap<>();
        parts.put("instructions at full width", run -> number(run, "micro_ops_per_op") * prices.microOp());
        parts.put("locked operations", run -> number(run, "atomics_per_op") * prices.atomic());
        parts.put(
                "lines of metadata from other cores",
                run -> number(run, "line_transfers_per_op.metadata") * prices.lineTransfer());
        parts.put(
                "lines of objects from other cores",
                run -> number(run, "line_transfers_per_op.object") * prices.lineTransfer());
        parts.put(
                "lines by false sharing",
                run -> number(run, "line_transfers_per_op.false_sharing") * prices.lineTransfer());
        List<ToDoubleFunction<RunResult>> user = List.copyOf(parts.values());
        parts.put("dependences and the rest", run -> user(run) - sum(user, run));
        Map<String, ToDoubleFunction<RunResult>> kernel = new LinkedHashMap<>();
        kernel.put("switches", run -> perOp(run, "switches") * prices.threadSwitch());
        kernel.put("abort fix-ups", run -> perOp(run, "aborts") * prices.abort());
        kernel.put("system calls", run -> perOp(run, "syscalls") * prices.syscall());
        List<ToDoubleFunction<RunResult>> priced = List.copyOf(kernel.values());
        parts.putAll(kernel);
        parts.put(
                "ticks and the rest of the kernel", run -> number(run, "cpu_cycles_per_op.kernel") - sum(priced, run));
        parts.put("idle: waits, nothing to run", run -> number(run, "cpu_cycles_per_op.idle"));
        return parts;
    }

    private static Map<String, ToDoubleFunction<RunResult>> within() {
        Map<String, ToDoubleFunction<RunResult>> parts = new LinkedHashMap<>();
        parts.put(
                "slow paths",
                run -> number(run, "cpu_cycles_per_op.malloc_slow") + number(run, "cpu_cycles_per_op.free_slow"));
        parts.put(
                "work that aborts threw away",
                run -> number(run, "wasted_cycles_per_abort.mean") * perOp(run, "aborts"));
        return parts;
    }

    private static double user(RunResult run) {
        return number(run, ALL) - number(run, "cpu_cycles_per_op.kernel") - number(run, "cpu_cycles_per_op.idle");
    }

    private static double sum(List<ToDoubleFunction<RunResult>> parts, RunResult run) {
        return parts.stream().mapToDouble(part -> part.applyAsDouble(run)).sum();
    }

    private static double perOp(RunResult run, String count) {
        return number(run, count) / number(run, "ops");
    }

    /** What a run has none of took no time. */
    private static double number(RunResult run, String path) {
        Double value = run.number(path);
        return value == null ? 0 : value;
    }
}
