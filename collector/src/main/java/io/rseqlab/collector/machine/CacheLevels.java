package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * Where lines are kept: each core's two levels, of which the second has all that the first has, the third level of each
 * group of CPUs, which takes what their second levels give up, and memory.
 */
final class CacheLevels {
    private final Distances distances;
    private final Directory directory;
    private final int cores;
    private final long thirdCycles;
    private final long dramCycles;
    private final PrivateCache[] thirds;

    CacheLevels(MachineProfile profile, Distances distances, Directory directory) {
        this.distances = distances;
        this.directory = directory;
        cores = profile.cpus();
        thirdCycles = profile.l3Cycles();
        dramCycles = profile.dramCycles();
        thirds = new PrivateCache[distances.clusters()];
        Arrays.setAll(thirds, i -> new PrivateCache(profile.l3Bytes(), profile.l3Ways()));
    }

    private PrivateCache third(Core core) {
        return thirds[distances.clusterOf(core.id)];
    }

    boolean thirdHas(Core core, long line) {
        return third(core).find(line) >= 0;
    }

    /**
     * A core reads a line that nobody has alone: from its third level, who shares it, or memory.
     *
     * @param others who shares it, a bit for each {@code 1 << sharers.shift}
     * @return the cycles that takes
     */
    long readBelow(Core core, long line, long others) {
        PrivateCache third = third(core);
        int slot = third.find(line);
        if (slot >= 0) {
            third.touch(slot);
            return thirdCycles;
        }
        third.insert(line, 0);
        int shift = directory.sharers.shift;
        return others == 0 ? dramCycles : distances.nearestCycles(core.id, others, shift, cores, dramCycles);
    }

    /** A line comes to both of a core's levels; its data arrive in so many units of time. */
    void insert(Core core, long line, long arrival) {
        insertL2(core, line, arrival);
        insertL1(core, line, arrival);
    }

    void insertL2(Core core, long line, long arrival) {
        long displaced = core.l2.insert(line, arrival);
        if (displaced >= 0) {
            core.l1.remove(displaced);
            core.displaceLine(displaced, true);
            directory.giveUp(core, displaced);
            third(core).insert(displaced, 0);
        }
    }

    void insertL1(Core core, long line, long arrival) {
        long displaced = core.l1.insert(line, arrival);
        if (displaced >= 0) {
            core.displaceLine(displaced, false);
        }
    }
}
