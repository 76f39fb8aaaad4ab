package io.rseqlab.reports.app;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.Folders;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.parquet.TraceWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Times writing a trace of operations, and analyzing one of switches, in rows per host second. */
final class BenchTrace {
    private static final int CPUS = 16;
    private static final int CYCLES_PER_ROW = 17;
    private static final int SLOW_ONE_IN = 97;
    private static final long CLOCK_HZ = 4_000_000_000L;

    private final long rows;
    private final int runs;

    BenchTrace(long rows, int runs) {
        this.rows = rows;
        this.runs = runs;
    }

    /** One thread writes; the first run, in which the host compiles, does not count. */
    BenchFigures write() throws IOException {
        return inFolder(folder -> {
            double[] samples = new double[runs];
            for (int run = -1; run < runs; run++) {
                Path trace = folder.resolve("trace" + run);
                long started = System.nanoTime();
                write(trace, BenchTrace::operation);
                if (run >= 0) {
                    samples[run] = rows / ((System.nanoTime() - started) / 1e9) / 1e6;
                }
                remove(trace);
            }
            return new BenchFigures("M rows/s", samples);
        });
    }

    /** All metrics of one trace, with as many threads as the analyzer takes by itself; the first run does not count. */
    BenchFigures analyze() throws IOException {
        return inFolder(folder -> {
            Path trace = folder.resolve("trace");
            write(trace, BenchTrace::turn);
            double[] samples = new double[runs];
            for (int run = -1; run < runs; run++) {
                long started = System.nanoTime();
                Analyzer.analyze(List.of(trace));
                if (run >= 0) {
                    samples[run] = rows / ((System.nanoTime() - started) / 1e9) / 1e6;
                }
            }
            return new BenchFigures("M rows/s", samples);
        });
    }

    /** Fills in the row with a number. */
    private interface Filling {
        void fill(Event row, long number);
    }

    private void write(Path trace, Filling filling) {
        RunInfo info = info();
        Event row = new Event();
        try (TraceWriter writer = TraceWriter.create(trace, info)) {
            for (long i = 0; i < rows; i++) {
                filling.fill(row, i);
                writer.accept(row);
            }
            writer.counters(List.of(Counter.ofWindow(CounterName.REFILLS, rows / SLOW_ONE_IN + 1)));
            writer.finish(info);
        }
    }

    private static void operation(Event row, long number) {
        int cpu = (int) (number % CPUS);
        boolean slow = number % SLOW_ONE_IN == 0;
        row.reset(EventKind.OP, number * CYCLES_PER_ROW, cpu, cpu)
                .set(Column.OP, (number & 1) == 0 ? "malloc" : "free")
                .set(Column.TIER, slow ? 1 : 0)
                .set(Column.LATENCY_CYCLES, slow ? 300 + number % 64 : 8 + number % 5)
                .set(Column.ADDRESS, 0x10000 + number * 31 % 4096 * 64);
    }

    /** On each CPU one thread goes and comes. */
    private static void turn(Event row, long number) {
        int cpu = (int) (number % CPUS);
        boolean goes = (number / CPUS & 1) == 0;
        row.reset(EventKind.SWITCH, number * CYCLES_PER_ROW, cpu, goes ? cpu : -1)
                .set(Column.OTHER_THREAD, goes ? -1 : cpu)
                .set(Column.STATE, goes ? "blocked" : "idle");
    }

    private RunInfo info() {
        List<RunInfo.ThreadInfo> threads = new ArrayList<>();
        for (int i = 0; i < CPUS; i++) {
            threads.add(new RunInfo.ThreadInfo(i, "thread " + i));
        }
        return new RunInfo(
                RunInfo.FORMAT_VERSION,
                "",
                RunInfo.SIMULATED,
                RunInfo.COMPLETE,
                CLOCK_HZ,
                CPUS,
                0,
                rows * CYCLES_PER_ROW,
                "instructions",
                Map.of(),
                List.of(),
                threads,
                Map.of(),
                null);
    }

    /** What is done in a folder that is gone afterwards. */
    private interface Work {
        BenchFigures in(Path folder) throws IOException;
    }

    private static BenchFigures inFolder(Work work) throws IOException {
        Path folder = Files.createTempDirectory("rseqlab-bench");
        try {
            return work.in(folder);
        } finally {
            remove(folder);
        }
    }

    private static void remove(Path folder) {
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
