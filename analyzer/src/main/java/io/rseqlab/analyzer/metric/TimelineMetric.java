package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.Timeline;
import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.RunInfo;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Who ran where, and what happened, in a short window. Bounded: the first {@link #MOST} segments and marks are kept, in
 * the order of (cycle, cpu, …), which merging does not change.
 */
final class TimelineMetric implements Pieces.Piece<TimelineMetric> {
    private static final long serialVersionUID = 1L;

    static final int MOST = 8000;

    private static final EventKind[] KINDS = EventKind.values();

    private static final Set<EventKind> MARKS = EnumSet.of(
            EventKind.PREEMPT,
            EventKind.MIGRATE,
            EventKind.ABORT,
            EventKind.STALE_CPU_RESTART,
            EventKind.SIGNAL,
            EventKind.MEMBARRIER_IPI,
            EventKind.FAULT);

    private final long startCycle;
    private final long endCycle;
    /** Who runs on a CPU is followed until the first switch behind the window. */
    private final CpuEnds ends = new CpuEnds();

    private final First segments = new First();
    private final First marks = new First();

    private TimelineMetric(long startCycle, long endCycle) {
        this.startCycle = startCycle;
        this.endCycle = endCycle;
    }

    static Metric<?, EventBatch, Timeline> metric(Scope scope, long startCycle, long endCycle) {
        return new OrderedMetric<>(
                scope,
                () -> new TimelineMetric(startCycle, endCycle),
                in -> new TimelineMetric(startCycle, endCycle).read(in),
                piece -> piece.present(scope));
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

    @Override
    public void observe(EventBatch batch, Scope scope) {
        if (batch.holds(EventKind.SWITCH)) {
            observeSwitches(batch);
        }
        if (MARKS.stream().anyMatch(batch::holds)) {
            observeMarks(batch);
        }
    }

    private void observeSwitches(EventBatch batch) {
        int[] kinds = batch.kinds();
        long[] cycles = batch.longs(Column.CYCLE);
        int[] cpus = batch.ints(Column.CPU);
        int[] from = batch.ints(Column.THREAD);
        int[] to = batch.ints(Column.OTHER_THREAD);
        int[] states = batch.codes(Column.STATE);
        String[] texts = batch.texts(Column.STATE);
        int aSwitch = EventKind.SWITCH.ordinal();
        for (int row = 0; row < batch.rows(); row++) {
            if (kinds[row] == aSwitch) {
                int known = ends.size();
                int slot = ends.slot(cpus[row]);
                String why = text(states[row], texts);
                if (slot == known) {
                    ends.first(slot, Scope.threadOf(from[row]), cycles[row], why);
                    ends.open(slot, Scope.threadOf(to[row]), cycles[row]);
                } else if (ends.openSince(slot) < endCycle) {
                    close(slot, cycles[row], why);
                    ends.open(slot, Scope.threadOf(to[row]), cycles[row]);
                }
            }
        }
    }

    private static String text(int code, String[] texts) {
        return code == EventBatch.ABSENT_CODE ? null : texts[code];
    }

    private void close(int slot, long cycle, String why) {
        addSegment(segments, ends.cpu(slot), ends.openThread(slot), ends.openSince(slot), cycle, why);
    }

    private void observeMarks(EventBatch batch) {
        int[] kinds = batch.kinds();
        long[] cycles = batch.longs(Column.CYCLE);
        for (int row = 0; row < batch.rows(); row++) {
            if (cycles[row] >= startCycle && cycles[row] < endCycle && MARKS.contains(KINDS[kinds[row]])) {
                marks.add(mark(batch, row));
            }
        }
    }

    private void addSegment(First into, int cpu, int thread, long since, long end, String why) {
        long from = Math.max(startCycle, since);
        long to = Math.min(endCycle, end);
        if (thread >= 0 && from < to) {
            into.add(new Item(from, cpu, 0, to, thread, end < endCycle ? why : null, null, -1));
        }
    }

    private static Item mark(EventBatch batch, int row) {
        EventKind kind = KINDS[batch.kinds()[row]];
        int cpu = Math.max(-1, batch.ints(Column.CPU)[row]);
        int target = Math.max(-1, batch.ints(Column.TARGET_CPU)[row]);
        long sequence = batch.longs(Column.SEQUENCE)[row];
        int thread = Scope.threadOf(batch.ints(Column.THREAD)[row]);
        long cycle = batch.longs(Column.CYCLE)[row];
        return new Item(cycle, cpu, sequence, 0, thread, kind.id(), label(batch, row, kind, cpu, target), target);
    }

    private static String label(EventBatch batch, int row, EventKind kind, int cpu, int target) {
        return switch (kind) {
            case ABORT -> abortLabel(batch, row);
            case MIGRATE -> "CPU " + cpu + " to CPU " + target;
            case SIGNAL -> {
                int number = batch.ints(Column.NUMBER)[row];
                yield number == EventBatch.ABSENT_INT ? "signal" : "signal " + number;
            }
            default -> kind.id().replace('_', ' ');
        };
    }

    private static String abortLabel(EventBatch batch, int row) {
        int causes = Math.max(0, batch.ints(Column.CAUSES)[row]);
        String section = text(batch.codes(Column.SECTION)[row], batch.texts(Column.SECTION));
        String why = causes == 0 ? "abort" : "abort by " + String.join(" and ", Cause.namesOf(causes));
        return section == null ? why : why + " in " + section;
    }

    @Override
    public void append(TimelineMetric next, Scope scope) {
        for (int other = 0; other < next.ends.size(); other++) {
            int known = ends.size();
            int slot = ends.slot(next.ends.cpu(other));
            if (slot == known) {
                ends.copy(slot, next.ends, other);
            } else if (ends.openSince(slot) < endCycle) {
                close(slot, next.ends.firstCycle(other), next.ends.firstWhy(other));
                ends.open(slot, next.ends.openThread(other), next.ends.openSince(other));
            }
        }
        segments.addAll(next.segments);
        marks.addAll(next.marks);
    }

    @Override
    public void write(StateWriter out) {
        ends.write(out);
        segments.write(out);
        marks.write(out);
    }

    private TimelineMetric read(StateReader in) {
        ends.read(in);
        segments.read(in);
        marks.read(in);
        return this;
    }

    /** Null where nothing was seen. */
    private Timeline present(Scope scope) {
        First shown = new First();
        shown.addAll(segments);
        for (int slot = 0; slot < ends.size(); slot++) {
            int cpu = ends.cpu(slot);
            addSegment(shown, cpu, ends.firstThread(slot), startCycle, ends.firstCycle(slot), ends.firstWhy(slot));
            addSegment(shown, cpu, ends.openThread(slot), ends.openSince(slot), Long.MAX_VALUE, null);
        }
        if (shown.seen == 0 && marks.seen == 0) {
            return null;
        }
        Map<Integer, String> names = scope.info().threads().stream()
                .collect(Collectors.toMap(RunInfo.ThreadInfo::thread, RunInfo.ThreadInfo::name, (a, b) -> a));
        List<Timeline.Segment> rows = new ArrayList<>();
        shown.items.forEach(item -> rows.add(new Timeline.Segment(
                item.cpu(), item.thread(), name(names, item.thread()), item.cycle(), item.endCycle(), item.kind())));
        List<Timeline.Mark> points = new ArrayList<>();
        marks.items.forEach(item -> points.add(new Timeline.Mark(
                item.kind(),
                item.cycle(),
                item.cpu(),
                item.thread(),
                item.label(),
                item.target() < 0 ? null : item.target())));
        boolean truncated = shown.seen > MOST || marks.seen > MOST;
        RunInfo info = scope.info();
        return new Timeline(startCycle, endCycle, info.clockHz(), info.cpus(), rows, points, truncated);
    }

    private static String name(Map<Integer, String> names, int thread) {
        return names.getOrDefault(thread, "thread " + thread);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TimelineMetric piece
                && StateWriter.bytes(this::write).equals(StateWriter.bytes(piece::write));
    }

    @Override
    public int hashCode() {
        return StateWriter.bytes(this::write).hashCode();
    }
}
