package io.rseqlab.reports.page;

import io.rseqlab.analyzer.stats.Estimate;
import io.rseqlab.analyzer.stats.Proportion;
import io.rseqlab.reports.chart.DotChart;
import io.rseqlab.reports.chart.Styles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** How likely an interruption aborts a section: counted, and computed from exposure. Each checks the other. */
final class ExposureSection {
    private static final double CONFIDENCE = 0.95;
    private static final int MOST_ROWS = 30;
    private static final int ENOUGH = 10;

    private ExposureSection() {}

    static Views.Section of(Draft draft) {
        List<Observed> shown = draft.observed().stream()
                .filter(one -> one.count("interruptions") > 0 && one.count("aborts") <= one.count("interruptions"))
                .filter(one -> one.count("aborts") > 0 || one.exposure() != null && one.exposure() > 0)
                .toList();
        return new Views.Section(
                "exposure",
                "Aborts per interruption: exposure against what was seen",
                "Exposure adds up the cycles in which an interrupt would land inside a section, so it needs no rare"
                        + " event. The observed share has a binomial 95 % interval; 1 in 20 may miss its exposure by"
                        + " chance. Exposure is for interruptions that come from outside: where threads mostly yield"
                        + " or wait of their own accord, which never lands in a section, the observed share is lower.",
                shown.isEmpty() ? "no run had an interruption that could abort a section" : null,
                shown.isEmpty() ? List.of() : List.of(figure(draft, shown)),
                List.of());
    }

    private static Views.Figure figure(Draft draft, List<Observed> all) {
        List<Observed> drawn = drawn(all);
        List<DotChart.Dot> observed = new ArrayList<>();
        List<DotChart.Dot> exposed = new ArrayList<>();
        for (int row = 0; row < drawn.size(); row++) {
            Quantity share = share(drawn.get(row));
            observed.add(new DotChart.Dot(row, 100 * share.value(), 100 * share.low(), 100 * share.high()));
            Double exposure = drawn.get(row).exposure();
            if (exposure != null) {
                exposed.add(new DotChart.Dot(row, 100 * exposure, null, null));
            }
        }
        List<DotChart.Series> series = new ArrayList<>();
        series.add(new DotChart.Series("observed, with binomial interval", "observed", false, observed));
        if (!exposed.isEmpty()) {
            series.add(new DotChart.Series("from exposure", "exposure", true, exposed));
        }
        DotChart chart = new DotChart(
                "aborts per interruption, %",
                drawn.stream().map(Observed::name).toList(), series, DotChart.Layout.FROM_ZERO, null, null, true);
        String caption = "Aborts per interruption"
                + (drawn.size() < all.size()
                        ? "; " + drawn.size() + " of " + all.size() + " drawn: those with at least " + ENOUGH
                                + " interruptions, most of them preemptions and signals; the others in the table"
                        : "");
        return draft.figure(
                "exposure",
                caption,
                caption + ", observed and from exposure. The numbers stand in the table below.",
                () -> chart.draw(Styles.ofSeen("observed", "exposure"), draft.theme()),
                table(caption, all));
    }

    /** Those with enough interruptions from outside to say something; all where none has. The likeliest come first. */
    private static List<Observed> drawn(List<Observed> all) {
        List<Observed> many = all.stream().filter(ExposureSection::tells).toList();
        return (many.isEmpty() ? all : many)
                .stream()
                        .sorted(Comparator.comparingDouble(
                                one -> one.exposure() == null ? -share(one).value() : -one.exposure()))
                        .limit(MOST_ROWS)
                        .toList();
    }

    private static boolean tells(Observed one) {
        long fromOutside = one.count("preemptions") + one.count("signals");
        return one.count("interruptions") >= ENOUGH && 2 * fromOutside >= one.count("interruptions");
    }

    private static Table table(String title, List<Observed> all) {
        List<List<Object>> rows = new ArrayList<>();
        for (Observed one : all) {
            Quantity share = share(one);
            Double exposure = one.exposure();
            String agrees =
                    exposure == null ? null : exposure >= share.low() && exposure <= share.high() ? "yes" : "no";
            rows.add(Arrays.asList(
                    one.place(),
                    Draft.orRecorded(one.strategy()),
                    one.count("interruptions"),
                    one.events().get("preemptions"),
                    one.count("aborts"),
                    share,
                    exposure == null ? null : Quantity.percent(exposure),
                    agrees));
        }
        return new Table(
                title,
                List.of(
                        "cell",
                        "strategy",
                        "interruptions",
                        "preemptions",
                        "aborts",
                        "observed",
                        "from exposure",
                        "inside interval"),
                rows,
                "Interval: Clopper–Pearson, 95 %, over all interruptions of all runs.");
    }

    private static Quantity share(Observed one) {
        Estimate share = Proportion.clopperPearson(one.count("aborts"), one.count("interruptions"), CONFIDENCE);
        return new Quantity(
                share.value(), share.interval().low(), share.interval().high(), Quantity.Form.PERCENT);
    }
}
