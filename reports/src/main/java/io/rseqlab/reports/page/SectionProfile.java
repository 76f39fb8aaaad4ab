package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.analyzer.result.SectionListing;
import io.rseqlab.reports.chart.BarChart;
import io.rseqlab.reports.chart.Picture;
import io.rseqlab.reports.chart.Styles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where in one section interrupts landed, instruction by instruction: as seen, and as exposure says.
 *
 * @param place where it was seen
 * @param strategy whose section it is
 * @param section its name
 * @param unit unit of offsets
 * @param listing its program, empty where unknown
 * @param seen aborts by offset
 * @param exposure landing cycles by offset; empty where not measured
 */
record SectionProfile(
        String place,
        String strategy,
        String section,
        String unit,
        List<String> listing,
        TreeMap<Integer, Long> seen,
        TreeMap<Integer, Long> exposure) {
    private static final int MOST_ROWS = 40;
    private static final int ENOUGH = 10;

    static List<SectionProfile> of(Observed one) {
        Map<String, SectionProfile> profiles = new LinkedHashMap<>();
        for (AbortSite site : one.sites()) {
            if (site.offset() != null && site.section() != null) {
                SectionProfile profile = profiles.computeIfAbsent(site.section(), name -> empty(one, name));
                profile.seen().merge(site.offset(), site.aborts(), Long::sum);
                if (site.exposureCycles() != null) {
                    profile.exposure().merge(site.offset(), site.exposureCycles(), Long::sum);
                }
            }
        }
        return List.copyOf(profiles.values());
    }

    private static SectionProfile empty(Observed one, String section) {
        List<String> listing = one.sections().stream()
                .filter(candidate -> candidate.name().equals(section))
                .findFirst()
                .map(SectionListing::listing)
                .orElse(List.of());
        return new SectionProfile(
                one.place(),
                Draft.orRecorded(one.strategy()),
                section,
                one.offsetUnit(),
                listing,
                new TreeMap<>(),
                new TreeMap<>());
    }

    long aborts() {
        return seen.values().stream().mapToLong(Long::longValue).sum();
    }

    /** True where there is something to draw. */
    boolean anything() {
        return enough() || exposed() > 0;
    }

    /** True where aborts are many enough for their shares to say something. */
    private boolean enough() {
        return aborts() >= ENOUGH || exposed() == 0 && aborts() > 0;
    }

    private long exposed() {
        return exposure.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The whole listing where it is short, else the offsets at which something was seen. */
    private List<Integer> offsets() {
        TreeMap<Integer, Boolean> offsets = new TreeMap<>();
        seen.forEach((offset, count) -> offsets.put(offset, true));
        exposure.forEach((offset, cycles) -> offsets.put(offset, true));
        if (listing.size() <= MOST_ROWS) {
            for (int offset = 0; offset < listing.size(); offset++) {
                offsets.put(offset, true);
            }
        }
        return offsets.keySet().stream().limit(MOST_ROWS).toList();
    }

    Views.Figure figure(Draft draft) {
        List<Integer> offsets = offsets();
        String caption = "Where interrupts land in " + section + ", " + strategy + ": " + place
                + (enough() ? "" : aborts() == 0 ? "; no abort seen" : "; too few aborts to draw (" + aborts() + ")");
        String alt = caption + ". One row per " + (listing.isEmpty() ? "offset" : "instruction")
                + "; the numbers stand in the table below the chart.";
        return draft.figure(
                "offsets" + ThroughputSection.slug(strategy + " " + section),
                caption,
                alt,
                () -> draw(draft, offsets),
                table(caption, offsets));
    }

    private Picture draw(Draft draft, List<Integer> offsets) {
        String observed = "observed: share of " + Fmt.count(aborts()) + (aborts() == 1 ? " abort" : " aborts");
        String exposed = "exposure: share of the section's landing time";
        List<BarChart.Series> series = new ArrayList<>();
        if (enough()) {
            series.add(new BarChart.Series(observed, percent(seen, offsets, aborts())));
        }
        if (exposed() > 0) {
            series.add(new BarChart.Series(exposed, percent(exposure, offsets, exposed())));
        }
        List<String> rows = offsets.stream().map(this::label).toList();
        return new BarChart("share within the section, %", rows, series, false)
                .draw(Styles.ofSeen(observed, exposed), draft.theme());
    }

    private static List<Double> percent(Map<Integer, Long> counts, List<Integer> offsets, long total) {
        return offsets.stream()
                .map(offset -> 100.0 * counts.getOrDefault(offset, 0L) / total)
                .toList();
    }

    private String label(int offset) {
        return offset < listing.size() && offset >= 0
                ? listing.get(offset).strip() + "   +" + offset
                : "+" + offset + " " + unit;
    }

    private Table table(String title, List<Integer> offsets) {
        List<List<Object>> rows = new ArrayList<>();
        for (Integer offset : offsets) {
            boolean listed = offset >= 0 && offset < listing.size();
            rows.add(Arrays.asList(
                    offset,
                    listed ? listing.get(offset).strip() : "",
                    seen.getOrDefault(offset, 0L),
                    aborts() == 0 ? null : Quantity.percent((double) seen.getOrDefault(offset, 0L) / aborts()),
                    exposed() == 0 ? null : Quantity.percent((double) exposure.getOrDefault(offset, 0L) / exposed())));
        }
        return new Table(
                title,
                List.of("offset, " + unit, "instruction", "aborts", "share of aborts", "share of exposure"),
                rows,
                "The offset is that of the instruction at which the thread would have gone on.");
    }
}
