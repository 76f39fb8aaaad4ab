package io.rseqlab.analyzer.metric;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.io.Serializable;
import java.util.Comparator;
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

    private static final Comparator<Integer> NUMBERS = Comparator.nullsFirst(Comparator.naturalOrder());
    private static final Comparator<String> TEXTS = Comparator.nullsFirst(Comparator.naturalOrder());
    private static final Comparator<Key> ORDER = Comparator.comparing(Key::name)
            .thenComparing(Key::cpu, NUMBERS)
            .thenComparing(Key::thread, NUMBERS)
            .thenComparing(Key::op, TEXTS)
            .thenComparing(Key::tier, NUMBERS)
            .thenComparing(Key::section, TEXTS)
            .thenComparing(Key::offset, NUMBERS)
            .thenComparing(Key::bucket, NUMBERS)
            .thenComparing(Key::detail, TEXTS);

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

    @Override
    public int compareTo(Key other) {
        return ORDER.compare(this, other);
    }
}
