package io.rseqlab.collector.machine;

/** All schedules of one path from one state: they differ in which stores fed its loads. */
final class Family {
    /** More of them, and what is not among them is left to the interpreter. */
    private static final int MOST = 64;

    final Block block;
    final Timing from;
    /** The one that was right last. */
    Schedule current;

    private Schedule[] all = new Schedule[1];
    private int count;

    Family(Block block, Timing from) {
        this.block = block;
        this.from = from;
    }

    boolean isFull() {
        return count == MOST;
    }

    void add(Schedule schedule) {
        if (count == all.length) {
            all = java.util.Arrays.copyOf(all, 2 * count);
        }
        all[count++] = schedule;
    }

    /** The one that has seen the same as a schedule before a place, and there what was seen; null if there is none. */
    Schedule find(int[] expectations, Schedule like, int place, int seen) {
        for (int i = 0; i < count; i++) {
            Schedule one = all[i];
            if (one.times[place] == seen && sameBefore(expectations, one, like, place)) {
                return one;
            }
        }
        return null;
    }

    private static boolean sameBefore(int[] expectations, Schedule one, Schedule other, int place) {
        for (int expectation : expectations) {
            if (expectation >= place) {
                return true;
            }
            if (one.times[expectation] != other.times[expectation]) {
                return false;
            }
        }
        return true;
    }
}
