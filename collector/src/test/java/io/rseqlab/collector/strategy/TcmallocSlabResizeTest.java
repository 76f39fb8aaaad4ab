package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How large TCMalloc's slabs are, and how long arrays may be, while its background thread runs. */
class TcmallocSlabResizeTest {
    private static final int BATCH = 32;

    private static TcmallocPercpuInstance strategy(TinyRun run) {
        return (TcmallocPercpuInstance) run.strategy;
    }

    /** Binary logarithm of a slab's bytes. */
    private static long shift(TinyRun run) {
        long shape = run.machine.read64(strategy(run).resize.shapeWord());
        return Long.numberOfTrailingZeros(run.machine.read64(shape + SlabShapes.BYTES));
    }

    /** Most objects of a size's array. */
    private static long most(TinyRun run, int sizeClass) {
        long row = strategy(run).tables.row(sizeClass);
        return run.machine.read64(row + TcmallocTables.LAST) - run.machine.read64(row + TcmallocTables.BEGIN);
    }

    /** What a number was, in turn, until so much work was done. */
    private static List<Long> seen(TinyRun run, long work, ToLongFunction<TinyRun> number) {
        List<Long> seen = new ArrayList<>();
        while (run.oracle.workDone < work) {
            run.stepSomeCpu();
            long now = number.applyAsLong(run);
            if (seen.isEmpty() || seen.get(seen.size() - 1) != now) {
                seen.add(now);
            }
        }
        run.run(work);
        return seen;
    }

    /**
     * Every change of size, held against underflows and overflows since the look before: both are noted down within
     * some steps of the background thread, right before it decides; looks are tens of thousands of steps apart.
     */
    @ParameterizedTest
    @CsvSource({"14, 14, 18", "16, 15, 17"})
    void slabsFollowOverflowsToUnderflows(long shift, long least, long most) {
        String settings = "shift=" + shift + ",shift_least=" + least + ",shift_most=" + most;
        TinyRun run = new TinyRun(
                "tcmalloc-percpu:first_capacity=40,background_us=1," + settings, "producer-consumer", 3, 2, 2);
        run.migrations = 0;
        long underflows = 0;
        long overflows = 0;
        long before = shift;
        long since = 0;
        List<Long> seen = new ArrayList<>(List.of(shift));
        for (long step = 0; run.oracle.workDone < 6000; step++) {
            run.stepSomeCpu();
            long moreUnderflows = strategy(run).resize.underflows(run.machine) - underflows;
            long moreOverflows = strategy(run).resize.overflows(run.machine) - overflows;
            since = moreUnderflows + moreOverflows == 0 ? step : since;
            long now = shift(run);
            if (now > before) {
                assertThat(10 * (moreOverflows + 1)).isGreaterThan(9 * (moreUnderflows + 1));
            } else if (now < before) {
                assertThat(10 * moreOverflows).isLessThan(4 * moreUnderflows);
            }
            if (now != before) {
                seen.add(now);
                assertThat(Math.abs(now - before)).isEqualTo(1);
                before = now;
            }
            if (step - since > 2000) {
                underflows += moreUnderflows;
                overflows += moreOverflows;
            }
        }
        run.run(6000);
        assertThat(seen).contains(least, most).allMatch(one -> least <= one && one <= most);
        assertThat(seen).isNotEqualTo(seen.stream().sorted().toList());
    }

    /** The one size has misses at its largest length; what it gets the sizes give that nobody uses. */
    @Test
    void aSizeThatMissesAtItsLongestMayHaveFiveBatchesMore() {
        TinyRun run = new TinyRun(
                "tcmalloc-percpu:first_capacity=40,shift_least=18,background_us=1", "producer-consumer", 3, 4, 3);
        List<Long> seen = seen(run, 15_000, one -> most(one, 0));
        assertThat(seen.subList(0, 2)).containsExactly(40L, 40L + 5 * BATCH);
    }

    /** In slabs of a quarter of the size batches are a quarter too. */
    @Test
    void inSmallerSlabsItMayHaveLess() {
        TinyRun run = new TinyRun(
                "tcmalloc-percpu:first_capacity=80,shift=16,shift_least=16,shift_most=16,background_us=1",
                "producer-consumer",
                3,
                4,
                3);
        List<Long> seen = seen(run, 15_000, one -> most(one, 0));
        assertThat(seen.subList(0, 2)).containsExactly(80L / 4 - 3, 80L / 4 - 3 + 5 * BATCH / 4);
    }

    /** With as many sizes as there are in TCMalloc's table others have to give, and all keep a batch of theirs. */
    @Test
    void whatOneSizeGetsAnotherLoses() {
        String load = "sized-churn:live=30,most=200000,handoff=0.7";
        TinyRun run = new TinyRun(
                "tcmalloc-percpu:first_capacity=4,capacity=4,shift_least=18,background_us=1", load, 3, 3, 3);
        int sizes = strategy(run).classes.count();
        assertThat(sizes).isGreaterThanOrEqualTo(SlabShapes.ALL_SIZES);
        long before = 0;
        for (int i = 0; i < sizes; i++) {
            before += most(run, i);
        }
        run.run(8000);
        int longer = 0;
        int shorter = 0;
        long after = 0;
        for (int i = 0; i < sizes; i++) {
            longer += most(run, i) > 4 ? 1 : 0;
            shorter += most(run, i) < 4 ? 1 : 0;
            after += most(run, i);
            assertThat(most(run, i)).isGreaterThanOrEqualTo(2);
        }
        assertThat(longer).isPositive();
        assertThat(shorter).isGreaterThan(longer);
        assertThat(after).isEqualTo(before);
    }

    /** Nobody changes anything without the thread in the background, whatever misses are. */
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void withoutTheThreadSlabsStayAsTheyAre(int shift) {
        TinyRun run = new TinyRun("tcmalloc-percpu:first_capacity=40,shift=" + shift, "producer-consumer", 3, 4, 3);
        assertThat(strategy(run).resize).isNull();
        run.run(3000);
    }

    /** A CPU that has budget to spare takes none of others; all have what they had. */
    @ParameterizedTest
    @CsvSource({"600000, true", "100000, false"})
    void whoHasBudgetToSpareTakesNone(long budget, boolean same) {
        TinyRun run = new TinyRun("tcmalloc-percpu:background_us=1,cpu_budget=" + budget, "producer-consumer", 3, 2, 3);
        run.run(15_000);
        boolean changed = false;
        for (int cpu = 0; cpu < 3; cpu++) {
            changed |= run.machine.read64(strategy(run).tables.info(cpu) + TcmallocTables.LIMIT) != budget;
        }
        assertThat(changed).isEqualTo(!same);
    }
}
