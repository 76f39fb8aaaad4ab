package io.rseqlab.analyzer.metric;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import java.io.Serializable;

/**
 * One of {@code count} shards of a trace.
 *
 * @param index which one
 * @param count how many there are
 */
public record Shard(int index, int count) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The trace uncut. */
    public static final Shard WHOLE = new Shard(0, 1);

    public Shard {
        if (count < 1 || index < 0 || index >= count) {
            throw new IllegalArgumentException("no shard " + index + " of " + count);
        }
    }

    /** True where the shard answers for that CPU or thread. */
    public boolean owns(int id) {
        return Math.floorMod(id, count) == index;
    }

    /** True where the shard must see the event, for a metric of that partition. */
    public boolean sees(Partition partition, Event event) {
        return count == 1
                || switch (partition) {
                    case ANY -> Math.floorMod(event.sequence(), (long) count) == index;
                    case BY_CPU -> owns(event.cpu());
                    case BY_THREAD -> owns(event.thread()) || (event.kind() == EventKind.SWITCH && ownsOther(event));
                };
    }

    private boolean ownsOther(Event event) {
        return event.has(Column.OTHER_THREAD) && owns((int) event.number(Column.OTHER_THREAD));
    }
}
