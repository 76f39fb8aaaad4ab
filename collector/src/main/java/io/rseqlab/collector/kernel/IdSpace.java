package io.rseqlab.collector.kernel;

import java.util.BitSet;

/** Which ids are taken, and how many the process can make use of: as many as it has threads, or CPUs if fewer. */
final class IdSpace {
    private final int cpus;
    private final BitSet taken = new BitSet();
    private long allowedMask;
    private int threads;

    IdSpace(int cpus) {
        this.cpus = cpus;
    }

    /** CPUs that any thread was ever allowed to run on: the mask only grows. Above 63 CPUs all are taken to be. */
    int allowedCpus() {
        return cpus >= Long.SIZE ? cpus : Long.bitCount(allowedMask);
    }

    void allow(long mask) {
        allowedMask |= cpus >= Long.SIZE ? -1 : mask & ((1L << cpus) - 1);
    }

    void started() {
        threads++;
    }

    void ended() {
        threads--;
    }

    int threads() {
        return threads;
    }

    /** How many ids the process can make use of. */
    int most() {
        return Math.min(allowedCpus(), threads);
    }

    int lowestFree() {
        return taken.nextClearBit(0);
    }

    /** Takes an id if it is free. */
    boolean take(int id) {
        boolean free = !taken.get(id);
        taken.set(id);
        return free;
    }

    void give(int id) {
        taken.clear(id);
    }

    /** How many are taken. */
    int count() {
        return taken.cardinality();
    }
}
