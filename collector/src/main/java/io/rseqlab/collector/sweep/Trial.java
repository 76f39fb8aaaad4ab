package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.trace.Folders;
import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a plan will cost, by trial: a few points spread over the plan are run, those that are long only a little way,
 * and what they took stands for the rest in proportion to simulated CPU time.
 *
 * @param hostSeconds processor seconds of all runs
 * @param diskBytes of all traces
 * @param points how many were tried
 */
record Trial(double hostSeconds, double diskBytes, int points) {
    /** Points tried at most, and processor seconds after which no further one is begun. */
    private static final int MOST_POINTS = 12;

    private static final double ENOUGH_SECONDS = 6;

    /** Simulated CPU time of a trial at most, warm-up and window alike. */
    private static final double MOST_CPU_SECONDS = 4e-3;

    /** What file systems commonly give a file at least. */
    private static final int DISK_BLOCK_BYTES = 4096;

    /** The first runs of a JVM are compiled as they go: they are not those that count. */
    private static final int WARM_UP_RUNS = 3;

    /** Tries a plan. */
    static Trial of(Plan plan) {
        Path scratch = scratch();
        try {
            List<Point> points = plan.points();
            int step = Math.max(1, points.size() / MOST_POINTS);
            for (int i = 0; i < WARM_UP_RUNS; i++) {
                Collector.collect(cut(points.get(i * step % points.size()).spec()), scratch.resolve("warm-up-" + i));
            }
            double seconds = 0;
            double cpuSeconds = 0;
            double fixedBytes = 0;
            double growingBytes = 0;
            int tried = 0;
            for (int i = 0; i < points.size() && seconds < ENOUGH_SECONDS; i += step) {
                RunSpec spec = cut(points.get(i).spec());
                Path trace = scratch.resolve(Integer.toString(i));
                long started = System.nanoTime();
                Collector.collect(spec, trace);
                seconds += (System.nanoTime() - started) / 1e9;
                cpuSeconds += (spec.warmupSeconds() + spec.durationSeconds()) * spec.cpus();
                double share = points.get(i).spec().durationSeconds() / spec.durationSeconds();
                fixedBytes += bytes(trace, "run.json") + bytes(trace, "counters-");
                growingBytes += share * (bytes(trace, "events-") + bytes(trace, "ops-"));
                tried++;
            }
            return new Trial(
                    plan.cpuSeconds() * seconds / cpuSeconds,
                    plan.size() * ((fixedBytes + growingBytes) / tried + DISK_BLOCK_BYTES),
                    tried);
        } finally {
            remove(scratch);
        }
    }

    private static RunSpec cut(RunSpec spec) {
        double most = MOST_CPU_SECONDS / spec.cpus() / 2;
        return spec.toBuilder()
                .times(Math.min(spec.warmupSeconds(), most), Math.min(spec.durationSeconds(), most))
                .build();
    }

    private static double bytes(Path trace, String prefix) {
        try (Stream<Path> files = Files.list(trace)) {
            double sum = 0;
            for (Path file : files.toList()) {
                boolean counts = file.getFileName().toString().startsWith(prefix);
                sum += counts ? Math.ceil((double) Files.size(file) / DISK_BLOCK_BYTES) * DISK_BLOCK_BYTES : 0;
            }
            return sum;
        } catch (IOException e) {
            throw OutputException.cannotWrite(trace, e);
        }
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("rseqlab-trial");
        } catch (IOException e) {
            throw OutputException.cannotWrite("a folder for trials", e);
        }
    }

    private static void remove(Path scratch) {
        try {
            Folders.delete(scratch);
        } catch (IOException e) {
            // It stays where temporary files go.
        }
    }
}
