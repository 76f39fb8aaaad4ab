package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import java.io.IOException;
import java.util.ArrayList;
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

    private ColumnEncoder(Table.Field field, PageWriter pages) {
        required = field.required();
        type = field.parquetType().asPrimitiveType();
        this.pages = pages;
    }

    static ColumnEncoder of(Table.Field field, PageWriter pages) {
        return field.type() == Column.Type.TEXT ? new Texts(field, pages) : new Numbers(field, pages);
    }

    /** Writes the values of a batch as one page. */
    abstract void writePage(Dense values) throws IOException;

    /** Ends the column of the row group. */
    abstract void finish() throws IOException;

    final void put(Dense values, Encoding encoding, BytesInput data, Statistics<?> statistics) throws IOException {
        int rows = values.rows;
        int nulls = rows - values.count;
        statistics.incrementNumNulls(nulls);
        pages.writePageV2(rows, nulls, rows, BytesInput.empty(), levels(values), encoding, data, statistics);
    }

    /** A page without a single value. */
    final void putEmpty(Dense values) throws IOException {
        put(values, Encoding.PLAIN, BytesInput.empty(), statistics());
    }

    final void putDictionary(DictionaryPage dictionary) throws IOException {
        pages.writeDictionaryPage(dictionary);
    }

    private BytesInput levels(Dense values) {
        int rows = values.rows;
        if (required) {
            if (values.count < rows) {
                throw new IllegalStateException("a row lacks the required column " + type.getName());
            }
            return BytesInput.empty();
        }
        boolean uniform = values.count == 0 || values.count == rows;
        return BytesInput.from(
                uniform ? Levels.uniform(rows, values.count == 0 ? 0 : 1) : Levels.encode(values.bits, rows));
    }

    final Statistics<?> statistics() {
        return Statistics.createStats(type);
    }

    private static final class Numbers extends ColumnEncoder {
        private final boolean wide;
        private final ValuesWriter writer;

        Numbers(Table.Field field, PageWriter pages) {
            super(field, pages);
            wide = field.type() == Column.Type.INT64;
            writer = wide
                    ? new DeltaBinaryPackingValuesWriterForLong(SLAB_BYTES, PAGE_BYTES, ALLOCATOR)
                    : new DeltaBinaryPackingValuesWriterForInteger(SLAB_BYTES, PAGE_BYTES, ALLOCATOR);
        }

        @Override
        void writePage(Dense values) throws IOException {
            if (values.count == 0) {
                putEmpty(values);
                return;
            }
            long least = Long.MAX_VALUE;
            long most = Long.MIN_VALUE;
            for (int index = 0; index < values.count; index++) {
                least = Math.min(least, values.numbers[index]);
                most = Math.max(most, values.numbers[index]);
            }
            Statistics<?> statistics = statistics();
            if (wide) {
                encodeLongs(values, statistics, least, most);
            } else {
                encodeInts(values, statistics, Math.toIntExact(least), Math.toIntExact(most));
            }
            put(values, Encoding.DELTA_BINARY_PACKED, writer.getBytes(), statistics);
            writer.reset();
        }

        private void encodeLongs(Dense values, Statistics<?> statistics, long least, long most) {
            statistics.updateStats(least);
            statistics.updateStats(most);
            for (int index = 0; index < values.count; index++) {
                writer.writeLong(values.numbers[index]);
            }
        }

        private void encodeInts(Dense values, Statistics<?> statistics, int least, int most) {
            statistics.updateStats(least);
            statistics.updateStats(most);
            for (int index = 0; index < values.count; index++) {
                writer.writeInteger((int) values.numbers[index]);
            }
        }

        @Override
        void finish() {
            writer.close();
        }
    }

    private static final class Texts extends ColumnEncoder {
        private final TextCodes codes = new TextCodes();
        private int[] pageCodes = new int[0];
        private RunLengthBitPackingHybridEncoder encoder =
                new RunLengthBitPackingHybridEncoder(1, SLAB_BYTES, PAGE_BYTES, ALLOCATOR);

        Texts(Table.Field field, PageWriter pages) {
            super(field, pages);
        }

        @Override
        void writePage(Dense values) throws IOException {
            if (values.count == 0) {
                putEmpty(values);
                return;
            }
            pageCodes = pageCodes.length < values.count ? new int[values.count] : pageCodes;
            for (int index = 0; index < values.count; index++) {
                pageCodes[index] = codes.codeOf(values.texts[index]);
            }
            put(values, Encoding.RLE_DICTIONARY, encodeCodes(values.count), codeStatistics(values.count));
        }

        /** The bytes stay valid until the next page. */
        private BytesInput encodeCodes(int count) throws IOException {
            int width = BytesUtils.getWidthFromMaxInt(codes.size() - 1);
            encoder.close();
            encoder = new RunLengthBitPackingHybridEncoder(width, SLAB_BYTES, PAGE_BYTES, ALLOCATOR);
            for (int value = 0; value < count; value++) {
                encoder.writeInt(pageCodes[value]);
            }
            return BytesInput.concat(BytesInput.from(new byte[] {(byte) width}), encoder.toBytes());
        }

        private Statistics<?> codeStatistics(int count) {
            Statistics<?> statistics = statistics();
            boolean[] used = new boolean[codes.size()];
            for (int value = 0; value < count; value++) {
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
