package io.rseqlab.trace.parquet;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Which rows of a page have a value: Parquet's definition levels of width 1, in its hybrid of runs and packed bits. A
 * trace has many columns that most rows leave absent, so whole runs are handled at once.
 */
final class Levels {
    private static final int LEAST_RUN_BYTES = 4;

    private Levels() {}

    /**
     * Encodes one bit per row, least significant first.
     *
     * @param bits the bits; those behind the last row must be 0
     */
    static byte[] encode(byte[] bits, int rows) {
        int length = (rows + 7) / 8;
        ByteArrayOutputStream out = new ByteArrayOutputStream(64);
        int packedFrom = 0;
        int at = 0;
        while (at < length) {
            int end = runEnd(bits, at, length);
            if (end - at >= LEAST_RUN_BYTES) {
                putPacked(out, bits, packedFrom, at);
                putVarint(out, Math.min(rows, end * 8) - at * 8 << 1);
                out.write(bits[at] & 1);
                packedFrom = end;
            }
            at = end;
        }
        putPacked(out, bits, packedFrom, length);
        return out.toByteArray();
    }

    /** The end of the run of equal bits from a byte on; the byte behind it where there is none. */
    private static int runEnd(byte[] bits, int from, int length) {
        byte value = bits[from];
        int end = from + 1;
        if (value == 0 || value == -1) {
            while (end < length && bits[end] == value) {
                end++;
            }
        }
        return end;
    }

    private static void putPacked(ByteArrayOutputStream out, byte[] bits, int from, int to) {
        if (to > from) {
            putVarint(out, (to - from) << 1 | 1);
            out.write(bits, from, to - from);
        }
    }

    /** The run of one value over all rows. */
    static byte[] uniform(int rows, int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(8);
        putVarint(out, rows << 1);
        out.write(value);
        return out.toByteArray();
    }

    private static void putVarint(ByteArrayOutputStream out, int value) {
        int rest = value;
        while ((rest & ~127) != 0) {
            out.write(rest & 127 | 128);
            rest >>>= 7;
        }
        out.write(rest);
    }

    /** Decodes one byte per row and returns how many rows have a value. */
    static int decode(ByteBuffer in, byte[] present, int rows) {
        int row = 0;
        int count = 0;
        while (row < rows) {
            int header = varint(in);
            if ((header & 1) == 0) {
                int end = Math.min(rows, row + (header >>> 1));
                byte value = in.get();
                Arrays.fill(present, row, end, value);
                count += value * (end - row);
                row = end;
            } else {
                int end = Math.min(rows, row + (header >>> 1) * 8);
                count += unpack(in, present, row, end);
                row = end;
            }
        }
        return count;
    }

    private static int unpack(ByteBuffer in, byte[] present, int from, int to) {
        int count = 0;
        for (int row = from; row < to; row += 8) {
            int bits = in.get();
            int last = Math.min(8, to - row);
            for (int bit = 0; bit < last; bit++) {
                int value = bits >> bit & 1;
                present[row + bit] = (byte) value;
                count += value;
            }
        }
        return count;
    }

    private static int varint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            int next = in.get();
            value |= (next & 127) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
