package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * snmalloc, as published in 2019 and as it is today, with and without BatchIt: what users see of it. The algorithm is
 * in {@link SnmallocInstance}; the two differ in parameters.
 */
final class Snmalloc implements AllocatorStrategy {
    static final String BUDGET = "remote_cache";
    static final String SLOT_BITS = "slot_bits";
    static final String RINGS = "rings";
    static final String WAKE = "wake";
    static final String KEEP = "keep";
    static final String CHUNK = "chunk";
    static final String CHECK = "check";
    static final String RECEIVE = "receive";
    static final String ALWAYS = "always";

    private final boolean published;

    /** @param published as in the publication of 2019 */
    Snmalloc(boolean published) {
        this.published = published;
    }

    @Override
    public String id() {
        return published ? "snmalloc-2019" : "snmalloc";
    }

    @Override
    public String summary() {
        return published
                ? "list per thread and size, foreign blocks in 64 buckets, sent when 1 MiB is pending"
                : "list per thread and size, foreign blocks in rings per slab, sent when 16 KiB are pending";
    }

    @Override
    public String source() {
        return published
                ? "snmalloc (Lietar et al., ISMM 2019)"
                : "snmalloc 0.7 corealloc.h, remotecache.h (2026); BatchIt (Filardo and Parkinson, ISMM 2024)";
    }

    @Override
    public List<Parameter> parameters() {
        List<String> checks = published ? List.of(ALWAYS, "empty") : List.of("empty", ALWAYS);
        return List.of(
                Parameter.count(
                        BUDGET,
                        "bytes",
                        published ? 1 << 20 : 16 << 10,
                        0,
                        1 << 30,
                        "bytes of foreign blocks pending before they are posted"),
                Parameter.count(
                        SLOT_BITS, "bits", published ? 6 : 8, 1, 8, "bits of the owner's number that choose a slot"),
                Parameter.count(
                        RINGS,
                        "sets",
                        published ? 0 : 8,
                        0,
                        64,
                        "BatchIt: sets of two open rings, a power of two; 0: off"),
                Parameter.count(
                        WAKE,
                        "blocks",
                        published ? 1 : 32,
                        1,
                        4096,
                        "free blocks, a quarter at most, that wake a slab"),
                Parameter.count(
                        KEEP,
                        "slabs",
                        published ? 0 : 2,
                        0,
                        1_000_000,
                        "unused slabs of a size, and a quarter of those with free blocks, that do not go back; 0: each"
                                + " does at once"),
                Parameter.count(CHUNK, "bits", published ? 16 : 14, 14, 20, "a slab has 2^chunk bytes"),
                Parameter.count(
                        RECEIVE,
                        "bytes",
                        published ? 1 << 30 : 1 << 20,
                        1,
                        1 << 30,
                        "bytes of messages taken in at a time"),
                Parameter.choice(
                        CHECK, checks, "when messages are looked for: in each operation, or with a list empty"));
    }

    @Override
    public boolean usesRseq() {
        return false;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        return new SnmallocInstance(settings, context);
    }
}
