package io.rseqlab.trace;

import java.util.Arrays;

/**
 * One event row. Mutable and reused by producers and cursors, so that neither allocates: whoever wants to keep a row
 * copies it ({@link #copyFrom}). Absent values are {@link #ABSENT} and null.
 */
public final class Event {
    /** The absent number. */
    public static final long ABSENT = Long.MIN_VALUE;

    private static final int COLUMNS = Column.values().length;

    private final long[] numbers = new long[COLUMNS];
    private final String[] texts = new String[COLUMNS];
    private EventKind kind = EventKind.SWITCH;

    /** Empties the row and gives it what every kernel event has. */
    public Event reset(EventKind newKind, long cycle, int cpu, int thread) {
        clear();
        kind = newKind;
        numbers[Column.CYCLE.ordinal()] = cycle;
        numbers[Column.CPU.ordinal()] = cpu;
        numbers[Column.THREAD.ordinal()] = thread;
        return this;
    }

    /** Makes every column absent; the kind stays. */
    public void clear() {
        Arrays.fill(numbers, ABSENT);
        Arrays.fill(texts, null);
    }

    public Event set(Column column, long value) {
        numbers[column.ordinal()] = value;
        return this;
    }

    public Event set(Column column, String value) {
        texts[column.ordinal()] = value;
        return this;
    }

    public Event kind(EventKind newKind) {
        kind = newKind;
        return this;
    }

    public EventKind kind() {
        return kind;
    }

    /** Value of a number column, {@link #ABSENT} if it has none. */
    public long number(Column column) {
        return numbers[column.ordinal()];
    }

    /** Value of a text column, null if it has none; the kind column answers the kind's id. */
    public String text(Column column) {
        return column == Column.KIND ? kind.id() : texts[column.ordinal()];
    }

    public boolean has(Column column) {
        return column.type() == Column.Type.TEXT ? text(column) != null : numbers[column.ordinal()] != ABSENT;
    }

    public long cycle() {
        return numbers[Column.CYCLE.ordinal()];
    }

    public long sequence() {
        return numbers[Column.SEQUENCE.ordinal()];
    }

    /** The CPU, or -1 where the row has none. */
    public int cpu() {
        return has(Column.CPU) ? (int) numbers[Column.CPU.ordinal()] : -1;
    }

    /** The thread, or -1 where the row has none or means the idle task. */
    public int thread() {
        return has(Column.THREAD) ? (int) numbers[Column.THREAD.ordinal()] : -1;
    }

    public void copyFrom(Event other) {
        System.arraycopy(other.numbers, 0, numbers, 0, COLUMNS);
        System.arraycopy(other.texts, 0, texts, 0, COLUMNS);
        kind = other.kind;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(kind.id());
        for (Column column : Column.values()) {
            if (column != Column.KIND && has(column)) {
                text.append(' ').append(column.id()).append('=');
                text.append(column.type() == Column.Type.TEXT ? text(column) : Long.toString(number(column)));
            }
        }
        return text.toString();
    }
}
