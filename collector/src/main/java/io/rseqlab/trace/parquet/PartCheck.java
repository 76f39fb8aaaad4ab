package io.rseqlab.trace.parquet;

import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.EventCounters;
import io.rseqlab.trace.RunInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;

/**
 * Holds the parts of a trace against its {@code run.json} without reading a row: that none is missing, and that each
 * was written by that run. Parts that another program has written anew have no footer of ours and are taken as they
 * are.
 */
final class PartCheck {
    /** Counts that come on top of the row they are taken from, which another count has already. */
    private static final Set<CounterName> SECOND_COUNTS = EnumSet.of(CounterName.YIELDS, CounterName.INTERRUPTIONS);

    private final Path directory;
    private final RunInfo info;
    private final List<String> faults = new ArrayList<>();

    PartCheck(Path directory, RunInfo info) {
        this.directory = directory;
        this.info = info;
    }

    /** What is wrong, each a sentence that names the part. */
    List<String> faults() {
        return faults;
    }

    /** Takes the parts of a table, in order. */
    void table(Table table, List<Path> parts) {
        for (int number = 0; number < parts.size(); number++) {
            String expected = table.partName(number);
            if (!parts.get(number).getFileName().toString().equals(expected)) {
                faults.add(missing(expected) + parts.get(number).getFileName() + " is there");
                break;
            }
        }
        long rows = 0;
        for (Path part : parts) {
            rows += rows(part);
        }
        long counted = table == Table.EVENTS ? countedEvents() : 0;
        if (faults.isEmpty() && rows < counted) {
            faults.add(missing(table.partName(parts.size())) + "run.json counts " + counted + " events, the parts have "
                    + rows);
        }
    }

    private String missing(String part) {
        return "'" + directory.resolve(part) + "' is missing: ";
    }

    /** Events of the measured window by run.json: there are so many rows at least. */
    private long countedEvents() {
        return EventCounters.NAMES.stream()
                .filter(name -> !SECOND_COUNTS.contains(name))
                .mapToLong(name -> info.totals().getOrDefault(name.id(), 0L))
                .sum();
    }

    private long rows(Path part) {
        try (ParquetFileReader file = ParquetFileReader.open(new LocalInputFile(part), TableReader.options())) {
            Map<String, String> footer = file.getFileMetaData().getKeyValueMetaData();
            String difference = RunJson.difference(info, footer.get(TraceWriter.SPEC), footer.get(TraceWriter.MODEL));
            if (difference != null) {
                faults.add("'" + part + "' belongs to another run: " + difference);
            }
            return file.getRecordCount();
        } catch (IOException | RuntimeException e) {
            throw TableReader.damaged(part, "", e);
        }
    }
}
