package io.rseqlab.trace.parquet;

import io.rseqlab.trace.RunInfo;

/** What a trace says of itself as a text, in the form of {@code run.json}, to be kept apart from its parts. */
public final class RunInfoText {
    private RunInfoText() {}

    public static String write(RunInfo info) {
        return RunJson.text(info);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws io.rseqlab.trace.TraceException if it is none
     */
    public static RunInfo read(String text) {
        return RunJson.info(text);
    }
}
