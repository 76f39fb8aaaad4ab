package io.rseqlab.collector.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.conformance.Row.Verdict;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A difference is never hidden behind something that could not be shown. */
class RowTest {
    private static final Rule RULE = new Rule("r", new Rule.Group("g", "G"), "what", "source", Map.of());
    private static final Observation ABORTS = Observation.of("aborts");
    private static final Observation COMMITS = Observation.of("commits");
    private static final Observation NOTHING = Observation.cannot("no second CPU");

    @Test
    void allThatIsAskedForMustAgree() {
        assertThat(verdict("aborts", ABORTS, null)).isEqualTo(Verdict.SAME);
        assertThat(verdict("aborts", ABORTS, ABORTS)).isEqualTo(Verdict.SAME);
        assertThat(verdict("aborts", COMMITS, null)).isEqualTo(Verdict.DIFFERS);
        assertThat(verdict("aborts", ABORTS, COMMITS)).isEqualTo(Verdict.DIFFERS);
    }

    @Test
    void whatIsMissingIsNotShownUnlessTheRestDiffers() {
        assertThat(verdict("aborts", NOTHING, null)).isEqualTo(Verdict.NOT_SHOWN);
        assertThat(verdict("aborts", ABORTS, NOTHING)).isEqualTo(Verdict.NOT_SHOWN);
        assertThat(verdict(null, NOTHING, ABORTS)).isEqualTo(Verdict.NOT_SHOWN);
        assertThat(verdict("aborts", NOTHING, COMMITS)).isEqualTo(Verdict.DIFFERS);
        assertThat(verdict(null, ABORTS, COMMITS)).isEqualTo(Verdict.DIFFERS);
    }

    @Test
    void whereThePolicyIsSilentTheModelAssumes() {
        assertThat(verdict(null, ABORTS, null)).isEqualTo(Verdict.ASSUMED);
        assertThat(verdict(null, ABORTS, ABORTS)).isEqualTo(Verdict.ASSUMED);
    }

    @Test
    void everyGapHasItsReason() {
        assertThat(new Row(RULE, null, NOTHING, NOTHING).reasons())
                .containsExactly("model: no second CPU", "kernel: no second CPU");
    }

    private static Verdict verdict(String says, Observation model, Observation kernel) {
        return new Row(RULE, says, model, kernel).verdict();
    }
}
