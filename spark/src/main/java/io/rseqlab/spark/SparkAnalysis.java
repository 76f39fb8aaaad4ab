package io.rseqlab.spark;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
import io.rseqlab.analyzer.engine.PartialFile;
import io.rseqlab.analyzer.engine.PartialRun;
import io.rseqlab.analyzer.metric.Shard;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Analyzes traces on a cluster. Spark is the distributor alone: a task is one stretch of row groups of one trace, read
 * by the analyzer's own engine, and its result is the partial result that {@code analyze --partial} writes, some KiB.
 * States merge exactly, so that the document is that of one machine, bit for bit, whatever the tasks and whoever is
 * asked twice.
 *
 * <p>Traces lie where driver and executors see them under the same path: a shared file system, or object storage that
 * is mounted.
 */
public final class SparkAnalysis {
    private final JavaSparkContext spark;
    private final Set<String> metrics;
    private final boolean timeline;
    private final int groupsPerTask;

    /**
     * An analysis.
     *
     * @param metrics ids of the metrics to compute
     * @param timeline whether to make timelines
     * @param groupsPerTask row groups of a task, each of some 500,000 events; changes no number
     */
    public SparkAnalysis(JavaSparkContext spark, Set<String> metrics, boolean timeline, int groupsPerTask) {
        if (groupsPerTask < 1) {
            throw new IllegalArgumentException("row groups per task must be at least 1: " + groupsPerTask);
        }
        this.spark = spark;
        this.metrics = Set.copyOf(metrics);
        this.timeline = timeline;
        this.groupsPerTask = groupsPerTask;
    }

    /** A stretch of a trace's row groups, and what to compute: all that an executor is told. */
    private record Task(String trace, Shard shard, ArrayList<String> metrics, boolean timeline)
            implements Serializable {
        private static final long serialVersionUID = 1L;

        byte[] run() {
            AnalyzerOptions options = new AnalyzerOptions(1, true, timeline, Set.copyOf(metrics));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try {
                PartialFile.write(Analyzer.partial(List.of(Path.of(trace)), options, shard), bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    /**
     * Analyzes traces.
     *
     * @param traces trace directories, see {@link io.rseqlab.analyzer.engine.Traces#find}
     * @return the document of {@link Analyzer#analyze}, runs in the order of their paths
     * @throws TraceException if one cannot be read
     */
    public AnalysisDocument analyze(List<Path> traces) {
        List<Task> tasks = new ArrayList<>();
        for (Path trace : traces) {
            int groups = TraceReader.open(trace).eventGroups().size();
            int shards = Math.max(1, (groups + groupsPerTask - 1) / groupsPerTask);
            for (int shard = 0; shard < shards; shard++) {
                tasks.add(new Task(trace.toString(), new Shard(shard, shards), new ArrayList<>(metrics), timeline));
            }
        }
        List<PartialRun> parts = new ArrayList<>();
        for (byte[] part : spark.parallelize(tasks, Math.max(1, tasks.size()))
                .map(Task::run)
                .collect()) {
            parts.addAll(PartialFile.read(new ByteArrayInputStream(part), "what an executor sent"));
        }
        return PartialFile.merge(parts);
    }
}
