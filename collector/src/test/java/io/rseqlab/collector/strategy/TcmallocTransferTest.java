package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Mark;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How many objects TCMalloc's misses move, and how large its transfer caches are while its background thread runs. */
class TcmallocTransferTest {
    private static final int BATCH = 32;

    private static TcmallocTransfer transfers(TinyRun run) {
        return ((TcmallocPercpuInstance) run.strategy).transfers;
    }

    private static long capacity(TinyRun run, int sizeClass) {
        return run.machine.read64(transfers(run).caches().capacity(0, sizeClass));
    }

    private static long used(TinyRun run) {
        return run.machine.read64(transfers(run).caches().used(0, 0));
    }

    /**
     * The budget is for one object. Forty are allocated in a row: the first two misses bring one each, for it is not
     * known yet whether more are wanted, all others two.
     */
    @Test
    void anArrayForOneObjectAsksForOneAtFirst() {
        TinyRun run = new TinyRun("tcmalloc-percpu:cpu_budget=1024", "bursts:size=1024,live=40,burst=0", 1, 1, 1);
        run.machine.switchIn(0, run.machine.threads.get(0));
        while (run.oracle.mallocs < 40 || run.oracle.operation(0) >= 0) {
            run.machine.step(0);
        }
        assertThat(run.oracle.counts[Mark.COUNT_REFILLS]).isEqualTo(2 + 38 / 2);
        assertThat(run.oracle.counts[Mark.COUNT_REFILL_OBJECTS]).isEqualTo(40);
    }

    /** A budget for 25 objects is spent whole where a batch is asked for; then half of that and the one are fetched. */
    @Test
    void anArrayGrowsByWhatTheBudgetHas() {
        TinyRun run = new TinyRun("tcmalloc-percpu:cpu_budget=1600", "churn:handoff=0", 1, 1, 1);
        run.machine.switchIn(0, run.machine.threads.get(0));
        while (run.oracle.mallocs == 0) {
            run.machine.step(0);
        }
        assertThat(run.oracle.counts[Mark.COUNT_REFILL_OBJECTS]).isEqualTo((25 + 1) / 2 + 1);
    }

    /** Capacities of the one size's transfer cache whenever they changed, in batches. */
    private static List<Long> capacities(String settings) {
        String strategy = "tcmalloc-percpu:first_capacity=40,background_us=1," + settings;
        TinyRun run = new TinyRun(strategy, "producer-consumer", 3, 6, 3);
        List<Long> seen = new ArrayList<>();
        while (run.oracle.workDone < 25_000) {
            run.stepSomeCpu();
            long now = capacity(run, 0) / BATCH;
            if (seen.isEmpty() || seen.get(seen.size() - 1) != now) {
                seen.add(now);
            }
        }
        run.run(25_000);
        return seen;
    }

    @ParameterizedTest
    @CsvSource({"2, 5, 5", "2, 3, 3", "1, 3, 1", "2, 0, 2", "4, 4, 4", "0, 64, 0"})
    void aTransferCacheGrowsByMissesUpToTheLargest(long first, long most, long last) {
        List<Long> seen = capacities("transfer=" + first + ",transfer_most=" + most);
        assertThat(seen.get(0)).isEqualTo(first);
        assertThat(seen.get(seen.size() - 1)).isEqualTo(last);
        for (int i = 1; i < seen.size(); i++) {
            assertThat(seen.get(i)).as("a batch at a time").isEqualTo(seen.get(i - 1) + 1);
        }
    }

    /** Without the thread in the background nothing changes. */
    @Test
    void nobodyResizesWhereTheBackgroundThreadIsOff() {
        TinyRun run = new TinyRun("tcmalloc-percpu:transfer=1", "producer-consumer", 3, 6, 3).run(5000);
        assertThat(capacity(run, 0)).isEqualTo(BATCH);
    }

    /** With as many sizes as there are in TCMalloc's table no unused one can give anything: others have to. */
    @Test
    void whatOneSizeGetsAnotherLoses() {
        String load = "sized-churn:live=200,most=200000,handoff=0.7";
        TinyRun run = new TinyRun("tcmalloc-percpu:transfer=2,cpu_budget=60000,background_us=1", load, 3, 6, 3);
        int sizes = ((TcmallocPercpuInstance) run.strategy).classes.count();
        assertThat(sizes).isGreaterThanOrEqualTo(46);
        long[] first = new long[sizes];
        for (int i = 0; i < sizes; i++) {
            first[i] = capacity(run, i);
        }
        run.run(30_000);
        int larger = 0;
        int smaller = 0;
        for (int i = 0; i < sizes; i++) {
            larger += capacity(run, i) > first[i] ? 1 : 0;
            smaller += capacity(run, i) < first[i] ? 1 : 0;
        }
        assertThat(larger).isPositive();
        assertThat(smaller).isPositive();
    }

    /** Threads that stand still ask for nothing: what their frees have left in the transfer cache goes to the list. */
    @ParameterizedTest
    @ValueSource(strings = {"all", "l3"})
    void whatNobodyAsksForIsPlundered(String by) {
        String strategy = "tcmalloc-percpu:background_us=1,first_capacity=40,transfer_by=" + by;
        TinyRun run = new TinyRun(strategy, "producer-consumer", 3, 4, 3);
        TinyMachine machine = run.machine;
        while (used(run) < 50 || machine.threads.stream().anyMatch(t -> run.oracle.insideOperation(t.number))) {
            run.stepSomeCpu();
        }
        for (int cpu = 0; cpu < 3; cpu++) {
            if (machine.running[cpu] != null) {
                machine.switchOut(cpu);
            }
        }
        for (int step = 0; step < 100_000; step++) {
            if (machine.running[0] == null) {
                machine.switchIn(0, machine.threads.get(4));
            }
            machine.step(0);
        }
        assertThat(used(run)).isZero();
    }
}
