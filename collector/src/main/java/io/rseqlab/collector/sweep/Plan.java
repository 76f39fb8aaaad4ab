package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.RunSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * All runs of an experiment: every point with every seed, and every draw of costs of every point with some of them.
 *
 * @param title what the file calls it
 * @param axes names of what varies, {@code strategy} first
 * @param points the combinations
 * @param seeds root seeds, the same for every point
 * @param drawn the combinations with costs drawn from their ranges, draw by draw; mostly none
 * @param drawnSeeds root seeds of these, the same for each
 */
record Plan(
        String title,
        List<String> axes,
        List<Point> points,
        List<Long> seeds,
        List<Point> drawn,
        List<Long> drawnSeeds) {

    /** One run. */
    record Run(Point point, long seed) {
        RunSpec spec() {
            return point.spec().toBuilder().seed(seed).build();
        }
    }

    /**
     * All runs in the order in which they are made: every point with the first seed, then with the next. So what is
     * there of an unfinished sweep covers all points, and the time left is known early. Draws of costs come last.
     */
    List<Run> runs() {
        List<Run> runs = new ArrayList<>();
        seeds.forEach(seed -> points.forEach(point -> runs.add(new Run(point, seed))));
        drawn.forEach(point -> drawnSeeds.forEach(seed -> runs.add(new Run(point, seed))));
        return runs;
    }

    int size() {
        return points.size() * seeds.size() + drawn.size() * drawnSeeds.size();
    }

    /** Simulated seconds of all CPUs of all runs. */
    double cpuSeconds() {
        return cpuSeconds(points) * seeds.size() + cpuSeconds(drawn) * drawnSeeds.size();
    }

    private static double cpuSeconds(List<Point> points) {
        return points.stream().mapToDouble(Point::cpuSeconds).sum();
    }

    /**
     * A digest of all that the runs depend on: their resolved specifications, the version of the model, and where each
     * goes. Two files that differ in comments or layout only have the same.
     */
    String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            StringBuilder text = new StringBuilder(RunSpec.MODEL_VERSION)
                    .append('\n')
                    .append(seeds)
                    .append('\n');
            points.forEach(point -> append(text, point));
            if (!drawn.isEmpty()) {
                text.append(drawnSeeds).append('\n');
                drawn.forEach(point -> append(text, point));
            }
            digest.update(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void append(StringBuilder text, Point point) {
        text.append(point.folder(0)).append('\n').append(point.spec().toMap()).append('\n');
    }
}
