package io.rseqlab.analyzer.metric;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Numbers threads or CPUs as they come, so that what is known of each lies in arrays. Simulated ones have small numbers
 * and are looked up in an array; recorded threads may have numbers up to 4 million.
 */
final class Slots implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int MOST_DIRECT = 1 << 16;

    private int[] direct = new int[0];
    private final Map<Integer, Integer> others = new HashMap<>();
    private int[] ids = new int[8];
    private int size;

    /** The slot of an id, from 0; a new one if it has none. */
    int of(int id) {
        if (id >= 0 && id < direct.length && direct[id] > 0) {
            return direct[id] - 1;
        }
        return add(id);
    }

    private int add(int id) {
        if (id < 0 || id >= MOST_DIRECT) {
            Integer known = others.putIfAbsent(id, size);
            if (known != null) {
                return known;
            }
        } else {
            if (id >= direct.length) {
                direct = Arrays.copyOf(direct, Math.min(MOST_DIRECT, Math.max(2 * direct.length, id + 16)));
            }
            direct[id] = size + 1;
        }
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size] = id;
        return size++;
    }

    int size() {
        return size;
    }

    /** Hands over each slot, in rising order of what it stands for. */
    void each(IntConsumer slot) {
        IntStream.range(0, size)
                .boxed()
                .sorted((a, b) -> Integer.compare(ids[a], ids[b]))
                .forEach(slot::accept);
    }

    /** What a slot stands for. */
    int id(int slot) {
        return ids[slot];
    }
}
