package io.rseqlab.collector.published;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a CPU's id is when its threads run now and then; a clock of 1000 cycles a second, so that 100 is 100 ms. */
class ConcurrencyIdsTest {
    private static final int CPUS = 4;

    private static ConcurrencyIds ids(ConcurrencyIds.Form form) {
        return new ConcurrencyIds(form, CPUS, CPUS, 1000);
    }

    @Test
    void pausesBeyondTheExpiryMakeAllCpusShareTwoIds() {
        ConcurrencyIds ids = ids(ConcurrencyIds.Form.MM_CID);
        Set<Integer> seen = new HashSet<>();
        for (int turn = 0; turn < 40; turn++) {
            seen.add(ids.enter(turn % CPUS, 200L * turn));
        }
        assertThat(seen).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void shortPausesLetEveryCpuKeepItsId() {
        ConcurrencyIds ids = ids(ConcurrencyIds.Form.MM_CID);
        for (int turn = 0; turn < 40; turn++) {
            int cpu = turn % CPUS;
            assertThat(ids.enter(cpu, 10L * turn)).isEqualTo(cpu);
        }
    }

    @Test
    void aCacheLocalIdComesBackAfterItExpired() {
        ConcurrencyIds ids = ids(ConcurrencyIds.Form.CACHE_LOCAL);
        int[] first = new int[CPUS];
        for (int turn = 0; turn < 40; turn++) {
            int cpu = (3 * turn) % CPUS;
            int id = ids.enter(cpu, 200L * turn);
            first[cpu] = turn < CPUS ? id : first[cpu];
            assertThat(id).isEqualTo(first[cpu]);
        }
        assertThat(first).containsExactlyInAnyOrder(0, 1, 2, 3);
    }

    @Test
    void theCpuIsItsOwnNumber() {
        assertThat(ids(ConcurrencyIds.Form.CPU).enter(3, 0)).isEqualTo(3);
    }
}
