package io.rseqlab.analyzer.metric;

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

    /** The shard's first of so many consecutive things; its last is the one before the next shard's first. */
    public int from(int things) {
        return Math.toIntExact((long) things * index / count);
    }

    /** The first that belongs to the next shard. */
    public int to(int things) {
        return Math.toIntExact((long) things * (index + 1) / count);
    }
}
