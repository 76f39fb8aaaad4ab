package io.rseqlab.trace.parquet;

/**
 * How a trace is cut into files. Row counts are rounded up to whole batches.
 *
 * @param partRows rows after which a part is closed, so that a killed run keeps it
 * @param groupRows rows of a row group, the unit in which readers share work
 */
public record WriterOptions(int partRows, int groupRows) {
    /** Four row groups to a part. */
    public static final WriterOptions DEFAULT = new WriterOptions(2_000_000, 500_000);

    public WriterOptions {
        if (partRows < 1 || groupRows < 1) {
            throw new IllegalArgumentException(
                    "rows per part and group must be positive: " + partRows + ", " + groupRows);
        }
    }
}
