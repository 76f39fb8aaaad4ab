package io.rseqlab.collector.machine;

/** What a machine profile says of the distances between cores, as tables: looked up at every access to shared lines. */
final class Distances {
    private final int[] clusters;
    private final long[][] transferCycles;
    private final double upgradeFactor;
    /**
     * For which share of a transfer a line stays with its owner from when it is asked for: in all, and on one cache.
     */
    private final double stays;

    private final double staysNear;

    Distances(MachineProfile profile) {
        clusters = new int[profile.cpus()];
        int count = profile.clusterOf(profile.cpus() - 1) + 1;
        int[] member = new int[count];
        for (int cpu = 0; cpu < clusters.length; cpu++) {
            clusters[cpu] = profile.clusterOf(cpu);
            member[clusters[cpu]] = cpu;
        }
        upgradeFactor = profile.cost("transfer.upgrade_factor");
        stays = profile.costOr("transfer.stays", 0.5);
        staysNear = profile.costOr("transfer.stays_same_l3", stays);
        transferCycles = new long[count][count];
        for (int a = 0; a < count; a++) {
            for (int b = 0; b < count; b++) {
                transferCycles[a][b] = profile.transferCycles(member[a], member[b]);
            }
        }
    }

    /** Number of third-level caches. */
    int clusters() {
        return transferCycles.length;
    }

    /** The third-level cache a CPU belongs to. */
    int clusterOf(int cpu) {
        return clusters[cpu];
    }

    /** Whether a core shares a third-level cache with a line's owner or, if that is negative, all others of a mask. */
    boolean near(int core, int owner, long mask, int shift, int cores) {
        if (owner >= 0) {
            return clusters[core] == clusters[owner];
        }
        for (int other = 0; other < cores; other++) {
            if (other != core && (mask >>> (other >> shift) & 1) != 0 && clusters[core] != clusters[other]) {
                return false;
            }
        }
        return true;
    }

    /** Of a transfer's cycles, those before its owner loses the line. */
    long stayCycles(long cost, boolean near) {
        return (long) (cost * (near ? staysNear : stays));
    }

    /** Cost of fetching a line from another core's cache, in cycles. */
    long transferCycles(int a, int b) {
        return transferCycles[clusters[a]][clusters[b]];
    }

    /** Cost of taking the other core's right to read a line away, in cycles. */
    long upgradeCycles(int a, int b) {
        return Math.round(upgradeFactor * transferCycles(a, b));
    }

    /** Cost of taking a line away from all of a mask who share it: the farthest decides. */
    long upgradeCycles(int core, long mask, int shift, int cores) {
        long most = 0;
        for (int other = 0; other < cores; other++) {
            if (other != core && (mask >>> (other >> shift) & 1) != 0) {
                most = Math.max(most, upgradeCycles(core, other));
            }
        }
        return most;
    }

    /** Cost of a line from the nearest of a mask who share it; otherwise if there is none. */
    long nearestCycles(int core, long mask, int shift, int cores, long otherwise) {
        long least = Long.MAX_VALUE;
        for (int other = 0; other < cores; other++) {
            if (other != core && (mask >>> (other >> shift) & 1) != 0) {
                least = Math.min(least, transferCycles(core, other));
            }
        }
        return least == Long.MAX_VALUE ? otherwise : least;
    }
}
