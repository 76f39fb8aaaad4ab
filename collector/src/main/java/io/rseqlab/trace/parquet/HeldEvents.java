package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import java.util.Arrays;

/** All kernel events of a trace, from the batch in which its writer collected them. For one thread. */
final class HeldEvents implements EventBatch {
    private static final int COLUMNS = Column.values().length;
    private static final String[] NO_TEXTS = new String[0];

    private final Batch batch;
    private final int[] present;
    private final int rows;
    private final int[] kinds;
    private int held;
    private final long[][] longs = new long[COLUMNS][];
    private final int[][] ints = new int[COLUMNS][];
    private final TextCodes[] texts = new TextCodes[COLUMNS];

    /** @param batch what was collected; it may be cleared, but no row may be put into it any more */
    HeldEvents(Batch batch) {
        this.batch = batch;
        rows = batch.rows;
        present = Arrays.copyOf(batch.present, rows);
        kinds = new int[rows];
        String[] names = batch.texts[Column.KIND.ordinal()];
        for (int row = 0; row < rows; row++) {
            kinds[row] = EventKind.of(names[row]).ordinal();
            held |= 1 << kinds[row];
        }
    }

    private boolean has(int field, int row) {
        return (present[row] >>> field & 1) != 0;
    }

    @Override
    public long firstRow() {
        return 0;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public boolean holds(EventKind kind) {
        return (held & 1 << kind.ordinal()) != 0;
    }

    @Override
    public int[] kinds() {
        return kinds;
    }

    @Override
    public long[] longs(Column column) {
        int field = column.ordinal();
        if (longs[field] == null) {
            longs[field] = new long[rows];
            for (int row = 0; row < rows; row++) {
                longs[field][row] = has(field, row) ? batch.numbers[field][row] : Event.ABSENT;
            }
        }
        return longs[field];
    }

    @Override
    public int[] ints(Column column) {
        int field = column.ordinal();
        if (ints[field] == null) {
            ints[field] = new int[rows];
            for (int row = 0; row < rows; row++) {
                ints[field][row] = has(field, row) ? Math.toIntExact(batch.numbers[field][row]) : ABSENT_INT;
            }
        }
        return ints[field];
    }

    @Override
    public int[] codes(Column column) {
        int field = column.ordinal();
        if (ints[field] == null) {
            ints[field] = new int[rows];
            texts[field] = new TextCodes();
            for (int row = 0; row < rows; row++) {
                ints[field][row] = has(field, row) ? texts[field].codeOf(batch.texts[field][row]) : ABSENT_CODE;
            }
        }
        return ints[field];
    }

    @Override
    public String[] texts(Column column) {
        TextCodes codes = texts[column.ordinal()];
        return codes == null ? NO_TEXTS : codes.texts().toArray(NO_TEXTS);
    }
}
