package io.rseqlab.reports.app;

import io.rseqlab.collector.machine.Engine;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Cost against size: machines of 1 to 1024 CPUs with up to 16 threads each, all of which sleep nearly all the time, so
 * that what there is to do is far less than what there is. What a micro-operation costs should not grow with size.
 */
final class BenchScale {
    private static final int[][] SIZES = {
        {1, 1}, {1, 16}, {16, 16}, {16, 256}, {64, 1024}, {256, 4096}, {1024, 1024}, {1024, 16_384}
    };

    /** Each thread does 400 operations, some 7 us of work, and then sleeps so that one in a hundred CPUs is busy. */
    private static final String WORKLOAD = "churn:live=4,sleep_every=400,sleep_us=%d";

    private static final int SLEEP_US_PER_THREAD_OF_A_CPU = 700;

    private final String strategy;
    private final Engine engine;
    private final int runs;
    private final double seconds;

    BenchScale(String strategy, Engine engine, int runs, double seconds) {
        this.strategy = strategy;
        this.engine = engine;
        this.runs = runs;
        this.seconds = seconds;
    }

    private record Row(int cpus, int threads, BenchFigures nanoseconds, BenchFigures simulated, long heapBytes) {}

    void run(PrintWriter out, boolean json) {
        List<Row> rows = new ArrayList<>();
        for (int[] size : SIZES) {
            rows.add(measure(size[0], size[1]));
        }
        if (json) {
            List<String> all = rows.stream().map(BenchScale::json).toList();
            out.printf("{\"strategy\":\"%s\",\"sizes\":[%s]}%n", strategy, String.join(",", all));
            return;
        }
        out.printf("%s, threads that mostly sleep; processor time per micro-operation%n", strategy);
        out.printf("%6s  %8s  %32s  %12s%n", "CPUs", "threads", "ns (least to most)", "heap MiB");
        for (Row row : rows) {
            out.printf(
                    Locale.ROOT,
                    "%6d  %8d  %32s  %12.1f%n",
                    row.cpus,
                    row.threads,
                    String.format(
                            Locale.ROOT,
                            "%.1f (%.1f to %.1f)",
                            row.nanoseconds.median(),
                            row.nanoseconds.least(),
                            row.nanoseconds.most()),
                    row.heapBytes / 1048576.0);
        }
    }

    private Row measure(int cpus, int threads) {
        String workload =
                String.format(Locale.ROOT, WORKLOAD, SLEEP_US_PER_THREAD_OF_A_CPU * Math.max(1, threads / cpus));
        BenchSimulation simulation = new BenchSimulation(strategy, workload, cpus, threads, false, engine);
        simulation.warmUp(2 * seconds);
        List<BenchSimulation.Sample> samples = simulation.samples(runs, seconds);
        System.gc();
        var memory = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        long heapBytes = memory.getUsed();
        return new Row(
                cpus,
                threads,
                BenchSimulation.figures("ns", samples, sample -> 1e9 / sample.microOpsPerSecond()),
                BenchSimulation.figures("s/s", samples, BenchSimulation.Sample::simulatedSecondsPerSecond),
                simulation.hold(heapBytes));
    }

    private static String json(Row row) {
        return String.format(
                Locale.ROOT,
                "{\"cpus\":%d,\"threads\":%d,\"ns_per_micro_op\":%s,\"simulated_s_per_s\":%s,\"heap_bytes\":%d}",
                row.cpus,
                row.threads,
                row.nanoseconds.json(),
                row.simulated.json(),
                row.heapBytes);
    }
}
