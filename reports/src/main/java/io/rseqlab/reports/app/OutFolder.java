package io.rseqlab.reports.app;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Folders that results go to: new, or empty. What is there already is never written over. */
final class OutFolder {
    private OutFolder() {}

    /**
     * Refuses a place that cannot be an empty folder, before any work is done for it.
     *
     * @throws OutputException if it is a file, holds something, or cannot be written to
     */
    static void requireFree(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> entries = Files.list(folder)) {
                if (entries.findAny().isPresent()) {
                    throw new OutputException("'" + folder + "' is not empty: remove it, or name another with --out");
                }
            }
        } else if (Files.exists(folder)) {
            throw new OutputException("'" + folder + "' is a file: --out names a folder");
        }
        requireWritable(folder);
    }

    private static void requireWritable(Path folder) {
        Path there = folder.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null || !Files.isDirectory(there) || !Files.isWritable(there)) {
            throw refused(folder, there);
        }
        tryIt(folder, there);
    }

    /** Whether a folder takes a file is only known by trying: /proc says yes to its superuser, and then takes none. */
    private static void tryIt(Path folder, Path there) {
        try {
            Files.delete(Files.createTempFile(there, ".rseqlab", ".open"));
        } catch (IOException e) {
            throw refused(folder, there);
        }
    }

    private static OutputException refused(Path folder, Path there) {
        return new OutputException("cannot write to '" + folder + "': '" + there + "' is no folder one may write to");
    }
}
