package io.rseqlab.collector.live;

import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocSink;
import io.rseqlab.trace.malloc.Repairs;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** A recording of malloc calls as text: plain, or compressed by gzip, or the first file of a zip archive. */
public final class MallocText {
    /** The word for finding out which form a recording has. */
    public static final String AUTO = "auto";

    private static final List<String> NAMES = List.of("android", "mtrace", "heaptrack");
    private static final List<Supplier<MallocForm>> FORMS =
            List.of(AndroidForm::new, MtraceForm::new, HeaptrackForm::new);
    private static final int LINES_TO_GUESS = 200;

    private final Path file;
    private final MallocForm form;
    private final Fields fields;

    private MallocText(Path file, MallocForm form, char separator) {
        this.file = file;
        this.form = form;
        fields = new Fields(separator);
    }

    /** Names of the forms, for help. */
    public static List<String> forms() {
        return NAMES;
    }

    /** Something that a reading learnt: where the calls came from, what was put right, and what was skipped. */
    public record Outcome(MallocOrigin origin, Repairs repairs, BadLines bad) {}

    /**
     * Opens a recording.
     *
     * @param formName one of {@link #forms}, {@link #AUTO}, or columns: and what they hold
     * @throws IllegalArgumentException if there is no such form, or something is wrong with the columns
     * @throws TraceException if the file cannot be read or its form cannot be guessed
     */
    public static MallocText open(Path file, String formName) {
        if (ColumnsForm.is(formName)) {
            ColumnsForm columns = new ColumnsForm(formName);
            return new MallocText(file, columns, columns.separator());
        }
        if (formName.equals(AUTO)) {
            return new MallocText(file, guess(file), ' ');
        }
        int index = NAMES.indexOf(formName);
        if (index < 0) {
            throw new IllegalArgumentException("no form is called '" + formName + "'");
        }
        return new MallocText(file, FORMS.get(index).get(), ' ');
    }

    /** The form in which the first call of the file can be read. */
    private static MallocForm guess(Path file) {
        Fields fields = new Fields(' ');
        MallocCall call = new MallocCall();
        try (LastCharacter characters = characters(file);
                BufferedReader lines = lines(characters)) {
            String line = lines.readLine();
            for (int i = 0; i < LINES_TO_GUESS && line != null; i++) {
                for (Supplier<MallocForm> form : FORMS) {
                    MallocForm fresh = form.get();
                    if (fresh.parse(fields.of(line), call) == MallocForm.Line.CALL) {
                        return form.get();
                    }
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        throw new TraceException("'" + file + "' holds no malloc call in its first " + LINES_TO_GUESS
                + " lines in any form of " + String.join(", ", NAMES)
                + ": say which it is with --format, or what its columns hold with --format columns:op=1,…");
    }

    /**
     * Reads the recording: hands over its events in order.
     *
     * @param strict no line may be anything but a call, or what the form knows besides
     * @throws TraceException if it cannot be read, too many lines are not of the form, or there is no call in it
     */
    public Outcome read(MallocSink sink, boolean strict) {
        MallocImporter importer = new MallocImporter(sink);
        MallocCall call = new MallocCall();
        BadLines bad = new BadLines();
        long number = 0;
        long calls = 0;
        try (LastCharacter characters = characters(file);
                BufferedReader lines = lines(characters)) {
            String line = lines.readLine();
            while (line != null) {
                number++;
                MallocForm.Line what = form.parse(fields.of(line), call);
                String next = lines.readLine();
                if (what == MallocForm.Line.CALL) {
                    calls++;
                    importer.take(call);
                } else if (what == MallocForm.Line.UNKNOWN
                        && (next != null || characters.endedLine() || calls <= bad.count())) {
                    // the last line of a recorder that was killed may be half a line, and has no end then
                    bad.add(number, line, form.whyUnknown());
                    if (strict || bad.count() > BadLines.MOST) {
                        throw refused(bad, number, strict);
                    }
                }
                line = next;
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        if (bad.tooMany(number, calls)) {
            throw refused(bad, number, false);
        }
        if (calls == 0) {
            throw new TraceException("'" + file + "' holds no malloc call; a line of this form is " + form.example());
        }
        return new Outcome(form.origin(), importer.finish(number - calls), bad);
    }

    private TraceException refused(BadLines bad, long lines, boolean strict) {
        String many = strict
                ? ""
                : "; " + bad.count() + " of " + lines + " lines are none, and one in " + BadLines.ONE_IN + ", at most "
                        + BadLines.MOST + ", would be skipped, if there are as many calls";
        return new TraceException(bad.first(file) + many + "; a line of this form is " + form.example()
                + ". Say with --format if the form is another one, or take out the lines that are no calls");
    }

    private static BufferedReader lines(LastCharacter characters) throws IOException {
        return ByteOrderMark.skip(new BufferedReader(characters, 1 << 16), StandardCharsets.ISO_8859_1);
    }

    private static LastCharacter characters(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new TraceException("'" + file + "' is a directory: name the file with the recording");
        }
        BufferedInputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        raw.mark(4);
        int first = raw.read();
        int second = raw.read();
        raw.reset();
        InputStream text = raw;
        if (first == 0x1f && second == 0x8b) {
            text = new GZIPInputStream(raw, 1 << 16);
        } else if (first == 'P' && second == 'K') {
            text = firstFile(file, new ZipInputStream(raw));
        }
        return new LastCharacter(new InputStreamReader(text, StandardCharsets.ISO_8859_1));
    }

    private static InputStream firstFile(Path file, ZipInputStream zip) throws IOException {
        ZipEntry entry = zip.getNextEntry();
        while (entry != null && entry.isDirectory()) {
            entry = zip.getNextEntry();
        }
        if (entry == null) {
            throw new TraceException("'" + file + "' is an archive without a file in it");
        }
        return zip;
    }

    private static TraceException unreadable(Path file, IOException e) {
        String why = e instanceof NoSuchFileException
                ? "no such file"
                : e instanceof EOFException ? "it was cut off" : e.getMessage();
        return new TraceException("cannot read '" + file + "': " + why, e);
    }
}
