package io.rseqlab.analyzer.metric;

import java.io.Serializable;
import java.util.Arrays;

/**
 * What is open at both ends of consecutive rows, by CPU: the first switch, of which it is not known since when its
 * thread ran, and who runs since the last one.
 */
final class CpuEnds implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Slots cpus = new Slots();
    private int[] firstThread = new int[8];
    private long[] firstCycle = new long[8];
    private String[] firstWhy = new String[8];
    private int[] openThread = new int[8];
    private long[] openSince = new long[8];

    /** Number of CPUs with a switch. */
    int size() {
        return cpus.size();
    }

    /** The slot of a CPU; {@link #size} before the call if it had no switch yet. */
    int slot(int cpu) {
        int slot = cpus.of(cpu);
        if (slot == firstThread.length) {
            int length = 2 * slot;
            firstThread = Arrays.copyOf(firstThread, length);
            firstCycle = Arrays.copyOf(firstCycle, length);
            firstWhy = Arrays.copyOf(firstWhy, length);
            openThread = Arrays.copyOf(openThread, length);
            openSince = Arrays.copyOf(openSince, length);
        }
        return slot;
    }

    int cpu(int slot) {
        return cpus.id(slot);
    }

    /** Notes the first switch of a CPU: who left, when, and why (null if that does not matter). */
    void first(int slot, int thread, long cycle, String why) {
        firstThread[slot] = thread;
        firstCycle[slot] = cycle;
        firstWhy[slot] = why;
    }

    int firstThread(int slot) {
        return firstThread[slot];
    }

    long firstCycle(int slot) {
        return firstCycle[slot];
    }

    String firstWhy(int slot) {
        return firstWhy[slot];
    }

    /** Notes who runs on a CPU, and since when. */
    void open(int slot, int thread, long since) {
        openThread[slot] = thread;
        openSince[slot] = since;
    }

    int openThread(int slot) {
        return openThread[slot];
    }

    long openSince(int slot) {
        return openSince[slot];
    }

    /** Takes over what another knows of a CPU. */
    void copy(int slot, CpuEnds other, int otherSlot) {
        first(slot, other.firstThread[otherSlot], other.firstCycle[otherSlot], other.firstWhy[otherSlot]);
        open(slot, other.openThread[otherSlot], other.openSince[otherSlot]);
    }

    void write(StateWriter out) {
        out.number(size());
        cpus.each(slot -> {
            out.number(cpus.id(slot));
            out.number(firstThread[slot]);
            out.number(firstCycle[slot]);
            out.text(firstWhy[slot]);
            out.number(openThread[slot]);
            out.number(openSince[slot]);
        });
    }

    void read(StateReader in) {
        in.entries(() -> {
            int slot = slot(in.small());
            first(slot, in.small(), in.number(), in.text());
            open(slot, in.small(), in.number());
        });
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuEnds ends && StateWriter.bytes(this::write).equals(StateWriter.bytes(ends::write));
    }

    @Override
    public int hashCode() {
        return StateWriter.bytes(this::write).hashCode();
    }
}
