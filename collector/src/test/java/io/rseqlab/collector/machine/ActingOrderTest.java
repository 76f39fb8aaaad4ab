package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The smallest cycle first, the smaller number where cycles are equal. */
class ActingOrderTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 16, 33})
    void firstAndSecondAreWhatALookAtAllSays(int cores) {
        Random random = new Random(cores);
        ActingOrder order = new ActingOrder(cores);
        long[] cycles = new long[cores];
        Arrays.fill(cycles, Long.MAX_VALUE);
        for (int step = 0; step < 2000; step++) {
            int core = random.nextInt(cores);
            cycles[core] = random.nextInt(12) == 0 ? Long.MAX_VALUE : random.nextInt(9);
            order.set(core, cycles[core]);
            int first = smallest(cycles, -1);
            assertThat(order.first()).isEqualTo(first);
            assertThat(order.second()).isEqualTo(smallest(cycles, first));
        }
    }

    private static int smallest(long[] cycles, int except) {
        int smallest = -1;
        for (int i = 0; i < cycles.length; i++) {
            if (i != except && (smallest < 0 || cycles[i] < cycles[smallest])) {
                smallest = i;
            }
        }
        return smallest;
    }
}
