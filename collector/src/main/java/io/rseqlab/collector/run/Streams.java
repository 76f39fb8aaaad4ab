package io.rseqlab.collector.run;

import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * Random streams of a run, one per name: a new consumer moves no other's numbers. Generator: SplitMix64 (Steele, Lea
 * and Flood, OOPSLA 2014), started at a hash of root seed and name.
 */
final class Streams {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;

    private final long root;

    Streams(long root) {
        this.root = root;
    }

    /** Start value of a named stream. */
    long seed(String name) {
        long hash = mix(root + GAMMA);
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = mix((hash ^ b) + GAMMA);
        }
        return hash;
    }

    /** Uniform 64-bit numbers of a named stream. */
    LongSupplier stream(String name) {
        long[] state = {seed(name)};
        return () -> mix(state[0] += GAMMA);
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
