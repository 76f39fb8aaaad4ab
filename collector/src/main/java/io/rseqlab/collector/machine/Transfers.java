package io.rseqlab.collector.machine;

import java.util.function.LongSupplier;

/** When a line that other cores have comes to the one that asks for it: requests for one line queue. */
final class Transfers {
    final Distances distances;
    private final int cores;
    private final int sharerShift;
    private final double jitter;
    /** By which share of it a transfer takes longer when the line has only just come from elsewhere. */
    private final double fightFactor;

    private final double fightFactorNear;

    /** Bits of a number; the middle one: no variation. */
    private LongSupplier random = () -> Long.MIN_VALUE;

    /** When the line that was asked for last will be there, in cycles. */
    long arrival;

    Transfers(MachineProfile profile, int sharerShift) {
        this.sharerShift = sharerShift;
        cores = profile.cpus();
        distances = new Distances(profile);
        jitter = profile.cost("transfer.jitter");
        fightFactor = profile.costOr("transfer.fought_for", 0);
        fightFactorNear = profile.costOr("transfer.fought_for_same_l3", fightFactor);
    }

    /** See {@link Coherence#vary}. */
    void vary(LongSupplier newRandom) {
        random = newRandom;
    }

    /**
     * Asks for a line; {@link #arrival} says when it will be there.
     *
     * @param from its owner; negative if there is none
     * @param others who shares it, a bit for each {@code 1 << sharerShift}
     * @param known the cycle in which the core asks
     * @param busyUntil when the line came to where it is
     * @return the cycle in which it leaves the others
     */
    long ask(int core, int from, long others, long known, long busyUntil) {
        long cost = varied(
                from >= 0
                        ? distances.transferCycles(core, from)
                        : distances.upgradeCycles(core, others, sharerShift, cores));
        boolean near = distances.near(core, from, others, sharerShift, cores);
        long stay = distances.stayCycles(cost, near);
        long leaves = Math.max(known, busyUntil) + stay;
        arrival = leaves + cost - stay;
        if (known - busyUntil < cost) {
            arrival += varied(Math.round(cost * (near ? fightFactorNear : fightFactor)));
        }
        return leaves;
    }

    /** A cost between jitter below and jitter above, all equally likely. */
    private long varied(long cycles) {
        double share = (random.getAsLong() >>> 11) * 0x1p-52 - 1; // -1 to 1
        return Math.round(cycles * (1 + jitter * share));
    }
}
