package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.spec.UsageException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that are allowed one by one may contradict each other; nobody guesses which was meant. */
class ContradictionsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ideal | glibc-thread:least=100,most=50 | least=100 is more than most=50, which bounds it",
                "ideal | larson:most=7 | larson: least=8 is more than most=7",
                "ideal | rptest:least=900,most=300 | rptest: least=900 is more than most=300",
                "tcmalloc-thread:thread_most=4096 | churn | thread_least=524288 is more than thread_most=4096",
                "tcmalloc-thread:total=2048 | churn | thread_most=4194304 is more than total=2048"
            })
    void areRefused(String strategy, String workload, String message) {
        assertThatThrownBy(() -> RunSpecs.resolve(RunRequest.of(strategy, workload), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }
}
