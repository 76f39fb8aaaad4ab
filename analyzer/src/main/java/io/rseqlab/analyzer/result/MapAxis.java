package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * What varies along one side of a map.
 *
 * @param name the coordinate: threads, cpus, handoff, kernel, ...
 * @param values its values, rising where they are numbers, else as found
 * @param numeric true where all values are numbers: only along these does a crossover lie between two
 * @param continuous true where some value is no whole number: a crossover has a place then, else a bracket
 */
public record MapAxis(String name, List<String> values, boolean numeric, boolean continuous) {}
