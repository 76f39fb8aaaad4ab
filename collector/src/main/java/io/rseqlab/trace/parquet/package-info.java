/**
 * The only room that knows Parquet: writes the parts of a trace, reads them back, and keeps the footer.
 *
 * <p>May import {@code trace}.
 */
package io.rseqlab.trace.parquet;
