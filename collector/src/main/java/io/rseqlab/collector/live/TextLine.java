package io.rseqlab.collector.live;

/**
 * One event line.
 *
 * @param comm the command as the line's left column has it, which may be stale
 * @param pid the thread (Linux's pid column is the thread); perf prints -1 for one that is exiting
 * @param cpu where the event was recorded
 * @param nanos the time stamp
 * @param event the event's name, without its group
 * @param args the rest
 */
record TextLine(String comm, int pid, int cpu, long nanos, String event, String args) {}
