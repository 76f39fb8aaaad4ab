package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.UsageException;
import java.util.List;

/** All strategies, in the order in which tables list them. */
public final class Strategies {
    public static final List<AllocatorStrategy> ALL = List.of(
            new RseqFreelist(),
            new MessagePassing(),
            new RseqMessage(),
            new PercpuLock(),
            new PercpuCas(),
            new ThreadCacheRemoteCas(),
            new GlobalTreiber(),
            new GlobalMutex(),
            new Ideal());

    private Strategies() {}

    /** The strategy of that name. */
    public static AllocatorStrategy byId(String id) {
        return ALL.stream()
                .filter(strategy -> strategy.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new UsageException("no strategy '" + id + "'"
                        + Nearest.hint(
                                id, ALL.stream().map(AllocatorStrategy::id).toList())));
    }
}
