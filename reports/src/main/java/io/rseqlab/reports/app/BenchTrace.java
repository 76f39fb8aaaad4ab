package io.rseqlab.reports.app;

import io.rseqlab.analyzer.engine.Analyzer;
import io.rseqlab.analyzer.engine.AnalyzerOptions;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Times writing a trace of operations, and analyzing one of kernel events. */
final class BenchTrace {
    /** The metric that needs kind, cycle and wasted cycles. */
    static final AnalyzerOptions THREE_COLUMNS =
            new AnalyzerOptions(AnalyzerOptions.DEFAULT.threads(), true, false, Set.of("wasted_cycles_per_abort"));

    /** What is measured takes so long at least, for the clock's steps not to show. */
    private static final double LEAST_SECONDS = 0.2;

    private static final int CPUS = BenchSchedule.CPUS;
    private static final int CYCLES_PER_ROW = BenchSchedule.CYCLES_PER_ROW;
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

    /**
     * One trace analyzed, with as many threads as the analyzer takes by itself, in rows per processor second of the
     * whole process: what a core does. The first run of each question does not count.
     */
    Map<String, BenchFigures> analyze() throws IOException {
        Map<String, BenchFigures> figures = new LinkedHashMap<>();
        inFolder(folder -> {
            Path trace = folder.resolve("trace");
            writeEvents(trace);
            figures.put("all metrics", analyze(trace, AnalyzerOptions.DEFAULT));
            figures.put("3 columns", analyze(trace, THREE_COLUMNS));
            return null;
        });
        return figures;
    }

    /** Times the analysis of a trace that {@link #writeEvents} wrote. */
    BenchFigures analyze(Path trace, AnalyzerOptions options) {
        double[] samples = new double[runs];
        for (int run = -1; run < runs; run++) {
            double started = processSeconds();
            int times = 0;
            do {
                Analyzer.analyze(List.of(trace), options);
                times++;
            } while (processSeconds() - started < LEAST_SECONDS);
            if (run >= 0) {
                samples[run] = times * rows / (processSeconds() - started) / 1e6;
            }
        }
        return new BenchFigures("M rows/processor s", samples);
    }

    /** Processor time of all threads of this process, in steps of a hundredth of a second on Linux. */
    static double processSeconds() {
        Duration spent = ProcessHandle.current().info().totalCpuDuration().orElseThrow(IllegalStateException::new);
        return spent.toNanos() / 1e9;
    }

    /** Writes a trace of threads that are switched, moved and aborted. */
    void writeEvents(Path trace) {
        BenchSchedule schedule = new BenchSchedule();
        write(trace, (row, number) -> schedule.next(row));
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

    /** The first cycle behind the measured window of the traces. */
    long windowEndCycle() {
        return rows * CYCLES_PER_ROW;
    }

    private RunInfo info() {
        List<RunInfo.ThreadInfo> threads = new ArrayList<>();
        for (int i = 0; i < BenchSchedule.THREADS; i++) {
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
                windowEndCycle(),
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
