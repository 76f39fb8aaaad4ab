package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.ArrayList;
import java.util.List;

/**
 * A point of the factorial: capped lists by CPU (or concurrency id) or by thread, under one synchronisation, with one
 * way home for foreign blocks, on one back end. What is left out makes no sense: lists by CPU without synchronisation
 * are not safe, and a thread's own list needs none. The two uncapped ones by thread, {@code message-passing} and
 * {@code thread-cache-remote-cas}, are files of their own.
 */
final class FactorialPoint implements AllocatorStrategy {
    /** How a list is kept whole: the second choice. */
    enum Sync {
        /** Not at all: the list is a thread's. */
        NONE("list per thread, no synchronisation, capped"),
        /** By restartable sections. */
        RSEQ("list per CPU, restartable sections"),
        /** By a lock that is tried. */
        LOCK("list per CPU, try-lock"),
        /** By swapping head and version together. */
        CAS("list per CPU, double-word compare-and-swap with a version");

        private final String words;

        Sync(String words) {
            this.words = words;
        }
    }

    /** Where a block goes that belongs to another's list: the third choice. */
    enum Home {
        /** Nowhere: it stays where it is freed. */
        LOCAL("foreign blocks stay where they are freed"),
        /** To its owner, in batches. */
        MESSAGE("foreign blocks are sent to their %s in batches"),
        /** To its owner, at once. */
        CAS("foreign blocks are swapped onto their %s's inbox");

        private final String words;

        Home(String words) {
            this.words = words;
        }
    }

    private final String id;
    private final Sync sync;
    private final Home home;
    private final String source;
    private final String fallback;

    /** @param fallback what runs where there is no rseq, null if sections are not used */
    FactorialPoint(String id, Sync sync, Home home, String source, String fallback) {
        this.id = id;
        this.sync = sync;
        this.home = home;
        this.source = source;
        this.fallback = fallback;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String summary() {
        return sync.words + ", " + String.format(home.words, sync == Sync.NONE ? "thread" : "CPU");
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> parameters = new ArrayList<>(Parameters.CAPPED);
        if (home == Home.MESSAGE) {
            parameters.add(Parameters.BATCH_PARAMETER);
        }
        if (sync == Sync.LOCK) {
            parameters.add(Parameters.LOCKED_INDEX_PARAMETER);
            parameters.add(Parameters.REFRESH_PARAMETER);
        } else if (sync != Sync.NONE) {
            parameters.add(Parameters.INDEX_PARAMETER);
        }
        return List.copyOf(parameters);
    }

    @Override
    public boolean usesRseq() {
        return sync == Sync.RSEQ;
    }

    @Override
    public String fallback() {
        return fallback;
    }

    @Override
    public StrategyInstance build(Settings settings, StrategyContext context) {
        if (sync == Sync.RSEQ && !context.rseq()) {
            return Strategies.byId(fallback).build(settings, context);
        }
        boolean byConcurrencyId =
                sync != Sync.NONE && settings.choice(Parameters.INDEX).equals(Parameters.CID);
        ListIndex index = sync == Sync.NONE ? ListIndex.THREAD : ListIndex.of(byConcurrencyId, context);
        boolean asks = settings.chooses(Parameters.INDEX, Parameters.GETCPU);
        return new FactorialInstance(sync, home, asks ? ListIndex.GETCPU : index, settings, context);
    }
}
