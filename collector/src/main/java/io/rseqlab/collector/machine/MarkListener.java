package io.rseqlab.collector.machine;

/** Hears the marks of programs. */
@FunctionalInterface
public interface MarkListener {
    /**
     * A mark was reached.
     *
     * @param core the core
     * @param kind kind of {@link io.rseqlab.collector.isa.Mark}
     * @param argument the mark's argument
     * @param value value of the mark's register, or A0 for operation marks
     * @param cycle retirement cycle of the micro-operation before
     * @return true if the core must leave its fast loop, because something was injected
     */
    boolean mark(Core core, int kind, int argument, long value, long cycle);

    /** Begins to note what a core's marks add to counts; null if that cannot be repeated. */
    default MarkJournal note(Core core) {
        return null;
    }

    /** True if what was noted may be added later than it happens, behind what other cores' marks say meanwhile. */
    default boolean mayOwe(MarkJournal journal) {
        return journal.repeats();
    }

    /** True if nothing counted by its peak gets a new one when it rises by so much from now. */
    default boolean below(long rise) {
        return true;
    }
}
