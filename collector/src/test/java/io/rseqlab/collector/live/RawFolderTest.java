package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a recorder leaves that was killed is removed by the next, and what one needs that lives is not. */
class RawFolderTest {
    @TempDir
    Path place;

    private RawFolder full() throws IOException {
        RawFolder folder = RawFolder.make(place);
        Files.writeString(folder.path().resolve("12.0"), "calls");
        return folder;
    }

    @Test
    void onlyWhatNobodyHoldsAnyMoreIsRemoved() throws IOException {
        Path other = Files.writeString(place.resolve("rseqlab-malloc-of-mine.txt"), "kept");
        RawFolder dead = full();
        try (RawFolder alive = full()) {
            assertThat(RawFolder.removeLeftovers(place)).isEmpty();
            dead.abandon();
            assertThat(dead.path()).exists();
            assertThat(RawFolder.removeLeftovers(place)).containsExactly(dead.path());
            assertThat(dead.path()).doesNotExist();
            assertThat(alive.path()).isNotEmptyDirectory();
            assertThat(RawFolder.removeLeftovers(place)).as("said once").isEmpty();
        }
        try (var files = Files.list(place)) {
            assertThat(files).containsExactly(other);
        }
    }

    @Test
    void aPlaceThatIsNotThereHoldsNoLeftovers() {
        assertThat(RawFolder.removeLeftovers(place.resolve("none"))).isEmpty();
    }
}
