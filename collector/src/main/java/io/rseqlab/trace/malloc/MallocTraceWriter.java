package io.rseqlab.trace.malloc;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes a malloc trace. The file appears under its name when it is finished, and not at all before.
 *
 * <p>The form: the bytes of {@link #MAGIC}; then, compressed by zlib, records, {@link #END}, the origin (its flags; its
 * form as text; how many calls are missing, if any are), the repairs (five numbers), and the SHA-256 of all that was
 * compressed before it, which is the trace's content digest. Numbers are unsigned LEB128 (seven bits per byte, lowest
 * first); a signed one is zigzag encoded; a text is its length and its UTF-8 bytes. A record is one byte, the kind and
 * bits that say which of its parts follow: {@link #THREAD}, if it is another than in the record before; the object that
 * ends or is reused, of kinds that say one, as the newest object's number less its own; the size, of kinds that begin
 * one; {@link #TIME}, the nanoseconds since the record before, signed; {@link #DURATION}, the nanoseconds that the call
 * took; {@link #CPU}, if it is another than before.
 */
public final class MallocTraceWriter implements AutoCloseable {
    /** How a file begins; the last byte is the version of the form. */
    static final byte[] MAGIC = {'r', 's', 'e', 'q', 'l', 'a', 'b', '-', 'm', 'a', 'l', 'l', 'o', 'c', '\n', 3};

    /** Where a record's kind would be, behind the last. */
    static final int END = 7;

    /** Bits of a record's first byte; the three below them are its kind. */
    static final int THREAD = 8;

    static final int TIME = 16;
    static final int DURATION = 32;
    static final int CPU = 64;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MOST_BYTES_OF_RECORD = 80;

    private final Path file;
    private final Path unfinished;
    private final OutputStream out;
    private final DeflaterOutputStream deflater;
    private final MessageDigest digest = sha256();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int filled;
    private int thread;
    private int cpu;
    private int newest = -1;
    private long timeNanos;
    private boolean finished;

    /**
     * Begins a file.
     *
     * @throws OutputException if there is a file of that name, or none can be written there
     */
    public MallocTraceWriter(Path file) {
        this.file = file;
        refuseOccupied(file);
        unfinished = file.resolveSibling("." + file.getFileName() + ".unfinished");
        try {
            out = Files.newOutputStream(unfinished);
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
        deflater = new DeflaterOutputStream(out, new Deflater(Deflater.DEFAULT_COMPRESSION), BUFFER_BYTES);
        try {
            out.write(MAGIC);
        } catch (IOException e) {
            close();
            throw OutputException.cannotWrite(file, e);
        }
    }

    /**
     * Refuses a name that is taken or cannot be written, before any work is done for it.
     *
     * @throws OutputException saying what is there
     */
    public static void refuseOccupied(Path file) {
        if (Files.exists(file)) {
            throw new OutputException("'" + file + "' is there already: name a new file, or remove this one first");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || file.getFileName() == null || !Files.isDirectory(folder)) {
            throw new OutputException("cannot write '" + file + "': no such folder");
        }
        if (!Files.isWritable(folder)) {
            throw new OutputException("cannot write '" + file + "': its folder cannot be written to");
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds an event. */
    public void accept(MallocEvent event) {
        if (filled > BUFFER_BYTES - MOST_BYTES_OF_RECORD) {
            flush();
        }
        long delta = event.timeNanos - timeNanos;
        byte1(event.kind.ordinal()
                | (event.thread == thread ? 0 : THREAD)
                | (delta == 0 ? 0 : TIME)
                | (event.durationNanos == 0 ? 0 : DURATION)
                | (event.cpu == cpu ? 0 : CPU));
        if (event.thread != thread) {
            thread = event.thread;
            number(thread);
        }
        objects(event);
        if (delta != 0) {
            timeNanos = event.timeNanos;
            number(delta << 1 ^ delta >> 63);
        }
        if (event.durationNanos != 0) {
            number(event.durationNanos);
        }
        if (event.cpu != cpu) {
            cpu = event.cpu;
            number(cpu);
        }
    }

    private void objects(MallocEvent event) {
        int named = event.kind == MallocEvent.Kind.REUSED ? event.id : event.endedId();
        if (named >= 0) {
            number(newest - named);
        }
        if (event.kind.begins()) {
            if (event.id != newest + 1) {
                throw new IllegalStateException("object " + event.id + " follows object " + newest);
            }
            newest = event.id;
            number(event.sizeBytes);
        }
    }

    /** Ends the file and puts it in its place; answers its content digest. */
    public String finish(MallocOrigin origin, Repairs repairs) {
        flush();
        byte1(END);
        number(origin.flags());
        text(origin.form());
        if (origin.missingCalls() > 0) {
            number(origin.missingCalls());
        }
        number(repairs.invertedPairs());
        number(repairs.lostFrees());
        number(repairs.unknownFrees());
        number(repairs.failedRequests());
        number(repairs.skippedLines());
        flush();
        byte[] sum = digest.digest();
        try {
            deflater.write(sum);
            deflater.close();
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
        finished = true;
        return MallocTrace.hex(sum);
    }

    /** Gives up what is not finished. */
    @Override
    public void close() {
        if (!finished) {
            finished = true;
            try {
                out.close();
                Files.deleteIfExists(unfinished);
            } catch (IOException e) {
                throw OutputException.cannotWrite(file, e);
            }
        }
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        System.arraycopy(bytes, 0, buffer, filled, bytes.length);
        filled += bytes.length;
    }

    private void byte1(int value) {
        buffer[filled++] = (byte) value;
    }

    private void number(long value) {
        long rest = value;
        while ((rest & -128L) != 0) {
            buffer[filled++] = (byte) (rest | 128);
            rest >>>= 7;
        }
        buffer[filled++] = (byte) rest;
    }

    private void flush() {
        digest.update(buffer, 0, filled);
        try {
            deflater.write(buffer, 0, filled);
        } catch (IOException e) {
            throw OutputException.cannotWrite(file, e);
        }
        filled = 0;
    }
}
