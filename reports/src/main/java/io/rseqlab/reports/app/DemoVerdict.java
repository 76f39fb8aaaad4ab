package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.StrategyResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The demo's question answered in a few sentences, from the comparison alone: who wins where and by how much, what an
 * operation costs each of them there, how far both are from the bound, and what the answer rests on.
 */
final class DemoVerdict {
    private static final String SUBJECT = "message-passing";
    private static final String BOUND = "ideal";
    private static final String OPEN = "no_difference_detected";
    static final String HANDOFF = " with hand-off ";
    private static final String KERNEL_SHARE = "cpu_share.kernel";

    /** Costs closer than this share do not explain much, and are not told. */
    private static final double TELLING = 0.1;

    /** Below it four decimals would say 0. */
    private static final double LEAST_SHOWN = 1e-4;

    /** What may decide, in the order it is told; the words fit behind a number. */
    private static final Map<String, String> COSTS = costs();

    private final ComparisonDocument comparison;
    private final List<Duel> duels;
    private final List<Duel> byThreads;

    /** The two rivals in one cell. */
    private record Duel(Cell cell, Contrast contrast) {
        String workload() {
            return shortName(cell.key().workload());
        }

        String outcome() {
            return String.valueOf(contrast.outcome());
        }

        double factor() {
            return Math.max(contrast.ratio(), 1 / contrast.ratio());
        }

        String place() {
            return workload() + ", " + cell.key().cpus() + " CPUs";
        }
    }

    private DemoVerdict(ComparisonDocument comparison) {
        this.comparison = comparison;
        List<Duel> all = new ArrayList<>();
        for (Cell cell : comparison.cells()) {
            cell.contrasts().stream()
                    .filter(contrast -> contrast.metric().equals(comparison.metric()))
                    .filter(contrast -> contrast.strategy().startsWith(SUBJECT) && contrast.ratio() != null)
                    .forEach(contrast -> all.add(new Duel(cell, contrast)));
        }
        duels = all.stream().filter(DemoVerdict::usualThreads).toList();
        byThreads = all.stream()
                .filter(duel -> all.stream()
                        .anyMatch(other -> !usualThreads(other) && other.place().equals(duel.place())))
                .toList();
    }

    private static boolean usualThreads(Duel duel) {
        return duel.cell().key().threads() == DemoPlan.threads(duel.cell().key().cpus());
    }

    /** The sentences, the answer first. */
    static List<String> of(ComparisonDocument comparison) {
        DemoVerdict verdict = new DemoVerdict(comparison);
        List<String> sentences = new ArrayList<>(List.of(verdict.winners()));
        verdict.addReason(sentences, "higher", "Message passing leads most");
        verdict.addReason(sentences, "lower", "Rseq freelists lead most");
        verdict.addThreads(sentences);
        verdict.addBound(sentences);
        sentences.add(verdict.ground());
        return sentences;
    }

    private String winners() {
        String sides = sides();
        String open = words(workloads(OPEN));
        if (open.isEmpty()) {
            return sides + ".";
        }
        return sides.isEmpty()
                ? "No difference is detected on " + open + "."
                : sides + "; no difference is detected on " + open + ".";
    }

    private String sides() {
        String messages = side("higher");
        String sections = side("lower");
        if (messages.isEmpty()) {
            return sections.isEmpty() ? "" : "Rseq freelists are faster" + sections;
        }
        return "Message passing is faster" + messages + (sections.isEmpty() ? "" : ", rseq freelists" + sections);
    }

    /** Where one of them is faster, and from how much to how much; empty for nowhere. */
    private String side(String outcome) {
        List<Duel> won = won(outcome);
        return won.isEmpty() ? "" : " on " + words(workloads(outcome)) + " (" + span(won) + ")";
    }

    private List<Duel> won(String outcome) {
        return duels.stream().filter(duel -> duel.outcome().equals(outcome)).toList();
    }

    /**
     * The workloads of an outcome, hand-offs of one name together; with the CPUs where not all numbers of them agree.
     */
    private List<String> workloads(String outcome) {
        Map<String, List<String>> handoffs = new LinkedHashMap<>();
        for (Duel duel : won(outcome)) {
            boolean agree = duels.stream()
                    .filter(other -> other.workload().equals(duel.workload()))
                    .allMatch(other -> other.outcome().equals(outcome));
            String[] parts = duel.workload().split(HANDOFF, 2);
            String place = agree ? "" : " and " + duel.cell().key().cpus() + " CPUs";
            List<String> known = handoffs.computeIfAbsent(parts[0] + "\n" + place, any -> new ArrayList<>());
            if (parts.length == 2 && !known.contains(parts[1])) {
                known.add(parts[1]);
            }
        }
        List<String> items = new ArrayList<>();
        handoffs.forEach((key, values) -> {
            String[] parts = key.split("\n", 2);
            String place = values.isEmpty() ? parts[1].replace(" and ", " with ") : parts[1];
            items.add(parts[0] + (values.isEmpty() ? "" : HANDOFF + words(values)) + place);
        });
        return items;
    }

    private static String words(List<String> items) {
        int last = items.size() - 1;
        return last < 1
                ? String.join("", items)
                : String.join(", ", items.subList(0, last)) + " and " + items.get(last);
    }

    private static String span(List<Duel> duels) {
        String least = times(duels.stream().mapToDouble(Duel::factor).min().orElseThrow());
        String most = times(duels.stream().mapToDouble(Duel::factor).max().orElseThrow());
        return least.equals(most) ? least : least + " to " + most;
    }

    private static String times(double factor) {
        return String.format(Locale.ROOT, factor < 1.095 ? "%.2f×" : "%.1f×", factor);
    }

    /** What an operation costs each rival where one of them leads most: first what speaks for it. */
    private void addReason(List<String> sentences, String outcome, String leader) {
        won(outcome).stream().max(Comparator.comparingDouble(Duel::factor)).ifPresent(duel -> {
            StrategyResult subject = find(duel.cell(), duel.contrast().strategy());
            StrategyResult baseline = find(duel.cell(), comparison.baseline());
            boolean subjectLeads = outcome.equals("higher");
            List<String> less = costs(subjectLeads ? subject : baseline, subjectLeads ? baseline : subject, true);
            List<String> more = costs(subjectLeads ? subject : baseline, subjectLeads ? baseline : subject, false);
            if (!less.isEmpty()) {
                sentences.add(leader + " on " + duel.place() + " (" + times(duel.factor())
                        + "): there an operation takes " + words(less)
                        + (more.isEmpty() ? "." : ", in spite of " + words(more) + "."));
            }
        });
    }

    /** The costs of which the leader has less, or more, than the other. */
    private static List<String> costs(StrategyResult leader, StrategyResult other, boolean less) {
        List<String> costs = new ArrayList<>();
        COSTS.forEach((metric, words) -> {
            Double first = mean(leader, metric);
            Double second = mean(other, metric);
            if (first != null && second != null && differ(first, second) && first < second == less) {
                String one = number(metric, first);
                String two = number(metric, second);
                if (!one.equals(two)) {
                    costs.add(one + " " + words + " instead of " + two);
                }
            }
        });
        return costs;
    }

    private static boolean differ(double first, double second) {
        return Math.abs(first - second) >= TELLING * Math.max(first, second) && first + second > 0;
    }

    private static Map<String, String> costs() {
        Map<String, String> costs = new LinkedHashMap<>();
        costs.put("line_transfers_per_op.all", "cache-line transfers");
        costs.put("atomics_per_op", "atomic operations");
        costs.put("refills_per_op", "refills from the central pool");
        costs.put("micro_ops_per_op", "micro-operations");
        costs.put(KERNEL_SHARE, "of CPU time in the kernel");
        return costs;
    }

    private static String number(String metric, double value) {
        if (metric.equals(KERNEL_SHARE)) {
            return String.format(Locale.ROOT, "%.0f %%", 100 * value);
        }
        if (value > 0 && value < LEAST_SHOWN) {
            return "less than 0.0001";
        }
        return value == 0
                ? "0"
                : String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 0.1 ? "%.2f" : "%.4f", value);
    }

    private void addThreads(List<String> sentences) {
        TreeSet<Integer> threads = new TreeSet<>();
        byThreads.forEach(duel -> threads.add(duel.cell().key().threads()));
        if (threads.size() < 2) {
            return;
        }
        List<String> items = new ArrayList<>();
        byThreads.stream()
                .collect(Collectors.groupingBy(Duel::place, LinkedHashMap::new, Collectors.toList()))
                .forEach((place, all) -> items.add(ratios(all) + " on " + place));
        sentences.add("With " + threads.first() + " to " + threads.last()
                + " threads the throughput of message passing over that of the rseq freelist is "
                + String.join(", ", items) + ".");
    }

    private static String ratios(List<Duel> all) {
        DoubleSummaryStatistics ratios =
                all.stream().mapToDouble(duel -> duel.contrast().ratio()).summaryStatistics();
        String least = String.format(Locale.ROOT, "%.2f", ratios.getMin());
        String most = String.format(Locale.ROOT, "%.2f", ratios.getMax());
        return least.equals(most) ? least : least + " to " + most;
    }

    private void addBound(List<String> sentences) {
        List<String> shares = new ArrayList<>();
        for (String strategy : List.of(comparison.baseline(), SUBJECT)) {
            double[] range = duels.stream()
                    .mapToDouble(duel -> share(duel.cell(), strategy))
                    .filter(share -> !Double.isNaN(share))
                    .sorted()
                    .toArray();
            if (range.length > 0) {
                shares.add(String.format(
                        Locale.ROOT, "%s %.0f to %.0f %%", strategy, 100 * range[0], 100 * range[range.length - 1]));
            }
        }
        if (shares.isEmpty()) {
            return;
        }
        List<String> passed = duels.stream()
                .filter(duel -> share(duel.cell(), SUBJECT) > 1 || share(duel.cell(), comparison.baseline()) > 1)
                .map(Duel::place)
                .toList();
        sentences.add("Of the throughput of ideal, the bound, they reach: " + String.join(", ", shares)
                + (passed.isEmpty() ? "." : "; where more than 100 %, ideal is no bound (" + join(passed) + ")."));
    }

    private static String join(List<String> places) {
        return String.join("; ", places);
    }

    private double share(Cell cell, String strategy) {
        Double bound = mean(find(cell, BOUND), comparison.metric());
        Double value = mean(find(cell, strategy), comparison.metric());
        return bound == null || value == null ? Double.NaN : value / bound;
    }

    /** Whether the machines of the answer were ever held against real ones, and which are larger than they exist. */
    private String ground() {
        Map<String, Set<String>> never = new LinkedHashMap<>();
        Map<String, Set<String>> larger = new LinkedHashMap<>();
        MachineFacts facts = new MachineFacts(null);
        for (Duel duel : duels) {
            CellKey key = duel.cell().key();
            Map<String, Object> spec = duel.cell().strategies().get(0).spec();
            Integer from = facts.extrapolatedFrom(key.machine(), key.cpus(), spec);
            if (from != null) {
                larger.computeIfAbsent(
                                key.machine() + " was validated on " + from + " CPUs", any -> new LinkedHashSet<>())
                        .add(String.valueOf(key.cpus()));
            } else if (!Boolean.TRUE.equals(spec.get("machine_validated"))) {
                never.computeIfAbsent(key.machine(), machine -> new LinkedHashSet<>())
                        .add(String.valueOf(key.cpus()));
            }
        }
        List<String> reasons = new ArrayList<>();
        larger.forEach((machine, cpus) ->
                reasons.add("the model of " + machine + ", and runs here have " + String.join(" and ", cpus)));
        never.forEach((machine, cpus) -> reasons.add("the model of " + machine + " (" + String.join(" and ", cpus)
                + " CPUs) was never held against a real machine"));
        return reasons.isEmpty()
                ? "The machines were held against real ones; the error found there comes on top of every interval."
                : "Extrapolated: " + String.join("; ", reasons) + ", and its error is in no interval.";
    }

    private static StrategyResult find(Cell cell, String strategy) {
        return cell.strategies().stream()
                .filter(result -> result.strategy().equals(strategy))
                .findFirst()
                .orElse(null);
    }

    private static Double mean(StrategyResult result, String metric) {
        return result == null ? null : result.mean(metric);
    }

    /** {@code churn:live=16,think=0,handoff=0.5,...} becomes {@code churn with hand-off 0.5}. */
    static String shortName(String workload) {
        int colon = workload.indexOf(':');
        String name = colon < 0 ? workload : workload.substring(0, colon);
        for (String item : workload.substring(Math.max(0, colon + 1)).split(",")) {
            if (item.startsWith("handoff=")) {
                return name + HANDOFF + item.substring("handoff=".length());
            }
        }
        return name;
    }
}
