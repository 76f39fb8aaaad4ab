package io.rseqlab.collector.workload;

import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.UsageException;
import java.util.List;

/** All workloads, in the order in which tables list them. */
public final class Workloads {
    public static final List<Workload> ALL = List.of(
            new Churn(),
            new SizedChurn(),
            new ProducerConsumer(),
            new XmallocTest(),
            new Larson(),
            new Turnover(),
            new MessagePass(),
            new Symmetric(false),
            new Symmetric(true),
            new Bursts(),
            new Requests(),
            new GlibcSimple(),
            new GlibcThread(),
            new FalseSharing(true),
            new FalseSharing(false),
            new Sketch(),
            new Generator(),
            new Mstress(),
            new Rptest(),
            new Migration(),
            new AllocTest(),
            new TaskPool(),
            new Empirical(),
            new Replay());

    private Workloads() {}

    /** The workload of that name. */
    public static Workload byId(String id) {
        return ALL.stream()
                .filter(workload -> workload.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new UsageException("no workload '" + id + "'"
                        + Nearest.hint(id, ALL.stream().map(Workload::id).toList())));
    }
}
