package io.rseqlab.analyzer.result;

import java.util.Map;

/**
 * Counts of one CPU over the measured window.
 *
 * @param cpu its number
 * @param counts by counter id, such as {@code preemptions}; a count never made is missing
 */
public record CpuResult(int cpu, Map<String, Long> counts) {}
