package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.LongUnaryOperator;
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
        Spans spans = new Spans(random);
        for (int step = 0; step < 5000; step++) {
            spans.step(2 + step / 200 % 2, 5, bytes -> runs.take(bytes, PAGE), runs::give);
            if (random.nextInt(20) == 0) {
                runs.release(random.nextInt(100_000));
            }
            assertThat(spans.bytes + runs.freeBytes() + runs.goneBytes()).isEqualTo(memory.end() - 0x12000);
        }
    }

    /** Spans that are taken and given back at random, and what they have in all. */
    private final class Spans {
        private final Random random;
        private final TreeMap<Long, Long> spans = new TreeMap<>();
        long bytes;

        Spans(Random random) {
            this.random = random;
        }

        /** A span is taken in so many of five steps, which overlaps no other; else one is given back. */
        void step(int ofFive, int mostPages, LongUnaryOperator take, BiConsumer<Long, Long> give) {
            if (random.nextInt(5) < ofFive) {
                long wanted = PAGE * (1 + random.nextInt(mostPages));
                long span = take.applyAsLong(wanted);
                Long below = spans.floorKey(span);
                Long above = spans.ceilingKey(span);
                assertThat(below == null || below + spans.get(below) <= span).isTrue();
                assertThat(above == null || span + wanted <= above).isTrue();
                spans.put(span, wanted);
                bytes += wanted;
            } else if (!spans.isEmpty()) {
                Long key = spans.ceilingKey((long) random.nextInt((int) memory.end()));
                long span = key == null ? spans.firstKey() : key;
                bytes -= spans.get(span);
                give.accept(span, spans.remove(span));
            }
        }
    }

    // ---- heaps that reserve address space

    private static final long RESERVE = 16 * PAGE;

    private PageRuns reserving(SharedSpace shared) {
        return PageRuns.reserving(memory, RESERVE, shared);
    }

    @Test
    void addressSpaceIsTheSystemsUntilItIsUsed() {
        PageRuns heap = reserving(null);
        long first = heap.take(3 * PAGE);
        assertThat(first).isEqualTo(0x11000);
        assertThat(heap.take(PAGE)).isEqualTo(first + 3 * PAGE);
        assertThat(heap.freshBytes()).isEqualTo(4 * PAGE);
        assertThat(heap.reservedBytes()).isEqualTo(RESERVE);
        assertThat(memory.end() - 0x11000 - heap.goneBytes()).isEqualTo(4 * PAGE);
        assertThat(heap.freeBytes()).isZero();
    }

    /** The lowest run is taken before smaller ones and those that are new, unless it is many times as large. */
    @Test
    void whatIsUnusedIsTakenBeforeWhatIsNew() {
        PageRuns heap = PageRuns.reserving(memory, 256 * PAGE, null);
        long large = heap.take(64 * PAGE);
        heap.take(PAGE);
        long small = heap.take(4 * PAGE);
        heap.take(PAGE);
        long single = heap.take(PAGE);
        heap.take(PAGE);
        heap.give(single, PAGE);
        heap.give(small, 4 * PAGE);
        long fresh = heap.freshBytes();
        assertThat(heap.take(PAGE)).isEqualTo(small);
        heap.give(large, 64 * PAGE);
        assertThat(heap.take(PAGE / 2)).isEqualTo(small + PAGE);
        assertThat(heap.take(PAGE)).isEqualTo(large);
        assertThat(heap.freshBytes()).isEqualTo(fresh);
    }

    /** Runs of less than 16 KiB stay as they are, others are joined. */
    @Test
    void smallRunsAreNotJoinedBeforeTheyGo() {
        PageRuns heap = reserving(null);
        long[] spans = {heap.take(PAGE), heap.take(PAGE), heap.take(PAGE), heap.take(2 * PAGE), heap.take(PAGE)};
        heap.give(spans[0], PAGE);
        heap.give(spans[1], PAGE);
        heap.give(spans[2], PAGE);
        long fresh = heap.freshBytes();
        heap.take(2 * PAGE);
        assertThat(heap.freshBytes()).as("none has two pages").isEqualTo(fresh + 2 * PAGE);
        heap.give(spans[3], 2 * PAGE);
        assertThat(heap.take(3 * PAGE)).as("joined with the one below").isEqualTo(spans[2]);
        assertThat(heap.freshBytes()).isEqualTo(fresh + 2 * PAGE);
    }

    @Test
    void whatWasUnusedLongestGoesToTheSystemFirst() {
        PageRuns heap = reserving(null);
        long[] spans = {heap.take(2 * PAGE), heap.take(PAGE), heap.take(PAGE), heap.take(PAGE)};
        heap.give(spans[2], PAGE);
        assertThat(heap.decay(1000, 200_000)).isZero();
        heap.give(spans[0], 2 * PAGE);
        // of the page that came first half may stay
        assertThat(heap.decay(101_000, 200_000)).isEqualTo(PAGE / 2);
        assertThat(heap.decay(101_500, 200_000)).isZero();
        assertThat(heap.take(2 * PAGE)).isEqualTo(spans[0]);
        assertThat(heap.take(PAGE / 2)).isEqualTo(spans[2] + PAGE / 2);
        heap.give(spans[0], 2 * PAGE);
        assertThat(heap.decay(400_000, 0)).isEqualTo(2 * PAGE);
        assertThat(heap.freeBytes()).isZero();
    }

    /** A piece of address space of which nothing is used goes to whichever heap wants one, with its pages. */
    @Test
    void wholePiecesGoToAllHeaps() {
        SharedSpace shared = new SharedSpace();
        PageRuns one = reserving(shared);
        PageRuns other = reserving(shared);
        long first = one.take(15 * PAGE);
        long last = one.take(PAGE);
        long second = one.take(2 * PAGE);
        one.give(first, 15 * PAGE);
        assertThat(shared.freeBytes()).isZero();
        one.give(last, PAGE);
        assertThat(shared.freeBytes()).isEqualTo(16 * PAGE);
        assertThat(one.freeBytes()).isZero();
        long end = memory.end();
        assertThat(other.take(14 * PAGE)).isEqualTo(first);
        assertThat(other.take(2 * PAGE)).isEqualTo(first + 14 * PAGE);
        assertThat(memory.end()).isEqualTo(end);
        assertThat(other.freshBytes()).isZero();
        one.give(second, 2 * PAGE);
        assertThat(shared.freeBytes()).isEqualTo(2 * PAGE);
        assertThat(shared.goneBytes()).isEqualTo(14 * PAGE);
        assertThat(other.take(15 * PAGE)).as("no run is so long").isGreaterThan(second);
        assertThat(other.take(10 * PAGE)).isEqualTo(second + 2 * PAGE);
    }

    /** A heap that shares its address space takes what it gets, however large. */
    @Test
    void aSharedPieceServesSmallSpans() {
        SharedSpace shared = new SharedSpace();
        PageRuns heap = PageRuns.reserving(memory, 256 * PAGE, shared);
        long all = heap.take(256 * PAGE);
        heap.give(all, 256 * PAGE);
        assertThat(heap.take(PAGE)).isEqualTo(all);
        assertThat(shared.freeBytes()).isZero();
        assertThat(heap.freeBytes()).isEqualTo(255 * PAGE);
    }

    /** Nothing is lost between heaps and what they share, whatever is taken and given back. */
    @Test
    void allPagesOfAllHeapsAreSomewhereOnce() {
        Random random = new Random(2);
        SharedSpace shared = new SharedSpace();
        List<PageRuns> heaps = List.of(reserving(shared), reserving(shared), reserving(shared));
        Spans spans = new Spans(random);
        for (int step = 0; step < 5000; step++) {
            PageRuns heap = heaps.get(random.nextInt(3));
            spans.step(2 + step / 300 % 2, 20, heap::take, heap::give);
            if (random.nextInt(50) == 0) {
                heap.decay(step, random.nextInt(2000));
            }
            long unused = heaps.stream()
                    .mapToLong(one -> one.freeBytes() + one.goneBytes())
                    .sum();
            assertThat(spans.bytes + unused + shared.freeBytes() + shared.goneBytes())
                    .isEqualTo(memory.end() - 0x11000);
        }
    }
}
