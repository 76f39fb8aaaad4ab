/**
 * Who owns every block at every moment, and the audit that proves none was lost or handed out twice.
 *
 * <p>May import {@code isa} and {@code trace}.
 */
package io.rseqlab.collector.oracle;
