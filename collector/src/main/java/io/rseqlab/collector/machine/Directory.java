package io.rseqlab.collector.machine;

import java.util.Arrays;

/** Who has which line: one owner that may write it, or any number of sharers, or neither; and when it last moved. */
final class Directory {
    static final int NOBODY = -1;

    final Sharers sharers;
    short[] owner = new short[0];
    /** Whether the owner has written the line since it got it. */
    boolean[] written = new boolean[0];
    /** When it was last written, for lines that moved lately. */
    long[] writtenAt = new long[0];
    /** Whether a prefetcher brought it to where it is and nobody has used it since. */
    boolean[] brought = new boolean[0];
    /** When a transfer last brought it to where it is; long ago if none did. */
    long[] movedAt = new long[0];

    Directory(Core[] cores) {
        sharers = new Sharers(cores);
    }

    int lines() {
        return owner.length;
    }

    void grow(int lines) {
        int old = owner.length;
        owner = Arrays.copyOf(owner, lines);
        Arrays.fill(owner, old, lines, (short) NOBODY);
        written = Arrays.copyOf(written, lines);
        writtenAt = Arrays.copyOf(writtenAt, lines);
        brought = Arrays.copyOf(brought, lines);
        sharers.grow(lines);
        movedAt = Arrays.copyOf(movedAt, lines);
        Arrays.fill(movedAt, old, lines, -Coherence.CONTENDED_CYCLES);
    }

    /** Whether a line can be in a core's caches. */
    boolean has(Core core, long line) {
        return (sharers.of[(int) line] & sharers.bit(core.id)) != 0;
    }

    /** Whether there is a line of a number, but not in a core's caches. */
    boolean lacks(Core core, long line) {
        return line > 0 && line < owner.length && !has(core, line);
    }

    /** A core gets a line that nobody has alone, as its owner if nobody shares it. */
    void add(Core core, int line, boolean write, long others) {
        owner[line] = others == 0 ? (short) core.id : NOBODY;
        written[line] = write;
        brought[line] = false;
        writtenAt[line] = write ? core.dispatch >> Core.UNIT_BITS : writtenAt[line];
        sharers.of[line] |= sharers.bit(core.id);
    }

    /** A line left a core's caches. */
    void giveUp(Core core, long line) {
        int index = (int) line;
        if (owner[index] == core.id) {
            owner[index] = NOBODY;
        }
        if (sharers.shift == 0) {
            sharers.of[index] &= ~sharers.bit(core.id);
        }
    }
}
