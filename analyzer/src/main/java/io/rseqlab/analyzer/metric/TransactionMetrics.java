package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.TRANSACTIONS;
import static io.rseqlab.trace.CounterName.TRANSACTION_ABORTS;
import static io.rseqlab.trace.CounterName.TRANSACTION_FALLBACKS;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.CounterName;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What became of hardware transactions, where a strategy used them. */
final class TransactionMetrics {
    private static final Set<CounterName> COUNTERS =
            EnumSet.of(TRANSACTIONS, TRANSACTION_ABORTS, TRANSACTION_FALLBACKS);

    private TransactionMetrics() {}

    static List<MetricInfo> all() {
        return List.of(
                MetricInfo.ofCounters(
                        "hardware_transactions",
                        "",
                        "hardware transactions begun, undone by cause, and locks taken because they had failed too"
                                + " often",
                        COUNTERS,
                        EnumSet.of(Dimension.DETAIL),
                        (tally, scope) -> tally.has(TRANSACTIONS) ? counts(tally) : none()),
                MetricInfo.ofCounters(
                        "transaction_abort_share",
                        "",
                        "hardware transactions undone over those begun",
                        COUNTERS,
                        Set.of(),
                        (tally, scope) -> tally.has(TRANSACTIONS)
                                ? MetricValue.ratio(tally.sum(TRANSACTION_ABORTS), tally.sum(TRANSACTIONS), 1, "")
                                : none()));
    }

    private static MetricValue counts(Tally tally) {
        Map<String, Long> causes = new TreeMap<>();
        tally.each(
                TRANSACTION_ABORTS,
                (key, count) -> causes.merge(key.detail() == null ? "other" : key.detail(), count, Math::addExact));
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put("begun", MetricValue.of(tally.sum(TRANSACTIONS), ""));
        causes.forEach((cause, count) -> parts.put(cause, MetricValue.of(count, "")));
        parts.put("fallbacks", MetricValue.of(tally.sum(TRANSACTION_FALLBACKS), ""));
        return MetricValue.group("", parts);
    }

    private static MetricValue none() {
        return MetricValue.noData("", "the run had no hardware transactions");
    }
}
