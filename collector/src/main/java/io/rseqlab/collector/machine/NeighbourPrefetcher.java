package io.rseqlab.collector.machine;

/**
 * Brings the next or the previous line of the page into the second level with each line that a core did not have: the
 * one on the side on which lines were wanted last behind their neighbours. Another core can lose a line by it that it
 * still needs.
 *
 * <p>Like what AMD's optimization guides call the L2 up/down prefetcher, of which they give no rules. Measured on a Zen
 * 5 server, NEAR, lines that another core wrote, cycles of the time stamp counter: dependent loads in random order take
 * 62 a line where one of 32 lines is in use, 54 of one in four, 47 of one in two, 34 of all; behind loads, stores or
 * exchanges of the even lines that miss, the odd ones take 9.5 for 60, as from the second level; even lines that hit in
 * the first or the second level bring nothing. That a line which was brought brings the next when it is used
 * ({@link Coherence}) is concluded from the first of these; that a stream's lines bring none, from what two threads
 * that pass messages do (194 M operations/s, 115 in the model without it). That it ends with a page is assumed.
 */
final class NeighbourPrefetcher {
    /** Lines of a page, beyond which no prefetcher knows what is where. */
    private static final long PAGE_LINES = 64;

    private final boolean on;
    private long last = -2;
    private int direction = 1;

    NeighbourPrefetcher(boolean on) {
        this.on = on;
    }

    /** The line to bring with one that a core did not have; negative if there is none. */
    long neighbourOf(long line) {
        if (!on) {
            return -1;
        }
        if (Math.abs(line - last) == 1) {
            direction = (int) (line - last);
        }
        last = line;
        long neighbour = line + direction;
        return neighbour / PAGE_LINES == line / PAGE_LINES ? neighbour : -1;
    }
}
