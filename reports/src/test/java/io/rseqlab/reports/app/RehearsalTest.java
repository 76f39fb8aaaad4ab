package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody sees what the launcher's rehearsal says, so it would fail unseen: starts were slower, and that is all. */
class RehearsalTest {
    @Test
    void goesAllTheWayToAPage(@TempDir Path scratch) {
        Path folder = scratch.resolve("a rehearsal");
        assertThat(Rehearsal.in(folder)).isEqualTo(ExitCodes.DONE);
        assertThat(folder.resolve("page/index.html")).isNotEmptyFile();
        assertThat(folder.resolve("traces")).isDirectoryRecursivelyContaining("glob:**/seed-6/run.json");
    }

    @Test
    void saysThatItFailed(@TempDir Path scratch) {
        assertThat(Rehearsal.in(scratch.resolve("a rehearsal"))).isEqualTo(ExitCodes.DONE);
        assertThat(Rehearsal.in(scratch.resolve("a rehearsal"))).isEqualTo(ExitCodes.USAGE);
    }
}
