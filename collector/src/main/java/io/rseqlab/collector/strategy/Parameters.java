package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import java.util.List;

/** Parameters that several strategies declare alike. */
final class Parameters {
    static final String CAP = "cap";
    static final String REFILL = "refill";
    static final String FLUSH = "flush";
    static final String BATCH = "batch";

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
}
