package io.rseqlab.collector.run;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A place for traces, looked at before the work that fills it. */
final class TraceDirectory {
    private TraceDirectory() {}

    /**
     * Refuses a place that holds something.
     *
     * @throws OutputException saying what is there
     */
    static void refuseOccupied(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        if (!Files.isDirectory(directory)) {
            throw new OutputException("'" + directory + "' is a file: --out names a folder");
        }
        try (var entries = Files.list(directory)) {
            if (entries.findAny().isPresent()) {
                throw new OutputException(
                        "'" + directory + "' is not empty: name a new directory, or remove this one first");
            }
        } catch (IOException e) {
            throw new OutputException("cannot read '" + directory + "': " + e.getMessage(), e);
        }
    }
}
