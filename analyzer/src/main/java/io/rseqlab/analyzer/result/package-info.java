/**
 * The result document, the second contract: what the analyzer found, in the form that the reports render and that
 * anyone may read as JSON. Records and their JSON; imports nothing else of the project.
 */
package io.rseqlab.analyzer.result;
