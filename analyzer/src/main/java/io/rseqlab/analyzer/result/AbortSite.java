package io.rseqlab.analyzer.result;

import java.util.Map;

/**
 * Where in a section aborts happened.
 *
 * @param section name of the section, or its address when recorded
 * @param offset interrupted position inside it, in the run's offset unit
 * @param aborts how many
 * @param causes aborts by set of causes, such as {@code preemption+signal}; sums to {@code aborts}
 * @param exposureCycles cycles in which an interrupt would have landed here; null where not measured
 */
public record AbortSite(String section, Integer offset, long aborts, Map<String, Long> causes, Long exposureCycles) {}
