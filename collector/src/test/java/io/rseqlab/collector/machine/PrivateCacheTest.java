package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A cache holds a line once. */
class PrivateCacheTest {
    private static final int WAYS = 4;
    private static final int ONE_SET = 64 * WAYS;

    private final PrivateCache cache = new PrivateCache(ONE_SET, WAYS);

    /** Its data may arrive anew, when ownership is asked for; an empty way before it must not get a second copy. */
    @Test
    void aLineThatIsPutInAgainIsGoneOnceRemoved() {
        cache.insert(1, 0);
        cache.insert(2, 0);
        cache.remove(1);
        cache.insert(2, 50);
        assertThat(cache.arrival(cache.find(2))).isEqualTo(50);
        cache.remove(2);
        assertThat(cache.find(2)).isNegative();
    }

    @Test
    void theLineUsedLongestAgoIsDisplaced() {
        for (long line = 1; line <= WAYS; line++) {
            assertThat(cache.insert(line, 0)).isEqualTo(-1);
        }
        cache.touch(cache.find(1));
        assertThat(cache.insert(9, 0)).isEqualTo(2);
    }
}
