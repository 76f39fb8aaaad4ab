package io.rseqlab.analyzer.metric;

import java.io.DataInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads what {@link StateWriter} wrote; what cannot have been written by it is an {@link UncheckedIOException}. */
public final class StateReader {
    /** No text of a state is longer; a damaged length must not ask for all memory. */
    private static final int MOST_BYTES = 64 << 20;

    private final DataInput in;

    public StateReader(DataInput in) {
        this.in = in;
    }

    public long number() {
        long rest = 0;
        try {
            for (int shift = 0; shift < 64; shift += 7) {
                byte next = in.readByte();
                rest |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    return rest >>> 1 ^ -(rest & 1);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw damaged("a number longer than 64 bits");
    }

    /** A number that fits 32 bits. */
    public int small() {
        long value = number();
        if (value != (int) value) {
            throw damaged("the number " + value + " where a small one belongs");
        }
        return (int) value;
    }

    public boolean flag() {
        long value = number();
        if (value != 0 && value != 1) {
            throw damaged(value + " where yes or no belongs");
        }
        return value == 1;
    }

    /** A number that may be absent. */
    public Integer optional() {
        return flag() ? small() : null;
    }

    /** A text that may be absent. */
    public String text() {
        if (!flag()) {
            return null;
        }
        int length = small();
        if (length < 0 || length > MOST_BYTES) {
            throw damaged("a text of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        try {
            in.readFully(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Reads entries, as many as are announced. */
    public void entries(Runnable entry) {
        for (int left = small(); left > 0; left--) {
            entry.run();
        }
    }

    /** What to throw for content that no writer writes. */
    public static UncheckedIOException damaged(String what) {
        return new UncheckedIOException(new IOException(what));
    }
}
