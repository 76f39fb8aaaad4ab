package io.rseqlab.collector.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.SizeClasses;
import org.junit.jupiter.api.Test;

/** Where blocks have several sizes, all of a live block is its holder's. */
class OwnershipOfSizesTest {
    private static final long HEAP = 0x10000;
    private static final int CLASS_OF_128 = 3;
    private static final int CLASS_OF_32 = 0;
    private static final int LARGE = 65536;

    private final Ownership ownership = new Ownership(HEAP, SizeClasses.upTo(256));

    @Test
    void aBlockThatReachesIntoALiveOneIsFound() {
        ownership.allocated(1, HEAP + 96, CLASS_OF_32, 10);
        ownership.allocated(2, HEAP, CLASS_OF_128, 20);
        assertThat(ownership.violations()).hasSize(1);
        assertThat(ownership.violations().get(0)).startsWith("overlap").contains("128 bytes", "thread 1");
    }

    @Test
    void aBlockInsideALiveOneIsFound() {
        ownership.allocated(1, HEAP, CLASS_OF_128, 10);
        ownership.allocated(2, HEAP + 64, CLASS_OF_32, 20);
        assertThat(ownership.violations()).hasSize(1);
        assertThat(ownership.violations().get(0)).startsWith("double allocation");
    }

    @Test
    void whatPointsIntoABlockCannotBeFreed() {
        ownership.allocated(1, HEAP, CLASS_OF_128, 10);
        ownership.freed(1, HEAP + 32, 20);
        assertThat(ownership.violations()).hasSize(1);
        assertThat(ownership.violations().get(0)).startsWith("free of no block");
    }

    @Test
    void memoryMayBeCutUpAnewOnceItIsFree() {
        ownership.allocated(1, HEAP, CLASS_OF_128, 10);
        ownership.freed(1, HEAP, 20);
        ownership.allocated(1, HEAP + 96, CLASS_OF_32, 30);
        assertThat(ownership.violations()).isEmpty();
    }

    /** Allocators place large blocks behind headers or on pages: addresses are multiples of lines, not of sizes. */
    @Test
    void largeBlocksOfOneSizeMayBeginAtAnyLine() {
        Ownership large = new Ownership(HEAP, SizeClasses.of(LARGE));
        large.allocated(1, HEAP + 128, 0, 10);
        large.allocated(2, HEAP + 128 + LARGE, 0, 20);
        large.freed(1, HEAP + 128, 30);
        large.allocated(2, HEAP + 192, 0, 40);
        assertThat(large.violations()).hasSize(1);
        assertThat(large.violations().get(0)).startsWith("overlap").contains("65536 bytes", "thread 2");
    }

    @Test
    void aLargeBlockOfOneSizeIsItsHoldersAsAWhole() {
        Ownership large = new Ownership(HEAP, SizeClasses.of(LARGE));
        large.allocated(1, HEAP, 0, 10);
        large.allocated(2, HEAP + LARGE - 64, 0, 20);
        assertThat(large.violations()).hasSize(1);
        assertThat(large.violations().get(0)).startsWith("double allocation").contains("thread 1");
        large.freed(1, HEAP + 64, 30);
        assertThat(large.violations().get(1)).startsWith("free of no block");
        assertThat(large.peakLiveBytes()).isEqualTo(LARGE);
    }
}
