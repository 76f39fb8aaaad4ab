/** Allocator strategies, one file each, written as micro-programs. May import isa, spec and strategy.block. */
package io.rseqlab.collector.strategy;
