package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ten seeds are no reason to say a thing ten times. */
class NotesOfRunsTest {
    private final NotesOfRuns notes = new NotesOfRuns();

    @Test
    void theNoteOnOneRunNamesIt() {
        notes.add(Path.of("a"), List.of("slow"));
        notes.add(Path.of("b"), List.of());
        assertThat(notes.lines()).containsExactly("note: a: slow");
    }

    @Test
    void whatHoldsForSeveralIsSaidOnceWithTheirNumber() {
        notes.add(Path.of("a"), List.of("slow", "late"));
        notes.add(Path.of("b"), List.of("late"));
        notes.add(Path.of("c"), List.of("slow", "late"));
        assertThat(notes.lines()).containsExactly("note: 2 of 3 runs: slow", "note: all 3 runs: late");
    }

    @Test
    void runsWhoseNotesDifferInFiguresAloneAreTakenTogether() {
        notes.add(Path.of("a"), List.of("it took 1.5 % of 20"));
        notes.add(Path.of("b"), List.of("it took 31 % of 2"));
        assertThat(notes.lines())
                .containsExactly("note: all 2 runs: it took 1.5 % of 20 (figures of a; the others have their own)");
    }
}
