package io.rseqlab.trace.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A batch takes memory as rows come, and whoever fills it notices nothing of that. */
class BatchTest {
    private static final int NAME = 0;
    private static final int CPU = 3;

    private static Batch filled(int rows) {
        Batch batch = new Batch(Table.COUNTERS, PartWriter.BATCH_ROWS);
        for (int row = 0; row < rows; row++) {
            batch.put(NAME, "name " + row);
            if (row % 3 == 0) {
                batch.put(CPU, row);
            }
            batch.endRow();
        }
        return batch;
    }

    @Test
    void rowsStayWhenItGrows() {
        Batch batch = filled(PartWriter.BATCH_ROWS);
        assertThat(batch.rows).isEqualTo(batch.capacity);
        assertThat(IntStream.range(0, batch.rows)).allSatisfy(row -> {
            assertThat(batch.texts[NAME][row]).isEqualTo("name " + row);
            assertThat(batch.has(CPU, row)).isEqualTo(row % 3 == 0);
            assertThat(batch.numbers[CPU][row]).isEqualTo(row % 3 == 0 ? row : 0);
        });
    }

    @Test
    void roomForABatchIsMadeOnlyForThoseWhoFillIt() {
        assertThat(filled(100).numbers[CPU].length).isLessThan(PartWriter.BATCH_ROWS / 10);
        assertThat(filled(PartWriter.BATCH_ROWS).numbers[CPU]).hasSize(PartWriter.BATCH_ROWS);
    }

    /** What is taken out of a batch of few rows, and then out of one of many, by the same scratch memory. */
    @Test
    void valuesAreTakenOutWhateverItsSize() {
        Dense dense = new Dense();
        for (int rows : new int[] {10, 4_000}) {
            dense.take(filled(rows), CPU);
            assertThat(dense.count).isEqualTo((rows + 2) / 3);
            assertThat(dense.numbers[dense.count - 1]).isEqualTo((rows - 1) / 3 * 3L);
            dense.take(filled(rows), NAME);
            assertThat(dense.texts[rows - 1]).isEqualTo("name " + (rows - 1));
        }
    }
}
