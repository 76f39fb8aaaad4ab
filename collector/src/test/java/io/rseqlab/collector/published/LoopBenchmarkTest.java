package io.rseqlab.collector.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Loops take what their longest chain of dependences takes. */
class LoopBenchmarkTest {
    private static final MachineProfile HASWELL = ProfileReader.shipped("xeon-e5-2630v3-16");

    private static MachineProfile with(MachineProfile profile, String key, double value) {
        Map<String, Double> costs = new HashMap<>(profile.costs());
        costs.put(key, value);
        return new MachineProfile(
                profile.name(),
                profile.clockHz(),
                profile.cpus(),
                profile.cpusPerCluster(),
                profile.clustersPerSocket(),
                costs,
                profile.facts(),
                false);
    }

    private static double cycles(MachineProfile profile, LoopProgram loop, Integer... cpus) {
        return LoopBenchmark.nsPerOperation(profile, loop, List.of(cpus), 1) * profile.clockHz() / 1e9;
    }

    /** Store forwarding of 5, the addition, and 1 for the segment's base. */
    @Test
    void aCounterInMemoryIsAChainThroughTheStoreBuffer() {
        assertThat(cycles(HASWELL, LoopProgram.NO_LOCK, 0)).isCloseTo(7, within(0.1));
        assertThat(cycles(HASWELL, LoopProgram.COUNTER_RSEQ, 0)).isCloseTo(6, within(0.1));
    }

    /** Exchange 19, load 4, addition 1, the store's 4 and the unlocking store 1 behind it. */
    @Test
    void aLockWaitsForTheStoreBufferWhereTheProfileSaysSo() {
        double drained = cycles(HASWELL, LoopProgram.LOCK_CACHED_CPU, 0);
        double overlapping = cycles(with(HASWELL, "core.locked_drains", 0), LoopProgram.LOCK_CACHED_CPU, 0);
        assertThat(drained).isCloseTo(29, within(1.0));
        assertThat(overlapping).isCloseTo(19, within(1.0));
    }

    /** Two barriers of 33 cycles stand one behind the other, and atomic additions of 19 between them. */
    @Test
    void barriersAndLockedOperationsDoNotOverlap() {
        assertThat(cycles(HASWELL, LoopProgram.RCU_RSEQ, 0)).isGreaterThan(2 * 33);
        assertThat(cycles(HASWELL, LoopProgram.RCU_VDSO_ATOMIC, 0)).isGreaterThan(2 * (33 + 19 + 31));
    }

    @Test
    void threadsOnCpusOfTheirOwnDoNotSlowEachOther() {
        double alone = cycles(HASWELL, LoopProgram.LOCK_PER_CPU, 0);
        assertThat(cycles(HASWELL, LoopProgram.LOCK_PER_CPU, 0, 8)).isCloseTo(alone, within(0.1));
        assertThat(cycles(HASWELL, LoopProgram.LOCK_GLOBAL, 0, 8))
                .isGreaterThan(2 * cycles(HASWELL, LoopProgram.LOCK_GLOBAL, 0));
    }

    @Test
    void aBurstInAForeignAreaCostsTransfers() {
        MachineProfile epyc = ProfileReader.shipped("epyc-9654-384");
        List<Integer> far = List.of(0, 16, 32, 48);
        double own = BurstBenchmark.nsPerBurst(epyc, far, ConcurrencyIds.Form.CPU, 0.2, 1);
        double local = BurstBenchmark.nsPerBurst(epyc, far, ConcurrencyIds.Form.CACHE_LOCAL, 0.2, 1);
        double foreign = BurstBenchmark.nsPerBurst(epyc, far, ConcurrencyIds.Form.MM_CID, 0.2, 1);
        assertThat(local).isCloseTo(own, within(1.0));
        assertThat(foreign).isGreaterThan(4 * own);
    }
}
