/** How strategies and workloads declare their parameters, and how {@code name:key=value} is read. Imports nothing. */
package io.rseqlab.collector.spec;
