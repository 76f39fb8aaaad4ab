package io.rseqlab.analyzer.command;

import io.rseqlab.analyzer.metric.Scope;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A trace in the JSON trace-event format that ui.perfetto.dev and chrome://tracing open: one track per CPU with a slice
 * for each stretch that a thread ran, and an instant for each thing that happened to threads there; and one track per
 * thread with a slice for each stretch, which says on what CPU, so that a thread's moves are seen. Inside of such a
 * slice stands one for each attempt of a section that was aborted: as long as the user time that it wasted, up to where
 * the thread left the CPU or, if it did not, was aborted. Attempts that commit have none, since traces have no rows of
 * where they begin and end. Times are in microseconds with three decimals, rounded to the nanosecond below; the exact
 * cycle stands in the arguments. What it holds of a trace grows with CPUs and threads alone.
 *
 * @see <a href="https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU">Trace Event Format</a>
 */
final class ChromeTrace implements RowPrinter {
    /** What becomes an instant; wakeups, system calls and slow paths would hide these. */
    private static final Set<EventKind> INSTANTS = EnumSet.of(
            EventKind.PREEMPT,
            EventKind.MIGRATE,
            EventKind.ABORT,
            EventKind.STALE_CPU_RESTART,
            EventKind.SIGNAL,
            EventKind.MEMBARRIER_IPI,
            EventKind.FAULT);

    /** What counts only where it happens to threads under test, as in analyze; else its category is another one. */
    private static final Set<EventKind> OF_THREADS_UNDER_TEST = EnumSet.of(EventKind.PREEMPT, EventKind.MIGRATE);

    private static final String OTHERS = "not under test";

    /** What happens to the thread that runs on the CPU. */
    private static final Set<EventKind> OF_WHO_RUNS = EnumSet.of(
            EventKind.PREEMPT,
            EventKind.ABORT,
            EventKind.STALE_CPU_RESTART,
            EventKind.SIGNAL,
            EventKind.SYSCALL,
            EventKind.SLOW_PATH);

    private static final long NANOSECONDS = 1_000_000_000L;

    /** The process that the tracks of CPUs belong to. */
    private static final int PROCESS = 1;

    /** The process that the tracks of threads belong to. */
    private static final int THREADS = 2;

    /** The track of CPU or thread n is n + 1: in ui.perfetto.dev track 0 means the idle task. */
    private static final int FIRST_TRACK = 1;

    private final RunInfo info;
    private final Scope scope;
    private final JsonGenerator json;
    private final Map<Integer, String> names;
    private final TreeMap<Integer, Running> running = new TreeMap<>();
    private final Set<Integer> named = new HashSet<>();
    private long firstCycle = -1;
    private long lastCycle;

    private record Running(int thread, String name, long since) {}

    /** When a thread ran last. */
    private record Stretch(long since, long end) {}

    /** The last finished stretch of each thread. */
    private final Map<Integer, Stretch> finished = new HashMap<>();

    ChromeTrace(RunInfo info, PrintWriter out) {
        this.info = info;
        this.scope = new Scope(info);
        this.json = JsonMapper.builder()
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build()
                .createGenerator(out);
        this.names = info.threads().stream()
                .collect(Collectors.toMap(
                        RunInfo.ThreadInfo::thread, RunInfo.ThreadInfo::name, (a, b) -> a, HashMap::new));
        begin();
    }

    private void begin() {
        json.writeStartObject();
        json.writeStringProperty("displayTimeUnit", "ns");
        json.writeObjectPropertyStart("otherData");
        json.writeStringProperty("source", info.source());
        json.writeStringProperty("state", info.state());
        json.writeStringProperty("clock_hz", Long.toString(info.clockHz()));
        json.writeStringProperty("window_start_cycle", Long.toString(info.windowStartCycle()));
        json.writeStringProperty("window_end_cycle", Long.toString(info.windowEndCycle()));
        info.spec().forEach((key, value) -> {
            if (value instanceof String || value instanceof Number || value instanceof Boolean) {
                json.writeStringProperty(key, value.toString());
            }
        });
        json.writeEndObject();
        json.writeArrayPropertyStart("traceEvents");
        metadata("process_name", PROCESS, 0, info.source() + " CPUs");
        metadata("process_name", THREADS, 0, info.source() + " threads");
        for (int cpu = 0; cpu < info.cpus(); cpu++) {
            metadata("thread_name", PROCESS, cpu + FIRST_TRACK, "CPU " + cpu);
        }
    }

    private void metadata(String what, int process, int track, String value) {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringProperty("ph", "M");
        json.writeStringProperty("name", what);
        json.writeNumberProperty("pid", process);
        json.writeNumberProperty("tid", track);
        json.writeObjectPropertyStart("args");
        json.writeStringProperty("name", value);
        json.writeEndObject();
        json.writeEndObject();
    }

    @Override
    public void print(Event event) {
        firstCycle = firstCycle < 0 ? event.cycle() : firstCycle;
        lastCycle = event.cycle();
        if (OF_WHO_RUNS.contains(event.kind()) && event.thread() >= 0) {
            // A CPU may have no switch at all, or its first one much later.
            running.putIfAbsent(event.cpu(), new Running(event.thread(), names.get(event.thread()), firstCycle));
        }
        if (event.kind() == EventKind.SWITCH) {
            onSwitch(event);
        } else if (INSTANTS.contains(event.kind())) {
            instant(event);
        }
        if (event.kind() == EventKind.ABORT && event.has(Column.WASTED_CYCLES)) {
            attempt(event);
        }
    }

    /** Who runs on a CPU when the window begins was switched in before; the stretch is cut there. */
    @Override
    public void skip(Event event) {
        if (event.cycle() < info.windowStartCycle()) {
            firstCycle = info.windowStartCycle();
            if (event.kind() == EventKind.SWITCH) {
                running.put(event.cpu(), new Running(next(event), names.get(next(event)), firstCycle));
            }
        }
    }

    /**
     * An attempt that was aborted. What switched the thread out ended it in the stretch before; all else did so in this
     * one. One that began before its stretch, or before the first row, is cut there.
     */
    private void attempt(Event event) {
        boolean switched = (event.number(Column.CAUSES) & (Cause.PREEMPTION | Cause.MIGRATION)) != 0;
        Running now = running.get(event.cpu());
        Stretch in = switched
                ? finished.get(event.thread())
                : new Stretch(now != null && now.thread() == event.thread() ? now.since() : firstCycle, event.cycle());
        if (in == null) {
            return;
        }
        long wasted = event.number(Column.WASTED_CYCLES);
        long since = Math.max(in.since(), in.end() - wasted);
        String section = event.has(Column.SECTION) ? event.text(Column.SECTION) : "section";
        begin("X", section, "section", since, THREADS, event.thread());
        json.writeNumberProperty("dur", microseconds(nanoseconds(in.end()) - nanoseconds(since)));
        json.writeObjectPropertyStart("args");
        json.writeNumberProperty("cycle", since);
        json.writeNumberProperty("end_cycle", in.end());
        json.writeNumberProperty("aborted_at_cycle", event.cycle());
        argument(event, Column.WASTED_CYCLES);
        argument(event, Column.CAUSES);
        if (event.has(Column.OFFSET)) {
            argument(event, Column.OFFSET);
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void onSwitch(Event event) {
        Running now = running.get(event.cpu());
        if (now == null) {
            now = new Running(event.thread(), null, firstCycle);
        }
        slice(event.cpu(), now, name(event), event.cycle(), event.text(Column.STATE));
        running.put(event.cpu(), new Running(next(event), names.get(next(event)), event.cycle()));
    }

    private static int next(Event event) {
        return event.has(Column.OTHER_THREAD) ? (int) event.number(Column.OTHER_THREAD) : -1;
    }

    /** What the thread that is switched out is called; a recording names it there, and several threads share a name. */
    private String name(Event event) {
        boolean named = info.source().equals(RunInfo.RECORDED) && event.has(Column.DETAIL) && event.has(Column.STATE);
        if (named && event.thread() >= 0) {
            names.put(event.thread(), event.text(Column.DETAIL) + "-" + event.thread());
        }
        return names.get(event.thread());
    }

    private void slice(int cpu, Running ran, String lateName, long end, String left) {
        if (ran.thread() < 0 || end <= ran.since()) {
            return;
        }
        finished.put(ran.thread(), new Stretch(ran.since(), end));
        String known = lateName == null ? ran.name() : lateName;
        String name = known == null ? "thread " + ran.thread() : known;
        if (named.add(ran.thread())) {
            metadata("thread_name", THREADS, ran.thread() + FIRST_TRACK, name);
        }
        slice(PROCESS, cpu, name, cpu, ran, end, left);
        slice(THREADS, ran.thread(), "CPU " + cpu, cpu, ran, end, left);
    }

    private void slice(int process, int track, String name, int cpu, Running ran, long end, String left) {
        begin("X", name, "running", ran.since(), process, track);
        json.writeNumberProperty("dur", microseconds(nanoseconds(end) - nanoseconds(ran.since())));
        json.writeObjectPropertyStart("args");
        json.writeNumberProperty("thread", ran.thread());
        json.writeNumberProperty("cpu", cpu);
        json.writeNumberProperty("cycle", ran.since());
        json.writeNumberProperty("end_cycle", end);
        if (left != null) {
            json.writeStringProperty("left", left);
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void instant(Event event) {
        String name = event.kind().id().replace('_', ' ');
        if (event.has(Column.CAUSES)) {
            name += " by " + causes(event);
        }
        boolean counts = !OF_THREADS_UNDER_TEST.contains(event.kind()) || scope.underTest(event.thread());
        String category = counts ? event.kind().id() : OTHERS;
        begin("i", name, category, event.cycle(), PROCESS, event.cpu());
        json.writeStringProperty("s", event.cpu() < 0 ? "g" : "t");
        json.writeObjectPropertyStart("args");
        for (Column column : Column.values()) {
            if (event.has(column) && column != Column.KIND && column != Column.CPU) {
                argument(event, column);
            }
        }
        if (event.has(Column.OFFSET)) {
            json.writeStringProperty("offset_unit", info.offsetUnit());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private void argument(Event event, Column column) {
        if (column == Column.CAUSES) {
            json.writeStringProperty(column.id(), causes(event));
        } else if (column.type() == Column.Type.TEXT) {
            json.writeStringProperty(column.id(), event.text(column));
        } else {
            json.writeNumberProperty(column.id(), event.number(column));
        }
    }

    private static String causes(Event event) {
        return String.join("+", Cause.namesOf((int) event.number(Column.CAUSES)));
    }

    private void begin(String phase, String name, String category, long cycle, int process, int track) {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringProperty("ph", phase);
        json.writeStringProperty("name", name);
        json.writeStringProperty("cat", category);
        json.writeNumberProperty("pid", process);
        json.writeNumberProperty("tid", track + FIRST_TRACK);
        json.writeNumberProperty("ts", microseconds(nanoseconds(cycle)));
    }

    /** In two steps, since cycles times 10^9 would not fit; the clock is below 9.2 GHz. */
    private long nanoseconds(long cycle) {
        long hz = info.clockHz();
        return Math.floorDiv(cycle, hz) * NANOSECONDS + Math.floorMod(cycle, hz) * NANOSECONDS / hz;
    }

    private static BigDecimal microseconds(long nanoseconds) {
        return BigDecimal.valueOf(nanoseconds, 3);
    }

    /** Who still runs does so to the end of the measured window, or of the trace if that is later. */
    @Override
    public void end() {
        long end = Math.max(lastCycle, info.windowEndCycle());
        running.forEach((cpu, ran) -> slice(cpu, ran, names.get(ran.thread()), end, null));
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
    }
}
