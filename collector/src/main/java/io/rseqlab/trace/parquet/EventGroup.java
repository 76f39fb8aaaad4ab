package io.rseqlab.trace.parquet;

import io.rseqlab.trace.EventKind;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * A row group of events: the unit in which threads and machines share work. What it holds at most is known from the
 * statistics in its file's footer.
 *
 * @param part the file
 * @param index which row group of the file, from 0
 * @param firstRow number of its first row among all event rows of the trace
 * @param rows how many rows it has
 * @param kinds kinds that may occur in it
 * @param firstCycle least cycle, {@link Long#MIN_VALUE} where it is not known
 * @param lastCycle greatest cycle, {@link Long#MAX_VALUE} where it is not known
 */
public record EventGroup(
        Path part, int index, long firstRow, long rows, Set<EventKind> kinds, long firstCycle, long lastCycle) {

    /**
     * Which rows somebody wants. Rows that are not wanted may be delivered all the same: it only saves work.
     *
     * @param kinds kinds of rows
     * @param startCycle first cycle
     * @param endCycle first cycle after
     */
    public record Wanted(Set<EventKind> kinds, long startCycle, long endCycle) {
        /** Every row. */
        public static final Wanted ALL = new Wanted(EnumSet.allOf(EventKind.class), Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** False where no row can be wanted. */
    boolean mayHold(Wanted wanted) {
        return lastCycle >= wanted.startCycle()
                && firstCycle < wanted.endCycle()
                && kinds.stream().anyMatch(wanted.kinds()::contains);
    }
}
