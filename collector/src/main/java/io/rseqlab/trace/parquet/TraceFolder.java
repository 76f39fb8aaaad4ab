package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Folders;
import io.rseqlab.trace.NewFolder;
import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of a trace that is being written: made at the start, and taken away if nothing usable is in it. */
final class TraceFolder {
    private final Path directory;
    private final NewFolder made;

    private TraceFolder(Path directory) {
        this.directory = directory;
        made = NewFolder.at(directory);
    }

    /**
     * Makes the directory.
     *
     * @throws OutputException if it is not empty or cannot be made
     */
    static TraceFolder prepare(Path directory) {
        TraceFolder folder = new TraceFolder(directory);
        folder.made.create();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            if (entries.iterator().hasNext()) {
                throw new OutputException(
                        "'" + directory + "' is not empty: name a new directory, or remove this one first");
            }
            return folder;
        } catch (IOException e) {
            throw OutputException.cannotWrite(directory, e);
        }
    }

    /** True if some part is closed. */
    boolean holdsParts() {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(directory, "[a-z]*.parquet")) {
            return parts.iterator().hasNext();
        } catch (IOException e) {
            return true;
        }
    }

    /** Takes away all that is in it as well, parts that are under way and were given up included. */
    void removeAll() {
        try {
            Folders.delete(directory);
        } catch (IOException e) {
            // What stays is readable, as partial. The failure before this one is told.
        }
        remove();
    }

    /** Takes the run information and the directories made for it away, as far as that is possible. */
    void remove() {
        try {
            RunJson.delete(directory);
        } catch (IOException e) {
            // It cannot be removed: then it stays. The failure before this one is told.
        }
        made.prune();
    }
}
