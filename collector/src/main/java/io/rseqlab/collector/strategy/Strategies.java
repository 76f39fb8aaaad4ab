package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.FactorialPoint.Home;
import io.rseqlab.collector.strategy.FactorialPoint.Sync;
import java.util.List;

/** All strategies, in the order in which tables list them. */
public final class Strategies {
    private static final String LIST =
            "cosmopolitan third_party/dlmalloc/rseq.inc; back end as in TCMalloc's per-CPU mode";
    private static final String LOCK =
            "SuperMalloc's per-CPU caches; test-and-test-and-set of Rudolph and Segall (1984)";
    private static final String STACK =
            "Treiber, IBM RJ 5118 (1986), one stack per CPU; versioned pointers of IBM System/370";
    private static final String OWN = "; no published allocator";

    public static final List<AllocatorStrategy> ALL = List.of(
            // where the kernel offers no rseq cosmopolitan's dlmalloc, too, takes lock-guarded arenas by sched_getcpu
            new FactorialPoint("rseq-freelist", Sync.RSEQ, Home.LOCAL, LIST, "percpu-lock"),
            new MessagePassing(),
            // real per-CPU caches run per thread when they cannot register: google/tcmalloc issue 144
            new FactorialPoint(
                    "rseq-message",
                    Sync.RSEQ,
                    Home.MESSAGE,
                    "rseq-freelist and message-passing combined" + OWN,
                    "message-passing"),
            new FactorialPoint("percpu-lock", Sync.LOCK, Home.LOCAL, LOCK, null),
            new FactorialPoint("percpu-cas", Sync.CAS, Home.LOCAL, STACK, null),
            new ThreadCacheRemoteCas(),
            new FactorialPoint(
                    "rseq-remote-cas",
                    Sync.RSEQ,
                    Home.CAS,
                    "rseq-freelist and thread-cache-remote-cas combined" + OWN,
                    "thread-cache-remote-cas"),
            new FactorialPoint("percpu-lock-message", Sync.LOCK, Home.MESSAGE, LOCK + OWN, null),
            new FactorialPoint("percpu-lock-remote-cas", Sync.LOCK, Home.CAS, LOCK + OWN, null),
            new FactorialPoint("percpu-cas-message", Sync.CAS, Home.MESSAGE, STACK + OWN, null),
            new FactorialPoint("percpu-cas-remote-cas", Sync.CAS, Home.CAS, STACK + OWN, null),
            new FactorialPoint(
                    "thread-cache",
                    Sync.NONE,
                    Home.LOCAL,
                    "thread caches of gperftools and of TCMalloc's per-thread mode, with the factorial's back end",
                    null),
            new FactorialPoint(
                    "thread-cache-message",
                    Sync.NONE,
                    Home.MESSAGE,
                    "message-passing with caps, and inboxes instead of queues" + OWN,
                    null),
            new RseqList(),
            new TcmallocThread(),
            new TcmallocPercpu(),
            new SuperMalloc(false),
            new SuperMalloc(true),
            new Snmalloc(true),
            new Snmalloc(false),
            new Mimalloc(),
            new MimallocV3(),
            new Rpmalloc(),
            ArenaTcache.model(),
            ArenaTcache.jemalloc(),
            ArenaTcache.glibc(),
            ArenaTcache.hoard(),
            new GlobalTreiber(),
            new GlobalMutex(),
            new Ideal());

    private Strategies() {}

    /** What runs instead of a strategy whose parameters are others: the one of that name with its defaults. */
    static StrategyInstance withDefaults(String id, StrategyContext context) {
        AllocatorStrategy strategy = byId(id);
        return strategy.build(Settings.parse(id, strategy.parameters()), context);
    }

    /** What runs instead of a strategy that has no parameters but those of the one of that name: that with the same. */
    static StrategyInstance withSame(String id, Settings settings, StrategyContext context) {
        AllocatorStrategy strategy = byId(id);
        String values = settings.toString().substring(settings.name().length());
        return strategy.build(Settings.parse(id + values, strategy.parameters()), context);
    }

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
