/**
 * The contract of recorded malloc calls: what a program asked of its allocator, in order, with addresses turned into
 * numbers; the file form, its reader and writer, and the statistics. Who records and who replays meets here.
 *
 * <p>May import {@code trace}, for its exceptions alone.
 */
package io.rseqlab.trace.malloc;
