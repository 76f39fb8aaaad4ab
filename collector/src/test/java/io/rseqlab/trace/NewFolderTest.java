package io.rseqlab.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fails leaves a folder as it was, and takes nothing of another command's away. */
class NewFolderTest {
    @TempDir
    Path scratch;

    @Test
    void undoneThereIsWhatWasThereBefore() throws IOException {
        NewFolder made = NewFolder.at(scratch.resolve("a/b"));
        made.create();
        Files.createDirectories(scratch.resolve("a/b/c/d"));
        Files.writeString(scratch.resolve("a/b/c/file"), "half");
        made.undo();
        assertThat(scratch).isEmptyDirectory();

        Path empty = Files.createDirectory(scratch.resolve("empty"));
        NewFolder there = NewFolder.at(empty);
        there.create();
        Files.writeString(empty.resolve("file"), "half");
        there.undo();
        assertThat(empty).isEmptyDirectory();
    }

    @Test
    void prunedItKeepsFiles() throws IOException {
        NewFolder folder = NewFolder.at(scratch.resolve("a"));
        Files.createDirectories(scratch.resolve("a/empty/empty"));
        Files.createDirectories(scratch.resolve("a/full"));
        Path file = Files.writeString(scratch.resolve("a/full/file"), "whole");
        folder.prune();
        assertThat(file).exists();
        assertThat(scratch.resolve("a/empty")).doesNotExist();
    }

    @Test
    void ofTwoCommandsThatBeginInOneFolderTheSecondIsRefused() {
        Path place = scratch.resolve("a/b");
        NewFolder first = NewFolder.at(place);
        NewFolder second = NewFolder.at(place);
        first.create();
        assertThatThrownBy(second::create)
                .isInstanceOf(OutputException.class)
                .hasMessageContaining("another command")
                .hasMessageContaining(place.toString());
        assertThat(place).isDirectory();
    }
}
