package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.bytes.ByteBufferAllocator;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.PrimitiveType;

/**
 * Encodes one column of a row group, a batch to a page: numbers as packed deltas, texts by a dictionary. parquet-java's
 * own column writers take a value at a time, which costs several times as much where most values are absent.
 */
abstract class ColumnEncoder {
    private static final ByteBufferAllocator ALLOCATOR = HeapByteBufferAllocator.getInstance();
    private static final int SLAB_BYTES = 1 << 12;
    private static final int PAGE_BYTES = 1 << 20;

    private final boolean required;
    private final PrimitiveType type;
    private final PageWriter pages;
    final byte[] bits;
    int present;

    private ColumnEncoder(Table.Field field, PageWriter pages, int pageRows) {
        required = field.required();
        type = field.parquetType().asPrimitiveType();
        this.pages = pages;
        bits = new byte[(pageRows + 7) / 8];
    }

    static ColumnEncoder of(Table.Field field, PageWriter pages, int pageRows) {
        return field.type() == Column.Type.TEXT
                ? new Texts(field, pages, pageRows)
                : new Numbers(field, pages, pageRows);
    }

    /** Writes the field of a batch as one page. */
    abstract void writePage(Batch batch, int field) throws IOException;

    /** Ends the column of the row group. */
    abstract void finish() throws IOException;

    final void put(int rows, Encoding encoding, BytesInput data, Statistics<?> statistics) throws IOException {
        statistics.incrementNumNulls(rows - present);
        pages.writePageV2(rows, rows - present, rows, BytesInput.empty(), levels(rows), encoding, data, statistics);
    }

    final void putDictionary(DictionaryPage dictionary) throws IOException {
        pages.writeDictionaryPage(dictionary);
    }

    private BytesInput levels(int rows) {
        if (required) {
            if (present < rows) {
                throw new IllegalStateException("a row lacks the required column " + type.getName());
            }
            return BytesInput.empty();
        }
        boolean uniform = present == 0 || present == rows;
        return BytesInput.from(uniform ? Levels.uniform(rows, present == 0 ? 0 : 1) : Levels.encode(bits, rows));
    }

    final void startPage() {
        Arrays.fill(bits, (byte) 0);
        present = 0;
    }

    final Statistics<?> statistics() {
        return Statistics.createStats(type);
    }

    private static final class Numbers extends ColumnEncoder {
        private final boolean wide;
        private final ValuesWriter writer;

        Numbers(Table.Field field, PageWriter pages, int pageRows) {
            super(field, pages, pageRows);
            wide = field.type() == Column.Type.INT64;
            writer = wide
                    ? new DeltaBinaryPackingValuesWriterForLong(SLAB_BYTES, PAGE_BYTES, ALLOCATOR)
                    : new DeltaBinaryPackingValuesWriterForInteger(SLAB_BYTES, PAGE_BYTES, ALLOCATOR);
        }

        @Override
        void writePage(Batch batch, int field) throws IOException {
            long[] values = batch.numbers[field];
            int bit = 1 << field;
            startPage();
            long least = Long.MAX_VALUE;
            long most = Long.MIN_VALUE;
            for (int row = 0; row < batch.rows; row++) {
                if ((batch.present[row] & bit) != 0) {
                    long value = values[row];
                    bits[row >> 3] |= (byte) (1 << (row & 7));
                    present++;
                    least = Math.min(least, value);
                    most = Math.max(most, value);
                }
            }
            Statistics<?> statistics = statistics();
            if (present == 0) {
                put(batch.rows, Encoding.PLAIN, BytesInput.empty(), statistics);
                return;
            }
            encode(batch, field, statistics, least, most);
            put(batch.rows, Encoding.DELTA_BINARY_PACKED, writer.getBytes(), statistics);
            writer.reset();
        }

        private void encode(Batch batch, int field, Statistics<?> statistics, long least, long most) {
            long[] values = batch.numbers[field];
            int bit = 1 << field;
            if (wide) {
                statistics.updateStats(least);
                statistics.updateStats(most);
                for (int row = 0; row < batch.rows; row++) {
                    if ((batch.present[row] & bit) != 0) {
                        writer.writeLong(values[row]);
                    }
                }
            } else {
                statistics.updateStats(Math.toIntExact(least));
                statistics.updateStats(Math.toIntExact(most));
                for (int row = 0; row < batch.rows; row++) {
                    if ((batch.present[row] & bit) != 0) {
                        writer.writeInteger((int) values[row]);
                    }
                }
            }
        }

        @Override
        void finish() {
            writer.close();
        }
    }

    private static final class Texts extends ColumnEncoder {
        private final TextCodes codes = new TextCodes();
        private final int[] pageCodes;
        private RunLengthBitPackingHybridEncoder encoder =
                new RunLengthBitPackingHybridEncoder(1, SLAB_BYTES, PAGE_BYTES, ALLOCATOR);

        Texts(Table.Field field, PageWriter pages, int pageRows) {
            super(field, pages, pageRows);
            pageCodes = new int[pageRows];
        }

        @Override
        void writePage(Batch batch, int field) throws IOException {
            String[] values = batch.texts[field];
            int bit = 1 << field;
            startPage();
            for (int row = 0; row < batch.rows; row++) {
                if ((batch.present[row] & bit) != 0) {
                    bits[row >> 3] |= (byte) (1 << (row & 7));
                    pageCodes[present++] = codes.codeOf(values[row]);
                }
            }
            if (present == 0) {
                put(batch.rows, Encoding.PLAIN, BytesInput.empty(), statistics());
            } else {
                put(batch.rows, Encoding.RLE_DICTIONARY, encodeCodes(), codeStatistics());
            }
        }

        /** The bytes stay valid until the next page. */
        private BytesInput encodeCodes() throws IOException {
            int width = BytesUtils.getWidthFromMaxInt(codes.size() - 1);
            encoder.close();
            encoder = new RunLengthBitPackingHybridEncoder(width, SLAB_BYTES, PAGE_BYTES, ALLOCATOR);
            for (int value = 0; value < present; value++) {
                encoder.writeInt(pageCodes[value]);
            }
            return BytesInput.concat(BytesInput.from(new byte[] {(byte) width}), encoder.toBytes());
        }

        private Statistics<?> codeStatistics() {
            Statistics<?> statistics = statistics();
            boolean[] used = new boolean[codes.size()];
            for (int value = 0; value < present; value++) {
                if (!used[pageCodes[value]]) {
                    used[pageCodes[value]] = true;
                    statistics.updateStats(Binary.fromString(codes.texts().get(pageCodes[value])));
                }
            }
            return statistics;
        }

        @Override
        void finish() throws IOException {
            encoder.close();
            if (codes.size() == 0) {
                return;
            }
            List<BytesInput> entries = new ArrayList<>();
            for (String text : codes.texts()) {
                Binary entry = Binary.fromString(text);
                entries.add(BytesInput.fromInt(entry.length()));
                entries.add(BytesInput.from(entry.getBytes()));
            }
            putDictionary(new DictionaryPage(BytesInput.concat(entries), codes.size(), Encoding.PLAIN));
        }
    }
}
