package io.rseqlab.trace.parquet;

import io.rseqlab.trace.EventKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.column.statistics.LongStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;

/** Finds the row groups of parts, with what the statistics in their footers say of them. */
final class EventGroups {
    private EventGroups() {}

    static List<EventGroup> of(List<Path> parts) {
        List<EventGroup> groups = new ArrayList<>();
        long firstRow = 0;
        for (Path part : parts) {
            try (ParquetFileReader file = ParquetFileReader.open(new LocalInputFile(part), TableReader.options())) {
                int index = 0;
                for (BlockMetaData block : file.getFooter().getBlocks()) {
                    groups.add(group(part, index++, firstRow, block));
                    firstRow += block.getRowCount();
                }
            } catch (IOException | RuntimeException e) {
                throw TableReader.damaged(part, "", e);
            }
        }
        return groups;
    }

    private static EventGroup group(Path part, int index, long firstRow, BlockMetaData block) {
        Set<EventKind> kinds = EnumSet.allOf(EventKind.class);
        long first = Long.MIN_VALUE;
        long last = Long.MAX_VALUE;
        for (ColumnChunkMetaData chunk : block.getColumns()) {
            Statistics<?> statistics = chunk.getStatistics();
            if (statistics == null || !statistics.hasNonNullValue()) {
                continue;
            }
            String name = chunk.getPath().toDotString();
            if (name.equals("kind")) {
                kinds.removeIf(kind -> outside(statistics, kind));
            } else if (name.equals("cycle") && statistics instanceof LongStatistics cycles) {
                first = cycles.getMin();
                last = cycles.getMax();
            }
        }
        return new EventGroup(part, index, firstRow, block.getRowCount(), kinds, first, last);
    }

    /** Statistics of texts may be cut: the least is then less, the greatest more than any text. */
    private static boolean outside(Statistics<?> statistics, EventKind kind) {
        String least = new String(statistics.getMinBytes(), StandardCharsets.UTF_8);
        String most = new String(statistics.getMaxBytes(), StandardCharsets.UTF_8);
        return kind.id().compareTo(least) < 0 || kind.id().compareTo(most) > 0;
    }
}
