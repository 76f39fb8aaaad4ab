package io.rseqlab.analyzer.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A comparison says what did not run as its name says, and what it lacked. */
class FallbackNotesTest {
    private static List<String> notes(String mode) {
        List<RunResult> runs = new ArrayList<>();
        for (int seed = 1; seed <= 5; seed++) {
            RunResult other = Runs.run("b", 0.5, seed, 2e6);
            other.spec().putAll(Map.of("mode", mode, "machine", "zen5-vm-2", "kernel", "none"));
            runs.add(Runs.run("a", 0.5, seed, 1e6));
            runs.add(other);
        }
        return Comparison.compare(runs, ComparisonOptions.against("a")).notes();
    }

    @Test
    void anotherStrategyRunsWhereThereIsNoRseq() {
        assertThat(notes("fallback percpu-lock"))
                .contains("b ran its fallback percpu-lock under kernel none, which offers no rseq");
    }

    @Test
    void theSameRunsWithLocksWhereThereAreNoTransactions() {
        assertThat(notes("fallback b:sync=lock"))
                .contains("b ran its fallback b:sync=lock on zen5-vm-2, which has no hardware transactions");
    }

    @Test
    void whatRanAsItsNameSaysIsNoNote() {
        assertThat(notes("transactions")).noneMatch(note -> note.contains("fallback"));
    }
}
