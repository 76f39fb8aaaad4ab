/**
 * Workloads, one file each, written as micro-programs; they never see a strategy. May import isa, spec, and trace and
 * trace.malloc for what is replayed.
 */
package io.rseqlab.collector.workload;
