package io.rseqlab.analyzer.metric;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Writes states of metrics: whole numbers in as few bytes as they need, texts in UTF-8, and absent values as such. */
public final class StateWriter {
    private final DataOutput out;

    public StateWriter(DataOutput out) {
        this.out = out;
    }

    /** A whole number; small ones, negative or not, take a byte (zigzag, then seven bits a byte, low bits first). */
    public void number(long value) {
        long rest = value << 1 ^ value >> 63;
        try {
            while ((rest & ~0x7fL) != 0) {
                out.writeByte((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            out.writeByte((int) rest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Yes or no. */
    public void flag(boolean yes) {
        number(yes ? 1 : 0);
    }

    /** A number that may be absent. */
    public void optional(Integer value) {
        flag(value != null);
        if (value != null) {
            number(value);
        }
    }

    /** A text that may be absent. */
    public void text(String value) {
        flag(value != null);
        if (value != null) {
            byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
            number(bytes.length);
            try {
                out.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** How many entries there are, and each. */
    public <K, V> void entries(Map<K, V> map, BiConsumer<K, V> entry) {
        number(map.size());
        map.forEach(entry);
    }

    /** What is written, as a value: states that keep the same in arrays of other lengths or order are equal by it. */
    static ByteBuffer bytes(Consumer<StateWriter> state) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.accept(new StateWriter(new DataOutputStream(bytes)));
        return ByteBuffer.wrap(bytes.toByteArray());
    }
}
