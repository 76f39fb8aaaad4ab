/** Workloads, one file each, written as micro-programs; they never see a strategy. May import isa and spec. */
package io.rseqlab.collector.workload;
