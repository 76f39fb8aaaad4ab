package io.rseqlab.analyzer.engine;

import io.rseqlab.analyzer.metric.MetricInfo;
import io.rseqlab.analyzer.metric.Metrics;
import io.rseqlab.analyzer.metric.StateReader;
import io.rseqlab.analyzer.metric.StateWriter;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.trace.TraceException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Partial results as files: a line that says what it is, with the version of the form, then gzip of the states. The
 * form is {@link StateWriter}'s; the names of the metrics stand before the states, so that another version of the
 * program, whose states are others, refuses to read them.
 */
public final class PartialFile {
    /** Version 1: the first. Version 2: shards are stretches of row groups; which metrics were asked for. */
    static final int FORMAT_VERSION = 2;

    private static final String MAGIC = "rseqlab partial result ";

    private PartialFile() {}

    /** Writes partial results. */
    public static void write(List<PartialRun> runs, OutputStream file) throws IOException {
        file.write((MAGIC + FORMAT_VERSION + "\n").getBytes(StandardCharsets.US_ASCII));
        try (DataOutputStream data = new DataOutputStream(new GZIPOutputStream(file))) {
            StateWriter out = new StateWriter(data);
            out.text(metrics());
            out.number(runs.size());
            runs.forEach(run -> run.write(out));
        }
    }

    private static String metrics() {
        return Metrics.ALL.stream().map(MetricInfo::id).collect(Collectors.joining(" "));
    }

    /**
     * Reads partial results.
     *
     * @throws TraceException if the file is none of this version, or damaged
     */
    public static List<PartialRun> read(Path file) {
        try (InputStream bytes = Files.newInputStream(file)) {
            return read(bytes, file.toString());
        } catch (NoSuchFileException e) {
            throw new TraceException("no such file: " + file, e);
        } catch (IOException e) {
            throw new TraceException("'" + file + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads partial results from wherever they were sent through.
     *
     * @param name what to call it in messages
     * @throws TraceException if it is none of this version, or damaged
     */
    public static List<PartialRun> read(InputStream stream, String name) {
        BufferedInputStream bytes = new BufferedInputStream(stream);
        try {
            requireVersion(name, bytes);
            DataInputStream data = new DataInputStream(new BufferedInputStream(new GZIPInputStream(bytes)));
            StateReader in = new StateReader(data);
            if (!metrics().equals(in.text())) {
                throw new TraceException("'" + name + "' was written by a version of rseqlab with other metrics: make"
                        + " all partial results with the version that merges them");
            }
            List<PartialRun> runs = new ArrayList<>();
            in.entries(() -> runs.add(PartialRun.read(in)));
            if (data.read() >= 0) {
                throw StateReader.damaged("it holds more than it announces");
            }
            return runs;
        } catch (UncheckedIOException | IOException | ArithmeticException e) {
            String why = e.getMessage() == null ? "it ends early" : e.getMessage();
            throw new TraceException("'" + name + "' is a damaged partial result: " + why, e);
        }
    }

    private static void requireVersion(String name, BufferedInputStream bytes) throws IOException {
        byte[] line = new byte[(MAGIC + FORMAT_VERSION + "\n").length()];
        int read = bytes.readNBytes(line, 0, line.length);
        String text = new String(line, 0, read, StandardCharsets.US_ASCII);
        if (!text.startsWith(MAGIC)) {
            throw new TraceException("'" + name + "' is no partial result: analyze --partial makes one");
        }
        if (!text.equals(MAGIC + FORMAT_VERSION + "\n")) {
            throw new TraceException("'" + name + "' is a partial result of version "
                    + text.substring(MAGIC.length()).strip() + "; this program reads version " + FORMAT_VERSION);
        }
    }

    /**
     * Merges partial results into the document that one analysis of all their traces gives, in the order of the traces'
     * paths, which is that of an analysis of their folder.
     *
     * @throws TraceException if some do not fit together: the message says which
     */
    public static AnalysisDocument merge(List<PartialRun> parts) {
        Map<String, PartialRun> byPath = new LinkedHashMap<>();
        try {
            for (PartialRun part : parts) {
                PartialRun first = byPath.putIfAbsent(part.path(), part);
                if (first != null) {
                    first.merge(part);
                }
            }
            return new AnalysisDocument(byPath.values().stream()
                    .sorted(Comparator.comparing(part -> Path.of(part.path())))
                    .map(PartialRun::result)
                    .toList());
        } catch (IllegalArgumentException e) {
            throw new TraceException(e.getMessage(), e);
        }
    }
}
