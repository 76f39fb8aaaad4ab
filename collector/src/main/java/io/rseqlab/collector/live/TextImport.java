package io.rseqlab.collector.live;

import io.rseqlab.trace.EventSink;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads what tracefs, perf or trace-cmd print. The text is read twice: the first reading finds the threads under test
 * and the span, so that memory does not grow with the text.
 */
public final class TextImport {
    private static final long NANOSECONDS = 1_000_000_000L;

    private final TextForm form;
    private final Path file;
    private final TextScan scan;

    private TextImport(TextForm form, Path file, TextScan scan) {
        this.form = form;
        this.file = file;
        this.scan = scan;
    }

    /**
     * Does the first reading.
     *
     * @throws io.rseqlab.trace.TraceException if the file holds no event in the form
     */
    public static TextImport open(TextForm form, Path file) {
        if (Files.exists(file) && !Files.isDirectory(file) && !Files.isRegularFile(file)) {
            throw new TraceException(
                    "'" + file + "' can be read once only, and an import reads twice: save it as a file");
        }
        return new TextImport(form, file, TextScan.of(file, form));
    }

    /** Does the second reading: hands over the events in order. */
    public ImportReport events(EventSink sink) {
        TextImporter importer = new TextImporter(scan, sink);
        TextScan.forEachLine(file, text -> {
            TextLine line = form.parse(text);
            if (line != null) {
                importer.take(line);
            }
        });
        return importer.report();
    }

    /** Events that the text says were lost. */
    public long lost() {
        return scan.lost();
    }

    /** What the trace will say of itself, made from a file somebody else has recorded. */
    public RunInfo info() {
        Map<String, Object> spec = new TreeMap<>();
        spec.put("imported_from", form.id());
        spec.put("file", String.valueOf(file.getFileName()));
        spec.put("lines", scan.events());
        return info(spec, scan.lost() > 0);
    }

    /**
     * The same for a recording of our own.
     *
     * @param spec how it was recorded
     * @param partial true if events were lost or the command was ended early
     */
    public RunInfo info(Map<String, Object> spec, boolean partial) {
        List<RunInfo.ThreadInfo> threads = scan.threadsUnderTest().stream()
                .map(pid -> new RunInfo.ThreadInfo(pid, scan.comm(pid)))
                .toList();
        return new RunInfo(
                RunInfo.FORMAT_VERSION,
                "",
                RunInfo.RECORDED,
                partial ? RunInfo.PARTIAL : RunInfo.COMPLETE,
                NANOSECONDS,
                scan.cpus(),
                0,
                scan.durationNanos(),
                "bytes",
                spec,
                List.of(),
                threads,
                Map.of(),
                null);
    }
}
