package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long threads under test stay off the CPU, from switch-out to the next switch-in on whichever CPU, by why they
 * stopped.
 */
final class OffCpuTime implements Pieces.Piece<OffCpuTime> {
    private static final long serialVersionUID = 1L;
    private static final String UNIT = "ns";
    private static final String UNKNOWN = "unknown";

    private final Slots threads = new Slots();
    /** When the thread came, if that is the first that was seen of it; absent if it left first. */
    private long[] firstIn = new long[8];
    /** When the thread left, if it has not come back; else absent. */
    private long[] out = new long[8];
    /** Why it left, as an index into the reasons. */
    private int[] why = new int[8];

    private final ArrayList<String> reasons = new ArrayList<>();
    private final ArrayList<Histogram> absences = new ArrayList<>();

    static MetricInfo info() {
        return MetricInfo.ofEvents(
                "off_cpu_time_ns",
                UNIT,
                "time of threads under test from switch-out to the next switch-in, by why they stopped",
                EnumSet.of(EventKind.SWITCH),
                false,
                scope -> new OrderedMetric<>(scope, OffCpuTime::new, OffCpuTime::read, piece -> piece.present(scope)));
    }

    @Override
    public void observe(EventBatch batch, Scope scope) {
        if (!batch.holds(EventKind.SWITCH)) {
            return;
        }
        int[] kinds = batch.kinds();
        long[] cycles = batch.longs(Column.CYCLE);
        int[] from = batch.ints(Column.THREAD);
        int[] to = batch.ints(Column.OTHER_THREAD);
        int[] states = batch.codes(Column.STATE);
        int[] reasonOf =
                Arrays.stream(batch.texts(Column.STATE)).mapToInt(this::reason).toArray();
        int aSwitch = EventKind.SWITCH.ordinal();
        for (int row = 0; row < batch.rows(); row++) {
            if (kinds[row] != aSwitch) {
                continue;
            }
            if (scope.underTest(to[row])) {
                in(to[row], cycles[row], scope);
            }
            if (scope.underTest(from[row])) {
                int state = states[row];
                out(from[row], cycles[row], state == EventBatch.ABSENT_CODE ? reason(UNKNOWN) : reasonOf[state]);
            }
        }
    }

    private int reason(String text) {
        int known = reasons.indexOf(text);
        if (known >= 0) {
            return known;
        }
        reasons.add(text);
        absences.add(new Histogram());
        return reasons.size() - 1;
    }

    private int slot(int thread) {
        int slot = threads.of(thread);
        if (slot == out.length) {
            firstIn = Arrays.copyOf(firstIn, 2 * slot);
            out = Arrays.copyOf(out, 2 * slot);
            why = Arrays.copyOf(why, 2 * slot);
        }
        return slot;
    }

    private void in(int thread, long cycle, Scope scope) {
        int known = threads.size();
        int slot = slot(thread);
        if (slot == known) {
            firstIn[slot] = cycle;
        } else if (out[slot] != Event.ABSENT) {
            close(slot, cycle, scope);
        }
        out[slot] = Event.ABSENT;
    }

    private void close(int slot, long cycle, Scope scope) {
        if (scope.inWindow(out[slot]) && scope.inWindow(cycle)) {
            absences.get(why[slot]).add(cycle - out[slot]);
        }
    }

    private void out(int thread, long cycle, int reason) {
        int known = threads.size();
        int slot = slot(thread);
        if (slot == known) {
            firstIn[slot] = Event.ABSENT;
        }
        out[slot] = cycle;
        why[slot] = reason;
    }

    @Override
    public void append(OffCpuTime next, Scope scope) {
        int[] reasonOf = next.reasons.stream().mapToInt(this::reason).toArray();
        for (int other = 0; other < next.threads.size(); other++) {
            int known = threads.size();
            int slot = slot(next.threads.id(other));
            if (slot == known) {
                firstIn[slot] = next.firstIn[other];
            } else if (next.firstIn[other] != Event.ABSENT && out[slot] != Event.ABSENT) {
                close(slot, next.firstIn[other], scope);
            }
            out[slot] = next.out[other];
            why[slot] = next.out[other] == Event.ABSENT ? 0 : reasonOf[next.why[other]];
        }
        for (int reason = 0; reason < next.reasons.size(); reason++) {
            absences.set(reasonOf[reason], Histogram.merge(absences.get(reasonOf[reason]), next.absences.get(reason)));
        }
    }

    @Override
    public void write(StateWriter writer) {
        writer.number(threads.size());
        threads.each(slot -> {
            writer.number(threads.id(slot));
            writer.number(firstIn[slot]);
            writer.number(out[slot]);
            writer.text(out[slot] == Event.ABSENT ? null : reasons.get(why[slot]));
        });
        writer.entries(byReason(), (reason, histogram) -> {
            writer.text(reason);
            histogram.write(writer);
        });
    }

    private TreeMap<String, Histogram> byReason() {
        TreeMap<String, Histogram> sorted = new TreeMap<>();
        for (int reason = 0; reason < reasons.size(); reason++) {
            if (absences.get(reason).count() > 0) {
                sorted.put(reasons.get(reason), absences.get(reason));
            }
        }
        return sorted;
    }

    private static OffCpuTime read(StateReader in) {
        OffCpuTime piece = new OffCpuTime();
        in.entries(() -> {
            int slot = piece.slot(in.small());
            piece.firstIn[slot] = in.number();
            piece.out[slot] = in.number();
            String reason = in.text();
            piece.why[slot] = reason == null ? 0 : piece.reason(reason);
        });
        in.entries(() -> piece.absences.set(piece.reason(in.text()), Histogram.read(in)));
        return piece;
    }

    private MetricValue present(Scope scope) {
        Map<String, Histogram> sorted = byReason();
        if (sorted.isEmpty()) {
            return MetricValue.noData(UNIT, "no thread under test came back to a CPU in the measured window");
        }
        double scale = 1e9 / scope.info().clockHz();
        Map<String, MetricValue> parts = new LinkedHashMap<>();
        Histogram all = sorted.values().stream().reduce(new Histogram(), Histogram::merge);
        parts.put("all", all.present(UNIT, scale));
        sorted.forEach((reason, absent) -> parts.put(reason, absent.present(UNIT, scale)));
        return MetricValue.group(UNIT, parts);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OffCpuTime piece
                && StateWriter.bytes(this::write).equals(StateWriter.bytes(piece::write));
    }

    @Override
    public int hashCode() {
        return StateWriter.bytes(this::write).hashCode();
    }
}
