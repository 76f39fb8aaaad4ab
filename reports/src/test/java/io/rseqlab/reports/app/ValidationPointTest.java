package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Where model and machine are compared, as both are told. */
class ValidationPointTest {
    private static int warmupMs(ValidationPoint point, int asked) {
        return point.nativeWindow(List.of(0, 1), asked, 50, 1).warmupMs();
    }

    /** Threads that wake each other share a CPU at first, which the model's runs do not begin with. */
    @Test
    void windowsOfPairsBeginBehindTheirStart() {
        assertThat(warmupMs(ValidationPoint.producerConsumer("rseq-freelist", 2), 20))
                .isEqualTo(100);
        assertThat(warmupMs(ValidationPoint.producerConsumer("rseq-freelist", 2), 300))
                .isEqualTo(300);
        assertThat(warmupMs(ValidationPoint.churn("rseq-freelist", 2).handoff(0.5), 20))
                .isEqualTo(20);
    }
}
