package io.rseqlab.analyzer.result;

/**
 * What became of a contrast where the machine's costs were drawn from the ranges that its profile states: how far the
 * answer hangs on what nobody knows more closely.
 *
 * @param draws draws that ran with both strategies
 * @param seeds runs of each strategy in each draw, the least where they differ
 * @param flips draws in which the other strategy is ahead, by the geometric mean over the draw's seeds
 * @param interval of the share of draws that flip, exact; its draws are independent
 * @param ratioLow the lowest ratio of strategy to baseline in any draw
 * @param ratioHigh the highest
 */
public record CostDraws(int draws, int seeds, int flips, Interval interval, double ratioLow, double ratioHigh) {}
