package io.rseqlab.analyzer.stats;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/** Random streams by name: each place has its own, so that a draw in one moves no number of another. */
public final class RandomStreams {
    private static final long FNV_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private RandomStreams() {}

    /** The stream of that name, always the same. */
    public static UniformRandomProvider of(String name) {
        long hash = FNV_BASIS;
        for (int index = 0; index < name.length(); index++) {
            hash = (hash ^ name.charAt(index)) * FNV_PRIME;
        }
        return RandomSource.XO_RO_SHI_RO_128_PP.create(hash);
    }
}
