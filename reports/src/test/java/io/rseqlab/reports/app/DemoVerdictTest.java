package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.Interval;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.reports.page.HandMade;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The first sentence is all that many will read: it must say what the comparison says, and no more. */
class DemoVerdictTest {
    private static Cell cell(String workload, int cpus, int threads, double ratio, String outcome, double ideal) {
        CellKey key = new CellKey(workload, "zen5-vm-2", "linux-6.18", cpus, threads, null, null);
        Contrast contrast = new Contrast(
                "message-passing",
                "rseq-freelist",
                "throughput_ops_per_s",
                ratio,
                new Interval(0.9 * ratio, 1.1 * ratio, 0.95, "t"),
                12,
                0.001,
                0.01,
                "sign-flip permutation",
                0.5,
                outcome,
                outcome);
        List<StrategyResult> results = List.of(
                result("rseq-freelist", 100, 1.5, 0.02),
                result("message-passing", 100 * ratio, 1.5, 0.5),
                result("ideal", ideal, 1, 0));
        return new Cell(key, workload, results, List.of(contrast), "");
    }

    private static StrategyResult result(String strategy, double throughput, double transfers, double atomics) {
        Map<String, Estimate> metrics = new LinkedHashMap<>();
        metrics.put("throughput_ops_per_s", estimate(throughput));
        metrics.put("line_transfers_per_op.all", estimate(transfers));
        metrics.put("atomics_per_op", estimate(atomics));
        return HandMade.result(strategy, metrics);
    }

    private static Estimate estimate(double mean) {
        return new Estimate(mean, null, 1, "", List.of(mean), null);
    }

    private static List<String> verdict(Cell... cells) {
        return DemoVerdict.of(new ComparisonDocument(
                ComparisonDocument.FORMAT_VERSION,
                "rseq-freelist",
                "throughput_ops_per_s",
                null,
                0.95,
                List.of(),
                List.of(cells),
                "",
                List.of(),
                List.of()));
    }

    @Test
    void whoWinsIsSaidPerWorkloadWithFactorsAndWithCpusWhereTheyMatter() {
        assertThat(verdict(
                                cell("churn:live=16,handoff=0", 2, 8, 1.21, "higher", 200),
                                cell("churn:live=16,handoff=0", 16, 32, 1.22, "higher", 200),
                                cell("churn:live=16,handoff=0.5", 2, 8, 0.8, "lower", 200),
                                cell("churn:live=16,handoff=1", 2, 8, 0.5, "lower", 200),
                                cell("churn:live=16,handoff=1", 16, 32, 0.25, "lower", 200),
                                cell("producer-consumer:pad=0", 2, 8, 1.01, "no_difference_detected", 200))
                        .get(0))
                .isEqualTo("Message passing is faster on churn with hand-off 0 (1.2×),"
                        + " rseq freelists on churn with hand-off 0.5 and 1 (1.3× to 4.0×);"
                        + " no difference is detected on producer-consumer.");
    }

    @Test
    void numbersOfCpusAreNamedWhereTheyDisagree() {
        assertThat(verdict(
                                cell("churn:handoff=0", 2, 8, 1.2, "higher", 200),
                                cell("churn:handoff=0", 16, 32, 0.5, "lower", 200),
                                cell("producer-consumer:pad=0", 2, 8, 1.5, "higher", 200),
                                cell("producer-consumer:pad=0", 16, 32, 1, "no_difference_detected", 200))
                        .get(0))
                .isEqualTo("Message passing is faster on churn with hand-off 0 and 2 CPUs and producer-consumer with"
                        + " 2 CPUs (1.2× to 1.5×), rseq freelists on churn with hand-off 0 and 16 CPUs (2.0×);"
                        + " no difference is detected on producer-consumer with 16 CPUs.");
    }

    @Test
    void aOneSidedResultIsSaidToBeOne() {
        assertThat(verdict(cell("churn:handoff=0", 2, 8, 0.5, "lower", 200)).get(0))
                .isEqualTo("Rseq freelists are faster on churn with hand-off 0 (2.0×).");
    }

    @Test
    void whatAnOperationCostsIsToldWhereItDiffers() {
        assertThat(verdict(cell("churn:handoff=0", 2, 8, 0.5, "lower", 200)))
                .anyMatch(sentence -> sentence.contains("0.0200 atomic operations instead of 0.50"))
                .noneMatch(sentence -> sentence.contains("cache-line transfers"));
    }

    /** 0.004 % of time in the kernel against 0.003 % differs by a quarter and reads 0 % against 0 %. */
    @Test
    void costsThatReadAlikeAreNotToldAndTinyOnesAreNotCalledZero() {
        Cell cell = cell("churn:handoff=0", 2, 8, 0.5, "lower", 200);
        cell.strategies().get(0).metrics().put("refills_per_op", estimate(0.00002));
        cell.strategies().get(1).metrics().put("refills_per_op", estimate(0.0018));
        cell.strategies().get(0).metrics().put("cpu_share.kernel", estimate(0.00004));
        cell.strategies().get(1).metrics().put("cpu_share.kernel", estimate(0.00003));
        assertThat(verdict(cell))
                .anyMatch(sentence ->
                        sentence.contains("less than 0.0001 refills from the central pool instead of 0.0018"))
                .noneMatch(sentence -> sentence.contains("in the kernel"));
    }

    @Test
    void aBoundThatIsPassedIsNoBound() {
        assertThat(verdict(cell("producer-consumer", 16, 32, 3, "higher", 200)))
                .contains("Of the throughput of ideal, the bound, they reach: rseq-freelist 50 to 50 %, message-passing"
                        + " 150 to 150 %; where more than 100 %, ideal is no bound (producer-consumer, 16 CPUs).");
    }

    @Test
    void otherThreadCountsStandApartFromTheCells() {
        List<String> sentences = verdict(
                cell("churn:handoff=0", 2, 2, 0.9, "lower", 200),
                cell("churn:handoff=0", 2, 8, 1.3, "higher", 200),
                cell("churn:handoff=0", 2, 16, 1.4, "higher", 200));
        assertThat(sentences.get(0)).contains("Message passing is faster on churn with hand-off 0 (1.3×)");
        assertThat(sentences)
                .contains("With 2 to 16 threads the throughput of message passing over that of the rseq freelist is"
                        + " 0.90 to 1.40 on churn with hand-off 0, 2 CPUs.");
    }

    @Test
    void machinesNeverHeldAgainstRealOnesAreExtrapolated() {
        assertThat(verdict(cell("churn:handoff=0", 2, 8, 0.5, "lower", 200)))
                .contains("Extrapolated: the model of zen5-vm-2 (2 CPUs) was never held against a real machine, and its"
                        + " error is in no interval.");
    }
}
