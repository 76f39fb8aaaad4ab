package io.rseqlab.trace.parquet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Decodes whole pages of numbers into arrays: Parquet's DELTA_BINARY_PACKED and its hybrid of runs and packed bits,
 * both as in the format's "Encodings" document. parquet-java's readers hand out a value per call, which costs several
 * times as much. Whoever calls leaves {@link #SLACK} readable bytes behind the end of the data, since values are taken
 * out of eight bytes at a time.
 */
final class Unpacker {
    /** Bytes that must be readable behind the data. */
    static final int SLACK = 2 * Long.BYTES;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** So many bits can be had from eight bytes wherever in the first byte they begin. */
    private static final int ONE_LOAD_BITS = 57;

    private final byte[] in;
    private final int end;
    private int at;

    /** Decodes the bytes from one index up to another. */
    Unpacker(byte[] in, int from, int end) {
        this.in = in;
        this.end = end;
        at = from;
    }

    /** Decodes deltas; 32-bit columns are right in the low half. */
    void deltas(long[] out, int count) {
        int blockValues = varint();
        int miniBlocks = varint();
        int total = varint();
        if (miniBlocks < 1 || blockValues % miniBlocks != 0 || blockValues / miniBlocks % 8 != 0 || total != count) {
            throw damaged("deltas of " + total + " values in blocks of " + blockValues + ", for " + count);
        }
        int miniValues = blockValues / miniBlocks;
        long value = zigzag();
        out[0] = value;
        int done = 1;
        while (done < count) {
            long least = zigzag();
            int widths = at;
            at += miniBlocks;
            for (int mini = 0; mini < miniBlocks && done < count; mini++) {
                require(0);
                int width = in[widths + mini] & 0xff;
                int take = Math.min(miniValues, count - done);
                value = addDeltas(out, done, take, width, least, value);
                at += miniValues / 8 * width;
                done += take;
            }
        }
    }

    private long addDeltas(long[] out, int from, int take, int width, long least, long before) {
        long value = before;
        if (width == 0) {
            for (int index = from; index < from + take; index++) {
                value += least;
                out[index] = value;
            }
            return value;
        }
        require((take * width + 7) / 8);
        if (width > ONE_LOAD_BITS) {
            return addWideDeltas(out, from, take, width, least, value);
        }
        long mask = (1L << width) - 1;
        long bit = 8L * at;
        for (int index = from; index < from + take; index++) {
            value += least + ((long) LONGS.get(in, (int) (bit >>> 3)) >>> (bit & 7) & mask);
            out[index] = value;
            bit += width;
        }
        return value;
    }

    private long addWideDeltas(long[] out, int from, int take, int width, long least, long before) {
        if (width > Long.SIZE) {
            throw damaged("values of " + width + " bits");
        }
        long value = before;
        long bit = 8L * at;
        for (int index = from; index < from + take; index++) {
            int shift = (int) (bit & 7);
            long low = (long) LONGS.get(in, (int) (bit >>> 3)) >>> shift;
            long high = shift == 0 ? 0 : (long) in[(int) (bit >>> 3) + 8] << (Long.SIZE - shift);
            value += least + ((low | high) & -1L >>> (Long.SIZE - width));
            out[index] = value;
            bit += width;
        }
        return value;
    }

    /** Decodes runs and packed bits of values of a width. */
    void runs(int[] out, int count, int width) {
        if (width > Integer.SIZE) {
            throw damaged("values of " + width + " bits");
        }
        int done = 0;
        while (done < count) {
            int header = varint();
            if ((header & 1) == 0) {
                int take = Math.min(header >>> 1, count - done);
                int value = runValue((width + 7) / 8);
                Arrays.fill(out, done, done + take, value);
                done += take;
            } else {
                int take = Math.min((header >>> 1) * 8, count - done);
                require((take * width + 7) / 8);
                packed(out, done, take, width);
                at += (header >>> 1) * width;
                done += take;
            }
        }
    }

    private int runValue(int bytes) {
        require(bytes);
        int value = 0;
        for (int index = 0; index < bytes; index++) {
            value |= (in[at++] & 0xff) << 8 * index;
        }
        return value;
    }

    private void packed(int[] out, int from, int take, int width) {
        long mask = (1L << width) - 1;
        long bit = 8L * at;
        for (int index = from; index < from + take; index++) {
            out[index] = (int) ((long) LONGS.get(in, (int) (bit >>> 3)) >>> (bit & 7) & mask);
            bit += width;
        }
    }

    /** The next byte as a number. */
    int oneByte() {
        require(1);
        return in[at++] & 0xff;
    }

    private int varint() {
        long value = longVarint();
        if (value != (int) value) {
            throw damaged("a count of " + value);
        }
        return (int) value;
    }

    private long zigzag() {
        long value = longVarint();
        return value >>> 1 ^ -(value & 1);
    }

    private long longVarint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            require(1);
            byte next = in[at++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw damaged("a number of more than 64 bits");
    }

    private void require(int bytes) {
        if (at < 0 || bytes < 0 || at + bytes > end) {
            throw damaged("a page ends in the middle of a value");
        }
    }

    private static IllegalStateException damaged(String what) {
        return new IllegalStateException(what);
    }
}
