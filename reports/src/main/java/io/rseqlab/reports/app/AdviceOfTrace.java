package io.rseqlab.reports.app;

import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.reports.app.AdviceSubject.Figure;
import io.rseqlab.reports.app.AdviceSubject.Point;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.malloc.MallocCharacter;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocStatistics;
import io.rseqlab.trace.malloc.MallocTrace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A recorded program as a subject of advice: its figures, and itself to be replayed. */
final class AdviceOfTrace {
    /** Turns of an empty loop that stand for the work between calls where the trace has no time. */
    static final int ASSUMED_THINK_TURNS = 200;

    /** Nothing is known, so an order of magnitude either way. */
    private static final List<Double> UNKNOWN = List.of(0.1, 1.0, 10.0);

    private static final List<Double> KNOWN = List.of(0.5, 1.0, 2.0);

    /** Sleep may grow with the pace, and strategies may be slower than the recorded allocator was. */
    private static final double SPAN_FACTOR = 8;

    private static final double LEAST_SECONDS = 10;
    private static final double MOST_SECONDS = 1000;

    private final Path file;
    private final MallocStatistics statistics = new MallocStatistics();
    private final MallocCharacter character = new MallocCharacter();
    private final MallocOrigin origin;
    private final String digest;
    private final int cpus;

    /**
     * Reads a trace.
     *
     * @param cpus CPUs to run on
     * @throws TraceException if it is none, damaged, or holds no allocation
     */
    AdviceOfTrace(Path file, int cpus) {
        this.file = file;
        MallocTrace.Summary summary = MallocTrace.read(file, event -> {
            statistics.accept(event);
            character.accept(event);
        });
        origin = summary.origin();
        digest = summary.digest();
        this.cpus = cpus;
        if (statistics.objects() == 0) {
            throw new TraceException("'" + file + "' holds no allocation: there is nothing to advise on");
        }
    }

    /** Calls in it. */
    long events() {
        return statistics.events();
    }

    /**
     * Writes a sample of so many calls: all of them, or windows spread over the whole trace.
     *
     * @param wanted how many calls
     */
    TraceSample sample(Path to, long wanted) {
        return TraceSample.write(file, events(), origin, to, wanted);
    }

    /** The whole trace, where it lies. */
    TraceSample whole() {
        return TraceSample.whole(file, events(), statistics.threads());
    }

    /**
     * The subject.
     *
     * @param replayed what is to be replayed: the trace itself, or a sample of it
     * @param threads simulated threads, null for the trace's
     * @param thinkTurns turns between calls if there is no time
     */
    AdviceSubject subject(TraceSample replayed, Integer threads, Integer thinkTurns) {
        if (thinkTurns != null && origin.timed()) {
            throw new UsageException("--think: the trace has time, so that the work between its calls is known");
        }
        int turns = thinkTurns == null ? ASSUMED_THINK_TURNS : thinkTurns;
        List<Point> points = new ArrayList<>();
        for (double factor : origin.timed() ? KNOWN : UNKNOWN) {
            String value = AdviceSubject.plain(origin.timed() ? factor : Math.max(1, Math.round(turns * factor)));
            points.add(new Point(AdviceSubject.THINK, factor, Map.of(origin.timed() ? "pace" : "think", value)));
        }
        double span = statistics.spanNanos() * 1e-9;
        String duration = String.format(
                Locale.ROOT, "%.0fs", Math.min(MOST_SECONDS, Math.ceil(LEAST_SECONDS + SPAN_FACTOR * span)));
        return new AdviceSubject(
                file.getFileName().toString(),
                "replay:trace=" + replayed.file() + ",loop=0",
                threads,
                origin.timed() ? "the trace's" : thinkWords(turns, thinkTurns != null),
                points,
                "0ms",
                duration,
                figures(),
                part(replayed),
                notes(replayed),
                null);
    }

    private static String thinkWords(int turns, boolean given) {
        return (given ? "as given, " : "assumed, ") + turns + " turns of a loop before each call"
                + (given ? "" : ": the trace has no time, and --think sets it");
    }

    /** How much of the trace is replayed. */
    private String part(TraceSample replayed) {
        if (replayed.inside() == events()) {
            return "all " + events() + " calls";
        }
        String windows = replayed.windows() == 1
                ? "a window of " + replayed.inside() + " calls in the middle of all "
                : replayed.windows() + " windows of " + replayed.inside() / replayed.windows()
                        + " calls each, spread over all ";
        return windows
                + events()
                + String.format(Locale.ROOT, " (%.2g %%)", 100.0 * replayed.inside() / events())
                + (replayed.between() == 0
                        ? ""
                        : ", and " + replayed.between() + " calls between them on the same objects");
    }

    /**
     * Whether what is replayed is like the whole trace.
     *
     * @param replayed the trace itself, or a sample of it
     * @param threads simulated threads, null for the trace's
     * @param hostSeconds how long the runs are allowed to take
     */
    Likeness likeness(TraceSample replayed, Integer threads, double hostSeconds) {
        int modulo = threads == null ? Integer.MAX_VALUE : threads;
        TraceShape whole = shape(file, modulo);
        return new Likeness(
                whole,
                replayed.file().equals(file) ? whole : shape(replayed.file(), modulo),
                origin.threadsKnown(),
                percent(statistics) / 100,
                hostSeconds);
    }

    private static TraceShape shape(Path trace, int threads) {
        TraceShape shape = new TraceShape(threads);
        MallocTrace.read(trace, shape);
        return shape;
    }

    /**
     * Where a program of several threads lies among those that a sketch can be of, and how to look around there; null
     * where threads are not known.
     *
     * @param clockHz cycles of a second of the machine that it is run on: about a turn of the loop each
     */
    String onTheMap(long clockHz) {
        long threads = statistics.allocatingThreads();
        if (!origin.threadsKnown() || threads < 2) {
            return null;
        }
        double remote = Math.min(percent(statistics) / 100, (threads - 1.0) / threads);
        // an allocation and the next have two calls between them, as a rule
        double think = origin.timed() && character.workNanosPerCall() > 0
                ? 2e-9 * character.workNanosPerCall() * clockHz
                : ASSUMED_THINK_TURNS;
        Map<String, Long> sizes = statistics.sizeQuantilesBytes();
        return String.format(
                Locale.ROOT,
                "On the map: %.3g %% remote frees, %.3g allocating threads a CPU. Where the winner changes along"
                        + " both, around a sketch at that place: rseqlab advise --threads %d --cpus %d --remote-free %s"
                        + " --sizes %s --live %d --think %d",
                percent(statistics),
                (double) threads / cpus,
                threads,
                cpus,
                AdviceSubject.plain(Math.floor(1000 * remote) / 1000),
                sizes.values().stream()
                        .map(bytes -> Long.toString(Math.max(1, Math.min(1 << 20, bytes))))
                        .collect(Collectors.joining(",")),
                Math.max(1, Math.min(1 << 16, statistics.peakLive() / threads)),
                Math.max(2, Math.round(think)));
    }

    private static double percent(MallocStatistics of) {
        MallocStatistics.Share remote = of.remotePlainFrees();
        return remote.whole() == 0 ? 0 : 100 * remote.value();
    }

    private List<String> notes(TraceSample replayed) {
        List<String> notes = new ArrayList<>();
        String missing = origin.missing(events());
        if (missing != null) {
            notes.add(missing + ". Record again where there is more room to know the whole program.");
        }
        if (!origin.threadsKnown()) {
            notes.add("The trace does not say who called: it is run as a single thread's, and says nothing on remote"
                    + " frees, which decide between designs. Record with threads (record malloc) to know.");
        }
        long absent = statistics.threads() - replayed.threads();
        if (origin.threadsKnown() && absent > 0) {
            notes.add("Of the " + statistics.threads() + " threads of the trace " + absent
                    + (absent == 1 ? " makes" : " make")
                    + " no call in what was run; --host-seconds allows for more.");
        }
        if (replayed.inside() < events()) {
            notes.add("Only "
                    + (replayed.windows() == 1 ? "a window" : replayed.windows() + " windows")
                    + " of the trace were run, spread over the whole of it, so that the answer comes in the time"
                    + " allowed: objects that no window touches are not there, so that the footprint is smaller than"
                    + " the program's, and what takes longer than a window is seen in parts; --host-seconds allows for"
                    + " more.");
        }
        return notes;
    }

    private List<Figure> figures() {
        List<Figure> all = new ArrayList<>();
        boolean known = origin.threadsKnown();
        all.add(new Figure("content_digest", digest, "content digest", digest.substring(0, 16)));
        all.add(count("calls", statistics.events(), "calls"));
        all.add(new Figure(
                "threads",
                known ? statistics.threads() : null,
                "threads",
                known
                        ? statistics.threads() + ", " + statistics.allocatingThreads() + " of them allocate"
                        : "single thread: the form has none"));
        double perCpu = (double) statistics.threads() / cpus;
        all.add(new Figure(
                "threads_per_cpu",
                known ? perCpu : null,
                "threads per CPU",
                known ? String.format(Locale.ROOT, "%.3g on %d", perCpu, cpus) : "unknown"));
        boolean placed = origin.cpusKnown();
        all.add(new Figure(
                "recorded_cpus",
                placed ? character.cpus() : null,
                "CPUs in the recording",
                placed ? Integer.toString(character.cpus()) : "unknown"));
        all.add(share("remote_free_ratio", "remote frees", statistics.remotePlainFrees(), known));
        all.add(share("frees_to_idle_owners", "of them to idle owners", character.freesToIdleOwners(), known));
        all.add(new Figure(
                "idle_owners",
                known ? character.idleOwners() : null,
                "idle owners",
                known ? character.idleOwners() + " threads" : "unknown"));
        Map<String, Long> sizes = statistics.sizeQuantilesBytes();
        sizes.forEach(
                (name, value) -> all.add(new Figure("size_" + name + "_bytes", value, "size " + name, value + " B")));
        all.add(count("peak_live_objects", statistics.peakLive(), "peak live objects"));
        all.add(count("peak_live_bytes", statistics.peakLiveBytes(), "peak live bytes"));
        time(all);
        return all;
    }

    private void time(List<Figure> all) {
        boolean timed = origin.timed() && !Double.isNaN(character.burstiness());
        all.add(number("work_between_calls_ns", "work between calls", character.workNanosPerCall(), "%.0f ns", timed));
        all.add(number("asleep_share", "threads asleep", 100 * character.asleepShare(), "%.3g %%", timed));
        all.add(number("burstiness", "burstiness (-1 to 1)", character.burstiness(), "%.2f", timed));
    }

    private static Figure count(String key, long value, String label) {
        return new Figure(key, value, label, Long.toString(value));
    }

    private static Figure number(String key, String label, double value, String form, boolean known) {
        double shown = key.endsWith("_share") ? value / 100 : value;
        return known
                ? new Figure(key, shown, label, String.format(Locale.ROOT, form, value))
                : new Figure(key, null, label, "unknown: no time stamps");
    }

    private static Figure share(String key, String label, MallocStatistics.Share share, boolean known) {
        if (!known) {
            return new Figure(key, null, label, "unknown: the form has no threads");
        }
        return share.whole() == 0
                ? new Figure(key, null, label, "none")
                : new Figure(
                        key,
                        share.value(),
                        label,
                        String.format(
                                Locale.ROOT, "%.3g %% (%d of %d)", 100 * share.value(), share.part(), share.whole()));
    }
}
