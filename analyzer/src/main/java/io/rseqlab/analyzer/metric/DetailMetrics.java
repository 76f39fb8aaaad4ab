package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.FLUSHES;
import static io.rseqlab.trace.CounterName.FLUSH_OBJECTS;
import static io.rseqlab.trace.CounterName.HEAP_BYTES;
import static io.rseqlab.trace.CounterName.PAGE_HEAP_BYTES;
import static io.rseqlab.trace.CounterName.REFILLS;
import static io.rseqlab.trace.CounterName.REFILL_OBJECTS;
import static io.rseqlab.trace.CounterName.STRANDED_BYTES;
import static io.rseqlab.trace.CounterName.UNSTRANDED_BYTES;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What only runs with details count: batches by their blocks, and memory over time. */
final class DetailMetrics implements Metric<TreeMap<Long, Long>, Counter, MetricValue> {
    private static final String BYTES = "bytes";
    private static final String NONE = "the run did not count it: collect --details does";

    private final Scope scope;

    private final CounterName summed;
    /** Says that an interval ended in which there may have been none of the other. */
    private final CounterName sign;

    private DetailMetrics(Scope scope, CounterName summed, CounterName sign) {
        this.scope = scope;
        this.summed = summed;
        this.sign = sign;
    }

    static List<MetricInfo> all() {
        return List.of(
                perBatch("objects_per_refill", "blocks that came with a refill", REFILL_OBJECTS, REFILLS),
                perBatch("objects_per_flush", "blocks that went with a flush", FLUSH_OBJECTS, FLUSHES),
                series(
                        "stranded_bytes",
                        "free memory stranded with CPUs and threads",
                        STRANDED_BYTES,
                        UNSTRANDED_BYTES),
                series("heap_bytes", "heap that the system has given and not got back", HEAP_BYTES, HEAP_BYTES),
                series(
                        "page_heap_bytes",
                        "of it whole pages in a page heap, where the strategy has one",
                        PAGE_HEAP_BYTES,
                        PAGE_HEAP_BYTES));
    }

    private static MetricInfo series(String id, String meaning, CounterName summed, CounterName sign) {
        return MetricInfo.ofCounters(
                id,
                BYTES,
                meaning + ", at the ends of intervals: first, mean, most, last",
                scope -> new DetailMetrics(scope, summed, sign));
    }

    private static MetricInfo perBatch(String id, String meaning, CounterName over, CounterName under) {
        return MetricInfo.ofCounters(
                id,
                "blocks",
                meaning + ", where the strategy has such batches; only with --details",
                EnumSet.of(over, under),
                Set.of(),
                (tally, info) -> tally.has(over)
                        ? MetricValue.ratio(tally.sum(over), tally.sum(under), 1, "blocks")
                        : MetricValue.noData("blocks", NONE + ", for strategies that have such batches"));
    }

    // ---- bytes by the ends of intervals

    @Override
    public TreeMap<Long, Long> zero() {
        return new TreeMap<>();
    }

    @Override
    public void observe(TreeMap<Long, Long> state, Counter item) {
        boolean counts = item.name() == summed;
        if ((counts || item.name() == sign)
                && item.endCycle() > scope.info().windowStartCycle()
                && item.startCycle() < scope.info().windowEndCycle()) {
            state.merge(item.endCycle(), counts ? item.value() : 0, Math::addExact);
        }
    }

    @Override
    public TreeMap<Long, Long> merge(TreeMap<Long, Long> a, TreeMap<Long, Long> b) {
        TreeMap<Long, Long> both = new TreeMap<>(a);
        b.forEach((end, bytes) -> both.merge(end, bytes, Math::addExact));
        return both;
    }

    @Override
    public MetricValue present(TreeMap<Long, Long> state) {
        if (state.isEmpty()) {
            return MetricValue.noData(BYTES, NONE);
        }
        long sum = state.values().stream().mapToLong(Long::longValue).sum();
        long most = state.values().stream().mapToLong(Long::longValue).max().orElse(0);
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put("first", MetricValue.of(state.firstEntry().getValue(), BYTES));
        parts.put("mean", MetricValue.ratio(sum, state.size(), 1, BYTES));
        parts.put("most", MetricValue.of(most, BYTES));
        parts.put("last", MetricValue.of(state.lastEntry().getValue(), BYTES));
        return MetricValue.group(BYTES, parts);
    }

    @Override
    public void write(TreeMap<Long, Long> state, StateWriter out) {
        out.entries(state, (end, bytes) -> {
            out.number(end);
            out.number(bytes);
        });
    }

    @Override
    public TreeMap<Long, Long> read(StateReader in) {
        TreeMap<Long, Long> state = new TreeMap<>();
        in.entries(() -> state.put(in.number(), in.number()));
        return state;
    }
}
