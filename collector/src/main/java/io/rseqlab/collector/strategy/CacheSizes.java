package io.rseqlab.collector.strategy;

import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.SlabShape;

/**
 * Which sizes the caches of {@link ThreadCaches} are for, and how many blocks of each they may hold.
 *
 * <p>Source: jemalloc {@code tcache.c}, tcache_ncached_max_compute.
 */
final class CacheSizes {
    private static final int LEAST_CAP = 20;
    private static final int MOST_CAP = 200;

    private final BlockClasses classes;
    private final int[] caps;
    private final int cached;
    private final int small;

    CacheSizes(Settings settings, BlockClasses classes) {
        this.classes = classes;
        cached = upTo(settings.count(ArenaTcache.LARGEST));
        small = Math.min(cached, upTo(settings.count(ArenaTcache.FILL_LARGEST)));
        caps = new int[classes.count()];
        int cap = (int) settings.count(ArenaTcache.CAP);
        for (int i = 0; i < cached; i++) {
            caps[i] = cap > 0 ? cap : bySlab(classes.sizes().bytes(i));
        }
    }

    /** How many sizes have at most so many bytes; all of them for 0. */
    private int upTo(long bytes) {
        int sizes = 0;
        while (sizes < classes.count() && (bytes == 0 || classes.sizes().bytes(sizes) <= bytes)) {
            sizes++;
        }
        return sizes;
    }

    /** Twice the objects of a slab. */
    private static int bySlab(int bytes) {
        return Math.max(LEAST_CAP, Math.min(MOST_CAP, 2 * SlabShape.blocks(bytes)));
    }

    /** How many sizes there are, cached or not. */
    int all() {
        return caps.length;
    }

    /** How many sizes are cached: those with the lowest numbers. */
    int cached() {
        return cached;
    }

    /** How many of these are filled by more than one block. */
    int small() {
        return small;
    }

    /** Most blocks of a size in a cache, 0 if it is not cached. */
    int cap(int size) {
        return caps[size];
    }

    /** Most blocks of any size, at least one. */
    int most() {
        int most = 1;
        for (int cap : caps) {
            most = Math.max(most, cap);
        }
        return most;
    }

    /** Bytes of a buffer for as many pointers, and one more. */
    long bufferBytes() {
        return 8L * most() + 8;
    }
}
