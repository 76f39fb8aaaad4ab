package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.ElidedLock;
import io.rseqlab.collector.strategy.block.SpinLock;
import io.rseqlab.collector.strategy.block.WordLock;
import java.util.List;

/**
 * SuperMalloc's caches: per thread, per CPU and global, lists of blocks of a size that move between levels as wholes.
 * Everything that decides is in {@link SuperMallocInstance}; here is what users see of it, with the CPU level under
 * locks as published, taken or elided, or as restartable sections, which is what the review of FreeBSD D32505 supposed
 * would be faster.
 */
final class SuperMalloc implements AllocatorStrategy {
    static final String THREAD_BYTES = "thread_bytes";
    static final String CPU_BYTES = "cpu_bytes";
    static final String DEPTH = "depth";
    static final String REFRESH = "refresh";

    static final String WARM = "warm";
    static final String SYNC = "sync";

    private static final String LOCK = "lock";
    private static final String HTM = "htm";

    private final boolean sections;

    SuperMalloc(boolean sections) {
        this.sections = sections;
    }

    @Override
    public String id() {
        return sections ? "supermalloc-rseq" : "supermalloc";
    }

    @Override
    public String summary() {
        return "two lists per thread, two per CPU " + (sections ? "as restartable sections" : "behind a lock")
                + ", eight lists for all; whole lists move";
    }

    @Override
    public String source() {
        return "SuperMalloc (Kuszmaul, ISMM 2015; cache.cc)"
                + (sections ? ", its CPU level with sections instead of locks: no published allocator" : "");
    }

    @Override
    public List<Parameter> parameters() {
        Parameter thread = Parameter.count(
                THREAD_BYTES, "bytes", 8192, 0, 1 << 30, "a thread's list takes blocks while it has less; 0: no level");
        Parameter cpu =
                Parameter.count(CPU_BYTES, "bytes", 1 << 20, 1, 1 << 30, "a CPU's list takes blocks while it has less");
        Parameter depth = Parameter.count(DEPTH, "lists", 8, 0, 8, "whole lists of a size that all share");
        Parameter refresh = Parameter.count(
                REFRESH, "uses", 16, 1, 1_000_000, "the CPU's number is asked for anew every so many times it is used");
        Parameter warm = Parameter.share(
                WARM, 0, "warm start: share of its bytes that every list of a CPU and all global ones begin with");
        Parameter sync = Parameter.choice(
                SYNC,
                List.of(LOCK, HTM),
                "locks are taken, or elided by hardware transactions where the machine has them");
        return sections ? List.of(thread, cpu, depth, warm) : List.of(thread, cpu, depth, refresh, warm, sync);
    }

    @Override
    public boolean usesRseq() {
        return sections;
    }

    @Override
    public String fallback() {
        return sections ? "supermalloc" : null;
    }

    @Override
    public boolean usesTransactions(Settings settings) {
        return settings.chooses(SYNC, HTM);
    }

    @Override
    public String withoutTransactions() {
        return sections ? null : id() + ":" + SYNC + "=" + LOCK;
    }

    /**
     * The lock of a CPU's lists and of the global ones; as the real one does, taken where there is nothing to elide it.
     */
    static WordLock lock(Assembler a, Cold cold, Settings settings, StrategyContext context) {
        SpinLock lock = new SpinLock(a, cold);
        return context.transactions() && settings.chooses(SYNC, HTM) ? new ElidedLock(a, cold, lock) : lock;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        if (sections && !context.rseq()) {
            return Strategies.withSame(fallback(), settings, context);
        }
        return new SuperMallocInstance(sections, settings, context);
    }
}
