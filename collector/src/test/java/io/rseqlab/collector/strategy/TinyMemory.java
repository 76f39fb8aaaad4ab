package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.FreshMemory;
import io.rseqlab.collector.isa.Program;
import java.util.Arrays;

/** Memory of the {@link TinyMachine}: words that are there when they are touched, up to a limit. */
class TinyMemory implements FreshMemory {
    private static final long HEAP_LIMIT = 1L << 30;

    private long[] words = new long[1 << 16];
    private long top;

    TinyMemory(long top) {
        this.top = top + 63 & -64;
    }

    /** Address of so many bytes of nobody's. */
    final long reserve(long bytes) {
        long address = top;
        top += bytes;
        return address;
    }

    /** Spans are whole pages. */
    @Override
    public long extend(long bytes) {
        long span = top + 4095 & -4096;
        top = span + bytes;
        return span;
    }

    @Override
    public long read64(long address) {
        return read(address, 8);
    }

    @Override
    public void write64(long address, long value) {
        write(address, value, 8);
    }

    final long read(long address, int bytes) {
        check(address, bytes);
        long word = address >>> 3 < words.length ? words[(int) (address >>> 3)] : 0;
        long shifted = word >>> 8 * (address & 7);
        return bytes == 8 ? shifted : shifted & (1L << 8 * bytes) - 1;
    }

    final void write(long address, long value, int bytes) {
        check(address, bytes);
        int index = (int) (address >>> 3);
        if (index >= words.length) {
            words = Arrays.copyOf(words, Math.max(2 * words.length, index + 1));
        }
        int shift = (int) (8 * (address & 7));
        long mask = bytes == 8 ? -1 : (1L << 8 * bytes) - 1 << shift;
        words[index] = words[index] & ~mask | value << shift & mask;
    }

    static boolean isWild(long address, int bytes) {
        return address < Program.DESCRIPTOR_BASE || address >= HEAP_LIMIT || (address & bytes - 1) != 0;
    }

    private static void check(long address, int bytes) {
        if (isWild(address, bytes)) {
            throw new TinyOracle.Violation("wild access of " + bytes + " bytes at 0x" + Long.toHexString(address));
        }
    }
}
