package io.rseqlab.analyzer.result;

import java.util.List;

/**
 * A section's program.
 *
 * @param name the section's name
 * @param length micro-operations from start to commit, both included
 * @param listing one line per micro-operation, indexed by offset
 */
public record SectionListing(String name, int length, List<String> listing) {}
