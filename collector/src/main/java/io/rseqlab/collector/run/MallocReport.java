package io.rseqlab.collector.run;

import io.rseqlab.collector.live.BadLines;
import io.rseqlab.collector.spec.Hint;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocStatistics;
import io.rseqlab.trace.malloc.Repairs;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The statistics of a malloc trace as a table and as JSON. What a form cannot know is absent, not 0. */
final class MallocReport {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final double MIB = 1 << 20;
    private static final String NO_THREADS =
            "single thread: this form has no thread numbers, so who freed what is" + " unknown";

    private final MallocOrigin origin;
    private final Repairs repairs;
    private final BadLines bad;
    private final MallocStatistics statistics;
    private final String digest;

    /**
     * @param bad lines of the recording that were skipped; null where it was no recording that was read
     * @param digest SHA-256 of the trace's content; null where none was written
     */
    MallocReport(MallocOrigin origin, Repairs repairs, BadLines bad, MallocStatistics statistics, String digest) {
        this.origin = origin;
        this.repairs = repairs;
        this.bad = bad;
        this.statistics = statistics;
        this.digest = digest;
    }

    /** What to do next with a trace: where there are too few calls for advice, to look at what there is. */
    static String next(Path trace, long calls) {
        return calls >= MallocStatistics.ENOUGH_CALLS
                ? Hint.next("advise", trace)
                : "note: advise takes " + MallocStatistics.ENOUGH_CALLS + " calls or more for an answer, and these are "
                        + calls + System.lineSeparator() + Hint.next("import", "malloc", trace);
    }

    /** Calls in it. */
    long calls() {
        return statistics.events();
    }

    /** That calls are missing from the recording; null if none are. */
    String missing() {
        return origin.missing(statistics.events());
    }

    String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("form", origin.form());
        all.put("content_digest", digest);
        all.put("threads_known", origin.threadsKnown());
        all.put("events", statistics.events());
        all.put("missing_calls", origin.missingCalls());
        all.put("objects", statistics.objects());
        all.put("reallocations", statistics.reallocations());
        all.put("plain_frees", statistics.remotePlainFrees().whole());
        all.put("without_effect", statistics.withoutEffect());
        all.put("threads", origin.threadsKnown() ? statistics.threads() : null);
        all.put("allocating_threads", origin.threadsKnown() ? statistics.allocatingThreads() : null);
        all.put("peak_live_objects", statistics.peakLive());
        all.put("peak_live_bytes", statistics.peakLiveBytes());
        all.put("live_at_end_objects", statistics.live());
        all.put("live_at_end_bytes", statistics.liveBytes());
        all.put("remote_plain_frees", share(statistics.remotePlainFrees(), origin.threadsKnown()));
        all.put("remote_ends_of_life", share(statistics.remoteEnds(), origin.threadsKnown()));
        all.put("size_bytes", statistics.sizeQuantilesBytes());
        all.put("sizes_up_to_64_bytes", share(statistics.sizesUpTo(64), true));
        all.put("sizes_up_to_256_bytes", share(statistics.sizesUpTo(256), true));
        all.put("lifetime_events", statistics.lifetimeQuantilesEvents());
        all.put("lifetime_with_reallocations_events", statistics.endedLifetimeQuantilesEvents());
        all.put("span_s", origin.timed() ? statistics.spanNanos() * 1e-9 : null);
        all.put("allocator_s", origin.durationsKnown() ? statistics.allocatorNanos() * 1e-9 : null);
        all.put("inverted_pairs", repairs.invertedPairs());
        all.put("lost_frees", repairs.lostFrees());
        all.put("unknown_frees", repairs.unknownFrees());
        all.put("failed_requests", repairs.failedRequests());
        all.put("skipped_lines", repairs.skippedLines());
        all.put("bad_lines", bad == null ? null : bad.count());
        all.put("first_bad_lines", bad == null ? null : bad.numbers());
        return MAPPER.writeValueAsString(all);
    }

    private static Object share(MallocStatistics.Share share, boolean known) {
        if (!known || share.whole() == 0) {
            return null;
        }
        Map<String, Object> words = new LinkedHashMap<>();
        words.put("part", share.part());
        words.put("whole", share.whole());
        words.put("value", share.value());
        return words;
    }

    String table() {
        StringBuilder text = new StringBuilder();
        row(text, "form", origin.form());
        if (digest != null) {
            row(text, "content digest", digest);
        }
        row(text, "events", number(statistics.events()));
        if (missing() != null) {
            row(text, "missing", missing());
        }
        row(
                text,
                "objects",
                number(statistics.objects()) + ", " + number(statistics.reallocations()) + " of them by reallocation");
        row(text, "plain frees", number(statistics.remotePlainFrees().whole()));
        row(text, "calls without effect", number(statistics.withoutEffect()));
        if (origin.threadsKnown()) {
            row(
                    text,
                    "threads",
                    number(statistics.threads()) + ", " + number(statistics.allocatingThreads()) + " of them allocate");
        } else {
            row(text, "threads", NO_THREADS);
        }
        row(text, "peak live", objects(statistics.peakLive(), statistics.peakLiveBytes()));
        row(text, "live at the end", objects(statistics.live(), statistics.liveBytes()));
        if (origin.threadsKnown()) {
            row(text, "remote plain frees", percent(statistics.remotePlainFrees()));
            row(text, "remote ends of life", percent(statistics.remoteEnds()) + ", reallocations among them");
        }
        row(text, "size [B]", quantiles(statistics.sizeQuantilesBytes()));
        row(text, "sizes up to 64 B", percent(statistics.sizesUpTo(64)));
        row(text, "sizes up to 256 B", percent(statistics.sizesUpTo(256)));
        row(text, "lifetime [events]", quantiles(statistics.lifetimeQuantilesEvents()) + ", of what a free ended");
        row(
                text,
                "",
                quantiles(statistics.endedLifetimeQuantilesEvents()) + ", of what a free or a reallocation ended");
        times(text);
        row(
                text,
                "put right",
                String.format(
                        Locale.ROOT,
                        "%d inverted pairs, %d lost frees, %d frees of unknown addresses, %d failed requests, %d lines"
                                + " without a call",
                        repairs.invertedPairs(),
                        repairs.lostFrees(),
                        repairs.unknownFrees(),
                        repairs.failedRequests(),
                        repairs.skippedLines()));
        return text.toString();
    }

    private void times(StringBuilder text) {
        String span = origin.timed()
                ? String.format(Locale.ROOT, "%.3f s", statistics.spanNanos() * 1e-9)
                : "unknown: no time stamps";
        String within = origin.durationsKnown()
                ? String.format(
                        Locale.ROOT,
                        "; %.3f ms in the allocator, all threads together%s",
                        statistics.allocatorNanos() * 1e-6,
                        origin.recorded() ? ", what recording took included" : "")
                : "";
        row(text, "span", span + within);
    }

    private static void row(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-22s%s%n", name, value));
    }

    private static String number(long value) {
        return Long.toString(value);
    }

    private static String objects(long objects, long bytes) {
        return String.format(Locale.ROOT, "%d objects, %d B (%.2f MiB)", objects, bytes, bytes / MIB);
    }

    private static String percent(MallocStatistics.Share share) {
        return share.whole() == 0
                ? "no data"
                : String.format(Locale.ROOT, "%.2f %% (%d of %d)", 100 * share.value(), share.part(), share.whole());
    }

    private static String quantiles(Map<String, Long> quantiles) {
        if (quantiles.isEmpty()) {
            return "no data";
        }
        StringBuilder text = new StringBuilder();
        quantiles.forEach((name, value) ->
                text.append(text.isEmpty() ? "" : "  ").append(name).append(' ').append(value));
        return text.toString();
    }
}
