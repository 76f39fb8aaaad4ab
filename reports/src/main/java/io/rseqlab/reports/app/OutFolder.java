package io.rseqlab.reports.app;

import io.rseqlab.reports.page.ReportModel;
import io.rseqlab.reports.page.ReportPage;
import io.rseqlab.trace.Folders;
import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
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
            throw OutputException.cannotWrite(folder, e);
        }
    }

    private static OutputException refused(Path folder, Path there) {
        return new OutputException("cannot write to '" + folder + "': '" + there + "' is no folder one may write to");
    }

    /**
     * Writes a page into a folder.
     *
     * @return the page
     * @throws OutputException if that fails; then nothing of it is left, and the folder holds what it held
     */
    static Path page(Path folder, ReportModel model) {
        boolean existed = Files.exists(folder);
        Set<Path> before = entries(folder);
        try {
            return ReportPage.write(folder, model);
        } catch (IOException e) {
            Set<Path> made = entries(folder);
            made.removeAll(before);
            made.forEach(OutFolder::remove);
            if (!existed) {
                remove(folder);
            }
            throw OutputException.cannotWrite(folder, e);
        }
    }

    private static Set<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.collect(Collectors.toCollection(HashSet::new));
        } catch (IOException e) {
            return new HashSet<>();
        }
    }

    /** Takes away a file or a folder with all in it, as far as that is possible. */
    private static void remove(Path place) {
        try {
            Folders.delete(place);
        } catch (IOException e) {
            // It stays. The failure before this one is told.
        }
    }
}
