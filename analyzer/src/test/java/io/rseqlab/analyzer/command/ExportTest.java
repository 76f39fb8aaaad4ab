package io.rseqlab.analyzer.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.analyzer.TestTraces;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What other tools read says what the trace says: as many events, at the same times. */
class ExportTest {
    private static final List<Event> EVENTS = TestTraces.events(7, 400);

    @TempDir
    Path scratch;

    private Exception failure;
    private String err = "";

    private String export(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter errors = new StringWriter();
        CommandLine line = new CommandLine(new ExportCommand());
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(errors, true));
        line.setExecutionExceptionHandler((exception, command, parsed) -> {
            failure = exception;
            return -1;
        });
        line.execute(Stream.of(arguments).map(Object::toString).toArray(String[]::new));
        err = errors.toString();
        return out.toString();
    }

    private Path trace(RunInfo info, List<Event> events) {
        return TestTraces.write(scratch.resolve("trace"), info, events, List.of());
    }

    private List<JsonNode> perfetto(RunInfo info, List<Event> events) {
        JsonNode root = new JsonMapper().readTree(export("perfetto", trace(info, events)));
        List<JsonNode> rows = new ArrayList<>();
        root.path("traceEvents").forEach(rows::add);
        return rows;
    }

    private static long count(EventKind kind) {
        return EVENTS.stream().filter(event -> event.kind() == kind).count();
    }

    @Test
    void everyThingThatHappenedIsAnInstantOnItsCpu() {
        List<JsonNode> rows = perfetto(TestTraces.simulated(), EVENTS);
        Map<String, Long> instants = rows.stream()
                .filter(row -> row.path("ph").asString().equals("i"))
                .collect(Collectors.groupingBy(row -> row.path("cat").asString(), Collectors.counting()));
        for (EventKind kind : List.of(
                EventKind.PREEMPT, EventKind.MIGRATE, EventKind.ABORT, EventKind.STALE_CPU_RESTART, EventKind.SIGNAL)) {
            assertThat(count(kind)).as(kind.id()).isPositive();
            assertThat(instants.get(kind.id())).as(kind.id()).isEqualTo(count(kind));
        }
        Event abort = EVENTS.stream()
                .filter(event -> event.kind() == EventKind.ABORT)
                .findFirst()
                .orElseThrow();
        JsonNode row = rows.stream()
                .filter(one -> one.path("cat").asString().equals("abort"))
                .findFirst()
                .orElseThrow();
        assertThat(row.path("tid").asInt()).isEqualTo(abort.cpu() + 1);
        assertThat(row.path("ts").asDouble()).isEqualTo(abort.cycle() / 1e3);
        JsonNode args = row.path("args");
        assertThat(args.path("section").asString()).isEqualTo(abort.text(Column.SECTION));
        assertThat(args.path("offset").asLong()).isEqualTo(abort.number(Column.OFFSET));
        assertThat(args.path("offset_unit").asString()).isEqualTo("instructions");
        assertThat(args.path("causes").asString()).startsWith("preemption");
        assertThat(args.path("thread").asInt()).isEqualTo(abort.thread());
    }

    /** A CPU's slices leave no gap but idle time and never overlap: their ends are the switches. */
    @Test
    void slicesOfACpuAreTheStretchesBetweenItsSwitches() {
        List<JsonNode> rows = perfetto(TestTraces.simulated(), EVENTS);
        for (int cpu = 0; cpu < TestTraces.CPUS; cpu++) {
            int track = cpu + 1;
            double end = 0;
            double ran = 0;
            for (JsonNode row : rows) {
                if (row.path("ph").asString().equals("X")
                        && row.path("pid").asInt() == 1
                        && row.path("tid").asInt() == track) {
                    assertThat(row.path("ts").asDouble()).isGreaterThanOrEqualTo(end - 1e-6);
                    end = row.path("ts").asDouble() + row.path("dur").asDouble();
                    ran += row.path("dur").asDouble();
                }
            }
            assertThat(ran).isCloseTo(ranMicroseconds(cpu), within(1e-3));
        }
    }

    private static double ranMicroseconds(int cpu) {
        long since = EVENTS.get(0).cycle();
        int thread = -2;
        long ran = 0;
        for (Event event : EVENTS) {
            if (event.kind() == EventKind.SWITCH && event.cpu() == cpu) {
                ran += event.thread() >= 0 ? event.cycle() - since : 0;
                since = event.cycle();
                thread = (int) event.number(Column.OTHER_THREAD);
            }
        }
        long end = Math.max(EVENTS.get(EVENTS.size() - 1).cycle(), TestTraces.WINDOW_END);
        return (ran + (thread >= 0 ? end - since : 0)) / 1e3;
    }

    /**
     * At 3 GHz cycle 10^13 + 1 is at 3333333333333.67 ns and ten cycles later it is 3333333333337 ns. Both ends are
     * rounded down, so that a slice ends where the next one starts: at 3333333333.333 µs, for 0.004 µs.
     */
    @Test
    void timesAreMicrosecondsWhateverTheClock() {
        RunInfo at1 = TestTraces.simulated();
        RunInfo at3 = new RunInfo(
                at1.formatVersion(),
                at1.modelVersion(),
                at1.source(),
                at1.state(),
                3_000_000_000L,
                at1.cpus(),
                0,
                0,
                at1.offsetUnit(),
                at1.spec(),
                at1.sections(),
                at1.threads(),
                at1.totals(),
                null);
        long cycle = 10_000_000_000_000L;
        List<Event> events = List.of(
                new Event()
                        .reset(EventKind.SWITCH, cycle + 1, 0, -1)
                        .set(Column.SEQUENCE, 0)
                        .set(Column.OTHER_THREAD, 3)
                        .set(Column.STATE, "idle"),
                new Event()
                        .reset(EventKind.SWITCH, cycle + 11, 0, 3)
                        .set(Column.SEQUENCE, 1)
                        .set(Column.OTHER_THREAD, -1)
                        .set(Column.STATE, "blocked"));
        String text = export("perfetto", trace(at3, events));
        assertThat(text)
                .contains("\"name\":\"worker 3\"")
                .contains("\"ts\":3333333333.333,\"dur\":0.004,")
                .contains("\"left\":\"blocked\"");
    }

    @Test
    void threadsOfARecordingAreNamedByTheRecording() {
        RunInfo info = TestTraces.info(RunInfo.RECORDED, RunInfo.COMPLETE, Map.of());
        List<Event> events = List.of(
                new Event()
                        .reset(EventKind.SIGNAL, 100, 0, 811)
                        .set(Column.SEQUENCE, 0)
                        .set(Column.NUMBER, 14),
                new Event()
                        .reset(EventKind.SWITCH, 300, 0, 811)
                        .set(Column.SEQUENCE, 1)
                        .set(Column.OTHER_THREAD, -1)
                        .set(Column.STATE, "blocked")
                        .set(Column.DETAIL, "say \"x\""));
        List<JsonNode> rows = perfetto(info, events);
        JsonNode slice = rows.stream()
                .filter(row -> row.path("ph").asString().equals("X"))
                .findFirst()
                .orElseThrow();
        assertThat(slice.path("name").asString()).isEqualTo("say \"x\"-811");
        assertThat(slice.path("ts").asDouble()).isEqualTo(0.1);
        assertThat(slice.path("dur").asDouble()).isEqualTo(0.2);
    }

    @Test
    void csvHasEveryColumnOfEveryEvent() throws IOException {
        Path file = scratch.resolve("events.csv");
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            export("csv", trace(TestTraces.simulated(), EVENTS), "--out", file);
        } finally {
            Locale.setDefault(before);
        }
        List<String> lines = Files.readAllLines(file);
        assertThat(lines.get(0))
                .isEqualTo(Arrays.stream(Column.values()).map(Column::id).collect(Collectors.joining(",")));
        assertThat(lines).hasSize(EVENTS.size() + 1);
        for (int row = 0; row < EVENTS.size(); row++) {
            String[] cells = lines.get(row + 1).split(",", -1);
            for (Column column : Column.values()) {
                Event event = EVENTS.get(row);
                String expected = !event.has(column)
                        ? ""
                        : column.type() == Column.Type.TEXT ? event.text(column) : Long.toString(event.number(column));
                assertThat(cells[column.ordinal()]).isEqualTo(expected);
            }
        }
    }

    @Test
    void aFileAppearsWholeOrNotAtAll() throws IOException {
        Path trace = trace(TestTraces.simulated(), EVENTS);
        Path part;
        try (Stream<Path> files = Files.list(trace)) {
            part = files.filter(file -> file.getFileName().toString().startsWith("events"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] whole = Files.readAllBytes(part);
        Files.write(part, Arrays.copyOf(whole, whole.length / 2));
        export("csv", trace, "--out", scratch.resolve("events.csv"));
        assertThat(failure).isInstanceOf(TraceException.class).hasMessageContaining(part.toString());
        Files.write(part, whole);
        export("csv", trace, "--out", trace.resolve("run.json").resolve("events.csv"));
        assertThat(failure).isInstanceOf(OutputException.class);
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left).containsExactly(trace);
        }
    }

    @Test
    void dashIsStandardOutputAndTheNextStepIsNoResult() {
        Path trace = trace(TestTraces.simulated(), EVENTS);
        assertThat(export("csv", trace, "--out", "-").lines()).hasSize(EVENTS.size() + 1);
        assertThat(err).doesNotContain("Next");
        export("perfetto", trace, "--out", scratch.resolve("trace.json"));
        assertThat(err).contains("ui.perfetto.dev");
    }

    @Test
    void rowsThatAnalyzeDoesNotCountAreNamedAndCanBeLeftOut() {
        Path trace = trace(TestTraces.simulated(), EVENTS);
        long inside = EVENTS.stream()
                .filter(event -> event.cycle() >= TestTraces.WINDOW_START && event.cycle() < TestTraces.WINDOW_END)
                .count();
        assertThat(inside).isBetween(1L, EVENTS.size() - 1L);
        String remark = EVENTS.size() - inside + " of " + EVENTS.size() + " rows lie outside the measured window";
        assertThat(export("csv", trace).lines()).hasSize(1 + EVENTS.size());
        assertThat(err).startsWith(remark).contains("--window");
        assertThat(export("csv", trace, "--window").lines()).hasSize(1 + (int) inside);
        assertThat(err).isEmpty();
        export("perfetto", trace);
        assertThat(err).startsWith(remark);

        StringWriter out = new StringWriter();
        StringWriter errors = new StringWriter();
        for (String[] more : new String[][] {{}, {"--window"}}) {
            CommandLine view = new CommandLine(new ViewCommand());
            view.setOut(new PrintWriter(out)).setErr(new PrintWriter(errors, true));
            String[] words = Stream.concat(Stream.of(trace.toString(), "--limit=0", "--format=csv"), Stream.of(more))
                    .toArray(String[]::new);
            assertThat(view.execute(words)).isZero();
        }
        assertThat(out.toString().lines()).hasSize(2 + EVENTS.size() + (int) inside);
        assertThat(errors.toString()).startsWith(remark);
        assertThat(errors.toString().lines()).hasSize(1);
    }
}
