package io.rseqlab.collector.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Size classes ascend in granules, and a size gets the smallest that holds it. */
class SizeClassesTest {
    @Test
    void fourPerDoublingUpToTheFirstThatHoldsTheMost() {
        assertThat(SizeClasses.upTo(321)).hasToString("[32, 64, 96, 128, 160, 192, 224, 256, 320, 384]");
    }

    @Test
    void aSizeGetsTheSmallestClassThatHoldsIt() {
        SizeClasses sizes = SizeClasses.upTo(1024);
        for (int size = 1; size <= 1024; size++) {
            int number = sizes.holding(size);
            assertThat(sizes.bytes(number)).isGreaterThanOrEqualTo(size);
            assertThat(number == 0 || sizes.bytes(number - 1) < size).isTrue();
        }
        assertThat(sizes.holding(1025)).isEqualTo(-1);
        assertThat(sizes.holding(1L << 40)).isEqualTo(-1);
    }

    @Test
    void largestSizeIsReached() {
        SizeClasses sizes = SizeClasses.upTo(SizeClasses.MOST_BYTES);
        assertThat(sizes.bytes(sizes.count() - 1)).isEqualTo(SizeClasses.MOST_BYTES);
    }

    @Test
    void sizesThatAreNoMultiplesOrDoNotAscendAreRefused() {
        assertThatThrownBy(() -> SizeClasses.of(32, 40)).hasMessageContaining("multiples of 32");
        assertThatThrownBy(() -> SizeClasses.of(64, 64)).hasMessageContaining("ascend");
    }
}
