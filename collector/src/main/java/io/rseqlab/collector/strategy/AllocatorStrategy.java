package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * A way to allocate: declares its parameters and builds the micro-programs of malloc and free. A strategy decides; the
 * machine charges cycles and emits events, so no strategy can forget an event or invent a cheap cycle.
 */
public interface AllocatorStrategy {
    /** Unique kebab-case name. */
    String id();

    /** One sentence: index, synchronisation, return of foreign blocks. */
    String summary();

    /** Where the algorithm comes from. */
    String source();

    /** Declared parameters. */
    List<Parameter> parameters();

    /**
     * Refuses settings that contradict each other, each being allowed by itself.
     *
     * @throws io.rseqlab.collector.spec.UsageException naming them
     */
    default void check(Settings settings) {}

    /** True if sections are used where the kernel offers rseq. */
    boolean usesRseq();

    /**
     * What runs instead where the kernel offers no rseq: another strategy's id; null if sections are not used anyway.
     */
    default String fallback() {
        return null;
    }

    /** True if these settings ask for hardware transactions, where the machine has them. */
    default boolean usesTransactions(Settings settings) {
        return false;
    }

    /** What runs instead where it has none, written like a setting; null if no settings ask for transactions. */
    default String withoutTransactions() {
        return null;
    }

    /** Reserves memory for one run and answers what the run needs of the strategy. */
    StrategyInstance build(Settings settings, StrategyContext context);
}
