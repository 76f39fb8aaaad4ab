package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** How far a command is, on a terminal and in a log. */
class ProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final StringWriter text = new StringWriter();
    private final long[] now = {0};

    private Progress progress(boolean terminal) {
        return new Progress("work", 10, 10, new PrintWriter(text), terminal, () -> now[0]);
    }

    @Test
    void aLogGetsALineEveryTenSecondsAndNoneForShortWork() {
        Progress progress = progress(false);
        for (int step = 1; step <= 10; step++) {
            now[0] = step * 3 * SECOND;
            progress.step();
        }
        progress.end();
        assertThat(text.toString().lines())
                .containsExactly("work: 4 of 10 runs, about 18 s left", "work: 8 of 10 runs, about 6 s left");
    }

    /** The longest runs come first. */
    @Test
    void howMuchTimeIsLeftIsNotGuessedFromTheFirstFewRuns() {
        Progress progress = new Progress("work", 40, 40, new PrintWriter(text), false, () -> now[0]);
        now[0] = 11 * SECOND;
        progress.step();
        assertThat(text.toString().strip()).isEqualTo("work: 1 of 40 runs");
        now[0] = 22 * SECOND;
        progress.step();
        assertThat(text.toString()).contains("work: 2 of 40 runs, about 418 s left");
    }

    @Test
    void aTerminalGetsOneLineThatIsClearedAtTheEnd() {
        Progress progress = progress(true);
        now[0] = SECOND / 2;
        progress.step();
        now[0] = SECOND;
        progress.step();
        progress.end();
        assertThat(text.toString())
                .startsWith("\rwork: 1 of 10")
                .contains("\rwork: 2 of 10")
                .endsWith("\r\u001b[K");
        assertThat(text.toString()).doesNotContain("\n");
    }
}
