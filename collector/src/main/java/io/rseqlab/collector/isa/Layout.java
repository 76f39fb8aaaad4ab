package io.rseqlab.collector.isa;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Plans simulated memory before a run: hands out regions of one flat address space and collects their initial words.
 * Everything else starts as zero. Blocks of the simulated heap come later, behind the last region (HOST_SPAN).
 */
public final class Layout {
    /** Bytes of a cache line. */
    public static final int LINE = 64;

    private final Map<Long, Long> initialWords = new LinkedHashMap<>();
    private long top;

    /** Starts behind the section descriptors, with a few lines of offset so that seeds vary the placement. */
    public Layout(int colourLines) {
        top = 0x10000 + (long) colourLines * LINE;
    }

    /** Reserves bytes at an alignment (a power of two); answers the address. */
    public long reserve(long bytes, int alignment) {
        long address = (top + alignment - 1) & -alignment;
        top = address + bytes;
        return address;
    }

    /** Sets the initial value of the 64-bit word at an aligned address. */
    public void word(long address, long value) {
        if ((address & 7) != 0 || address + 8 > top) {
            throw new IllegalArgumentException("no reserved word at " + Long.toHexString(address));
        }
        initialWords.put(address, value);
    }

    /** First address behind everything reserved. */
    public long top() {
        return top;
    }

    public Map<Long, Long> initialWords() {
        return initialWords;
    }
}
