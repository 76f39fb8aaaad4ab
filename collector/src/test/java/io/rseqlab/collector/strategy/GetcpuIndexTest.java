package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Op;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often a thread asks for its CPU's number. */
class GetcpuIndexTest {
    /** One thread takes a lock per operation, and one more for each block of a refill; nothing else is a host call. */
    @ParameterizedTest
    @CsvSource({"'index=cpu', 0", "'index=cpu,refresh=16', 0", "'index=getcpu', 1", "'index=getcpu,refresh=16', 16"})
    void theNumberIsAskedForEverySoManyUses(String settings, int uses) {
        TinyRun run = new TinyRun("percpu-lock:refill=1," + settings, "churn:live=20,handoff=0", 1, 1, 1);
        run.run(3200);
        long operations = run.oracle.mallocs + run.oracle.frees;
        long asked = run.machine.executed[Op.HOST] - run.machine.spans.size();
        assertThat(asked).isEqualTo(uses == 0 ? 0 : (operations + uses - 1) / uses);
    }
}
