package io.rseqlab.collector.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A sketch asks for the sizes that it was told. */
class SketchTest {
    private static final Sketch SKETCH = new Sketch();

    private static Settings settings(String text) {
        return Settings.parse(text, SKETCH.parameters());
    }

    private static double shareUpTo(Settings settings, int bytes) {
        int[] quantiles = Sketch.quantiles(settings);
        return Arrays.stream(quantiles).filter(quantile -> quantile <= bytes).count() / (double) quantiles.length;
    }

    @Test
    void theGivenSharesOfObjectsAreOfTheGivenSizes() {
        Settings settings = settings("sketch:p50=100,p90=300,p99=5000");
        assertThat(shareUpTo(settings, 100)).isBetween(0.499, 0.502);
        assertThat(shareUpTo(settings, 300)).isBetween(0.899, 0.902);
        assertThat(shareUpTo(settings, 4999)).isBetween(0.988, 0.991);
        assertThat(shareUpTo(settings, 5000)).isEqualTo(1);
        assertThat(Sketch.quantiles(settings)[0]).isBetween(16, 17);
        // half way between 0.5 and 0.9 in share is half way in the logarithm: the root of 100 times 300
        assertThat(shareUpTo(settings, 173)).isBetween(0.698, 0.702);
    }

    @Test
    void oneSizeIsOneSize() {
        Settings settings = settings("sketch:p50=16,p90=16,p99=16");
        assertThat(SKETCH.sizes(settings).single()).isTrue();
    }

    @Test
    void sizesThatFallAreRefused() {
        assertThatThrownBy(() -> SKETCH.sizes(settings("sketch:p50=300,p90=200")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("must not fall: 300, 200, 1024");
    }
}
