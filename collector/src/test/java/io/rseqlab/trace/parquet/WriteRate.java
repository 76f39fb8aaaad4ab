package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.RunInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Prints event rows written and read per second on one thread. Arguments: rounds, millions of rows. */
public final class WriteRate {
    private static final int MILLION = 1_000_000;
    private static final int TEMPLATE = 1 << 12;

    private WriteRate() {}

    public static void main(String[] args) throws IOException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 8;
        int rows = (args.length > 1 ? Integer.parseInt(args[1]) : 4) * MILLION;
        List<Event> template = template();
        for (int round = 0; round < rounds; round++) {
            Path directory = Files.createTempDirectory("write-rate").resolve("trace");
            long start = System.nanoTime();
            long cpuStart = cpuNanos();
            write(directory, template, rows);
            long written = System.nanoTime();
            long cpuWritten = cpuNanos();
            long count = read(directory);
            long read = System.nanoTime();
            System.out.printf(
                    Locale.ROOT,
                    "write %.2f M rows/s, %.2f M per CPU-s, %.1f bytes per row; read all columns %.2f M rows/s (%d)%n",
                    rows * 1e3 / (written - start),
                    rows * 1e3 / (cpuWritten - cpuStart),
                    (double) size(directory) / rows,
                    count * 1e3 / (read - written),
                    count);
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static List<Event> template() {
        List<Event> template = new ArrayList<>();
        Traces.mixture(
                event -> {
                    Event copy = new Event();
                    copy.copyFrom(event);
                    template.add(copy);
                },
                TEMPLATE);
        return template;
    }

    private static void write(Path directory, List<Event> template, int rows) {
        RunInfo info = Traces.info(8);
        Event event = new Event();
        long span = template.get(TEMPLATE - 1).cycle() + 1;
        try (TraceWriter writer = TraceWriter.create(directory, info)) {
            for (int row = 0; row < rows; row++) {
                event.copyFrom(template.get(row & (TEMPLATE - 1)));
                event.set(Column.SEQUENCE, row);
                event.set(Column.CYCLE, event.cycle() + span * (row / TEMPLATE));
                writer.accept(event);
            }
            writer.finish(info);
        }
    }

    private static long read(Path directory) {
        long count = 0;
        try (EventCursor cursor = TraceReader.open(directory).all()) {
            while (cursor.next()) {
                count++;
            }
        }
        return count;
    }

    private static long size(Path directory) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                size += Files.size(file);
                Files.delete(file);
            }
        }
        return size;
    }
}
