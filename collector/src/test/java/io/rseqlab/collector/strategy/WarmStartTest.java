package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.spec.UsageException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SuperMalloc's lists of CPUs can be there from the start, which runs would take long to fill. */
class WarmStartTest {
    @ParameterizedTest
    @CsvSource({
        "supermalloc, producer-consumer",
        "supermalloc, larson:slots=20,most=300",
        "supermalloc-rseq, producer-consumer",
        "supermalloc-rseq, larson:slots=20,most=300",
    })
    void theBooksAreKept(String strategy, String workload) {
        for (String settings :
                new String[] {"warm=1,cpu_bytes=3000", "warm=0.5,cpu_bytes=900,depth=2,thread_bytes=0"}) {
            TinyRun run = new TinyRun(strategy + ":" + settings, workload, 3, 4, 5);
            run.signals = 0.02;
            run.run(900);
            assertThat(run.oracle.frees).isPositive();
        }
    }

    /** 3 CPUs with two lists and 4 global ones, each of 16 blocks, none of which is anybody's. */
    @ParameterizedTest
    @ValueSource(strings = {"supermalloc", "supermalloc-rseq"})
    void listsBeginFull(String strategy) {
        TinyRun run = new TinyRun(strategy + ":warm=1,cpu_bytes=1024,depth=4", "churn", 3, 1, 5);
        AtomicLong ofCpus = new AtomicLong();
        AtomicLong all = new AtomicLong();
        run.strategy.audit(run.machine, (block, place) -> {
            all.incrementAndGet();
            ofCpus.addAndGet(place.words().startsWith("cpu") ? 1 : 0);
        });
        assertThat(all.get()).isEqualTo((3 * 2 + 4) * 16);
        assertThat(ofCpus.get()).isEqualTo(3 * 2 * 16);
        run.run(300);
        assertThat(run.oracle.counts[Mark.COUNT_REFILLS]).isPositive();
        // nothing had to be cut
        assertThat(run.machine.spans).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"supermalloc", "supermalloc-rseq"})
    void moreThanTheHostCanHoldIsRefused(String strategy) {
        assertThatThrownBy(() -> new TinyRun(strategy + ":warm=1,cpu_bytes=1073741824", "churn", 2, 1, 5))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("warm");
    }
}
