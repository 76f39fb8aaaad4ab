package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.spec.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Times as users write them. */
class DurationsTest {
    @Test
    void zeroNeedsNoUnit() {
        assertThat(Durations.parse("0")).isZero();
        assertThat(Durations.parse("0.0")).isZero();
        assertThat(Durations.parse("0ms")).isZero();
        assertThat(RunRequest.of("rseq-freelist", "churn").warmup(Durations.parse("0")).warmupSeconds)
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0.5", "10", "", "-0", "0 ms", "0x", "ms"})
    void anythingElseDoes(String text) {
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("'" + text + "'")
                .hasMessageContaining("200ms");
    }

    @Test
    void whatIsWrittenIsReadBack() {
        for (double seconds : new double[] {0, 1e-9, 5e-6, 0.002, 1.5, 900}) {
            assertThat(Durations.parse(Durations.format(seconds))).isEqualTo(seconds);
        }
    }
}
