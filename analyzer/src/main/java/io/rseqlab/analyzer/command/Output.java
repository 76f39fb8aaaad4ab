package io.rseqlab.analyzer.command;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;

/**
 * Where a result goes: standard output, or a file that appears whole or not at all. The place is tried before the work
 * begins.
 */
public final class Output implements AutoCloseable {
    private final PrintWriter standard;
    private final Path file;
    private final Path temporary;

    private Output(PrintWriter standard, Path file, Path temporary) {
        this.standard = standard;
        this.file = file;
        this.temporary = temporary;
    }

    /**
     * Opens the place.
     *
     * @param file the file, null or {@code -} for standard output
     * @throws OutputException if it cannot be written
     */
    public static Output open(Path file, PrintWriter standard) {
        if (file == null || file.toString().equals("-")) {
            return new Output(standard, null, null);
        }
        if (Files.isDirectory(file)) {
            throw new OutputException("'" + file + "' is a directory: name a file");
        }
        Path temporary = file.resolveSibling("." + file.getFileName() + ".open");
        try {
            Files.write(temporary, new byte[0]);
            return new Output(standard, file, temporary);
        } catch (IOException e) {
            throw new OutputException("cannot write '" + file + "': " + reason(e), e);
        }
    }

    /** Writes the whole result. */
    public void write(String text) {
        stream(writer -> writer.print(text));
    }

    /**
     * Writes as it comes, in UTF-8 with bounded memory.
     *
     * @throws OutputException if the file cannot be written to its end; a reader of standard output that has gone is no
     *     failure
     */
    void stream(Consumer<PrintWriter> content) {
        if (file == null) {
            content.accept(standard);
            standard.flush();
            return;
        }
        try {
            try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(temporary))) {
                content.accept(writer);
                if (writer.checkError()) {
                    throw new OutputException("cannot write '" + file + "' to its end: is the disk full?");
                }
            }
            Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new OutputException("cannot write '" + file + "': " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return e.getClass().getSimpleName().replace("Exception", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
    }

    /** Takes the temporary file away if nothing was written. */
    @Override
    public void close() {
        try {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new OutputException("cannot remove '" + temporary + "': " + reason(e), e);
        }
    }
}
