package io.rseqlab.trace;

/**
 * Consecutive event rows of a trace, column by column. Columns are decoded when they are asked for, so whoever first
 * looks at {@link #holds} and {@link #kinds} pays for nothing else where there is nothing for him. Arrays belong to the
 * batch and are valid until the next one; entries from {@link #rows} on mean nothing.
 */
public interface EventBatch {
    /** The absent value of 32-bit columns; no such column holds it otherwise. */
    int ABSENT_INT = Integer.MIN_VALUE;

    /** The absent value of text columns. */
    int ABSENT_CODE = -1;

    /** Number of the first row among all event rows of the trace, from 0. */
    long firstRow();

    /** Rows that the batch stands for. Where it {@link #holds} nothing they may be many, and were not read. */
    int rows();

    /** True where some row is of that kind and may be looked at. */
    boolean holds(EventKind kind);

    /** The kind of each row, by ordinal. */
    int[] kinds();

    /** A 64-bit column; absent values are {@link Event#ABSENT}. */
    long[] longs(Column column);

    /** A 32-bit column; absent values are {@link #ABSENT_INT}. */
    int[] ints(Column column);

    /** A text column other than the kind, as indices into {@link #texts}; absent values are {@link #ABSENT_CODE}. */
    int[] codes(Column column);

    /** What the codes of a text column stand for; the next batch may have others. */
    String[] texts(Column column);
}
