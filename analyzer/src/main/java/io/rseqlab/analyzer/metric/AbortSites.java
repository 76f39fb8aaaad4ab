package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.ABORT_CAUSES;
import static io.rseqlab.trace.CounterName.EXPOSURE_CYCLES;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.AbortSite;
import io.rseqlab.trace.Counter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where in sections aborts happened, and where they would have: by section and offset. */
final class AbortSites {
    private static final Comparator<AbortSite> MOST_FIRST = Comparator.comparingLong(AbortSite::aborts)
            .reversed()
            .thenComparing(AbortSite::section, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(AbortSite::offset, Comparator.nullsFirst(Comparator.naturalOrder()));

    private AbortSites() {}

    private record Place(String section, Integer offset) {}

    static Metric<Tally, Counter, List<AbortSite>> metric(Scope scope) {
        return new CounterMetric<>(
                EnumSet.of(ABORT_CAUSES, EXPOSURE_CYCLES),
                EnumSet.of(Dimension.SECTION, Dimension.OFFSET, Dimension.BUCKET),
                scope,
                tally -> sites(tally, scope.measures(EXPOSURE_CYCLES)),
                List.of());
    }

    private static List<AbortSite> sites(Tally tally, boolean exposed) {
        Map<Place, Map<String, Long>> causes = new LinkedHashMap<>();
        Map<Place, Long> exposure = new LinkedHashMap<>();
        tally.each(
                ABORT_CAUSES,
                (key, count) -> causes.computeIfAbsent(
                                new Place(key.section(), key.offset()), place -> new LinkedHashMap<>())
                        .merge(AbortMetrics.causeName(AbortMetrics.mask(key)), count, Math::addExact));
        tally.each(EXPOSURE_CYCLES, (key, cycles) -> {
            if (key.section() != null) {
                Place place = new Place(key.section(), key.offset());
                exposure.merge(place, cycles, Math::addExact);
                causes.computeIfAbsent(place, any -> new LinkedHashMap<>());
            }
        });
        List<AbortSite> sites = new ArrayList<>();
        causes.forEach((place, counts) -> sites.add(new AbortSite(
                place.section(),
                place.offset(),
                counts.values().stream().mapToLong(Long::longValue).sum(),
                counts,
                exposed ? exposure.getOrDefault(place, 0L) : null)));
        sites.sort(MOST_FIRST);
        return sites;
    }
}
