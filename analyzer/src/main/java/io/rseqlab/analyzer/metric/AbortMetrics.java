package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.ABORTS;
import static io.rseqlab.trace.CounterName.ABORT_CAUSES;
import static io.rseqlab.trace.CounterName.EXPOSURE_CYCLES;
import static io.rseqlab.trace.CounterName.INTERRUPTIONS;
import static io.rseqlab.trace.CounterName.OPS;
import static io.rseqlab.trace.CounterName.SECTION_ABORTS;
import static io.rseqlab.trace.CounterName.SECTION_ATTEMPTS;
import static io.rseqlab.trace.CounterName.SECTION_COMMITS;
import static io.rseqlab.trace.CounterName.SECTION_EXITS;
import static io.rseqlab.trace.CounterName.STALE_CPU_RESTARTS;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.stats.Proportion;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.RunInfo;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Aborts: how many, how likely, and why. An abort is a section moved to its abort handler by the kernel. */
final class AbortMetrics {
    private static final double CONFIDENCE = 0.95;

    private static final int NEEDLESS = Cause.STALE | Cause.SYSCALL;

    private AbortMetrics() {}

    static List<MetricInfo> all() {
        return List.of(
                MetricInfo.total(ABORTS, "aborts"),
                MetricInfo.ratio("aborts_per_mop", "1/Mop", "aborts per million workload operations", ABORTS, OPS, 1e6),
                MetricInfo.ratio(
                        "aborts_per_attempt",
                        "",
                        "share of section attempts that the kernel aborted",
                        SECTION_ABORTS,
                        SECTION_ATTEMPTS,
                        1),
                perInterruption(),
                fromExposure(),
                MetricInfo.rate("aborts_per_cpu_s", "1/CPU-s", "aborts per CPU-second", ABORTS, Scope::cpuSeconds),
                byCause(),
                needless(),
                MetricInfo.total(STALE_CPU_RESTARTS, "restarts"),
                outcomes());
    }

    private static MetricInfo perInterruption() {
        return MetricInfo.ofCounters(
                "aborts_per_interruption",
                "",
                "observed share of exits to user mode with a switch-in or signal that aborted a section",
                EnumSet.of(ABORTS, INTERRUPTIONS),
                Set.of(),
                (tally, scope) -> observed(
                        tally.sum(ABORTS),
                        tally.sum(INTERRUPTIONS),
                        scope.info().source()));
    }

    private static MetricValue observed(long aborts, long interruptions, String source) {
        MetricValue ratio = MetricValue.ratio(aborts, interruptions, 1, "");
        if (interruptions == 0) {
            return ratio;
        }
        if (aborts > interruptions) {
            return ratio.withNote(
                    RunInfo.RECORDED.equals(source)
                            ? "more aborts than interruptions: the recording has lost switches or signals"
                            : "no share: injected aborts belong to no interruption");
        }
        var bounds = Proportion.clopperPearson(aborts, interruptions, CONFIDENCE)
                .bounds()
                .orElseThrow();
        return ratio.withInterval(new Interval(bounds.low(), bounds.high(), bounds.level(), bounds.method()));
    }

    private static MetricInfo fromExposure() {
        return MetricInfo.ofCounters(
                "aborts_per_interruption_exposure",
                "",
                "probability that an interruption lands inside a section, from the cycles spent before each retirement",
                EnumSet.of(EXPOSURE_CYCLES),
                EnumSet.of(Dimension.SECTION),
                (tally, scope) -> MetricValue.ratio(
                        tally.sum(EXPOSURE_CYCLES, key -> key.section() != null), tally.sum(EXPOSURE_CYCLES), 1, ""));
    }

    private static MetricInfo byCause() {
        return MetricInfo.ofCounters(
                "aborts_by_cause",
                "aborts",
                "aborts by the set of causes that one fix-up carried; they sum to the aborts",
                EnumSet.of(ABORT_CAUSES),
                EnumSet.of(Dimension.BUCKET),
                (tally, scope) -> causes(tally));
    }

    private static MetricInfo needless() {
        return MetricInfo.ofCounters(
                "needless_aborts_per_abort",
                "",
                "share of aborts for a stale event bit or behind a system call: 7.x in V2 mode makes none of them",
                EnumSet.of(ABORT_CAUSES),
                EnumSet.of(Dimension.BUCKET),
                (tally, scope) -> MetricValue.ratio(
                        tally.sum(ABORT_CAUSES, key -> (mask(key) & NEEDLESS) != 0), tally.sum(ABORT_CAUSES), 1, ""));
    }

    private static MetricValue causes(Tally tally) {
        Map<Integer, Long> masks = new TreeMap<>();
        tally.each(ABORT_CAUSES, (key, count) -> masks.merge(mask(key), count, Math::addExact));
        if (masks.isEmpty()) {
            return MetricValue.noData("aborts", "there was no abort");
        }
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        masks.forEach((mask, count) -> parts.put(causeName(mask), MetricValue.of(count, "aborts")));
        return MetricValue.group("aborts", parts);
    }

    static int mask(Key key) {
        return key.bucket() == null ? 0 : key.bucket();
    }

    /** The set of causes in words; {@code unknown} for the empty set. */
    static String causeName(int mask) {
        return mask == 0 ? "unknown" : String.join("+", Cause.namesOf(mask));
    }

    private static MetricInfo outcomes() {
        return MetricInfo.ofCounters(
                "section_outcomes",
                "attempts",
                "section attempts by the one outcome each has",
                EnumSet.of(SECTION_ATTEMPTS, SECTION_COMMITS, SECTION_EXITS, SECTION_ABORTS),
                EnumSet.of(Dimension.DETAIL),
                (tally, scope) -> outcomes(tally));
    }

    private static MetricValue outcomes(Tally tally) {
        Map<String, Long> exits = new TreeMap<>();
        tally.each(
                SECTION_EXITS,
                (key, count) -> exits.merge(key.detail() == null ? "other" : key.detail(), count, Math::addExact));
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        parts.put("attempts", MetricValue.of(tally.sum(SECTION_ATTEMPTS), "attempts"));
        parts.put("commits", MetricValue.of(tally.sum(SECTION_COMMITS), "attempts"));
        parts.put("aborts", MetricValue.of(tally.sum(SECTION_ABORTS), "attempts"));
        exits.forEach((exit, count) -> parts.put(exit, MetricValue.of(count, "attempts")));
        return MetricValue.group("attempts", parts);
    }
}
