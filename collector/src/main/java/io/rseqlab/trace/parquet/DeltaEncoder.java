package io.rseqlab.trace.parquet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;

/**
 * Writes numbers as Parquet's DELTA_BINARY_PACKED has it (Parquet format, Encodings.md): the first, then blocks of
 * differences less their least, each quarter of a block in as many bits as its largest needs.
 *
 * <p>The bytes are those of parquet-java's writer, places of a block that no difference fills included. That one takes
 * a value at a time through a packer of its own for each width: the host's compilers spent more time on it than a
 * demo's columns take, and each column of a trace took 4 KB for what is a few dozen bytes.
 */
final class DeltaEncoder {
    private static final int BLOCK = 128;
    private static final int QUARTERS = 4;
    private static final int QUARTER = BLOCK / QUARTERS;
    private static final int LONGEST_VARINT = 10;
    private static final int MOST_BLOCK_BYTES = LONGEST_VARINT + QUARTERS + BLOCK * Long.BYTES;
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final boolean wide;
    /** Differences; behind those of a page's last block lie those of the block before. */
    private final long[] block = new long[BLOCK];

    /** Bits of the quarters' differences; where no difference comes to a quarter, those of the block before. */
    private final byte[] widths = new byte[QUARTERS];

    private byte[] out = new byte[256];
    private int used;

    /** @param wide whether columns are of 64 bits, else of 32: differences wrap around at that */
    DeltaEncoder(boolean wide) {
        this.wide = wide;
    }

    /** Encodes the first so many numbers, at least one. The bytes stay valid until the next page. */
    BytesInput encode(long[] numbers, int count) {
        used = 0;
        reserve(4 * LONGEST_VARINT);
        putVarint(BLOCK);
        putVarint(QUARTERS);
        putVarint(count);
        putZigZag(numbers[0]);
        for (int from = 1; from < count; from += BLOCK) {
            putBlock(numbers, from, Math.min(BLOCK, count - from));
        }
        return BytesInput.from(out, 0, used);
    }

    private void putBlock(long[] numbers, int from, int count) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            long difference = wrapped(numbers[from + i] - numbers[from + i - 1]);
            block[i] = difference;
            least = Math.min(least, difference);
        }
        for (int i = 0; i < count; i++) {
            long above = block[i] - least;
            block[i] = wide ? above : above & 0xffffffffL;
        }
        reserve(MOST_BLOCK_BYTES);
        putZigZag(least);
        for (int at = 0; at < count; at += QUARTER) {
            widths[at / QUARTER] = (byte) width(at, Math.min(at + QUARTER, count));
        }
        System.arraycopy(widths, 0, out, used, QUARTERS);
        used += QUARTERS;
        for (int at = 0; at < count; at += QUARTER) {
            pack(at, widths[at / QUARTER]);
        }
    }

    private long wrapped(long difference) {
        return wide ? difference : (int) difference;
    }

    private int width(int from, int to) {
        long bits = 0;
        for (int i = from; i < to; i++) {
            bits |= block[i];
        }
        return Long.SIZE - Long.numberOfLeadingZeros(bits);
    }

    /** Packs a quarter of the block, lowest bits first. */
    private void pack(int from, int width) {
        if (width == 0) {
            return;
        }
        long mask = -1L >>> Long.SIZE - width;
        long word = 0;
        int filled = 0;
        for (int i = from; i < from + QUARTER; i++) {
            long value = block[i] & mask;
            word |= value << filled;
            filled += width;
            if (filled >= Long.SIZE) {
                WORDS.set(out, used, word);
                used += Long.BYTES;
                filled -= Long.SIZE;
                word = filled == 0 ? 0 : value >>> width - filled;
            }
        }
        WORDS.set(out, used, word); // there is room; of 32 values what is left is half a word or nothing
        used += filled / Byte.SIZE;
    }

    private void reserve(int bytes) {
        int room = bytes + Long.BYTES;
        if (out.length - used < room) {
            out = Arrays.copyOf(out, Math.max(used + room, 2 * out.length));
        }
    }

    private void putZigZag(long value) {
        putVarint(value << 1 ^ value >> 63);
    }

    private void putVarint(long value) {
        long rest = value;
        while ((rest & ~127L) != 0) {
            out[used++] = (byte) (rest & 127 | 128);
            rest >>>= 7;
        }
        out[used++] = (byte) rest;
    }
}
