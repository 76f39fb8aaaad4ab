package io.rseqlab.collector.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.conformance.Row.Verdict;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.run.Kernels;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The model does what the policies say, as far as it can show it. */
class ConformanceTest {
    private static final PolicyTable TABLE = PolicyTable.shipped();

    static List<RseqPolicy> policies() {
        return Kernels.ALL;
    }

    @ParameterizedTest
    @MethodSource("policies")
    void theModelDoesWhatThePolicySays(RseqPolicy policy) {
        assertThat(Conformance.rows(TABLE, policy, null))
                .filteredOn(row -> row.verdict() == Verdict.DIFFERS)
                .extracting(row -> row.rule().id() + ": " + row.says() + " and " + row.model())
                .isEmpty();
    }
}
