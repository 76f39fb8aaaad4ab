package io.rseqlab.analyzer.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** How much pairing by seed achieved is reported, so it must be right with ties and absent where it means nothing. */
final class CorrelationTest {
    @Test
    void agreesWithReferenceDespiteTies() {
        double[] inputs = Reference.all("pearson").get(0).inputs();
        double[] x = Arrays.copyOfRange(inputs, 0, 8);
        double[] y = Arrays.copyOfRange(inputs, 8, 16);
        assertThat(Correlation.pearson(x, y).orElseThrow()).isCloseTo(Reference.value("pearson", "r"), within(1e-14));
        assertThat(Correlation.spearman(x, y).orElseThrow())
                .isCloseTo(Reference.value("spearman", "rho"), within(1e-14));
    }

    @Test
    void agreesWithAnscombesQuartet() {
        // F. J. Anscombe, The American Statistician 27 (1973): r = 0.816 for data that look nothing like a line.
        double[] x = {8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8};
        double[] y = {6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89};
        assertThat(Correlation.pearson(x, y).orElseThrow()).isCloseTo(0.817, within(5e-4));
    }

    @Test
    void ranksOfAMonotoneRelationCorrelateFully() {
        double[] x = {3, 1, 2, 5};
        assertThat(Correlation.spearman(x, new double[] {27, 1, 8, 125})).hasValue(1);
        assertThat(Correlation.spearman(x, new double[] {-27, -1, -8, -125})).hasValue(-1);
        assertThat(Correlation.midRanks(new double[] {7, 3, 7, 1})).containsExactly(3.5, 2, 3.5, 1);
    }

    @Test
    void absentWhereASideDoesNotVaryOrPairsAreFew() {
        assertThat(Correlation.pearson(new double[] {1, 1, 1}, new double[] {1, 2, 3}))
                .isEmpty();
        assertThat(Correlation.spearman(new double[] {1, 2}, new double[] {1, 2}))
                .isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Correlation.pearson(new double[] {1, 2, 3}, new double[] {1, 2}));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Correlation.spearman(new double[] {1, Double.NaN, 3}, new double[] {1, 2, 3}));
    }
}
