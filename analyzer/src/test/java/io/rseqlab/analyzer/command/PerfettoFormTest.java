package io.rseqlab.analyzer.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.result.RunResult;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The export is what the "Trace Event Format" document asks of its JSON object form, which Perfetto's trace processor
 * and chrome://tracing read, and it shows what analyze counts.
 *
 * <p>By hand, exports of the sample traces and of larger runs (116,337 preemptions, 104,422 aborts) were loaded into
 * the trace processor itself, v55.3: no error in its table {@code stats}, and in {@code slice}, counted by category, as
 * many aborts, preemptions, migrations and signals as analyze counts; every aborted attempt inside the stretch that it
 * ended in, but for those shorter than its nanosecond.
 */
class PerfettoFormTest {
    private static final Path SAMPLE = Path.of("../sample-traces/simulated-churn");

    @TempDir
    Path scratch;

    private Path made() {
        return TestTraces.write(scratch.resolve("made"), TestTraces.simulated(), TestTraces.events(9, 500), List.of());
    }

    private static JsonNode exported(Path trace, String... options) {
        StringWriter out = new StringWriter();
        CommandLine line = new CommandLine(new ExportCommand());
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(new StringWriter()));
        String[] words = new String[options.length + 2];
        words[0] = "perfetto";
        words[1] = trace.toString();
        System.arraycopy(options, 0, words, 2, options.length);
        assertThat(line.execute(words)).isZero();
        return new JsonMapper().readTree(out.toString());
    }

    @Test
    void itIsWhatTheDocumentAsksFor() {
        for (Path trace : List.of(SAMPLE, made())) {
            for (String[] options : new String[][] {{}, {"--window"}}) {
                JsonNode root = exported(trace, options);
                assertThat(root.path("otherData").isObject()).isTrue();
                assertThat(root.path("traceEvents")).hasSizeGreaterThan(100);
                assertThat(TraceEventForm.problems(root)).isEmpty();
            }
        }
    }

    @Test
    void abortsPreemptionsAndMigrationsAreAsManyAsAnalyzeCounts() {
        for (Path trace : List.of(SAMPLE, made())) {
            RunResult run = Analyzer.analyze(List.of(trace)).runs().get(0);
            Map<String, Integer> shown = new HashMap<>();
            exported(trace, "--window").path("traceEvents").forEach(event -> {
                if (event.path("ph").asString().equals("i")) {
                    shown.merge(event.path("cat").asString(), 1, Integer::sum);
                }
            });
            assertThat(run.number("aborts")).isPositive();
            assertThat((double) shown.get("abort")).isEqualTo(run.number("aborts"));
            assertThat((double) shown.getOrDefault("migrate", 0)).isEqualTo(run.number("migrations"));
            assertThat((double) shown.get("preempt")).isEqualTo(run.number("preemptions"));
        }
    }

    /** Every stretch stands on the track of its CPU and on that of its thread, which has a name. */
    @Test
    void threadsHaveTracksOfTheirOwn() {
        Map<String, Integer> onCpus = new TreeMap<>();
        Map<String, Integer> onThreads = new TreeMap<>();
        Map<Integer, String> names = new TreeMap<>();
        for (JsonNode event : exported(made()).path("traceEvents")) {
            boolean ofThreads = event.path("pid").asInt() == 2;
            int track = event.path("tid").asInt();
            if (event.path("ph").asString().equals("X")
                    && event.path("cat").asString().equals("running")) {
                JsonNode args = event.path("args");
                String stretch = args.path("thread") + " on " + args.path("cpu") + " " + event.path("ts") + " "
                        + event.path("dur");
                (ofThreads ? onThreads : onCpus).merge(stretch, 1, Integer::sum);
                assertThat(track)
                        .isEqualTo(1 + args.path(ofThreads ? "thread" : "cpu").asInt());
            } else if (ofThreads && event.path("name").asString().equals("thread_name")) {
                assertThat(names.put(track, event.path("args").path("name").asString()))
                        .isNull();
            }
        }
        assertThat(onThreads).isEqualTo(onCpus).hasSizeGreaterThan(100);
        assertThat(names).hasSize(TestTraces.THREADS).containsEntry(1, "worker 0");
    }

    private static Event row(EventKind kind, long sequence, long cycle, int cpu, int thread) {
        return new Event().reset(kind, cycle, cpu, thread).set(Column.SEQUENCE, sequence);
    }

    @Test
    void whatHappensToThreadsThatAreNotUnderTestHasACategoryOfItsOwn() {
        long cycle = TestTraces.WINDOW_START;
        List<Event> events = List.of(
                row(EventKind.PREEMPT, 0, cycle, 0, 1),
                row(EventKind.PREEMPT, 1, cycle + 1, 0, TestTraces.THREADS),
                row(EventKind.MIGRATE, 2, cycle + 2, 0, TestTraces.THREADS).set(Column.TARGET_CPU, 1));
        Path trace = TestTraces.write(scratch.resolve("noisy"), TestTraces.simulated(), events, List.of());
        List<String> marks = new ArrayList<>();
        exported(trace).path("traceEvents").forEach(event -> {
            if (event.path("ph").asString().equals("i")) {
                marks.add(
                        event.path("name").asString() + ", " + event.path("cat").asString());
            }
        });
        assertThat(marks).containsExactly("preempt, preempt", "preempt, not under test", "migrate, not under test");
    }

    /** CPU 0 had its last switch before the window, CPU 1 never any: something that happens there tells who runs. */
    @Test
    void whoRunsWithoutASwitchHasAStretch() {
        List<Event> events = List.of(
                row(EventKind.SWITCH, 0, 500, 0, -1).set(Column.OTHER_THREAD, 3).set(Column.STATE, "idle"),
                row(EventKind.SIGNAL, 1, TestTraces.WINDOW_START + 1000, 1, 2).set(Column.NUMBER, 14));
        Path trace = TestTraces.write(scratch.resolve("quiet"), TestTraces.simulated(), events, List.of());
        List<String> stretches = new ArrayList<>();
        exported(trace, "--window").path("traceEvents").forEach(event -> {
            if (event.path("ph").asString().equals("X")) {
                JsonNode args = event.path("args");
                assertThat(args.path("cycle").asLong()).isEqualTo(TestTraces.WINDOW_START);
                assertThat(args.path("end_cycle").asLong()).isEqualTo(TestTraces.WINDOW_END);
                stretches.add(event.path("pid") + "/" + event.path("tid") + " " + args.path("thread"));
            }
        });
        assertThat(stretches).containsExactlyInAnyOrder("1/1 3", "2/4 3", "1/2 2", "2/3 2");
    }

    /** Readers need no order, but one that streams is glad of it. */
    @Test
    void marksOfATrackComeAsTimeGoes() {
        Map<String, BigDecimal> marks = new HashMap<>();
        for (JsonNode event : exported(SAMPLE).path("traceEvents")) {
            if (event.path("ph").asString().equals("i")) {
                String track = event.path("pid") + "/" + event.path("tid");
                BigDecimal at = event.path("ts").decimalValue(BigDecimal.ZERO);
                assertThat(at).as(track).isGreaterThanOrEqualTo(marks.getOrDefault(track, BigDecimal.ZERO));
                marks.put(track, at);
            }
        }
        assertThat(marks).isNotEmpty();
    }

    /** As many as there were aborts, each as long as the user time it wasted, unless its stretch is shorter. */
    @Test
    void abortedAttemptsOfSectionsAreSlicesInsideTheStretchThatTheyEndedIn() {
        int whole = 0;
        List<JsonNode> attempts = new ArrayList<>();
        int aborts = 0;
        for (JsonNode event : exported(SAMPLE, "--window").path("traceEvents")) {
            if (event.path("cat").asString("").equals("section")) {
                attempts.add(event);
            } else if (event.path("cat").asString("").equals("abort")) {
                aborts++;
            }
        }
        for (JsonNode attempt : attempts) {
            JsonNode args = attempt.path("args");
            long length = args.path("end_cycle").asLong() - args.path("cycle").asLong();
            assertThat(attempt.path("pid").asInt()).isEqualTo(2);
            assertThat(length).isBetween(0L, args.path("wasted_cycles").asLong());
            assertThat(args.path("end_cycle").asLong())
                    .isLessThanOrEqualTo(args.path("aborted_at_cycle").asLong());
            whole += length == args.path("wasted_cycles").asLong() ? 1 : 0;
        }
        assertThat(attempts).hasSizeBetween(aborts - 2, aborts).isNotEmpty();
        assertThat(whole).isGreaterThan(aborts / 2);
    }

    /** Nobody writes begin and end phases, so that none is left open; every slice brings its length. */
    @Test
    void noSliceIsLeftOpen() {
        exported(made())
                .path("traceEvents")
                .forEach(event -> assertThat(event.path("ph").asString()).isNotIn("B", "E"));
    }
}
