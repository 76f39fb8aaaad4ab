package io.rseqlab.analyzer.command;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * What the document "Trace Event Format" asks of a trace in its JSON object form, in so far as Perfetto's trace
 * processor reads it: fields by phase with their types, none besides; slices that nest; begins that have an end; tracks
 * that have a name. Written from the document and not from the exporter, so that one can be held against the other.
 */
final class TraceEventForm {
    private static final Set<String> TOP = Set.of(
            "traceEvents",
            "displayTimeUnit",
            "systemTraceEvents",
            "otherData",
            "powerTraceAsString",
            "stackFrames",
            "samples",
            "controllerTraceDataKey",
            "metadata");

    /** What metadata events are called, and the argument that each carries. */
    private static final Map<String, String> METADATA = Map.of(
            "process_name", "name",
            "thread_name", "name",
            "process_labels", "labels",
            "process_sort_index", "sort_index",
            "thread_sort_index", "sort_index");

    /** Integers that a reader in JavaScript, as chrome://tracing is, takes without loss. */
    private static final long MOST_SAFE = (1L << 53) - 1;

    private static final Map<String, Predicate<JsonNode>> TYPES = Map.of(
            "ph", JsonNode::isString,
            "name", JsonNode::isString,
            "cat", JsonNode::isString,
            "pid", TraceEventForm::isTrack,
            "tid", TraceEventForm::isTrack,
            "ts", TraceEventForm::isTime,
            "dur", TraceEventForm::isTime,
            "s", node -> node.isString() && Set.of("g", "p", "t").contains(node.asString()),
            "args", JsonNode::isObject);

    /** Fields that an event of a phase must have; it may have no others of {@link #TYPES}, but for {@code args}. */
    private static final Map<String, Set<String>> FIELDS = Map.of(
            "B", Set.of("ph", "name", "cat", "pid", "tid", "ts"),
            "E", Set.of("ph", "pid", "tid", "ts"),
            "X", Set.of("ph", "name", "cat", "pid", "tid", "ts", "dur"),
            "i", Set.of("ph", "name", "cat", "pid", "tid", "ts", "s"),
            "M", Set.of("ph", "name", "pid", "tid"));

    private final List<String> problems = new ArrayList<>();
    private final Map<String, List<BigDecimal[]>> slices = new TreeMap<>();
    private final Map<String, Deque<BigDecimal>> open = new HashMap<>();
    private final Set<String> namedTracks = new HashSet<>();
    private final Set<Long> namedProcesses = new HashSet<>();
    private final Set<String> usedTracks = new HashSet<>();

    private TraceEventForm() {}

    /** What is wrong with a trace, in words; empty is lawful. */
    static List<String> problems(JsonNode root) {
        TraceEventForm form = new TraceEventForm();
        form.check(root);
        return form.problems;
    }

    private static boolean isTrack(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt() && node.asInt() >= 0;
    }

    /** Microseconds; three decimals are nanoseconds, the finest that the trace processor keeps. */
    private static boolean isTime(JsonNode node) {
        if (!node.isNumber()) {
            return false;
        }
        BigDecimal value = node.decimalValue(BigDecimal.ZERO).stripTrailingZeros();
        return value.signum() >= 0 && value.scale() <= 3 && value.longValue() < MOST_SAFE / 1000;
    }

    private void check(JsonNode root) {
        if (!root.isObject() || !root.path("traceEvents").isArray()) {
            problems.add("no object with an array traceEvents");
            return;
        }
        root.propertyNames().stream()
                .filter(name -> !TOP.contains(name))
                .forEach(name -> problems.add("unknown top-level key " + name));
        if (root.has("displayTimeUnit")
                && !Set.of("ms", "ns").contains(root.path("displayTimeUnit").asString(""))) {
            problems.add("displayTimeUnit is neither ms nor ns");
        }
        int index = 0;
        for (JsonNode event : root.path("traceEvents")) {
            int before = problems.size();
            fields(event);
            if (problems.size() == before) {
                place(event);
            }
            for (int i = before; i < problems.size(); i++) {
                problems.set(i, "event " + index + ": " + problems.get(i));
            }
            index++;
        }
        slices.forEach(this::nested);
        open.forEach(
                (track, begins) -> begins.forEach(at -> problems.add(track + ": begun at " + at + ", never ended")));
        usedTracks.stream()
                .filter(track -> !namedTracks.contains(track))
                .forEach(track -> problems.add("track " + track + " has no name"));
        usedTracks.stream()
                .map(track -> Long.parseLong(track.substring(0, track.indexOf('/'))))
                .distinct()
                .filter(process -> !namedProcesses.contains(process))
                .forEach(process -> problems.add("process " + process + " has no name"));
    }

    private void fields(JsonNode event) {
        String phase = event.path("ph").asString("");
        Set<String> wanted = FIELDS.get(phase);
        if (wanted == null) {
            problems.add("phase '" + phase + "' is none that is read here");
            return;
        }
        wanted.stream()
                .filter(name -> !event.has(name))
                .forEach(name -> problems.add("phase " + phase + " without " + name));
        event.properties().forEach(property -> {
            Predicate<JsonNode> type = TYPES.get(property.getKey());
            boolean known = type != null
                    && (wanted.contains(property.getKey()) || property.getKey().equals("args"));
            if (!known) {
                problems.add("phase " + phase + " has no field " + property.getKey());
            } else if (!type.test(property.getValue())) {
                problems.add(property.getKey() + " may not be " + property.getValue());
            }
        });
        event.path("args").properties().forEach(argument -> {
            JsonNode value = argument.getValue();
            boolean plain = value.isString() || value.isBoolean() || value.isNumber();
            if (!plain || value.isIntegralNumber() && Math.abs(value.asLong()) > MOST_SAFE) {
                problems.add("argument " + argument.getKey() + " may not be " + value);
            }
        });
    }

    private void place(JsonNode event) {
        String track = event.path("pid") + "/" + event.path("tid");
        BigDecimal at = event.path("ts").decimalValue(BigDecimal.ZERO);
        switch (event.path("ph").asString()) {
            case "M" -> metadata(event, track);
            case "X" ->
                slices.computeIfAbsent(track, any -> new ArrayList<>()).add(new BigDecimal[] {
                    at, at.add(event.path("dur").decimalValue(BigDecimal.ZERO))
                });
            case "B" -> open.computeIfAbsent(track, any -> new ArrayDeque<>()).push(at);
            case "E" -> {
                Deque<BigDecimal> begun = open.getOrDefault(track, new ArrayDeque<>());
                if (begun.isEmpty() || begun.peek().compareTo(at) > 0) {
                    problems.add(track + ": an end at " + at + " that nothing began before");
                } else {
                    slices.computeIfAbsent(track, any -> new ArrayList<>()).add(new BigDecimal[] {begun.pop(), at});
                }
            }
            default -> {}
        }
        boolean ofTrack = !event.path("ph").asString().equals("M")
                && !event.path("s").asString("t").equals("g");
        if (ofTrack) {
            usedTracks.add(track);
        }
    }

    private void metadata(JsonNode event, String track) {
        String name = event.path("name").asString();
        String argument = METADATA.get(name);
        if (argument == null || !event.path("args").has(argument)) {
            problems.add("metadata " + name + " without its argument");
            return;
        }
        boolean first = switch (name) {
            case "process_name" -> namedProcesses.add(event.path("pid").asLong());
            case "thread_name" -> namedTracks.add(track);
            default -> true;
        };
        if (!first) {
            problems.add(track + " is named twice");
        }
    }

    /** Trace viewers take slices of one track for nested: each lies inside the one that it begins in. */
    private void nested(String track, List<BigDecimal[]> all) {
        all.sort(Comparator.comparing((BigDecimal[] slice) -> slice[0])
                .thenComparing(slice -> slice[1], Comparator.reverseOrder()));
        Deque<BigDecimal> ends = new ArrayDeque<>();
        for (BigDecimal[] slice : all) {
            while (!ends.isEmpty() && ends.peek().compareTo(slice[0]) <= 0) {
                ends.pop();
            }
            if (!ends.isEmpty() && slice[1].compareTo(ends.peek()) > 0) {
                problems.add(
                        "track " + track + ": " + slice[0] + " to " + slice[1] + " crosses an end at " + ends.peek());
            }
            ends.push(slice[1]);
        }
    }
}
