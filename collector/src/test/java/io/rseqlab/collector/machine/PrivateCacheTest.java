package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** Room for ways is made as they are needed; what lies in a set, and what goes first, does not depend on that. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 12, 16})
    void setsAreAsIfThereWereRoomForAllTheirWaysFromTheStart(int ways) {
        int sets = 32;
        PrivateCache small = new PrivateCache(64 * ways * sets, ways);
        List<Map<Long, Long>> model = new ArrayList<>(); // by set: arrivals by line, the one used longest ago first
        for (int set = 0; set < sets; set++) {
            model.add(new LinkedHashMap<>());
        }
        Random random = new Random(ways);
        for (int step = 0; step < 60_000; step++) {
            long line = random.nextInt(2 * (step / 1000 + 1) * sets);
            Map<Long, Long> set = model.get((int) line & sets - 1);
            int slot = small.find(line);
            assertThat(slot >= 0).isEqualTo(set.containsKey(line));
            int what = random.nextInt(8);
            if (what == 0) {
                small.remove(line);
                set.remove(line);
            } else if (what < 3 && slot >= 0) {
                assertThat(small.arrival(slot)).isEqualTo(set.get(line));
                small.touch(slot);
                set.put(line, set.remove(line));
            } else {
                long displaced =
                        slot < 0 && set.size() == ways ? set.keySet().iterator().next() : -1;
                assertThat(small.insert(line, step)).isEqualTo(displaced);
                set.remove(displaced);
                set.remove(line);
                set.put(line, (long) step);
            }
        }
    }
}
