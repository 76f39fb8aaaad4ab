package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rseqlab.collector.conformance.PolicyTable;
import io.rseqlab.collector.conformance.Rule;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probes of the real kernel, where this machine can run them: every rule is tried, and 6.18 does as is written. */
class ConformanceDriverTest {
    @TempDir
    Path cache;

    private Map<String, ConformanceDriver.Answer> answers() {
        try {
            return ConformanceDriver.open(Map.of("CC", "cc", "RSEQLAB_CACHE", cache.toString()))
                    .run(32);
        } catch (NativeException e) {
            assumeThat(e).as("cannot compile or run here").isNull();
            throw e;
        }
    }

    @Test
    void theKernelOfTheTableDoesWhatTheTableSays() {
        Map<String, ConformanceDriver.Answer> answers = answers();
        assertThat(answers.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        PolicyTable.shipped().rules().stream().map(Rule::id).toList());
        assertThat(answers.values())
                .allMatch(answer -> answer.outcome() != null || !answer.note().isBlank());
        assumeThat(System.getProperty("os.version")).startsWith("6.18.");
        for (Rule rule : PolicyTable.shipped().rules()) {
            ConformanceDriver.Answer answer = answers.get(rule.id());
            if (answer.outcome() != null) {
                assertThat(answer.outcome()).as(rule.id()).isEqualTo(rule.says().get("linux-6.18"));
            }
        }
    }

    @Test
    void linesAreReadAndOthersRefused() {
        Map<String, ConformanceDriver.Answer> answers =
                ConformanceDriver.parse("a\tcommits\tattempt 1\nb\t-\tone CPU only\nc\t0 -1 0 0\t\n");
        assertThat(answers.get("a")).isEqualTo(new ConformanceDriver.Answer("commits", "attempt 1"));
        assertThat(answers.get("b")).isEqualTo(new ConformanceDriver.Answer(null, "one CPU only"));
        assertThat(answers.get("c").outcome()).isEqualTo("0 -1 0 0");
        assertThatThrownBy(() -> ConformanceDriver.parse("a commits"))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("a commits");
    }
}
