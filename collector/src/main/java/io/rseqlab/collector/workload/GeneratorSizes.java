package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** How sizes are spread that {@link Generator} draws: 1024 quantiles, each as likely. */
final class GeneratorSizes {
    static final int QUANTILES = 1024;

    private static final int MOST_LISTED = 256;

    private GeneratorSizes() {}

    /** Bytes of each of the quantiles. */
    static int[] quantiles(Settings settings, SizeTable table) {
        double least = settings.count(Generator.LEAST);
        double most = settings.count(Generator.MOST);
        return switch (settings.choice(Generator.LAW)) {
            case "fixed" -> along(share -> most);
            case "uniform" -> along(share -> least + share * (most - least));
            // density falls in a straight line to 0 at the largest
            case "linear" -> along(share -> most - (most - least) * Math.sqrt(1 - share));
            // density 1/s²: a share of (1/a - 1/s) / (1/a - 1/b) is at most s
            case "power" -> along(share -> 1 / (1 / least - share * (1 / least - 1 / most)));
            case "list" -> listed(settings.text(Generator.LIST));
            default -> tabled(table, (int) most);
        };
    }

    private static int[] along(DoubleUnaryOperator bytes) {
        return IntStream.range(0, QUANTILES)
                .map(i -> (int) Math.round(bytes.applyAsDouble((i + 0.5) / QUANTILES)))
                .toArray();
    }

    private static int[] tabled(SizeTable table, int most) {
        return Arrays.stream(table.quantiles(QUANTILES))
                .map(row -> (int) Math.min(most, table.rows().get(row).bytes()))
                .toArray();
    }

    private static int[] listed(String list) {
        int[] bytes;
        try {
            bytes = Arrays.stream(list.split("/")).mapToInt(Integer::parseInt).toArray();
        } catch (NumberFormatException e) {
            throw new UsageException(
                    "generator: list=" + list + " is not sizes with strokes between, as in 16/24/2000");
        }
        if (bytes.length > MOST_LISTED || Arrays.stream(bytes).anyMatch(size -> size < 1 || size > 1 << 20)) {
            throw new UsageException("generator: list=" + list + ": at most " + MOST_LISTED
                    + " sizes from 1 to 1048576 bytes are allowed");
        }
        return IntStream.range(0, QUANTILES)
                .map(i -> bytes[i * bytes.length / QUANTILES])
                .toArray();
    }

    /** The classes that hold these sizes, four per doubling. */
    static SizeClasses classes(int[] quantiles) {
        SizeClasses all = SizeClasses.upTo(Math.max(
                SizeClasses.GRANULE_BYTES, Arrays.stream(quantiles).max().orElseThrow()));
        return ClassLookup.classesFor(Arrays.stream(quantiles)
                .map(bytes -> all.bytes(all.holding(bytes)))
                .distinct()
                .toArray());
    }
}
