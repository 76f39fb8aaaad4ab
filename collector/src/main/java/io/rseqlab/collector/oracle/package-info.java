/**
 * The books beside a run: who owns every block, what each operation did, how each attempt ended. Costs the simulated
 * program nothing. May import isa, machine and trace.
 */
package io.rseqlab.collector.oracle;
