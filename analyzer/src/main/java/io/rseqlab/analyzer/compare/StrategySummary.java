package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.LatencyHistogram;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** One strategy in one cell: estimates over its seeds, and everything else summed over them. */
final class StrategySummary {
    private static final List<String> EVENTS =
            List.of("ops", "interruptions", "preemptions", "migrations", "aborts", "signals", "stale_cpu_restarts");

    private StrategySummary() {}

    static StrategyResult of(
            String strategy, SortedMap<Long, RunResult> bySeed, ComparisonOptions options, String where) {
        List<RunResult> runs = new ArrayList<>(bySeed.values());
        RunResult first = runs.get(0);
        return new StrategyResult(
                strategy,
                new ArrayList<>(bySeed.keySet()),
                runs.stream().map(RunResult::trace).toList(),
                runs.stream().mapToDouble(RunResult::windowSeconds).sum(),
                events(runs),
                estimates(runs, options, where + strategy),
                latency(runs),
                causes(runs),
                sites(runs),
                first.offsetUnit(),
                first.sections(),
                first.timeline(),
                first.spec(),
                reproduce(first, bySeed));
    }

    private static Map<String, Long> events(List<RunResult> runs) {
        Map<String, Long> events = new LinkedHashMap<>();
        for (String id : EVENTS) {
            for (RunResult run : runs) {
                MetricValue value = run.metric(id);
                if (value != null && value.value() instanceof Long count) {
                    events.merge(id, count, Math::addExact);
                }
            }
        }
        return events;
    }

    private static Map<String, Estimate> estimates(List<RunResult> runs, ComparisonOptions options, String where) {
        Set<String> paths = new LinkedHashSet<>(List.of(options.metric()));
        paths.addAll(ComparisonOptions.ESTIMATED);
        Map<String, Estimate> estimates = new LinkedHashMap<>();
        for (String path : paths) {
            Estimate estimate = Estimates.of(runs, path, options.confidence(), where);
            if (estimate != null) {
                estimates.put(path, estimate);
            }
        }
        return estimates;
    }

    private static Map<String, LatencyHistogram> latency(List<RunResult> runs) {
        Map<String, LatencyHistogram> sum = new LinkedHashMap<>();
        runs.forEach(run -> run.latency().forEach((op, histogram) -> sum.merge(op, histogram, LatencyHistogram::plus)));
        return sum;
    }

    private static Map<String, Long> causes(List<RunResult> runs) {
        Map<String, Long> causes = new LinkedHashMap<>();
        for (RunResult run : runs) {
            MetricValue value = run.metric("aborts_by_cause");
            if (value != null) {
                value.parts()
                        .forEach((cause, count) ->
                                causes.merge(cause, count.value().longValue(), Math::addExact));
            }
        }
        return causes;
    }

    private static List<AbortSite> sites(List<RunResult> runs) {
        Map<List<Object>, AbortSite> sum = new LinkedHashMap<>();
        for (RunResult run : runs) {
            for (AbortSite site : run.abortSites()) {
                sum.merge(
                        List.of(String.valueOf(site.section()), String.valueOf(site.offset())),
                        site,
                        StrategySummary::plus);
            }
        }
        return sum.values().stream()
                .sorted(Comparator.comparingLong(AbortSite::aborts).reversed())
                .toList();
    }

    private static AbortSite plus(AbortSite a, AbortSite b) {
        Map<String, Long> causes = new LinkedHashMap<>(a.causes());
        b.causes().forEach((cause, count) -> causes.merge(cause, count, Math::addExact));
        Long exposure = a.exposureCycles() == null || b.exposureCycles() == null
                ? null
                : Long.valueOf(Math.addExact(a.exposureCycles(), b.exposureCycles()));
        return new AbortSite(a.section(), a.offset(), a.aborts() + b.aborts(), causes, exposure);
    }

    /** The first run's command with all seeds. */
    private static String reproduce(RunResult first, SortedMap<Long, RunResult> bySeed) {
        if (first.reproduce() == null) {
            return null;
        }
        long low = bySeed.firstKey();
        long high = bySeed.lastKey();
        String seeds = bySeed.size() == 1
                ? Long.toString(low)
                : high - low + 1 == bySeed.size()
                        ? low + ".." + high
                        : String.join(
                                ",",
                                bySeed.keySet().stream().map(String::valueOf).toList());
        return first.reproduce().replaceFirst("--seeds \\S+", "--seeds " + seeds);
    }
}
