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

    private static final int KIND_BIT = 1 << Column.KIND.ordinal();

    private final long[] numbers = new long[COLUMNS];
    private final String[] texts = new String[COLUMNS];
    private int present = KIND_BIT;
    private EventKind kind = EventKind.SWITCH;

    public Event() {
        Arrays.fill(numbers, ABSENT);
    }

    /** Empties the row and gives it what every kernel event has. */
    public Event reset(EventKind newKind, long cycle, int cpu, int thread) {
        clear();
        kind = newKind;
        return set(Column.CYCLE, cycle).set(Column.CPU, cpu).set(Column.THREAD, thread);
    }

    /** Makes every column absent; the kind stays. */
    public void clear() {
        for (int rest = present; rest != 0; rest &= rest - 1) {
            int index = Integer.numberOfTrailingZeros(rest);
            numbers[index] = ABSENT;
            texts[index] = null;
        }
        present = KIND_BIT;
    }

    /** Sets a number column; {@link #ABSENT} empties it. */
    public Event set(Column column, long value) {
        int index = column.ordinal();
        numbers[index] = value;
        mark(index, value != ABSENT);
        return this;
    }

    /** Sets a text column other than the kind; null empties it. */
    public Event set(Column column, String value) {
        int index = column.ordinal();
        texts[index] = value;
        mark(index, value != null);
        return this;
    }

    private void mark(int index, boolean has) {
        present = has ? present | 1 << index : present & ~(1 << index);
    }

    /** The columns that have a value, as bits by ordinal. */
    public int present() {
        return present;
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
        return (present & 1 << column.ordinal()) != 0;
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
        present = other.present;
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
