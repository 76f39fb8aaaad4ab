package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Counter;
import io.rseqlab.trace.EventCursor;
import io.rseqlab.trace.Invariant;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceChecker;
import io.rseqlab.trace.Violation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a check of a whole trace found.
 *
 * @param info what the trace says of itself, with the window that it covers
 * @param partial what is there and what is missing; null for a complete trace
 * @param rows event rows checked
 * @param counters counter rows checked
 * @param count how many violations there are
 * @param violations the first of them
 */
public record TraceCheck(
        RunInfo info, String partial, long rows, int counters, long count, List<Violation> violations) {
    private static final int KEPT = 20;

    /** Streams a trace through the checker and recomputes its content hash. */
    public static TraceCheck of(Path directory) {
        TraceReader reader = TraceReader.open(directory);
        List<Counter> counters = reader.counters();
        RunInfo info = PartialTrace.covered(reader, counters);
        List<Violation> kept = new ArrayList<>();
        long[] count = {0};
        TraceChecker checker = new TraceChecker(info, violation -> {
            if (count[0]++ < KEPT) {
                kept.add(violation);
            }
        });
        for (String fault : reader.partFaults()) {
            count[0]++;
            kept.add(new Violation(Invariant.PARTS_OF_THE_RUN, -1, -1, fault, null));
        }
        try (EventCursor cursor = reader.all()) {
            while (cursor.next()) {
                checker.accept(cursor.event());
            }
        }
        checker.finish(counters);
        if (info.violated()) {
            count[0] += info.violations();
            for (String found : info.firstViolations()) {
                kept.add(new Violation(Invariant.ORACLE_IS_SILENT, -1, -1, found, null));
            }
        }
        String stored = reader.info().contentHash();
        String computed = stored == null ? null : reader.contentHash();
        if (stored != null && !stored.equals(computed)) {
            count[0]++;
            String found = "run.json says " + stored + ", the parts say " + computed;
            kept.add(new Violation(Invariant.HASH_EQUALS_CONTENT, -1, -1, found, null));
        }
        String partial = PartialTrace.describe(reader, info, counters);
        return new TraceCheck(info, partial, checker.rows(), counters.size(), count[0], List.copyOf(kept));
    }
}
