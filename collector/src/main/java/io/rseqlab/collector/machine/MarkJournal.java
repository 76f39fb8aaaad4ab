package io.rseqlab.collector.machine;

/** What the marks of one period of a core's work added to counts, so that it can be added many times over. */
public interface MarkJournal {
    /** The period is over. */
    void close();

    /**
     * True if what was noted can be added again: nothing in it happened once only, and counts were not cleared since.
     */
    boolean repeats();

    /** How much higher than now what is counted by its peak can rise by this core's work. */
    long rise();

    /**
     * Adds it so many times more, and moves what is remembered of the last operations.
     *
     * @param times periods
     * @param cycles by how much time they move
     */
    void repeat(long times, long cycles);
}
