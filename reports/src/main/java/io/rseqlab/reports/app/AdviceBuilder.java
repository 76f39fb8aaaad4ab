package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.Ranking;
import io.rseqlab.analyzer.result.AdviceDocument;
import io.rseqlab.analyzer.result.AdviceDocument.Place;
import io.rseqlab.analyzer.result.AdviceDocument.Standing;
import io.rseqlab.analyzer.result.RunResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Makes the advice of the runs: rankings with each amount of work between calls, and what they say. */
final class AdviceBuilder {
    private static final String METRIC = "throughput_ops_per_s";
    private static final List<String> ALLOCATOR_CYCLES =
            List.of("malloc_fast", "malloc_slow", "free_fast", "free_slow");

    private final AdviceSubject subject;
    private final List<RunResult> runs;
    private final double margin;
    private final double confidence;

    AdviceBuilder(AdviceSubject subject, List<RunResult> runs, double margin, double confidence) {
        this.subject = subject;
        this.runs = runs;
        this.margin = margin;
        this.confidence = confidence;
    }

    /** The advice. */
    AdviceDocument build() {
        Map<Double, List<RunResult>> byFactor = byFactor();
        List<Place> places = new ArrayList<>();
        for (double factor : subject.think().factors()) {
            places.add(place(factor, byFactor.get(factor)));
        }
        Place own = own(places);
        AdviceWords words = new AdviceWords(subject, places, own, margin);
        RunResult any = runs.get(0);
        boolean extrapolated = !Boolean.TRUE.equals(any.spec().get("machine_validated"));
        List<String> notes = new ArrayList<>(subject.notes());
        notes.add("p values are corrected (Holm) over all " + own.comparisons()
                + " pairs of strategies, since nobody said beforehand which would be best; differences within ±"
                + AdviceWords.percent(margin) + " do not count");
        return new AdviceDocument(
                AdviceDocument.FORMAT_VERSION,
                subject.name(),
                subject.figuresByKey(),
                run(any, own),
                METRIC,
                margin,
                confidence,
                own.winner(),
                words.sentences(any, share(own, byFactor.get(1.0)), extrapolated),
                places,
                words.changes(),
                extrapolated,
                notes);
    }

    private Map<String, Object> run(RunResult any, Place own) {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("machine", any.key().machine());
        run.put("kernel", any.key().kernel());
        run.put("cpus", any.key().cpus());
        run.put("threads", any.key().threads());
        run.put("seeds", own.seeds());
        run.put("part", subject.part());
        run.put("workload", any.key().workload());
        run.put("think", subject.think().words());
        return run;
    }

    /** By how much a faster allocator can make the program faster at most. */
    private static String share(Place own, List<RunResult> runs) {
        double least = 1;
        double most = 0;
        for (Standing standing : own.strategies()) {
            List<RunResult> ofIt = Ranking.runsOf(standing.strategy(), runs);
            Double user = mean(ofIt, "cycles_per_op");
            if (user == null || user <= 0 || standing.allocatorNsPerOp() == null) {
                return null;
            }
            double part = standing.allocatorNsPerOp() * ofIt.get(0).clockHz() * 1e-9 / user;
            least = Math.min(least, part);
            most = Math.max(most, part);
        }
        return "malloc and free take " + AdviceWords.percent(least) + " to " + AdviceWords.percent(most)
                + " of the threads' CPU time: the rest is the program's own work, which no allocator makes faster but"
                + " by where it puts objects.";
    }

    private static Place own(List<Place> places) {
        return places.stream()
                .filter(place -> place.thinkFactor() == 1)
                .findFirst()
                .orElseThrow();
    }

    private Map<Double, List<RunResult>> byFactor() {
        Map<Double, List<RunResult>> byFactor = new LinkedHashMap<>();
        String parameter = subject.think().parameter() + "=";
        for (RunResult run : runs) {
            String value = List.of(run.key().workload().split("[:,]")).stream()
                    .filter(setting -> setting.startsWith(parameter))
                    .map(setting -> setting.substring(parameter.length()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + parameter + " in " + run.key()));
            byFactor.computeIfAbsent(subject.think().factorOf(value), any -> new ArrayList<>())
                    .add(run);
        }
        return byFactor;
    }

    private Place place(double factor, List<RunResult> placed) {
        Ranking ranking = Ranking.of(placed, METRIC, confidence, margin);
        List<Standing> standings = ranking.standings().stream()
                .map(standing -> standing(standing, placed))
                .toList();
        return new Place(
                factor, ranking.winner(), ranking.contenders(), ranking.seeds(), ranking.comparisons(), standings);
    }

    private static Standing standing(Ranking.Standing standing, List<RunResult> placed) {
        List<RunResult> own = Ranking.runsOf(standing.strategy(), placed);
        double nsPerCycle = 1e9 / own.get(0).clockHz();
        return new Standing(
                standing.strategy(),
                standing.mean(),
                standing.ratio(),
                standing.interval(),
                standing.pHolm(),
                standing.state().name().toLowerCase(Locale.ROOT),
                allocatorNs(own, nsPerCycle),
                times(mean(own, "latency_cycles.malloc.p99"), nsPerCycle),
                times(mean(own, "latency_cycles.malloc.p999"), nsPerCycle),
                times(mean(own, "latency_cycles.free.p99"), nsPerCycle),
                times(mean(own, "latency_cycles.free.p999"), nsPerCycle),
                mean(own, "cached_bytes.all"),
                mean(own, "footprint_over_peak_live"));
    }

    private static Double allocatorNs(List<RunResult> own, double nsPerCycle) {
        double cycles = 0;
        for (String part : ALLOCATOR_CYCLES) {
            Double mean = mean(own, "cpu_cycles_per_op." + part);
            if (mean == null) {
                return null;
            }
            cycles += mean;
        }
        return cycles * nsPerCycle;
    }

    private static Double times(Double value, double factor) {
        return value == null ? null : Double.valueOf(value * factor);
    }

    private static Double mean(List<RunResult> own, String path) {
        double[] known = own.stream()
                .map(run -> run.number(path))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
        return known.length == 0
                ? null
                : java.util.Arrays.stream(known).average().orElseThrow();
    }
}
