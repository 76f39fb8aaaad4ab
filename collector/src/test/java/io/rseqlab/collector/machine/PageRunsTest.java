package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which pages a span gets, and what becomes of those that come back. */
class PageRunsTest {
    private static final long PAGE = 8192;

    private final Memory memory = new Memory(0x11000, 1L << 30);
    private final PageRuns runs = new PageRuns(memory);

    private long take(int pages) {
        return runs.take(pages * PAGE, PAGE);
    }

    private void give(long address, int pages) {
        runs.give(address, pages * PAGE);
    }

    @Test
    void spansBeginAtPages() {
        long first = take(3);
        assertThat(first % PAGE).isZero();
        assertThat(take(1)).isEqualTo(first + 3 * PAGE);
        assertThat(memory.end()).isEqualTo(first + 4 * PAGE);
    }

    /** Of runs of two, three and two pages, with a span between each, the first of two is taken, then the other. */
    @Test
    void theSmallestRunThatIsLargeEnoughIsTaken() {
        long[] spans = {take(2), take(1), take(3), take(1), take(2), take(1)};
        give(spans[0], 2);
        give(spans[2], 3);
        give(spans[4], 2);
        assertThat(take(2)).isEqualTo(spans[0]);
        assertThat(take(2)).isEqualTo(spans[4]);
        assertThat(take(2)).isEqualTo(spans[2]);
        assertThat(runs.freeBytes()).isEqualTo(PAGE);
    }

    @Test
    void whatComesBackIsJoinedOnBothSides() {
        long[] spans = {take(1), take(1), take(1), take(1)};
        give(spans[0], 1);
        give(spans[2], 1);
        give(spans[1], 1);
        assertThat(take(3)).isEqualTo(spans[0]);
    }

    @Test
    void theHeapGrowsByWhatItsLastRunIsShortOf() {
        long first = take(4);
        long fresh = runs.freshBytes();
        give(first, 4);
        assertThat(take(6)).isEqualTo(first);
        assertThat(runs.freshBytes()).isEqualTo(fresh + 2 * PAGE);
    }

    /** What the system has is taken where the heap has nothing so small, and is new then. */
    @Test
    void whatWentToTheSystemIsNewAgain() {
        long[] spans = {take(2), take(1), take(4), take(1)};
        give(spans[0], 2);
        give(spans[2], 4);
        long fresh = runs.freshBytes();
        assertThat(runs.release(1)).isEqualTo(2 * PAGE);
        assertThat(runs.goneBytes()).isEqualTo(2 * PAGE);
        assertThat(runs.freeBytes()).isEqualTo(4 * PAGE);
        assertThat(take(1)).isEqualTo(spans[0]);
        assertThat(runs.freshBytes()).isEqualTo(fresh + PAGE);
        assertThat(runs.release(100 * PAGE)).isEqualTo(4 * PAGE);
        assertThat(runs.release(1)).isZero();
    }

    /** Runs of the next size go first, so that all have their turn. */
    @Test
    void oneSizeAfterTheOtherIsReleased() {
        long[] spans = {take(1), take(1), take(3), take(1), take(2), take(1), take(1)};
        for (int i = 0; i < spans.length - 1; i += 2) {
            give(spans[i], i == 0 ? 1 : i == 2 ? 3 : 2);
        }
        List<Long> released = new ArrayList<>(List.of(runs.release(1), runs.release(1)));
        give(spans[6], 1);
        released.add(runs.release(1));
        released.add(runs.release(1));
        assertThat(released).containsExactly(PAGE, 2 * PAGE, 3 * PAGE, PAGE);
    }

    /** No page is in two spans, or lost, whatever is taken, given back and released. */
    @Test
    void allPagesAreSomewhereOnce() {
        Random random = new Random(1);
        TreeMap<Long, Long> spans = new TreeMap<>();
        long taken = 0;
        for (int step = 0; step < 5000; step++) {
            if (random.nextInt(5) < 2 + step / 200 % 2) {
                long bytes = PAGE * (1 + random.nextInt(5));
                long span = runs.take(bytes, PAGE);
                Long below = spans.floorKey(span);
                Long above = spans.ceilingKey(span);
                assertThat(below == null || below + spans.get(below) <= span).isTrue();
                assertThat(above == null || span + bytes <= above).isTrue();
                spans.put(span, bytes);
                taken += bytes;
            } else if (!spans.isEmpty()) {
                Long key = spans.ceilingKey((long) random.nextInt((int) memory.end()));
                long span = key == null ? spans.firstKey() : key;
                taken -= spans.get(span);
                runs.give(span, spans.remove(span));
            }
            if (random.nextInt(20) == 0) {
                runs.release(random.nextInt(100_000));
            }
            assertThat(taken + runs.freeBytes() + runs.goneBytes()).isEqualTo(memory.end() - 0x12000);
        }
    }
}
