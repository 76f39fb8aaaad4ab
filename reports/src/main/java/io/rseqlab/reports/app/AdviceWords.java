package io.rseqlab.reports.app;

import io.rseqlab.analyzer.result.AdviceDocument.Change;
import io.rseqlab.analyzer.result.AdviceDocument.Neighbour;
import io.rseqlab.analyzer.result.AdviceDocument.Place;
import io.rseqlab.analyzer.result.AdviceDocument.Standing;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.RunResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** What the rankings say, in sentences. */
final class AdviceWords {
    private static final double MIB = 1 << 20;
    private static final double KIB = 1 << 10;

    private final AdviceSubject subject;
    private final List<Place> places;
    private final List<Neighbour> neighbours;
    private final Place own;
    private final double margin;

    AdviceWords(AdviceSubject subject, List<Place> places, List<Neighbour> neighbours, Place own, double margin) {
        this.subject = subject;
        this.places = places;
        this.neighbours = neighbours;
        this.own = own;
        this.margin = margin;
    }

    /**
     * The verdict first; then what it costs, what it hangs on, and how far it can be relied on.
     *
     * @param share how much of the time malloc and free are, in a sentence
     * @param extrapolated why the model's error is unknown there, null where it is documented
     */
    List<String> sentences(RunResult any, String share, String extrapolated) {
        List<String> all = new ArrayList<>();
        if (subject.doubt() == null) {
            all.addAll(Arrays.asList(
                    verdict(),
                    AdviceWaits.sentences(own, any.key().threads()),
                    share,
                    costs(),
                    sensitivity(),
                    crossover()));
        } else {
            all.add("Undecided: " + subject.doubt());
            all.add("What was run, which is no answer for the program: " + ahead() + ".");
        }
        all.add("Run on " + any.key().cpus() + (any.key().cpus() == 1 ? " CPU of " : " CPUs of ")
                + any.key().machine() + " under "
                + any.key().kernel()
                + " with " + any.key().threads() + (any.key().threads() == 1 ? " thread, " : " threads, ")
                + own.seeds() + (own.seeds() == 1 ? " seed, " : " seeds, ") + subject.part() + "."
                + (extrapolated == null
                        ? " The model's error is not in the intervals."
                        : " Extrapolated: " + extrapolated + ", and the intervals do not hold the model's error."));
        return all.stream().filter(Objects::nonNull).toList();
    }

    private Standing best() {
        return own.strategies().get(0);
    }

    private Standing second() {
        return own.strategies().get(1);
    }

    /** Those that are not shown to be slower than the best. */
    private static List<Standing> tied(Place place) {
        return place.strategies().stream()
                .filter(standing -> place.contenders().contains(standing.strategy()))
                .toList();
    }

    /** Whether these are shown to be as fast. */
    private static boolean same(Place place) {
        return tied(place).stream()
                .skip(1)
                .allMatch(standing -> standing.state().equals("equivalent"));
    }

    private String verdict() {
        if (own.winner() != null) {
            String scope = subject.likeness() == null ? "" : subject.likeness().scope();
            return (AdviceWaits.prevail(own) ? "With less certainty, since threads mostly waited: take " : "Take ")
                    + own.winner() + scope + ": " + lead(second()) + " more throughput than the next best, "
                    + second().strategy() + ", and " + factor(1 / last().ratio()) + " times that of the last, "
                    + last().strategy() + ".";
        }
        if (second().interval() == null) {
            return "Undecided, too few seeds for intervals: the mean of " + best().strategy() + " is the best, "
                    + percent(1 / second().ratio() - 1) + " above that of " + second().strategy()
                    + ". A look, no result.";
        }
        List<Standing> tied = tied(own);
        boolean same = same(own);
        if (same && tied.size() == own.strategies().size()) {
            return "It does not matter which: throughput is the same within ±" + percent(margin) + " with "
                    + names(tied) + "." + choice(tied);
        }
        String worst = tied.size() == own.strategies().size()
                ? ""
                : "; the others are shown to be slower, " + last().strategy() + " the most ("
                        + percent(1 - last().ratio()) + ")";
        return "Undecided between " + names(tied) + ": "
                + (same
                        ? "their throughput is the same within ±" + percent(margin)
                        : "the runs do not show which has more throughput (" + second().strategy() + " has "
                                + signed(second().ratio() - 1) + range(second().interval(), ratio -> signed(ratio - 1))
                                + " of that of " + best().strategy() + ")")
                + worst + "." + choice(tied);
    }

    /** Who is ahead in the runs, without a word of whom to take. */
    private String ahead() {
        return own.winner() == null
                ? "nobody is shown to have the most throughput"
                : own.winner() + " has the most throughput, " + lead(second()) + " more than the next best";
    }

    /** What else to choose by, among those that are about as fast. */
    private static String choice(List<Standing> tied) {
        List<String> parts = new ArrayList<>();
        tied.stream()
                .filter(standing -> standing.footprintOverPeakLive() != null)
                .min(Comparator.comparing(Standing::footprintOverPeakLive))
                .ifPresent(standing -> parts.add("memory (smallest footprint: " + standing.strategy() + ")"));
        tied.stream()
                .filter(standing -> standing.mallocP999Ns() != null)
                .min(Comparator.comparing(Standing::mallocP999Ns))
                .ifPresent(standing -> parts.add("tail (shortest p99.9 of malloc: " + standing.strategy() + ")"));
        return parts.isEmpty() ? "" : " Choose by " + String.join(" and ", parts) + ".";
    }

    private Standing last() {
        return own.strategies().get(own.strategies().size() - 1);
    }

    /** By how much the best is ahead of another, with the interval. */
    private static String lead(Standing other) {
        Interval interval = other.interval();
        return percent(1 / other.ratio() - 1)
                + (interval == null
                        ? ""
                        : " [" + percent(1 / interval.high() - 1) + ", " + percent(1 / interval.low() - 1) + "]");
    }

    private static String names(List<Standing> standings) {
        List<String> names = standings.stream().map(Standing::strategy).toList();
        return names.size() == 1
                ? names.get(0)
                : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.get(names.size() - 1);
    }

    /** Memory and tail of the best, and of those that are best in each. */
    private String costs() {
        List<String> parts = new ArrayList<>();
        String own = best().strategy();
        parts.add(compared(own, "stranded memory", Standing::cachedBytes, AdviceWords::bytes));
        parts.add(compared(own, "footprint over peak live", Standing::footprintOverPeakLive, value -> factor(value)));
        parts.add(compared(own, "p99.9 of malloc", Standing::mallocP999Ns, AdviceWords::time));
        parts.add(
                compared(own, "time in malloc and free per operation", Standing::allocatorNsPerOp, AdviceWords::time));
        parts.removeIf(Objects::isNull);
        return parts.isEmpty() ? null : "What " + own + " costs: " + String.join("; ", parts) + ".";
    }

    private String compared(String name, String what, Function<Standing, Double> value, Function<Double, String> text) {
        Double here = value.apply(best());
        if (here == null) {
            return null;
        }
        Standing least = own.strategies().stream()
                .filter(standing -> value.apply(standing) != null)
                .min(Comparator.comparing(value))
                .orElseThrow();
        String rest =
                least.strategy().equals(name) || text.apply(value.apply(least)).equals(text.apply(here))
                        ? " (none has less)"
                        : " (least: " + least.strategy() + ", " + text.apply(value.apply(least)) + ")";
        return what + " " + text.apply(here) + rest;
    }

    /** Whether another amount of work between calls would change the winner. */
    String sensitivity() {
        List<String> parts = new ArrayList<>();
        for (Place place : places) {
            if (place != own) {
                parts.add("with " + times(place.thinkFactor()) + " of it " + answer(place));
            }
        }
        boolean changes = places.stream().anyMatch(place -> !Objects.equals(place.winner(), own.winner()));
        boolean tiedChange = places.stream()
                .anyMatch(place -> !new HashSet<>(place.contenders()).equals(new HashSet<>(own.contenders())));
        boolean bare = second().interval() == null;
        String verdict = bare
                ? "too few seeds to say whether the winner hangs on it"
                : changes
                        ? "the answer hangs on it"
                        : tiedChange
                                ? "no winner with any of it, but who is not shown to be slower hangs on it"
                                : "the answer does not change with it";
        return "Work between calls (" + subject.thinkWords() + "): " + verdict + "; " + String.join(", ", parts) + ".";
    }

    private static String times(double factor) {
        return "×" + AdviceSubject.plain(factor);
    }

    private static String answer(Place place) {
        Standing second = place.strategies().get(1);
        if (place.winner() != null) {
            return place.winner() + " wins by " + lead(second);
        }
        return second.interval() == null
                ? place.strategies().get(0).strategy() + " has the best mean, by " + lead(second)
                : (same(place) ? "the same with " : "undecided between ")
                        + (place.contenders().size() == place.strategies().size()
                                ? "all"
                                : String.join(", ", place.contenders()));
    }

    /** Somewhere on an axis, with who wins there; {@code factor} is how far from the program as it is. */
    private record Spot(double value, String winner, double factor) {}

    /** Changes of the winner along each axis, the nearest to the program as it is first. */
    List<Change> changes() {
        Map<Change, Double> distances = new LinkedHashMap<>();
        Map<String, List<Spot>> axes = new LinkedHashMap<>();
        List<Spot> work = axes.computeIfAbsent(AdviceSubject.THINK, any -> new ArrayList<>());
        places.forEach(
                place -> work.add(new Spot(place.thinkFactor(), place.winner(), distance(place.thinkFactor(), 1))));
        for (Neighbour neighbour : told()) {
            double here = here(neighbour.axis());
            List<Spot> spots = axes.computeIfAbsent(
                    neighbour.axis(), any -> new ArrayList<>(List.of(new Spot(here, own.winner(), 0))));
            spots.add(new Spot(neighbour.value(), neighbour.winner(), distance(neighbour.value(), here)));
        }
        axes.forEach((axis, spots) -> {
            spots.sort(Comparator.comparingDouble(Spot::value));
            for (int i = 1; i < spots.size(); i++) {
                Spot a = spots.get(i - 1);
                Spot b = spots.get(i);
                if (!Objects.equals(a.winner(), b.winner())) {
                    Spot near = a.factor() <= b.factor() ? a : b;
                    Spot far = near == a ? b : a;
                    distances.put(change(axis, near, far), far.factor());
                }
            }
        });
        List<Change> changes = new ArrayList<>(distances.keySet());
        changes.sort(Comparator.comparing(distances::get));
        return changes;
    }

    /** Those whose figures hold all that decides there. */
    private List<Neighbour> told() {
        return neighbours.stream().filter(neighbour -> neighbour.note() == null).toList();
    }

    /** Where it was not looked for. */
    private String untold() {
        return told().size() == neighbours.size()
                ? "."
                : ". With more threads than CPUs it is not known: windows were too short for time sharing.";
    }

    /** How far a value is from another: in doublings, or for shares in fifths. */
    private static double distance(double value, double from) {
        return value > 0 && from > 0 && (value > 1 || from >= 1)
                ? Math.abs(Math.log(value / from) / Math.log(2))
                : Math.abs(value - from) * 5;
    }

    /** Where the program is on an axis. */
    private double here(String axis) {
        return subject.figures().stream()
                .filter(figure -> figure.key().equals(axis))
                .map(figure -> ((Number) figure.value()).doubleValue())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no figure says where the program is on " + axis));
    }

    private static Change change(String axis, Spot near, Spot far) {
        return new Change(
                axis,
                AdviceSubject.plain(near.value()),
                AdviceSubject.plain(far.value()),
                near.winner(),
                far.winner(),
                "between " + spot(axis, near.value()) + " and " + spot(axis, far.value()) + ", from " + winner(near)
                        + " to " + winner(far));
    }

    private static String spot(String axis, double value) {
        return switch (axis) {
            case AdviceSubject.THINK -> times(value) + " of the work between calls";
            case "threads" -> AdviceSubject.plain(value) + (value == 1 ? " thread" : " threads");
            default -> percent(value) + " remote frees";
        };
    }

    private static String winner(Spot spot) {
        return spot.winner() == null ? "undecided" : spot.winner();
    }

    String crossover() {
        if (second().interval() == null) {
            return null;
        }
        List<Change> changes = changes();
        if (!changes.isEmpty()) {
            return "Nearest crossover: " + changes.get(0).sentence() + untold();
        }
        List<String> ranges = new ArrayList<>();
        ranges.add(times(places.get(0).thinkFactor()) + " and "
                + times(places.get(places.size() - 1).thinkFactor()) + " of the work between calls");
        for (String axis : told().stream().map(Neighbour::axis).distinct().toList()) {
            double[] values = told().stream()
                    .filter(neighbour -> neighbour.axis().equals(axis))
                    .mapToDouble(Neighbour::value)
                    .toArray();
            double least = Math.min(here(axis), Arrays.stream(values).min().orElseThrow());
            double most = Math.max(here(axis), Arrays.stream(values).max().orElseThrow());
            ranges.add(spot(axis, least) + " and " + spot(axis, most));
        }
        return "Nearest crossover: none between " + String.join(", none between ", ranges) + untold();
    }

    // ---- numbers

    /** A share in per cent. */
    static String percent(double share) {
        double percent = 100 * share;
        String form = Math.abs(percent) >= 100 ? "%.0f %%" : Math.abs(percent) >= 10 ? "%.1f %%" : "%.2f %%";
        return String.format(Locale.ROOT, form, percent);
    }

    private static String signed(double share) {
        return (share > 0 ? "+" : "") + percent(share);
    }

    private static String range(Interval interval, Function<Double, String> text) {
        return interval == null ? "" : " [" + text.apply(interval.low()) + ", " + text.apply(interval.high()) + "]";
    }

    static String factor(double ratio) {
        return String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%.1f", ratio);
    }

    static String bytes(double bytes) {
        return bytes >= MIB
                ? String.format(Locale.ROOT, "%.2f MiB", bytes / MIB)
                : bytes >= KIB
                        ? String.format(Locale.ROOT, "%.1f KiB", bytes / KIB)
                        : String.format(Locale.ROOT, "%.0f B", bytes);
    }

    static String time(double nanos) {
        return nanos >= 1e6
                ? String.format(Locale.ROOT, "%.2f ms", nanos / 1e6)
                : nanos >= 1e3
                        ? String.format(Locale.ROOT, "%.2f us", nanos / 1e3)
                        : String.format(Locale.ROOT, "%.1f ns", nanos);
    }
}
