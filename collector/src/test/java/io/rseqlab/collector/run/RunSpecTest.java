package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A specification says all there is to say of a run, whichever way it was made. */
class RunSpecTest {
    @Test
    void anotherSeedIsAsIfItHadBeenAskedFor() {
        RunRequest request = RunRequest.of("rseq-freelist", "churn:handoff=0.5")
                .cpus(3)
                .threads(7)
                .warmup(1e-3)
                .window(2e-3)
                .tick(50e-6)
                .noise(false)
                .oracle(false)
                .ops(OpsMode.SLOW);
        assertThat(RunSpecs.resolve(request, 1).toBuilder().seed(9).build().toMap())
                .isEqualTo(RunSpecs.resolve(request, 9).toMap())
                .containsEntry("seed", 9L);
    }
}
