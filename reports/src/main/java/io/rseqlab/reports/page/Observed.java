package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.SectionListing;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.analyzer.result.Timeline;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What was seen of one strategy in one place, whether summed over the seeds of a comparison or in one trace by itself.
 *
 * @param place the cell or trace
 * @param strategy the strategy, or null for a recording
 * @param seconds window, simulated or recorded
 * @param runs how many runs it sums
 * @param events counts by id
 * @param latency histograms by operation
 * @param causes aborts by set of causes
 * @param sites where aborts happened
 * @param offsetUnit unit of offsets in sections
 * @param sections programs of the sections
 * @param timeline a short window, or null
 * @param exposure probability that an interruption lands in a section, or null
 */
record Observed(
        String place,
        String strategy,
        double seconds,
        int runs,
        Map<String, Long> events,
        Map<String, LatencyHistogram> latency,
        Map<String, Long> causes,
        List<AbortSite> sites,
        String offsetUnit,
        List<SectionListing> sections,
        Timeline timeline,
        Double exposure) {
    /** The counts that every table of events shows. */
    static final List<String> EVENTS = List.of("ops", "interruptions", "preemptions", "migrations", "aborts");

    /** Everything a model holds: the comparison's cells first. */
    static List<Observed> all(ReportModel model, CellNames names, CellNames runNames) {
        List<Observed> all = new ArrayList<>();
        if (model.comparison() != null) {
            all.addAll(of(model.comparison(), names));
        }
        if (model.runs() != null) {
            model.runs().runs().forEach(run -> all.add(of(run, runNames)));
        }
        return all;
    }

    private static List<Observed> of(ComparisonDocument document, CellNames names) {
        List<Observed> all = new ArrayList<>();
        for (Cell cell : document.cells()) {
            cell.strategies().forEach(strategy -> all.add(of(names.name(cell.key()), strategy)));
        }
        return all;
    }

    private static Observed of(String place, StrategyResult strategy) {
        Estimate exposure = strategy.metrics().get("aborts_per_interruption_exposure");
        return new Observed(
                place,
                strategy.strategy(),
                strategy.simulatedSeconds(),
                strategy.seeds().size(),
                strategy.events(),
                strategy.latency(),
                strategy.abortsByCause(),
                strategy.abortSites(),
                strategy.offsetUnit(),
                strategy.sections(),
                strategy.timeline(),
                exposure == null ? null : exposure.mean());
    }

    private static Observed of(RunResult run, CellNames names) {
        return new Observed(
                place(run, names),
                run.key().strategy(),
                run.windowSeconds(),
                1,
                events(run),
                run.latency(),
                causes(run.metric("aborts_by_cause")),
                run.abortSites(),
                run.offsetUnit(),
                run.sections(),
                run.timeline(),
                run.number("aborts_per_interruption_exposure"));
    }

    /** What tells a run by itself from the cells and from other such runs. */
    static String place(RunResult run, CellNames names) {
        if (run.key().workload() == null) {
            return run.trace();
        }
        String cell = "run: " + names.name(run.key().cell());
        return run.key().seed() == null ? cell : cell + " · seed " + run.key().seed();
    }

    private static Map<String, Long> events(RunResult run) {
        Map<String, Long> events = new LinkedHashMap<>();
        for (String id : Stream.concat(EVENTS.stream(), Stream.of("signals")).toList()) {
            MetricValue value = run.metric(id);
            if (value != null && value.value() != null) {
                events.put(id, value.value().longValue());
            }
        }
        return events;
    }

    private static Map<String, Long> causes(MetricValue byCause) {
        Map<String, Long> causes = new TreeMap<>();
        if (byCause != null) {
            byCause.parts().forEach((cause, count) -> {
                if (count.value() != null) {
                    causes.put(cause, count.value().longValue());
                }
            });
        }
        return causes;
    }

    /** Place and strategy in one name. */
    String name() {
        return strategy == null ? place : place + " · " + strategy;
    }

    long count(String event) {
        return events.getOrDefault(event, 0L);
    }
}
