package io.rseqlab.collector.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.run.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A rule nobody tries, or a policy nobody wrote down, would look like one that holds. */
class PolicyTableTest {
    private static final int MOST_WHAT = 44;
    private static final PolicyTable TABLE = PolicyTable.shipped();

    @Test
    void everyKernelHasAColumnAndNoColumnIsWithoutAKernel() {
        assertThat(TABLE.policies())
                .containsExactlyElementsOf(
                        Kernels.ALL.stream().map(RseqPolicy::id).toList());
    }

    @Test
    void everyRuleHasOneNameASentenceThatFitsAndASource() {
        Set<String> names = new TreeSet<>();
        for (Rule rule : TABLE.rules()) {
            assertThat(names.add(rule.id())).as(rule.id()).isTrue();
            assertThat(rule.what().length()).as(rule.id()).isBetween(5, MOST_WHAT);
            assertThat(rule.source()).as(rule.id()).isNotBlank();
        }
    }

    @Test
    void theKernelThatWasMeasuredSaysSomethingOfEveryRule() {
        assertThat(TABLE.rules()).allMatch(rule -> rule.says().containsKey("linux-6.18"));
    }

    @Test
    void everyModelProbeIsOfARuleAndEveryRuleHasOneOrAReason() {
        List<String> rules = TABLE.rules().stream().map(Rule::id).toList();
        assertThat(Conformance.modelProbes().keySet()).containsExactlyInAnyOrderElementsOf(rules);
    }

    @Test
    void aLineThatDoesNotFitItsColumnsIsRefused() {
        List<String> lines = new ArrayList<>(List.of("columns | a | b", "[g] Title | source"));
        lines.add("rule | what | | only one");
        assertThatThrownBy(() -> PolicyTable.of(lines)).hasMessageContaining("only one");
    }
}
