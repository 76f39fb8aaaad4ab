package io.rseqlab.collector.strategy;

/**
 * Where a free block lies, and with whom.
 *
 * @param holder whose memory it is stranded in: only that CPU's or thread's operations get at it
 * @param number the CPU's or thread's number, -1 for the pool
 * @param words what to call the place
 */
public record Place(Holder holder, int number, String words) {
    /** Who a free block waits for. */
    public enum Holder {
        /** Threads on that CPU. */
        CPU,
        /** That thread. */
        THREAD,
        /** Anyone. */
        POOL
    }

    /** A CPU's own list. */
    static Place cpu(int cpu) {
        return new Place(Holder.CPU, cpu, "cpu " + cpu);
    }

    /** A thread's own list. */
    static Place thread(int thread) {
        return new Place(Holder.THREAD, thread, "thread " + thread);
    }

    /** What all share. */
    public static Place pool(String words) {
        return new Place(Holder.POOL, -1, words);
    }

    /** The same holder, another place. */
    Place as(String newWords) {
        return new Place(holder, number, newWords);
    }

    @Override
    public String toString() {
        return words;
    }
}
