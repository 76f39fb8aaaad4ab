package io.rseqlab.reports.page;

import io.rseqlab.reports.chart.BarChart;
import io.rseqlab.reports.chart.Styles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Why sections were aborted, and at which instruction. */
final class AbortSection {
    private static final int MOST_ROWS = 24;

    /** Fewer aborts say little about their causes, and are only in the table. */
    private static final int ENOUGH = 10;

    private static final int MOST_SECTIONS = 4;

    private AbortSection() {}

    static Views.Section of(Draft draft) {
        List<Observed> aborted =
                draft.observed().stream().filter(one -> aborts(one) > 0).toList();
        List<Views.Figure> figures = new ArrayList<>();
        if (!aborted.isEmpty()) {
            figures.add(causes(draft, aborted));
            addOffsets(draft, figures);
        }
        return new Views.Section(
                "aborts",
                "Aborts: why, and where in the section",
                "An abort is a section that the kernel sent back to its abort handler. One "
                        + "abort may have several causes;"
                        + " each set of causes is counted once.",
                aborted.isEmpty() ? "no run had an abort" : null,
                figures,
                List.of());
    }

    private static long aborts(Observed one) {
        return one.causes().values().stream().mapToLong(Long::longValue).sum();
    }

    private static Views.Figure causes(Draft draft, List<Observed> aborted) {
        boolean perOp = aborted.stream().allMatch(one -> one.count("ops") > 0);
        List<Observed> many =
                aborted.stream().filter(one -> aborts(one) >= ENOUGH).toList();
        List<Observed> drawn = (many.isEmpty() ? aborted : many)
                .stream()
                        .sorted(Comparator.comparingLong(AbortSection::aborts).reversed())
                        .limit(MOST_ROWS)
                        .toList();
        List<Observed> rows = aborted.stream().filter(drawn::contains).toList();
        List<BarChart.Series> series = new ArrayList<>();
        for (String cause : causeNames(aborted)) {
            List<Double> values = rows.stream()
                    .map(one -> one.causes().getOrDefault(cause, 0L) * (perOp ? 1e6 / one.count("ops") : 1.0))
                    .toList();
            series.add(new BarChart.Series(cause, values));
        }
        String unit = perOp ? "aborts per million operations" : "aborts";
        BarChart chart = new BarChart(unit, rows.stream().map(Observed::name).toList(), series, true);
        String caption = "Aborts by cause, " + unit
                + (rows.size() < aborted.size()
                        ? " (the " + rows.size() + " of " + aborted.size() + " with the most aborts)"
                        : "");
        return draft.figure(
                "abort-causes",
                caption,
                caption + ". The counts stand in the table below the chart.",
                () -> chart.draw(Styles.ofCauses(causeNames(aborted)), draft.theme()),
                causeTable(aborted));
    }

    private static TreeSet<String> causeNames(List<Observed> aborted) {
        TreeSet<String> causes = new TreeSet<>();
        aborted.forEach(one -> causes.addAll(one.causes().keySet()));
        return causes;
    }

    private static Table causeTable(List<Observed> aborted) {
        List<String> headers = new ArrayList<>(List.of("cell", "strategy", "operations", "aborts", "per million"));
        headers.addAll(causeNames(aborted));
        List<List<Object>> rows = new ArrayList<>();
        for (Observed one : aborted) {
            Long ops = one.events().get("ops");
            List<Object> row = new ArrayList<>(Arrays.asList(
                    one.place(),
                    Draft.orRecorded(one.strategy()),
                    ops,
                    aborts(one),
                    ops == null || ops == 0 ? null : aborts(one) * 1e6 / ops));
            causeNames(aborted).forEach(cause -> row.add(one.causes().getOrDefault(cause, 0L)));
            rows.add(row);
        }
        return new Table("Aborts by set of causes", headers, rows, null);
    }

    /** For each section of each strategy the place where most of its aborts or exposure were seen. */
    private static void addOffsets(Draft draft, List<Views.Figure> figures) {
        Map<String, SectionProfile> best = new LinkedHashMap<>();
        for (Observed one : draft.observed()) {
            for (SectionProfile profile : SectionProfile.of(one)) {
                if (!profile.anything()) {
                    continue;
                }
                String key = Draft.orRecorded(one.strategy()) + " " + profile.section();
                best.merge(key, profile, (a, b) -> b.aborts() > a.aborts() ? b : a);
            }
        }
        best.values().stream()
                .sorted(Comparator.comparingLong(SectionProfile::aborts).reversed())
                .limit(MOST_SECTIONS)
                .forEach(profile -> figures.add(profile.figure(draft)));
    }
}
