package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.CentralPool;
import io.rseqlab.collector.strategy.block.ClassTable;
import java.util.List;
import java.util.function.IntToLongFunction;

/** Parameters that several strategies declare alike. */
final class Parameters {
    static final String CAP = "cap";
    static final String REFILL = "refill";
    static final String FLUSH = "flush";
    static final String BATCH = "batch";

    /** Least cap of a list where there are several size classes. */
    private static final int LEAST = 2;

    private static final Parameter CAP_PARAMETER =
            Parameter.count(CAP, "blocks", 256, 1, 1_000_000, "most blocks a CPU's list may hold");
    private static final Parameter REFILL_PARAMETER =
            Parameter.count(REFILL, "blocks", 32, 1, 1_000_000, "blocks taken from the central pool at a time");
    private static final Parameter FLUSH_PARAMETER = Parameter.count(
            FLUSH, "blocks", 128, 1, 1_000_000, "blocks given to the central pool at a time, the freed one included");
    private static final Parameter BATCH_PARAMETER = Parameter.count(
            BATCH, "blocks", 64, 1, 1_000_000, "foreign blocks pending, over all owners, before they are posted");

    /** Strategies with capped lists. */
    static final List<Parameter> CAPPED = List.of(CAP_PARAMETER, REFILL_PARAMETER, FLUSH_PARAMETER);
    /** Strategies with uncapped lists. */
    static final List<Parameter> UNCAPPED = List.of(REFILL_PARAMETER);
    /** Strategies that send messages. */
    static final List<Parameter> MESSAGES = List.of(BATCH_PARAMETER, REFILL_PARAMETER);
    /** Capped lists and messages. */
    static final List<Parameter> CAPPED_MESSAGES =
            List.of(CAP_PARAMETER, REFILL_PARAMETER, FLUSH_PARAMETER, BATCH_PARAMETER);

    private Parameters() {}

    // ---- what they come to for each size class. With one class they are taken as they are.

    /** Most blocks of a CPU's list: with several classes so many as {@code cap} blocks of a line have bytes. */
    static ClassTable cap(Settings settings, StrategyContext context, BlockClasses classes) {
        long cap = settings.count(CAP);
        return table(context, classes, bytes -> classes.single() ? cap : Math.max(LEAST, cap * Layout.LINE / bytes));
    }

    /** Blocks of a refill: with several classes at most half of what the list may hold. */
    static ClassTable refill(Settings settings, StrategyContext context, BlockClasses classes) {
        return part(REFILL, settings, context, classes);
    }

    /** Blocks of a flush: with several classes at most half of what the list may hold. */
    static ClassTable flush(Settings settings, StrategyContext context, BlockClasses classes) {
        return part(FLUSH, settings, context, classes);
    }

    private static ClassTable part(String name, Settings settings, StrategyContext context, BlockClasses classes) {
        long blocks = settings.count(name);
        long cap = settings.count(CAP);
        return table(context, classes, bytes -> {
            long half = Math.max(LEAST, cap * Layout.LINE / bytes) / 2;
            return classes.single() ? blocks : Math.min(blocks, half);
        });
    }

    /** Blocks of a refill of a list without cap: with several classes at most a span. */
    static ClassTable uncappedRefill(Settings settings, StrategyContext context, BlockClasses classes) {
        long refill = settings.count(REFILL);
        return table(context, classes, bytes -> {
            long span = Math.max(1, CentralPool.SPAN_BYTES / bytes);
            return classes.single() ? refill : Math.min(refill, span);
        });
    }

    private static ClassTable table(StrategyContext context, BlockClasses classes, IntToLongFunction ofBytes) {
        return new ClassTable(context.layout(), classes, i ->
                (int) ofBytes.applyAsLong(classes.sizes().bytes(i)));
    }
}
