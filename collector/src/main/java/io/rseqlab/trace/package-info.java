/**
 * The contract between whoever makes traces and whoever reads them: event kinds, columns, counters, run information.
 * Imports nothing but the JDK; every other room may import it.
 */
package io.rseqlab.trace;
