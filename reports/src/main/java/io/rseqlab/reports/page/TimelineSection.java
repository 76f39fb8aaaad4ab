package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Timeline;
import io.rseqlab.reports.chart.TimelineChart;
import io.rseqlab.reports.chart.TimelineChart.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Who ran where for a few ticks of the scheduler, and what it did to sections. */
final class TimelineSection {
    private static final int MOST_LANES = 32;
    private static final int MOST_TIMELINES = 3;
    private static final Map<String, Kind> KINDS = Map.of(
            "preempt", Kind.PREEMPTION,
            "migrate", Kind.MIGRATION,
            "abort", Kind.ABORT,
            "stale_cpu_restart", Kind.RESTART,
            "signal", Kind.SIGNAL,
            "fault", Kind.FAULT);

    private TimelineSection() {}

    static Views.Section of(Draft draft) {
        List<Observed> best = best(draft.observed());
        List<Views.Figure> figures = new ArrayList<>();
        best.forEach(one -> figures.add(figure(draft, one)));
        return new Views.Section(
                "timeline",
                "Timeline: CPU by CPU",
                "A short window of one run. One lane per CPU, one colour per thread; an empty lane is an idle CPU."
                        + " Colours repeat where there are more threads than colours.",
                figures.isEmpty() ? "no run has a timeline" : null,
                figures,
                List.of());
    }

    /** The one with most to see, and then those that show kinds of marks not seen before. */
    private static List<Observed> best(List<Observed> all) {
        List<Observed> usable = new ArrayList<>(all.stream()
                .filter(one ->
                        one.timeline() != null && !one.timeline().segments().isEmpty())
                .sorted(Comparator.comparingLong(TimelineSection::worth).reversed())
                .toList());
        List<Observed> chosen = new ArrayList<>();
        Set<String> shown = new HashSet<>();
        while (!usable.isEmpty() && chosen.size() < MOST_TIMELINES) {
            Observed next = usable.stream()
                    .max(Comparator.comparingLong(one -> chosen.isEmpty() ? 0 : newKinds(one, shown)))
                    .orElseThrow();
            if (!chosen.isEmpty() && newKinds(next, shown) == 0) {
                return chosen;
            }
            chosen.add(next);
            shown.addAll(kinds(next));
            usable.remove(next);
        }
        return chosen;
    }

    private static Set<String> kinds(Observed one) {
        return one.timeline().marks().stream()
                .map(Timeline.Mark::kind)
                .filter(KINDS::containsKey)
                .collect(Collectors.toSet());
    }

    private static long newKinds(Observed one, Set<String> shown) {
        return kinds(one).stream().filter(kind -> !shown.contains(kind)).count();
    }

    /** Few lanes and aborts to see. */
    private static long worth(Observed one) {
        long aborts = one.timeline().marks().stream()
                .filter(mark -> mark.kind().equals("abort"))
                .count();
        return (aborts > 0 ? 1000 : 0)
                + 10L * kinds(one).size()
                + Math.min(9, aborts)
                - 20L * one.timeline().cpus();
    }

    private static Views.Figure figure(Draft draft, Observed one) {
        Timeline timeline = one.timeline();
        TimelineChart chart = chart(timeline);
        String caption =
                "Timeline: " + one.name() + (timeline.truncated() ? " (the window holds more than is shown)" : "");
        String alt = caption + ", " + timeline.cpus() + " CPUs. Counts of marks stand in the table below the chart.";
        return draft.figure(
                "timeline" + ThroughputSection.slug(one.name()),
                caption,
                alt,
                () -> chart.draw(draft.theme()),
                table(caption, chart));
    }

    private static TimelineChart chart(Timeline timeline) {
        double seconds = (double) (timeline.endCycle() - timeline.startCycle()) / timeline.clockHz();
        double factor = seconds >= 2 ? 1 : seconds >= 2e-3 ? 1e3 : 1e6;
        String unit = factor == 1 ? "s" : factor == 1e3 ? "ms" : "µs";
        double perCycle = factor / timeline.clockHz();
        int lanes = Math.min(MOST_LANES, timeline.cpus());
        boolean namesTell = namesTell(timeline);
        List<TimelineChart.Stretch> stretches = timeline.segments().stream()
                .filter(segment -> segment.cpu() < lanes)
                .map(segment -> new TimelineChart.Stretch(
                        segment.cpu(),
                        segment.thread(),
                        namesTell ? segment.name() : "t" + segment.thread(),
                        (segment.startCycle() - timeline.startCycle()) * perCycle,
                        (segment.endCycle() - timeline.startCycle()) * perCycle))
                .toList();
        List<TimelineChart.Mark> marks = timeline.marks().stream()
                .filter(mark -> KINDS.containsKey(mark.kind()) && mark.cpu() >= 0 && mark.cpu() < lanes)
                .filter(mark -> mark.targetCpu() == null || mark.targetCpu() < lanes)
                .map(mark -> new TimelineChart.Mark(
                        KINDS.get(mark.kind()),
                        (mark.cycle() - timeline.startCycle()) * perCycle,
                        mark.cpu(),
                        mark.targetCpu()))
                .toList();
        String title = String.format(
                Locale.ROOT,
                "%s since %s of the run",
                unit,
                Fmt.seconds((double) timeline.startCycle() / timeline.clockHz()));
        return new TimelineChart(
                title,
                seconds * factor,
                IntStream.range(0, lanes).mapToObj(cpu -> "CPU " + cpu).toList(),
                stretches,
                marks);
    }

    /** True where no two threads share a name. */
    private static boolean namesTell(Timeline timeline) {
        List<Timeline.Segment> segments = timeline.segments();
        long threads =
                segments.stream().map(Timeline.Segment::thread).distinct().count();
        return segments.stream().allMatch(segment -> segment.name() != null)
                && segments.stream().map(Timeline.Segment::name).distinct().count() == threads;
    }

    private static Table table(String title, TimelineChart chart) {
        List<List<Object>> rows = new ArrayList<>();
        chart.counts().forEach((kind, count) -> rows.add(Arrays.asList(kind, count)));
        rows.add(Arrays.asList("stretches on a CPU", chart.stretches().size()));
        return new Table(title, List.of("what", "count in the window"), rows, null);
    }
}
