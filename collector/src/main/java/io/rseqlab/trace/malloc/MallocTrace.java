package io.rseqlab.trace.malloc;

import io.rseqlab.trace.TraceException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Reads a malloc trace, in the form that {@link MallocTraceWriter} states. The digest is verified: an event that was
 * handed over from a damaged file is followed by an exception.
 */
public final class MallocTrace {
    /** The first version of the form; it lacks {@link MallocEvent.Kind#REUSED}. */
    private static final int OLDEST_VERSION = 1;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int MOST_TEXT_BYTES = 4096;
    private static final int DIGEST_BYTES = 32;

    private final Path file;
    private final InputStream in;
    private final MessageDigest digest = MallocTraceWriter.sha256();
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int filled;
    /** Where what the digest has not seen begins in the buffer. */
    private int undigested;

    private MallocTrace(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /**
     * What a file holds besides its events.
     *
     * @param origin where it came from
     * @param repairs what its reader put right
     * @param digest SHA-256 of the content, in hexadecimal digits
     */
    public record Summary(MallocOrigin origin, Repairs repairs, String digest) {}

    /** True if a file begins as malloc traces do. */
    public static boolean isOne(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return beginsRight(in.readNBytes(MallocTraceWriter.MAGIC.length), MallocTraceWriter.MAGIC.length - 1);
        } catch (IOException e) {
            return false; // said by whoever reads it
        }
    }

    private static boolean beginsRight(byte[] start, int bytes) {
        return start.length >= bytes && Arrays.equals(start, 0, bytes, MallocTraceWriter.MAGIC, 0, bytes);
    }

    /**
     * Hands over all events in order.
     *
     * @throws TraceException if the file cannot be read, is none of ours, of another version, or damaged
     */
    public static Summary read(Path file, MallocSink sink) {
        try (InputStream raw = Files.newInputStream(file)) {
            int length = MallocTraceWriter.MAGIC.length;
            byte[] start = raw.readNBytes(length);
            if (!beginsRight(start, length - 1)) {
                throw new TraceException(
                        "'" + file + "' is no malloc trace: rseqlab import malloc makes one of a" + " recording");
            }
            if (start.length < length
                    || start[length - 1] < OLDEST_VERSION
                    || start[length - 1] > MallocTraceWriter.MAGIC[length - 1]) {
                throw new TraceException("'" + file + "' is a malloc trace of a version that this program does not"
                        + " know: import the recording again");
            }
            Inflater inflater = new Inflater();
            try {
                MallocTrace trace = new MallocTrace(file, new InflaterInputStream(raw, inflater, BUFFER_BYTES));
                Summary summary = trace.readAll(sink);
                trace.requireEnd(inflater, raw);
                return summary;
            } catch (EOFException e) {
                throw damaged(file, "no end: it was cut off", e);
            } catch (ZipException e) {
                throw damaged(file, "bytes that are not what was compressed (" + e.getMessage() + ")", e);
            } finally {
                inflater.end();
            }
        } catch (IOException e) {
            throw new TraceException("cannot read '" + file + "': " + reason(e), e);
        }
    }

    /** Nothing may follow the digest: neither within what is compressed nor behind it. */
    private void requireEnd(Inflater inflater, InputStream raw) throws IOException {
        if (position < filled || in.read() >= 0 || inflater.getRemaining() > 0 || raw.read() >= 0) {
            throw damaged("bytes behind its end");
        }
    }

    private static String reason(IOException e) {
        if (e instanceof java.nio.file.NoSuchFileException) {
            return "no such file";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private Summary readAll(MallocSink sink) throws IOException {
        MallocEvent event = new MallocEvent();
        int thread = 0;
        int cpu = 0;
        int newest = -1;
        long time = 0;
        for (int tag = byte1(); tag != MallocTraceWriter.END; tag = byte1()) {
            int kind = tag & MallocTraceWriter.END;
            if (kind >= MallocEvent.Kind.count()) {
                throw damaged("a record of kind " + tag);
            }
            if ((tag & MallocTraceWriter.THREAD) != 0) {
                thread = (int) number();
            }
            event.begin(MallocEvent.Kind.of(kind), thread);
            newest = objects(event, newest);
            if ((tag & MallocTraceWriter.TIME) != 0) {
                long zigzag = number();
                time += zigzag >>> 1 ^ -(zigzag & 1);
            }
            event.timeNanos = time;
            event.durationNanos = (tag & MallocTraceWriter.DURATION) != 0 ? number() : 0;
            if ((tag & MallocTraceWriter.CPU) != 0) {
                cpu = (int) number();
            }
            event.cpu = cpu;
            sink.accept(event);
        }
        MallocOrigin origin = origin((int) number());
        Repairs repairs = new Repairs(number(), number(), number(), number(), number());
        return new Summary(origin, repairs, verified());
    }

    private MallocOrigin origin(int flags) throws IOException {
        String form = text();
        return MallocOrigin.of(form, flags, MallocOrigin.saysMissing(flags) ? number() : 0);
    }

    /** Which objects begin and end; answers the newest. */
    private int objects(MallocEvent event, int newest) throws IOException {
        MallocEvent.Kind kind = event.kind;
        if (kind == MallocEvent.Kind.FREE
                || kind == MallocEvent.Kind.LOST_FREE
                || kind == MallocEvent.Kind.REUSED
                || kind == MallocEvent.Kind.REALLOCATE) {
            long ended = newest - number();
            if (ended < 0 || ended > newest) {
                throw damaged("the end of object " + ended + ", which had not begun");
            }
            event.id = (int) ended;
        }
        if (!kind.begins()) {
            return newest;
        }
        event.oldId = event.id;
        event.id = newest + 1;
        event.sizeBytes = number();
        return newest + 1;
    }

    private String verified() throws IOException {
        digest.update(buffer, undigested, position - undigested);
        undigested = position;
        byte[] computed = digest.digest();
        byte[] stated = new byte[DIGEST_BYTES];
        for (int i = 0; i < stated.length; i++) {
            stated[i] = (byte) byte1();
        }
        if (!Arrays.equals(computed, stated)) {
            throw damaged("a content whose digest is not the one stated");
        }
        return hex(computed);
    }

    static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    private TraceException damaged(String what) {
        return damaged(file, what, null);
    }

    private static TraceException damaged(Path file, String what, IOException cause) {
        return new TraceException(
                "'" + file + "' is a damaged malloc trace: it holds " + what
                        + ". Copy it again from where it is whole, or"
                        + " make it again with import malloc or record malloc",
                cause);
    }

    private String text() throws IOException {
        int length = (int) number();
        if (length < 0 || length > MOST_TEXT_BYTES) {
            throw damaged("a text of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) byte1();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private long number() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = byte1();
            value |= (long) (next & 127) << shift;
            if (next < 128) {
                return value;
            }
        }
        throw damaged("a number that does not end");
    }

    private int byte1() throws IOException {
        if (position == filled) {
            digest.update(buffer, undigested, filled - undigested);
            undigested = 0;
            position = 0;
            filled = in.read(buffer);
            if (filled <= 0) {
                filled = 0;
                throw damaged("no end: it was cut off");
            }
        }
        return buffer[position++] & 255;
    }
}
