package io.rseqlab.analyzer.command;

import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
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
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                return new Output(standard, file, null); // a device or a pipe is written to as it is
            }
            Path target = Files.exists(file) ? file.toRealPath() : file;
            requireOutsideTrace(file, target.toAbsolutePath().getParent());
            Path temporary = target.resolveSibling("." + target.getFileName() + ".open");
            Files.write(temporary, new byte[0]);
            keepPermissions(target, temporary);
            return new Output(standard, target, temporary);
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
    }

    private static void requireOutsideTrace(Path file, Path folder) {
        if (folder != null && TraceReader.isTrace(folder)) {
            throw new OutputException("'" + file + "' would lie among the parts of a trace: write it elsewhere");
        }
    }

    private static void keepPermissions(Path from, Path to) throws IOException {
        if (Files.exists(from) && Files.getFileStore(from).supportsFileAttributeView(PosixFileAttributeView.class)) {
            Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
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
            Remembering text = new Remembering(Files.newBufferedWriter(temporary == null ? file : temporary));
            try (PrintWriter writer = new PrintWriter(text)) {
                content.accept(writer);
            }
            if (text.failure != null) {
                throw text.failure;
            }
            if (temporary != null) {
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
    }

    /** What writes bytes to a stream, which it may close. */
    @FunctionalInterface
    interface Bytes {
        void write(OutputStream stream) throws IOException;
    }

    /**
     * Writes bytes to a file.
     *
     * @throws OutputException if the file cannot be written to its end, or the place is standard output, which is for
     *     texts
     */
    void bytes(Bytes content) {
        if (file == null) {
            throw new OutputException("standard output is for texts: name a file");
        }
        try {
            try (OutputStream stream = Files.newOutputStream(temporary == null ? file : temporary)) {
                content.write(stream);
            }
            if (temporary != null) {
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
    }

    /** Remembers why it could not write: a PrintWriter knows only that it could not. */
    private static final class Remembering extends FilterWriter {
        private IOException failure;

        Remembering(Writer writer) {
            super(writer);
        }

        @Override
        public void write(char[] text, int offset, int length) throws IOException {
            remember(() -> out.write(text, offset, length));
        }

        @Override
        public void write(String text, int offset, int length) throws IOException {
            remember(() -> out.write(text, offset, length));
        }

        @Override
        public void flush() throws IOException {
            remember(out::flush);
        }

        @Override
        public void close() throws IOException {
            remember(out::close);
        }

        private void remember(Writing writing) throws IOException {
            try {
                writing.run();
            } catch (IOException e) {
                failure = failure == null ? e : failure;
                throw e;
            }
        }

        @FunctionalInterface
        private interface Writing {
            void run() throws IOException;
        }
    }

    /** Takes the temporary file away if nothing was written. */
    @Override
    public void close() {
        try {
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw new OutputException("cannot remove '" + temporary + "': " + e.getMessage(), e);
        }
    }
}
