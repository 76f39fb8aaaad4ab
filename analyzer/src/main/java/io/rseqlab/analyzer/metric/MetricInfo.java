package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A metric as {@code list metrics} shows it, and how to make one for a trace.
 *
 * @param id its key in results: snake_case, unit last
 * @param unit unit of its values, empty for shares and plain ratios
 * @param meaning one sentence
 * @param counters makes the metric from counters, null if it comes from events
 * @param events makes the metric from events, null if it comes from counters
 * @param kinds the kinds of events it looks at; none if it comes from counters
 * @param windowOnly true if it looks at no event outside the measured window
 */
public record MetricInfo(
        String id,
        String unit,
        String meaning,
        Function<Scope, Metric<?, Counter, MetricValue>> counters,
        Function<Scope, Metric<?, EventBatch, MetricValue>> events,
        Set<EventKind> kinds,
        boolean windowOnly) {

    public boolean fromEvents() {
        return events != null;
    }

    /** A metric from events of some kinds. */
    static MetricInfo ofEvents(
            String id,
            String unit,
            String meaning,
            Set<EventKind> kinds,
            boolean windowOnly,
            Function<Scope, Metric<?, EventBatch, MetricValue>> events) {
        return new MetricInfo(id, unit, meaning, null, events, Set.copyOf(kinds), windowOnly);
    }

    /** A metric from counters; where the trace does not take one of them, it is "no data". */
    static MetricInfo ofCounters(
            String id,
            String unit,
            String meaning,
            Set<CounterName> inputs,
            Set<Dimension> kept,
            BiFunction<Tally, Scope, MetricValue> presenter) {
        return new MetricInfo(
                id,
                unit,
                meaning,
                scope -> new CounterMetric<>(
                        inputs,
                        kept,
                        scope,
                        tally -> presentIfMeasured(inputs, unit, scope, tally, presenter),
                        MetricValue.noData(unit, "the trace has no counters")),
                null,
                Set.of(),
                false);
    }

    /** A metric from counters with a state of its own. */
    static MetricInfo ofCounters(
            String id, String unit, String meaning, Function<Scope, Metric<?, Counter, MetricValue>> counters) {
        return new MetricInfo(id, unit, meaning, counters, null, Set.of(), false);
    }

    private static MetricValue presentIfMeasured(
            Set<CounterName> inputs,
            String unit,
            Scope scope,
            Tally tally,
            BiFunction<Tally, Scope, MetricValue> presenter) {
        for (CounterName input : inputs) {
            if (!scope.measures(input) && !tally.has(input)) {
                return MetricValue.noData(unit, scope.whyNot(input));
            }
        }
        return presenter.apply(tally, scope);
    }

    /** The sum of one counter. */
    static MetricInfo total(CounterName name, String unit) {
        return ofCounters(
                name.id(),
                unit,
                name.meaning(),
                EnumSet.of(name),
                Set.of(),
                (tally, scope) -> MetricValue.of(tally.sum(name), unit));
    }

    /** One counter over another, times a scale. */
    static MetricInfo ratio(String id, String unit, String meaning, CounterName over, CounterName under, double scale) {
        return ofCounters(
                id,
                unit,
                meaning,
                EnumSet.of(over, under),
                Set.of(),
                (tally, scope) -> MetricValue.ratio(tally.sum(over), tally.sum(under), scale, unit));
    }

    /** One counter per second of a span of the trace. */
    static MetricInfo rate(String id, String unit, String meaning, CounterName name, Function<Scope, Double> seconds) {
        return ofCounters(id, unit, meaning, EnumSet.of(name), Set.of(), (tally, scope) -> {
            double span = seconds.apply(scope);
            return span <= 0
                    ? MetricValue.noData(unit, "the measured window is empty")
                    : MetricValue.of(tally.sum(name) / span, unit);
        });
    }

    /** The metric's place in tables and on the command line. */
    static List<MetricInfo> join(List<List<MetricInfo>> families) {
        return families.stream().flatMap(List::stream).toList();
    }
}
