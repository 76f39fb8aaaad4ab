package io.rseqlab.analyzer.metric;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.io.Serializable;
import java.util.Set;

/** The dimensions of a counter that a metric keeps; those summed over are null. */
record Key(
        CounterName name,
        Integer cpu,
        Integer thread,
        String op,
        Integer tier,
        String section,
        Integer offset,
        Integer bucket,
        String detail)
        implements Serializable, Comparable<Key> {
    private static final long serialVersionUID = 1L;

    /** The dimensions. */
    enum Dimension {
        CPU,
        THREAD,
        OP,
        TIER,
        SECTION,
        OFFSET,
        BUCKET,
        DETAIL
    }

    static Key of(Counter counter, Set<Dimension> kept) {
        return new Key(
                counter.name(),
                kept.contains(Dimension.CPU) ? counter.cpu() : null,
                kept.contains(Dimension.THREAD) ? counter.thread() : null,
                kept.contains(Dimension.OP) ? counter.op() : null,
                kept.contains(Dimension.TIER) ? counter.tier() : null,
                kept.contains(Dimension.SECTION) ? counter.section() : null,
                kept.contains(Dimension.OFFSET) ? counter.offset() : null,
                kept.contains(Dimension.BUCKET) ? counter.bucket() : null,
                kept.contains(Dimension.DETAIL) ? counter.detail() : null);
    }

    void write(StateWriter out) {
        out.text(name.id());
        out.optional(cpu);
        out.optional(thread);
        out.text(op);
        out.optional(tier);
        out.text(section);
        out.optional(offset);
        out.optional(bucket);
        out.text(detail);
    }

    static Key read(StateReader in) {
        String id = in.text();
        CounterName name = id == null ? null : CounterName.of(id);
        if (name == null) {
            throw StateReader.damaged("no counter is called " + id);
        }
        return new Key(
                name,
                in.optional(),
                in.optional(),
                in.text(),
                in.optional(),
                in.text(),
                in.optional(),
                in.optional(),
                in.text());
    }

    /** Component by component, null first. Every row of every trace goes through here, for every metric. */
    @Override
    public int compareTo(Key other) {
        int by = name.compareTo(other.name);
        by = by != 0 ? by : compare(cpu, other.cpu);
        by = by != 0 ? by : compare(thread, other.thread);
        by = by != 0 ? by : compare(op, other.op);
        by = by != 0 ? by : compare(tier, other.tier);
        by = by != 0 ? by : compare(section, other.section);
        by = by != 0 ? by : compare(offset, other.offset);
        by = by != 0 ? by : compare(bucket, other.bucket);
        return by != 0 ? by : compare(detail, other.detail);
    }

    private static <T extends Comparable<T>> int compare(T a, T b) {
        if (a == b) {
            return 0;
        }
        return a == null ? -1 : b == null ? 1 : a.compareTo(b);
    }
}
