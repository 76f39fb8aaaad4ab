package io.rseqlab.reports.app;

import io.rseqlab.trace.OutputException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Standard output that remembers whether it could be written: whoever prints to it is told nothing. */
final class WatchedOutput extends FilterOutputStream {
    private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");
    private static final Pattern WITH_A_READER = Pattern.compile("(pipe|socket):.*");

    private IOException failure;

    private WatchedOutput(OutputStream stream) {
        super(stream);
    }

    /** The standard output of this process. */
    static WatchedOutput standard() {
        return new WatchedOutput(new FileOutputStream(FileDescriptor.out));
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            failure = failure == null ? e : failure;
            throw e;
        }
    }

    /** What kept the result from being written; null if nothing did, or if its reader has seen enough and gone. */
    OutputException failure() {
        return failure == null || readerHasGone() ? null : OutputException.cannotWrite("standard output", failure);
    }

    /** The system's words for it depend on the locale, but a pipe or socket has no other way to fail. */
    private boolean readerHasGone() {
        try {
            return String.valueOf(failure.getMessage()).contains("Broken pipe")
                    || WITH_A_READER
                            .matcher(Files.readSymbolicLink(STANDARD_OUTPUT).toString())
                            .matches();
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
