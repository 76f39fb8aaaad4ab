package io.rseqlab.collector.live;

import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes a trace from what tracefs, perf or trace-cmd print. The text is read twice: the first reading finds the threads
 * under test and the span, so that memory does not grow with the text.
 */
public final class TextImport {
    private static final long NANOSECONDS = 1_000_000_000L;

    private TextImport() {}

    /**
     * Imports a file.
     *
     * @param form how the file is written
     * @param directory where the trace goes: a place that does not exist or is empty
     */
    public static ImportReport run(TextForm form, Path file, Path directory) {
        TextScan scan = TextScan.of(file, form);
        RunInfo info = info(scan, form, file);
        try (TraceWriter writer = TraceWriter.create(directory, info)) {
            TextImporter importer = new TextImporter(scan, writer);
            TextScan.forEachLine(file, text -> {
                TextLine line = form.parse(text);
                if (line != null) {
                    importer.take(line);
                }
            });
            writer.finish(info);
            return importer.report();
        }
    }

    private static RunInfo info(TextScan scan, TextForm form, Path file) {
        Map<String, Object> spec = new TreeMap<>();
        spec.put("imported_from", form.id());
        spec.put("file", String.valueOf(file.getFileName()));
        spec.put("lines", scan.events());
        List<RunInfo.ThreadInfo> threads = scan.threadsUnderTest().stream()
                .map(pid -> new RunInfo.ThreadInfo(pid, scan.comm(pid)))
                .toList();
        return new RunInfo(
                RunInfo.FORMAT_VERSION,
                "",
                RunInfo.RECORDED,
                scan.lost() > 0 ? RunInfo.PARTIAL : RunInfo.COMPLETE,
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
