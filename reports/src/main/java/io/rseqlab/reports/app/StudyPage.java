package io.rseqlab.reports.app;

import io.rseqlab.analyzer.compare.Comparison;
import io.rseqlab.analyzer.compare.ComparisonOptions;
import io.rseqlab.analyzer.compare.Crossovers;
import io.rseqlab.analyzer.compare.Why;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.CrossoverMap;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.analyzer.result.WhyDocument;
import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.reports.page.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the page of the study of message passing says: verdicts by pair, then the maps of each pair, then all contenders
 * where each operation frees what another thread allocated. Each pair of an experiment is a family of comparisons of
 * its own, small enough for ten seeds to decide by permutation.
 */
final class StudyPage {
    /** All contenders are held against this one where they stand in one table. */
    private static final String OVERVIEW = "snmalloc";

    /** Along which crossovers are looked for, first, by experiment. */
    private static final Map<String, List<String>> AXES = Map.of(
            StudyExperiment.EXCHANGE, List.of("threads"),
            StudyExperiment.MANY_CPUS, List.of("threads"),
            StudyExperiment.HANDOFF, List.of("handoff", "threads"));

    private final Map<String, List<RunResult>> results;
    private final Set<String> notes = new LinkedHashSet<>();

    private StudyPage(Map<String, List<RunResult>> results) {
        this.results = results;
    }

    /**
     * The page.
     *
     * @param command the line that makes it again
     * @param results runs by the name of their experiment; all experiments are there
     */
    static ReportModel of(String command, Map<String, List<RunResult>> results) {
        return new StudyPage(results).model(command);
    }

    private ReportModel model(String command) {
        List<RunResult> all = results.values().stream().flatMap(List::stream).toList();
        List<RunResult> exchange = results.get(StudyExperiment.EXCHANGE);
        ComparisonDocument overview =
                Comparison.compare(exchange, options(OVERVIEW)).withModelError(modelError(all));
        List<StudyVerdict> verdicts = new ArrayList<>();
        for (StudyPair pair : StudyPair.MESSAGE_PASSING) {
            if (pair.in(exchange)) {
                verdicts.add(verdict(pair, all));
            }
        }
        ReportModel model =
                ReportModel.of("Message passing against caches per CPU").withCommand(command);
        for (String sentence : sentences(verdicts)) {
            model = model.withVerdict(sentence);
        }
        List<CrossoverMap> maps = new ArrayList<>();
        for (boolean plane : List.of(true, false)) {
            verdicts.forEach(verdict -> verdict.maps().stream()
                    .filter(map -> map.y() != null == plane)
                    .forEach(maps::add));
        }
        notes.add("a map's points are corrected (Holm) among the points of its pair in its experiment");
        model = model.withComparison(overview.withCrossovers(maps, overview.verdicts(), List.copyOf(notes)));
        model = model.withTable(regions(verdicts)).withTable(reasons(verdicts));
        model = model.withTable(StudyInterruptions.table(all));
        for (StudyVerdict verdict : verdicts) {
            for (WhyDocument.Difference cell : verdict.extremes()) {
                model = model.withTable(WhyTables.table(verdict.why(), cell));
            }
        }
        return model.withNote("Short windows see the threads that run then, not a whole rotation of all threads: with"
                        + " more threads than CPUs, what needs long real runs (lock holders switched out, caches that"
                        + " grow while a thread waits) is not in them, nor are caches that take longer than the"
                        + " warm-up to grow.")
                .withNote("The page is made of runs whose experiments lie beside it as files for rseqlab sweep: "
                        + String.join(
                                ", ",
                                results.keySet().stream()
                                        .map(name -> name + ".toml")
                                        .toList())
                        + ".")
                .withNotModelled("Costs of page faults, TLB misses and memory bandwidth.")
                .withNotModelled("Memory: strategies run with their own limits of cached bytes, not at equal ones.");
    }

    /** Of the machines of all experiments: one pair that runs in each of them names them all. */
    private static String modelError(List<RunResult> all) {
        StudyPair pair = StudyPair.MESSAGE_PASSING.get(0);
        return Comparison.compare(pair.of(all), options(pair.baseline())).modelError();
    }

    private static ComparisonOptions options(String baseline) {
        return ComparisonOptions.against(baseline).withErrors(new MachineFacts(null));
    }

    private static Table regions(List<StudyVerdict> verdicts) {
        return new Table(
                "Where each is ahead, and by how much",
                StudyRegions.COLUMNS,
                verdicts.stream()
                        .flatMap(verdict -> verdict.regions().rows().stream())
                        .toList(),
                "Numbers of threads, and the winner's throughput over the other's with its interval: least and most"
                        + " over these numbers of threads.");
    }

    private static Table reasons(List<StudyVerdict> verdicts) {
        return new Table(
                "Why each is ahead where it is ahead most",
                StudyVerdict.REASON_COLUMNS,
                verdicts.stream().flatMap(verdict -> verdict.reasons().stream()).toList(),
                "Parts in the direction of the difference that make up a tenth of it or more and, where there are"
                        + " intervals, are shown not to be 0; the tables below have all parts. With more CPUs than"
                        + " threads, what is idle counts as no part.");
    }

    private StudyVerdict verdict(StudyPair pair, List<RunResult> all) {
        WhyDocument why = Why.of(
                pair.of(all),
                pair.baseline(),
                ComparisonOptions.against(OVERVIEW).confidence(),
                new MachineFacts(null));
        List<CrossoverMap> maps = new ArrayList<>();
        List.of(StudyExperiment.EXCHANGE, StudyExperiment.MANY_CPUS, StudyExperiment.HANDOFF)
                .forEach(experiment -> maps.addAll(maps(pair, experiment)));
        return new StudyVerdict(pair, maps, why);
    }

    private List<CrossoverMap> maps(StudyPair pair, String experiment) {
        List<RunResult> runs = results.get(experiment);
        if (!pair.in(runs)) {
            return List.of();
        }
        ComparisonDocument compared = Comparison.compare(pair.of(runs), options(pair.baseline()));
        ComparisonDocument mapped = Crossovers.in(compared, AXES.get(experiment));
        mapped.notes().stream()
                .filter(note -> !compared.notes().contains(note))
                .map(note -> pair.candidate() + " against " + pair.baseline() + ", " + experiment + ": " + note)
                .forEach(notes::add);
        return mapped.crossovers().stream()
                .map(map -> map.y() == null ? placed(map) : map)
                .toList();
    }

    /** Lines of several experiments stand in one picture: what tells experiments apart is a place, shared or not. */
    private static CrossoverMap placed(CrossoverMap map) {
        Map<String, String> common = new LinkedHashMap<>(map.common());
        Map<String, String> place = new LinkedHashMap<>();
        for (String name : List.of("workload", "cpus", "machine")) {
            String shared = common.remove(name);
            place.put(name, shared == null ? map.place().get(name) : shared);
        }
        map.place().forEach(place::putIfAbsent);
        return new CrossoverMap(
                map.candidate(),
                map.baseline(),
                map.metric(),
                map.moreIsBetter(),
                common,
                place,
                map.x(),
                map.y(),
                map.method(),
                map.points(),
                map.crossovers(),
                map.sentence());
    }

    /**
     * Who wins, in a sentence; then pair by pair. Why stands in a table; how far that can be relied on the page says by
     * itself, and point by point its maps.
     */
    private static List<String> sentences(List<StudyVerdict> verdicts) {
        List<String> sentences = new ArrayList<>();
        verdicts.stream().limit(1).forEach(verdict -> sentences.add(verdict.lead()));
        verdicts.forEach(verdict -> sentences.add(verdict.summary()));
        return sentences;
    }
}
