/**
 * The program: its front door, its exit codes, and the verbs that need collector and analyzer together.
 *
 * <p>May import {@code page}, {@code trace} and the rooms that hold verbs.
 */
package io.rseqlab.reports.app;
