package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** At another clock, what happens inside the cores takes as many cycles, and what lies outside as many seconds. */
class ClockTest {
    private static final MachineProfile MACHINE = ProfileReader.shipped("zen4-vm-2");
    private static final MachineProfile FASTER = MACHINE.atClock(MACHINE.clockHz() * 5 / 4);

    @Test
    void coresTakeTheSameCycles() {
        for (String key : new String[] {"core.locked", "core.mispredict_refill", "l1.latency", "kernel.syscall"}) {
            assertThat(FASTER.cost(key)).as(key).isEqualTo(MACHINE.cost(key));
        }
        assertThat(FASTER.cost("kernel.hz")).isEqualTo(MACHINE.cost("kernel.hz"));
        assertThat(FASTER.cost("transfer.upgrade_factor")).isEqualTo(MACHINE.cost("transfer.upgrade_factor"));
    }

    @Test
    void cachesBetweenCoresMemoryAndTimesTakeTheSameSeconds() {
        for (String key : new String[] {"l3.latency", "dram.latency", "transfer.same_l3", "kernel.ipi"}) {
            assertThat(FASTER.cost(key)).as(key).isCloseTo(1.25 * MACHINE.cost(key), within(1e-6 * MACHINE.cost(key)));
        }
    }
}
