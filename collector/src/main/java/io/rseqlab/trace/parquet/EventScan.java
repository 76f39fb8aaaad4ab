package io.rseqlab.trace.parquet;

import com.github.luben.zstd.ZstdDecompressCtx;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;

/**
 * Reads row groups of events as batches, one page of kinds each. A column's bytes are read from the file when the first
 * batch of the row group asks for it, its pages are decompressed and decoded when a batch asks for them. Row groups in
 * which nothing can be wanted become one batch that was not read. For one thread.
 */
public final class EventScan implements EventBatch, AutoCloseable {
    private static final EventKind[] KINDS = EventKind.values();
    private static final String[] NO_TEXTS = new String[0];
    private static final int COLUMNS = Column.values().length;

    private final List<EventGroup> groups;
    private final EventGroup.Wanted wanted;
    private final ZstdDecompressCtx zstd;
    private final TextCache cache = new TextCache();
    private int nextGroup;
    private EventGroup group;
    private Path open;
    private FileChannel file;
    private List<BlockMetaData> blocks;
    private MessageType schema;
    private final ColumnScan[] columns = new ColumnScan[COLUMNS];
    private int from;
    private int rows;
    private int held;
    private int[] kinds = new int[0];
    private int[] kindOf = new int[0];
    private long[] noLongs = new long[0];
    private int[] noInts = new int[0];
    private int[] noCodes = new int[0];

    /**
     * Reads row groups in the order given.
     *
     * @param groups row groups of one trace, see {@link TraceReader#eventGroups}
     * @param wanted rows that are wanted; others may be left unread
     */
    public EventScan(List<EventGroup> groups, EventGroup.Wanted wanted) {
        Zstd.require();
        this.groups = groups;
        this.wanted = wanted;
        zstd = new ZstdDecompressCtx();
    }

    /**
     * Goes to the next batch.
     *
     * @return false at the end
     * @throws TraceException if a file cannot be read
     */
    public boolean next() {
        try {
            from += rows;
            rows = 0;
            held = 0;
            if (group == null || from >= group.rows()) {
                if (nextGroup == groups.size()) {
                    return false;
                }
                from = 0;
                group = groups.get(nextGroup++);
                Arrays.fill(columns, null);
                if (!group.mayHold(wanted) || !openGroup()) {
                    rows = Math.toIntExact(group.rows());
                    return true;
                }
            }
            readKinds();
            return true;
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    /** Opens the file, and answers whether the dictionary of kinds has one that is wanted. */
    private boolean openGroup() throws IOException {
        if (!group.part().equals(open)) {
            close();
            try (ParquetFileReader reader =
                    ParquetFileReader.open(new LocalInputFile(group.part()), TableReader.options())) {
                schema = reader.getFileMetaData().getSchema();
                blocks = reader.getFooter().getBlocks();
            }
            file = FileChannel.open(group.part());
            open = group.part();
        }
        ColumnScan kind = column(Column.KIND);
        kind.rowsOfPage(0);
        return !kind.hasWholeDictionary()
                || Arrays.stream(kindsOf(kind.texts()))
                        .anyMatch(known -> wanted.kinds().contains(KINDS[known]));
    }

    private void readKinds() throws IOException {
        ColumnScan column = column(Column.KIND);
        rows = (int) Math.min(column.rowsOfPage(from), group.rows() - from);
        int[] codes = column.ints(from, rows);
        if (kindOf.length != column.texts().length || from == 0) {
            kindOf = kindsOf(column.texts());
        }
        kinds = kinds.length < rows ? new int[rows] : kinds;
        int seen = 0;
        for (int row = 0; row < rows; row++) {
            int kind = kindOf[codes[row]];
            kinds[row] = kind;
            seen |= 1 << kind;
        }
        held = seen;
    }

    private static int[] kindsOf(String[] texts) {
        int[] kinds = new int[texts.length];
        for (int code = 0; code < texts.length; code++) {
            EventKind kind = EventKind.of(texts[code]);
            if (kind == null) {
                throw new TraceException("event kind '" + texts[code] + "' is unknown to this version");
            }
            kinds[code] = kind.ordinal();
        }
        return kinds;
    }

    private ColumnScan column(Column column) throws IOException {
        int index = column.ordinal();
        if (columns[index] == null) {
            TableReader.check(group.part(), schema, Table.EVENTS.fields().get(index));
            if (!schema.containsField(column.id())) {
                return null;
            }
            columns[index] = openColumn(column);
        }
        return columns[index];
    }

    private ColumnScan openColumn(Column column) throws IOException {
        for (ColumnChunkMetaData chunk : blocks.get(group.index()).getColumns()) {
            if (chunk.getPath().toDotString().equals(column.id())) {
                boolean packed = chunk.getCodec() == CompressionCodecName.ZSTD;
                if (!packed && chunk.getCodec() != CompressionCodecName.UNCOMPRESSED) {
                    throw new IOException(
                            "compressed with " + chunk.getCodec() + ", while traces are written with ZSTD");
                }
                var descriptor = schema.getColumnDescription(new String[] {column.id()});
                boolean nullable = descriptor.getMaxDefinitionLevel() > 0;
                ChunkPages pages = new ChunkPages(bytes(chunk), packed, nullable, zstd);
                EncodingStats encodings = chunk.getEncodingStats();
                boolean whole = encodings != null
                        && encodings.hasDictionaryPages()
                        && !encodings.hasNonDictionaryEncodedPages();
                return new ColumnScan(column.type(), descriptor, pages, whole, cache);
            }
        }
        throw new IOException("column " + column.id() + " is missing");
    }

    private byte[] bytes(ColumnChunkMetaData chunk) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(chunk.getTotalSize()));
        while (bytes.hasRemaining()) {
            if (file.read(bytes, chunk.getStartingPos() + bytes.position()) < 0) {
                throw new IOException("the file ends in the middle of a column");
            }
        }
        return bytes.array();
    }

    @Override
    public long firstRow() {
        return group.firstRow() + from;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public boolean holds(EventKind kind) {
        return (held & 1 << kind.ordinal()) != 0;
    }

    @Override
    public int[] kinds() {
        return kinds;
    }

    @Override
    public long[] longs(Column column) {
        try {
            ColumnScan scan = column(column);
            if (scan != null) {
                return scan.longs(from, rows);
            }
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
        if (noLongs.length < rows) {
            noLongs = new long[rows];
            Arrays.fill(noLongs, Event.ABSENT);
        }
        return noLongs;
    }

    @Override
    public int[] ints(Column column) {
        int[] values = values(column);
        if (values == null && noInts.length < rows) {
            noInts = new int[rows];
            Arrays.fill(noInts, ABSENT_INT);
        }
        return values == null ? noInts : values;
    }

    @Override
    public int[] codes(Column column) {
        int[] values = values(column);
        if (values == null && noCodes.length < rows) {
            noCodes = new int[rows];
            Arrays.fill(noCodes, ABSENT_CODE);
        }
        return values == null ? noCodes : values;
    }

    /** Null where the file has no such column. */
    private int[] values(Column column) {
        try {
            ColumnScan scan = column(column);
            return scan == null ? null : scan.ints(from, rows);
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    @Override
    public String[] texts(Column column) {
        ColumnScan scan = columns[column.ordinal()];
        return scan == null ? NO_TEXTS : scan.texts();
    }

    private TraceException damaged(Exception e) {
        return e instanceof TraceException known
                ? known
                : TableReader.damaged(group.part(), ", row group " + (group.index() + 1), e);
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
                file = null;
                open = null;
            }
        } catch (IOException e) {
            throw new TraceException("cannot close '" + open + "': " + e.getMessage(), e);
        }
    }
}
