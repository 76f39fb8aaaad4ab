package io.rseqlab.collector.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whose area a burst finds, and what it takes. */
class BurstBenchmarkTest {
    private static final MachineProfile EPYC = ProfileReader.shipped("epyc-9654-384");
    /** One on each of six third-level caches. */
    private static final List<Integer> CPUS = List.of(0, 16, 32, 48, 64, 80);

    private static BurstBenchmark.Bursts bursts(BurstBenchmark.Index index, double pauseSeconds) {
        return BurstBenchmark.run(EPYC, CPUS, index, pauseSeconds, 1);
    }

    @Test
    void byItsCpuAThreadFindsItsOwnArea() {
        BurstBenchmark.Bursts own = bursts(BurstBenchmark.Index.CPU, 0.2);
        assertThat(own.newAreas()).isZero();
        assertThat(own.ns() * EPYC.clockHz() / 1e9).isCloseTo(1024 * 1.11, within(30.0));
    }

    @Test
    void anIdThatCpusGetBackIsAsGoodAsTheCpu() {
        BurstBenchmark.Bursts local = bursts(BurstBenchmark.Index.CACHE_LOCAL, 0.2);
        assertThat(local.newAreas()).isZero();
        assertThat(local.ns()).isCloseTo(bursts(BurstBenchmark.Index.CPU, 0.2).ns(), within(1.0));
    }

    /** Six turns of 10 ms are over before any id is 100 ms old. */
    @Test
    void idsThatDoNotExpireAreTheThreadsOwn() {
        BurstBenchmark.Bursts kept = bursts(BurstBenchmark.Index.MM_CID, 0.01);
        assertThat(kept.newAreas()).isZero();
        assertThat(kept.ns()).isCloseTo(bursts(BurstBenchmark.Index.CPU, 0.01).ns(), within(1.0));
    }

    /**
     * Long turns, with ticks in the first ones only: these take all ids away but two, so that later the lowest free ids
     * are handed out one after the other, and most of these areas nobody has used yet.
     */
    @Test
    void idsThatExpiredLeadToAreasThatNobodyHasUsed() {
        BurstBenchmark.Bursts expired = bursts(BurstBenchmark.Index.MM_CID, 0.2);
        assertThat(expired.newAreas()).isBetween(2 / 30.0, 5 / 30.0);
        assertThat(expired.ns())
                .isGreaterThan(2 * bursts(BurstBenchmark.Index.CPU, 0.2).ns());
    }

    /** One fault maps the area's pages, one for each of the four copies it. */
    @Test
    void anAreaThatNobodyHasUsedTakesFivePageFaults() {
        Map<String, Double> costs = new HashMap<>(EPYC.costs());
        double more = 10_000;
        costs.merge("kernel.page_fault", more, Double::sum);
        MachineProfile slow = new MachineProfile(
                EPYC.name(),
                EPYC.clockHz(),
                EPYC.cpus(),
                EPYC.cpusPerCluster(),
                EPYC.clustersPerSocket(),
                costs,
                EPYC.facts());
        BurstBenchmark.Bursts usual = bursts(BurstBenchmark.Index.MM_CID, 0.2);
        BurstBenchmark.Bursts dear = BurstBenchmark.run(slow, CPUS, BurstBenchmark.Index.MM_CID, 0.2, 1);
        double cycles = (dear.ns() - usual.ns()) * EPYC.clockHz() / 1e9;
        assertThat(cycles / usual.newAreas()).isCloseTo(5 * more, within(50.0));
    }
}
