/** Macros that strategies share: layouts, lists, locks, queues, the central pool. May import isa. */
package io.rseqlab.collector.strategy.block;
