package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.Ranking;
import io.rseqlab.analyzer.result.AdviceDocument;
import io.rseqlab.analyzer.result.AdviceDocument.Neighbour;
import io.rseqlab.analyzer.result.AdviceDocument.Place;
import io.rseqlab.analyzer.result.AdviceDocument.Standing;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.reports.app.AdviceSubject.Point;
import java.util.ArrayList;
import java.util.Arrays;
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

    /** Below one preemption a CPU most threads that wait for a CPU never get one. */
    private static final String NO_TIME_SHARING =
            "fewer preemptions than CPUs in so short a window: time sharing is not in this figure";

    private final AdviceSubject subject;
    private final List<RunResult> runs;
    private final double margin;
    private final double confidence;
    private final MachineFacts machines;

    AdviceBuilder(
            AdviceSubject subject, List<RunResult> runs, double margin, double confidence, MachineFacts machines) {
        this.machines = machines;
        this.subject = subject;
        this.runs = runs;
        this.margin = margin;
        this.confidence = confidence;
    }

    /** The advice. */
    AdviceDocument build() {
        List<Place> places = new ArrayList<>();
        List<Neighbour> neighbours = new ArrayList<>();
        List<RunResult> asItIs = asItIs();
        for (Point point : subject.points()) {
            List<RunResult> there = at(point);
            if (point.axis().equals(AdviceSubject.THINK)) {
                places.add(place(point.value(), there));
            } else {
                neighbours.add(neighbour(point, there));
            }
        }
        Place own = own(places);
        AdviceWords words = new AdviceWords(subject, places, neighbours, own, margin);
        RunResult any = asItIs.get(0);
        String extrapolated = extrapolated(any);
        List<String> notes = new ArrayList<>(subject.notes());
        notes.add("p values (" + own.test() + ") are corrected (Holm) over all " + own.comparisons()
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
                subject.doubt() == null ? own.winner() : null,
                words.sentences(any, share(own, asItIs), extrapolated),
                places,
                neighbours,
                subject.doubt() == null ? words.changes() : List.of(),
                extrapolated != null,
                subject.likeness() == null ? List.of() : subject.likeness().rows(),
                subject.doubt(),
                notes);
    }

    /** Why nothing is known of how far the model is off on such a machine; null where it is. */
    private String extrapolated(RunResult any) {
        Integer from = machines.extrapolatedFrom(any);
        if (from != null) {
            return "this machine's model was validated on " + from + " CPUs, these runs have "
                    + any.key().cpus();
        }
        return Boolean.TRUE.equals(any.spec().get("machine_validated"))
                ? null
                : "this machine's model was never held against the real one";
    }

    private Neighbour neighbour(Point point, List<RunResult> there) {
        Ranking ranking = Ranking.of(there, METRIC, confidence, margin);
        return new Neighbour(
                point.axis(),
                point.value(),
                ranking.winner(),
                ranking.contenders(),
                ranking.best().strategy(),
                1 / ranking.second().ratio(),
                point.axis().equals("threads") ? unshared(there) : null);
    }

    /** Where threads outnumber CPUs: that windows were too short for them to take turns. Null where they did. */
    private static String unshared(List<RunResult> there) {
        RunResult any = there.get(0);
        Double preemptions = mean(there, "preemptions");
        boolean crowded = any.key().threads() > any.key().cpus();
        return crowded && preemptions != null && preemptions < any.key().cpus() ? NO_TIME_SHARING : null;
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
        run.put("think", subject.thinkWords());
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

    /** The runs of the program as it is. */
    List<RunResult> asItIs() {
        return at(subject.points().stream().filter(Point::own).findFirst().orElseThrow());
    }

    /** The runs at a point. */
    private List<RunResult> at(Point point) {
        List<RunResult> there =
                runs.stream().filter(run -> isAt(run, point.settings())).toList();
        if (there.isEmpty()) {
            throw new IllegalStateException(
                    "no run at " + point + ", only " + runs.get(0).key() + " and others");
        }
        return there;
    }

    private static boolean isAt(RunResult run, Map<String, String> settings) {
        Map<String, String> has = new LinkedHashMap<>();
        for (String setting : run.key().workload().split("[:,]")) {
            int equals = setting.indexOf('=');
            if (equals > 0) {
                has.put(setting.substring(0, equals), setting.substring(equals + 1));
            }
        }
        has.put("threads", String.valueOf(run.key().threads()));
        return settings.entrySet().stream().allMatch(setting -> {
            String value = has.get(setting.getKey());
            return value != null && Double.parseDouble(value) == Double.parseDouble(setting.getValue());
        });
    }

    private Place place(double factor, List<RunResult> placed) {
        Ranking ranking = Ranking.of(placed, METRIC, confidence, margin);
        List<Standing> standings = ranking.standings().stream()
                .map(standing -> standing(standing, placed))
                .toList();
        return new Place(
                factor,
                ranking.winner(),
                ranking.contenders(),
                ranking.seeds(),
                ranking.comparisons(),
                ranking.test(),
                standings);
    }

    private static Standing standing(Ranking.Standing standing, List<RunResult> placed) {
        List<RunResult> own = Ranking.runsOf(standing.strategy(), placed);
        double nsPerCycle = 1e9 / own.get(0).clockHz();
        return new Standing(
                standing.strategy(),
                mean(own, METRIC), // as every other table of a page has it, and not that of the logs
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
                mean(own, "footprint_over_peak_live"),
                mean(own, "order_wait_share"));
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
        return known.length == 0 ? null : Arrays.stream(known).average().orElseThrow();
    }
}
