package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.FreshMemory;
import java.util.Arrays;

/**
 * Simulated memory: one flat range of 64-bit words from {@link #BASE} up. The page below is never mapped, so that null
 * pointers are caught; what lies behind the end is wild.
 */
public final class Memory implements FreshMemory {
    /** First valid address. */
    public static final long BASE = 0x1000;

    /** By number from address 0 on; those below {@link #BASE} are there for the host's ease alone. */
    long[] words;

    private long end;
    private final long limit;

    /**
     * @param end first address behind what the layout reserved
     * @param limit address that spans may never pass
     */
    public Memory(long end, long limit) {
        this.end = (end + 4095) & -4096;
        this.limit = limit;
        if (this.end > limit) {
            throw new Full(this.end, 0, limit);
        }
        words = new long[index(this.end)];
    }

    /** No more memory can be mapped: so much no run may have. */
    public static final class Full extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Full(long mapped, long wanted, long limit) {
            super("the simulated memory is full: of " + mebibytes(limit) + " MiB that a run may have, "
                    + mebibytes(mapped) + " are taken" + (wanted == 0 ? "" : ", and " + mebibytes(wanted) + " wanted"));
        }
    }

    /** Rounded up, so that nothing but none is 0. */
    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }

    static int index(long address) {
        return (int) (address >>> 3);
    }

    /** First address that is not mapped. */
    public long end() {
        return end;
    }

    /**
     * Maps more bytes at the end; answers their address.
     *
     * @throws Full when the limit is reached: no strategy knows what to do without memory, and 0 is no address
     * @throws OutOfMemoryError when the JVM has no more, saying how much was wanted
     */
    @Override
    public long extend(long bytes) {
        long address = end;
        long rounded = (bytes + 4095) & -4096;
        if (!fits(bytes)) {
            throw new Full(end, rounded, limit);
        }
        end += rounded;
        if (index(end) > words.length) {
            words = grown(Math.max(index(end), words.length + words.length / 2));
        }
        return address;
    }

    /** Both the old words and the new ones are there for a moment. */
    private long[] grown(int count) {
        try {
            return Arrays.copyOf(words, count);
        } catch (OutOfMemoryError e) {
            throw new OutOfMemoryError("the simulated memory, " + mebibytes(8L * words.length)
                    + " MiB, must be copied into one piece of " + mebibytes(8L * count) + " MiB to grow");
        }
    }

    /** True if so many bytes more can be mapped. */
    public boolean fits(long bytes) {
        return bytes <= limit - end;
    }

    /** True if a 64-bit access at the address is inside mapped memory. */
    public boolean mapped(long address) {
        return address >= BASE && address + 8 <= end && (address & 7) == 0;
    }

    @Override
    public long read64(long address) {
        return words[index(address)];
    }

    @Override
    public void write64(long address, long value) {
        words[index(address)] = value;
    }

    public int read32(long address) {
        return (int) (words[index(address)] >>> ((address & 4) << 3));
    }

    public void write32(long address, int value) {
        int shift = (int) (address & 4) << 3;
        int index = index(address);
        words[index] = words[index] & ~(0xffffffffL << shift) | (value & 0xffffffffL) << shift;
    }
}
