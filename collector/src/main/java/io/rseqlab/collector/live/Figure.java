package io.rseqlab.collector.live;

/**
 * One number of a profile that is being made.
 *
 * @param key dotted key, as in {@code core.locked}
 * @param value the number
 * @param unit as in profiles
 * @param low what 5 % of the repetitions stay below, null for numbers without a spread
 * @param high what 5 % exceed, null for numbers without a spread
 * @param source how it was found, or where it was taken from
 * @param assumed true if it was not measured on this machine
 */
record Figure(String key, double value, String unit, Double low, Double high, String source, boolean assumed) {}
