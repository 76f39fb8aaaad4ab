/**
 * The program: its front door, its exit codes, and the verbs that need collector and analyzer together.
 *
 * <p>May import {@code page}, {@code trace}, {@code spec}, the rooms that hold verbs, and, to measure them,
 * {@code machine} and {@code oracle}.
 */
package io.rseqlab.reports.app;
