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
                profile.facts());
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
        MachineProfile early = with(HASWELL, "core.locked_oldest", 0);
        double overlapping = cycles(with(early, "core.locked_drains", 0), LoopProgram.LOCK_CACHED_CPU, 0);
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

    /** Whoever wants a lock gets it while its holder's exchange still waits to be the oldest, not only between two. */
    @Test
    void whereLockedOperationsExecuteAsTheOldestALockIsFoughtFor() {
        MachineProfile early = with(HASWELL, "core.locked_oldest", 0);
        assertThat(cycles(HASWELL, LoopProgram.LOCK_GLOBAL, 0, 8))
                .isGreaterThan(1.5 * cycles(early, LoopProgram.LOCK_GLOBAL, 0, 8));
        assertThat(cycles(HASWELL, LoopProgram.LOCK_PER_CPU, 0))
                .isCloseTo(cycles(early, LoopProgram.LOCK_PER_CPU, 0), within(0.1));
    }

    /** Additions to one line: each waits for its transfer, or its thread has the line for another one. */
    @Test
    void aCounterOnOneLineTakesLongerThanCountersApart() {
        double apart = cycles(HASWELL, LoopProgram.COUNTER_APART, 0, 1, 2, 3);
        assertThat(apart).isCloseTo(cycles(HASWELL, LoopProgram.COUNTER_APART, 0), within(0.1));
        assertThat(cycles(HASWELL, LoopProgram.COUNTER_SHARED, 0, 1, 2, 3)).isGreaterThan(5 * apart);
    }

    /** 6 for thread-local storage, a jump over the abort handler with its bubble, 4 to count in 64 bits. */
    @Test
    void sectionsOnArm32TakeMoreInstructions() {
        MachineProfile arm = ProfileReader.shipped("cortex-a7-2");
        double more = cycles(arm, LoopProgram.COUNTER_RSEQ_ARM32, 0) - cycles(arm, LoopProgram.COUNTER_RSEQ, 0);
        assertThat(more).isCloseTo(6 + 3 + 4, within(0.1));
        double two = cycles(arm, LoopProgram.EVENT_RSEQ_ARM32, 0) - cycles(arm, LoopProgram.EVENT_RSEQ, 0);
        assertThat(two).isCloseTo(2 * (6 + 3) + 4, within(0.1));
    }
}
