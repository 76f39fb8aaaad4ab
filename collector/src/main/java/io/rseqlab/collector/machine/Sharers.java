package io.rseqlab.collector.machine;

import java.util.Arrays;

/** Which cores have a copy of each line, as a bit for each core or, of more than 64, for a few of them. */
final class Sharers {
    /** A bit stands for {@code 1 << shift} cores. */
    final int shift;
    /** By line. */
    long[] of = new long[0];

    private final Core[] cores;

    Sharers(Core[] cores) {
        this.cores = cores;
        shift = Math.max(0, 26 - Integer.numberOfLeadingZeros(cores.length - 1));
    }

    /** Follows memory's growth to so many lines. */
    void grow(int lines) {
        of = Arrays.copyOf(of, lines);
    }

    long bit(int core) {
        return 1L << (core >> shift);
    }

    /** Who shares a line, without the core itself. */
    long othersThan(Core core, int line) {
        long others = of[line] & ~bit(core.id);
        if (shift > 0 && (of[line] & bit(core.id)) != 0) {
            int first = core.id >> shift << shift;
            int end = Math.min(first + (1 << shift), cores.length);
            for (int other = first; other < end; other++) {
                if (other != core.id && cores[other].l2.find(line) >= 0) {
                    return others | bit(core.id);
                }
            }
        }
        return others;
    }
}
