/**
 * The rules of restartable sequences one by one: what each kernel policy says, what the model does when a small program
 * tries it, and what the kernel of this machine does.
 */
package io.rseqlab.collector.conformance;
