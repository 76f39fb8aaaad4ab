package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.Timeline;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Who ran where, and what happened, in a short window. Bounded: the first {@link #MOST} segments and marks are kept, in
 * the order of (cycle, cpu, …), which merging does not change.
 */
final class TimelineMetric implements Metric<TimelineMetric.State, Event, Timeline> {
    static final int MOST = 8000;

    private static final Set<EventKind> MARKS = EnumSet.of(
            EventKind.PREEMPT,
            EventKind.MIGRATE,
            EventKind.ABORT,
            EventKind.STALE_CPU_RESTART,
            EventKind.SIGNAL,
            EventKind.MEMBARRIER_IPI,
            EventKind.FAULT);

    private final Scope scope;
    private final long startCycle;
    private final long endCycle;

    TimelineMetric(Scope scope, long startCycle, long endCycle) {
        this.scope = scope;
        this.startCycle = startCycle;
        this.endCycle = endCycle;
    }

    private record Running(int thread, long since) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** A segment or a mark; a mark has no end. Ordered by everything it says. */
    private record Item(
            long cycle, int cpu, long sequence, long endCycle, int thread, String kind, String label, int target)
            implements Serializable, Comparable<Item> {
        private static final long serialVersionUID = 1L;
        private static final Comparator<Item> ORDER = Comparator.comparingLong(Item::cycle)
                .thenComparingInt(Item::cpu)
                .thenComparingLong(Item::sequence)
                .thenComparingLong(Item::endCycle)
                .thenComparingInt(Item::thread)
                .thenComparing(Item::kind, Comparator.nullsFirst(Comparator.naturalOrder()))
                .thenComparing(Item::label, Comparator.nullsFirst(Comparator.naturalOrder()))
                .thenComparingInt(Item::target);

        @Override
        public int compareTo(Item other) {
            return ORDER.compare(this, other);
        }
    }

    /** The first items in order, and how many there were. */
    private static final class First implements Serializable {
        private static final long serialVersionUID = 1L;

        private final TreeSet<Item> items = new TreeSet<>();
        private long seen;

        void add(Item item) {
            seen++;
            keep(item);
        }

        private void keep(Item item) {
            items.add(item);
            if (items.size() > MOST) {
                items.pollLast();
            }
        }

        void write(StateWriter out) {
            out.number(seen);
            out.number(items.size());
            for (Item item : items) {
                out.number(item.cycle());
                out.number(item.cpu());
                out.number(item.sequence());
                out.number(item.endCycle());
                out.number(item.thread());
                out.text(item.kind());
                out.text(item.label());
                out.number(item.target());
            }
        }

        void read(StateReader in) {
            seen = in.number();
            in.entries(() -> items.add(new Item(
                    in.number(), in.small(), in.number(), in.number(), in.small(), in.text(), in.text(), in.small())));
        }

        void addAll(First other) {
            seen += other.seen;
            other.items.forEach(this::keep);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof First first && seen == first.seen && items.equals(first.items);
        }

        @Override
        public int hashCode() {
            return items.hashCode();
        }
    }

    /** Who runs on each CPU, and what is kept. */
    static final class State implements Serializable {
        private static final long serialVersionUID = 1L;

        private final TreeMap<Integer, Running> running = new TreeMap<>();
        private final First segments = new First();
        private final First marks = new First();

        @Override
        public boolean equals(Object other) {
            return other instanceof State state
                    && running.equals(state.running)
                    && segments.equals(state.segments)
                    && marks.equals(state.marks);
        }

        @Override
        public int hashCode() {
            return Objects.hash(running, segments, marks);
        }
    }

    @Override
    public State zero() {
        return new State();
    }

    @Override
    public void observe(State state, Event item) {
        if (item.kind() == EventKind.SWITCH) {
            onSwitch(state, item);
        } else if (MARKS.contains(item.kind()) && item.cycle() >= startCycle && item.cycle() < endCycle) {
            state.marks.add(mark(item));
        }
    }

    private void onSwitch(State state, Event item) {
        Running running = state.running.getOrDefault(item.cpu(), new Running(item.thread(), startCycle));
        if (running.since() < endCycle) {
            addSegment(state.segments, item.cpu(), running, item.cycle(), item.text(Column.STATE));
            int next = item.has(Column.OTHER_THREAD) ? (int) item.number(Column.OTHER_THREAD) : -1;
            state.running.put(item.cpu(), new Running(next, item.cycle()));
        }
    }

    private void addSegment(First segments, int cpu, Running running, long end, String why) {
        long from = Math.max(startCycle, running.since());
        long to = Math.min(endCycle, end);
        if (running.thread() >= 0 && from < to) {
            segments.add(new Item(from, cpu, 0, to, running.thread(), end < endCycle ? why : null, null, -1));
        }
    }

    private static Item mark(Event event) {
        int target = event.has(Column.TARGET_CPU) ? (int) event.number(Column.TARGET_CPU) : -1;
        String kind = event.kind().id();
        String label = label(event, target);
        return new Item(event.cycle(), event.cpu(), event.sequence(), 0, event.thread(), kind, label, target);
    }

    private static String label(Event event, int target) {
        return switch (event.kind()) {
            case ABORT -> abortLabel(event);
            case MIGRATE -> "CPU " + event.cpu() + " to CPU " + target;
            case SIGNAL -> event.has(Column.NUMBER) ? "signal " + event.number(Column.NUMBER) : "signal";
            default -> event.kind().id().replace('_', ' ');
        };
    }

    private static String abortLabel(Event event) {
        int causes = event.has(Column.CAUSES) ? (int) event.number(Column.CAUSES) : 0;
        String why = causes == 0 ? "abort" : "abort by " + String.join(" and ", Cause.namesOf(causes));
        return event.has(Column.SECTION) ? why + " in " + event.text(Column.SECTION) : why;
    }

    @Override
    public State merge(State a, State b) {
        State all = new State();
        all.running.putAll(a.running);
        all.running.putAll(b.running);
        all.segments.addAll(a.segments);
        all.segments.addAll(b.segments);
        all.marks.addAll(a.marks);
        all.marks.addAll(b.marks);
        return all;
    }

    @Override
    public void write(State state, StateWriter out) {
        out.entries(state.running, (cpu, running) -> {
            out.number(cpu);
            out.number(running.thread());
            out.number(running.since());
        });
        state.segments.write(out);
        state.marks.write(out);
    }

    @Override
    public State read(StateReader in) {
        State state = new State();
        in.entries(() -> state.running.put(in.small(), new Running(in.small(), in.number())));
        state.segments.read(in);
        state.marks.read(in);
        return state;
    }

    /** Null where nothing was seen. */
    @Override
    public Timeline present(State state) {
        First segments = new First();
        segments.addAll(state.segments);
        state.running.forEach((cpu, running) -> addSegment(segments, cpu, running, Long.MAX_VALUE, null));
        if (segments.seen == 0 && state.marks.seen == 0) {
            return null;
        }
        Map<Integer, String> names = scope.info().threads().stream()
                .collect(Collectors.toMap(RunInfo.ThreadInfo::thread, RunInfo.ThreadInfo::name, (a, b) -> a));
        List<Timeline.Segment> rows = new ArrayList<>();
        segments.items.forEach(item -> rows.add(new Timeline.Segment(
                item.cpu(), item.thread(), name(names, item.thread()), item.cycle(), item.endCycle(), item.kind())));
        List<Timeline.Mark> marks = new ArrayList<>();
        state.marks.items.forEach(item -> marks.add(new Timeline.Mark(
                item.kind(),
                item.cycle(),
                item.cpu(),
                item.thread(),
                item.label(),
                item.target() < 0 ? null : item.target())));
        boolean truncated = segments.seen > MOST || state.marks.seen > MOST;
        RunInfo info = scope.info();
        return new Timeline(startCycle, endCycle, info.clockHz(), info.cpus(), rows, marks, truncated);
    }

    private static String name(Map<Integer, String> names, int thread) {
        return names.getOrDefault(thread, "thread " + thread);
    }

    @Override
    public Partition partition() {
        return Partition.BY_CPU;
    }
}
