package io.rseqlab.analyzer.result;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One thread over the measured window; what was not measured is null.
 *
 * @param thread its number
 * @param name its name
 * @param ops workload operations it completed
 * @param runSeconds time on a CPU
 * @param stretches uninterrupted stretches on a CPU
 */
public record ThreadResult(
        int thread,
        String name,
        Long ops,
        @JsonProperty("run_s") Double runSeconds,
        Long stretches) {}
