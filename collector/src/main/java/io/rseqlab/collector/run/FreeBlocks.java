package io.rseqlab.collector.run;

import io.rseqlab.collector.strategy.Place;

/** Hears of free blocks, one by one. */
@FunctionalInterface
interface FreeBlocks {
    /**
     * A free block.
     *
     * @param place where it lies
     * @param bytes its size
     */
    void visit(Place place, int bytes);
}
