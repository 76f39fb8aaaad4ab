package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.Coordinates;
import io.rseqlab.analyzer.result.MapPoint;
import io.rseqlab.analyzer.result.WinnerMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Who is the best of all strategies where, in a sentence: how many points each has, and between what values. */
final class WinnerWords {
    /** How the sentence begins. */
    static final String BEGIN = "Best of ";

    /** Counts may well be 0 everywhere: that is data, of which there is no ratio. */
    private static final String NOTHING = "no ratios of values above 0";

    /** Values of an axis without order that are still named one by one. */
    private static final int MOST_NAMED = 4;

    /** More than these are not named one by one for being the best nowhere. */
    private static final int MOST_LOSERS = 8;

    private final String subject;
    private final List<String> strategies;
    private final List<Placed> points;

    /** The values that there are, by coordinate: numbers rising. */
    private final Map<String, List<String>> varying;

    /**
     * A point with its coordinates.
     *
     * @param point who wins there
     * @param at value by coordinate
     */
    record Placed(WinnerMap.Point point, Map<String, String> at) {}

    private WinnerWords(List<String> strategies, String metric, List<Placed> points) {
        this.strategies = strategies;
        this.points = points;
        subject = BEGIN + strategies.size() + " strategies in "
                + (metric.equals(ComparisonOptions.DEFAULT_METRIC) ? "throughput" : metric);
        varying = Coordinates.varying(points.stream().map(Placed::at).toList());
    }

    /** The sentence over all points. */
    static String of(List<String> strategies, String metric, List<Placed> points) {
        WinnerWords words = new WinnerWords(strategies, metric, points);
        return points.size() == 1 ? words.alone(points.get(0).point()) : words.sentence();
    }

    private String alone(WinnerMap.Point point) {
        return subject
                + switch (point.state()) {
                    case MapPoint.DECIDED ->
                        ": " + point.winner()
                                + String.format(Locale.ROOT, ", %.1f%% ahead of the second.", 100 * (point.lead() - 1));
                    case MapPoint.UNDECIDED -> ": undecided between " + String.join(", ", point.contenders()) + ".";
                    case MapPoint.TOO_FEW_SEEDS ->
                        ": too few seeds to say; " + point.contenders().get(0) + " has the best mean.";
                    default -> ": " + NOTHING + ".";
                };
    }

    private String sentence() {
        Map<String, List<Placed>> byWinner = points.stream()
                .filter(placed -> placed.point().winner() != null)
                .collect(Collectors.groupingBy(placed -> placed.point().winner()));
        List<String> winners = new ArrayList<>(byWinner.keySet());
        winners.sort(Comparator.comparing((String name) -> -byWinner.get(name).size())
                .thenComparing(Comparator.naturalOrder()));
        List<String> parts = new ArrayList<>();
        for (String winner : winners) {
            List<Placed> won = byWinner.get(winner);
            parts.add(winner + " at " + won.size() + region(won));
        }
        open(parts);
        few(parts);
        count(MapPoint.NO_DATA, NOTHING + " at ", parts);
        List<String> without =
                strategies.stream().filter(name -> !byWinner.containsKey(name)).toList();
        String never = winners.isEmpty() || without.isEmpty()
                ? ""
                : "; nowhere "
                        + (without.size() > MOST_LOSERS
                                ? "the " + without.size() + " others"
                                : String.join(", ", without));
        return subject + " at " + points.size() + " points over " + String.join(" and ", varying.keySet()) + ": "
                + String.join(", ", parts) + never + ".";
    }

    /** Points without a winner, and between whom. */
    private void open(List<String> parts) {
        Map<String, Long> between = points.stream()
                .filter(placed -> placed.point().state().equals(MapPoint.UNDECIDED))
                .collect(Collectors.groupingBy(
                        placed -> placed.point().contenders().stream().sorted().collect(Collectors.joining(", ")),
                        LinkedHashMap::new,
                        Collectors.counting()));
        long open = between.values().stream().mapToLong(Long::longValue).sum();
        if (open > 0) {
            String most = between.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .orElseThrow()
                    .getKey();
            parts.add("undecided at " + open + " (" + (between.size() == 1 ? "" : "mostly ") + "between " + most + ")");
        }
    }

    /** Points with too few seeds, and who has the best mean there. */
    private void few(List<String> parts) {
        Map<String, Long> best = points.stream()
                .filter(placed -> placed.point().state().equals(MapPoint.TOO_FEW_SEEDS))
                .collect(Collectors.groupingBy(
                        placed -> placed.point().contenders().get(0), TreeMap::new, Collectors.counting()));
        long few = best.values().stream().mapToLong(Long::longValue).sum();
        if (few > 0) {
            String means = best.entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                    .limit(MOST_NAMED)
                    .map(entry -> entry.getKey() + " at " + entry.getValue())
                    .collect(Collectors.joining(", "));
            parts.add("too few seeds to say at " + few + " (best means: " + means
                    + (best.size() > MOST_NAMED ? ", and others" : "") + ")");
        }
    }

    private void count(String state, String words, List<String> parts) {
        long count = points.stream()
                .filter(placed -> placed.point().state().equals(state))
                .count();
        if (count > 0) {
            parts.add(words + count);
        }
    }

    /** Between what values of each coordinate; nothing of those that do not narrow it. */
    private String region(List<Placed> won) {
        List<String> words = new ArrayList<>();
        varying.forEach((name, values) -> {
            Set<String> here = won.stream()
                    .map(placed -> placed.at().get(name))
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            List<String> sorted = values.stream().filter(here::contains).toList();
            if (sorted.isEmpty() || sorted.size() == values.size()) {
                return;
            }
            String first = sorted.get(0);
            String last = sorted.get(sorted.size() - 1);
            boolean whole = first.equals(values.get(0)) && last.equals(values.get(values.size() - 1));
            if (!Coordinates.numeric(values)) {
                words.add(sorted.size() > MOST_NAMED ? "" : name + " " + String.join(" and ", sorted));
            } else if (!whole) {
                words.add(name + " " + (first.equals(last) ? first : first + " to " + last));
            }
        });
        words.removeIf(String::isEmpty);
        return words.isEmpty() ? "" : " (" + String.join(", ", words) + ")";
    }
}
