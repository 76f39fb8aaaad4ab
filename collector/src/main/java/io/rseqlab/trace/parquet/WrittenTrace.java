package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.RunInfo;
import java.nio.file.Path;
import java.util.List;

/**
 * A trace that was just written, as a reader will find it: whoever analyzes what he writes need not read it back. Of a
 * trace of a few hundred rows reading takes longer than all that is done with them.
 *
 * @param directory where it lies
 * @param info what its {@code run.json} says
 * @param counters its exact counts
 * @param events its kernel events; null if they were more than a writer holds at a time, and have to be read
 */
public record WrittenTrace(Path directory, RunInfo info, List<Counter> counters, EventBatch events) {}
