package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.RunResult;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where in their sections threads are interrupted, as shares of all aborts, by {@code section/step}. A step is what
 * both sides do in the same order with different instructions: the machine's section is some bytes of x86, the model's
 * some micro-operations, so that addresses alone cannot be compared.
 *
 * @param measured shares of the kernel's aborts, which sum to 1
 * @param predicted shares of the model's exposure, which sum to 1
 * @param aborts how many aborts were measured
 */
record AbortShares(Map<String, Double> measured, Map<String, Double> predicted, long aborts) {

    /** A place that has at least this share on one side is a top place. */
    private static final double TOP = 0.2;

    /** What the other side must have of it. */
    private static final double PRESENT = 0.1;

    private static final List<String> POP =
            List.of("check CPU", "check CPU", "read head", "read head", "read next", "pad", "pad", "commit");
    private static final List<String> PUSH = List.of(
            "check CPU",
            "check CPU",
            "read head",
            "read head",
            "read depth",
            "read depth",
            "link",
            "link",
            "link",
            "pad",
            "pad",
            "commit");

    /** Step of each micro-operation of the sections of {@code rseq-freelist}, by offset. */
    static final Map<String, List<String>> STEPS =
            Map.of("pop", POP, "flush_pop", POP, "push", PUSH, "refill_push", PUSH);

    /**
     * Puts both sides together.
     *
     * @param measured aborts by place
     * @param predicted exposed cycles by place
     * @return null where either side has none
     */
    static AbortShares of(Map<String, Long> measured, Map<String, Long> predicted) {
        return measured == null || predicted == null || sum(measured) == 0 || sum(predicted) == 0
                ? null
                : new AbortShares(shares(measured), shares(predicted), sum(measured));
    }

    /** Exposed cycles by place, over all runs; null where a section has no steps. */
    static Map<String, Long> exposed(List<RunResult> runs) {
        Map<String, Long> cycles = new TreeMap<>();
        for (RunResult run : runs) {
            for (AbortSite site : run.abortSites()) {
                if (site.exposureCycles() != null && site.offset() != null) {
                    List<String> steps = STEPS.get(site.section());
                    if (steps == null || site.offset() >= steps.size()) {
                        return null;
                    }
                    cycles.merge(site.section() + "/" + steps.get(site.offset()), site.exposureCycles(), Long::sum);
                }
            }
        }
        return cycles;
    }

    private static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static Map<String, Double> shares(Map<String, Long> counts) {
        double all = sum(counts);
        return counts.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, count -> count.getValue() / all, Double::sum, TreeMap::new));
    }

    /** True if every top place of one side is present on the other. */
    boolean sameTop() {
        return covers(measured, predicted) && covers(predicted, measured);
    }

    private static boolean covers(Map<String, Double> tops, Map<String, Double> others) {
        return tops.entrySet().stream()
                .filter(place -> place.getValue() >= TOP)
                .allMatch(place -> others.getOrDefault(place.getKey(), 0.0) >= PRESENT);
    }

    /** Total variation distance: the share of aborts that would have to move. */
    double distance() {
        TreeSet<String> places = new TreeSet<>(measured.keySet());
        places.addAll(predicted.keySet());
        return places.stream()
                        .mapToDouble(place ->
                                Math.abs(measured.getOrDefault(place, 0.0) - predicted.getOrDefault(place, 0.0)))
                        .sum()
                / 2;
    }

    /** The largest shares of one side, in words. */
    static String top(Map<String, Double> shares) {
        return shares.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder()))
                .limit(3)
                .map(place -> String.format(Locale.ROOT, "%s %.2f", place.getKey(), place.getValue()))
                .collect(Collectors.joining(", "));
    }
}
