package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * A metric of one strategy in one cell, over its seeds.
 *
 * @param mean mean over the runs, null for no data
 * @param interval of the mean, null below the least number of runs
 * @param n runs that have the metric
 * @param unit unit of mean, interval and values
 * @param values one value per run, in the order of the strategy's seeds; null where a run has no data
 * @param note why there is no mean or interval, else null
 */
public record Estimate(Double mean, Interval interval, int n, String unit, List<Double> values, String note) {}
