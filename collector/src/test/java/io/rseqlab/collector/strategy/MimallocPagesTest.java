package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Mark;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How large mimalloc's pages are, and what becomes of those that are full. */
class MimallocPagesTest {
    /** A page holds so many blocks of a line, and a thread with 300 live ones needs so many pages. */
    @ParameterizedTest
    @CsvSource({"16, 1", "15, 1", "14, 2", "13, 3"})
    void pagesAreAsLargeAsAsked(int shift, int pages) {
        TinyRun run = new TinyRun("mimalloc:page=" + shift, "churn:live=300,handoff=0", 1, 1, 1);
        while (run.oracle.owners.size() < 290) {
            if (run.machine.running[0] == null) {
                run.machine.switchIn(0, run.machine.threads.get(0));
            }
            run.machine.step(0);
        }
        assertThat(((MimallocInstance) run.strategy).slabs.all(run.machine)).hasSize(pages);
    }

    /** An eighth of a page at most is a block, up to the larger kind's; from there on each has its own. */
    @ParameterizedTest
    @CsvSource({
        "64, 65536",
        "8192, 65536",
        "8224, 524288",
        "65536, 524288",
        "65568, 131072",
        "1000000, 1048576",
    })
    void largerBlocksAreOnLargerPages(int block, int page) {
        assertThat(Mimalloc.pageBytes(block, 16)).isEqualTo(page);
    }

    /** Version 3 has a third kind, and six blocks at least on pages of the others. */
    @ParameterizedTest
    @CsvSource({
        "64, 65536",
        "10240, 65536",
        "10272, 524288",
        "86688, 524288",
        "86720, 4194304",
        "524288, 4194304",
        "524320, 589824",
    })
    void version3HasPagesOfFourMebibytes(int block, int page) {
        assertThat(MimallocV3.pageBytes(block, 16)).isEqualTo(page);
    }

    /** Thirty blocks take so many pages. */
    @ParameterizedTest
    @CsvSource({"9000, 5", "11000, 1", "90000, 1"})
    void pagesOfVersion3AreOfTheirKind(int block, int pages) {
        TinyRun run = new TinyRun("mimalloc-v3", "bursts:live=30,burst=0,size=" + block, 1, 1, 1);
        while (run.oracle.owners.size() < 30) {
            if (run.machine.running[0] == null) {
                run.machine.switchIn(0, run.machine.threads.get(0));
            }
            run.machine.step(0);
        }
        assertThat(((MimallocV3Instance) run.strategy).slabs.all(run.machine)).hasSize(pages);
    }

    /** Blocks that others freed into full pages come back in either way; only with the list is an owner told. */
    @ParameterizedTest
    @CsvSource({"list, true", "off, false"})
    void fullPagesAreFoundAgain(String delayed, boolean told) {
        String strategy = "mimalloc:page=13,delayed_every=5,delayed=" + delayed;
        TinyRun few = new TinyRun(strategy, "churn:handoff=0.5,live=400", 2, 3, 1).run(8_000);
        TinyRun many = new TinyRun(strategy, "churn:handoff=0.5,live=400", 2, 3, 1);
        Set<String> places = new HashSet<>();
        for (int step = 0; many.oracle.workDone < 30_000; step++) {
            many.stepSomeCpu();
            if (step % 5000 == 0) {
                many.strategy.census(many.machine, (block, place) -> places.add(place.words()));
            }
        }
        many.run(30_000);
        assertThat(many.oracle.foreignFrees).isGreaterThan(5_000);
        assertThat(places.stream().anyMatch(place -> place.startsWith("delayed for ")))
                .isEqualTo(told);
        assertThat(many.oracle.known).hasSizeLessThan(2 * few.oracle.known.size());
        assertThat(many.oracle.counts[Mark.COUNT_REFILLS]).isGreaterThan(300);
    }
}
