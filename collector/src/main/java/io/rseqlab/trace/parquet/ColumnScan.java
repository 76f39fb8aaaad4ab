package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.format.Encoding;

/**
 * One column of a row group, page by page into arrays by row. Texts stay what they are in the file, numbers of a
 * dictionary. What our writer writes is decoded by {@link Unpacker}; what other programs may have made of a part goes
 * through parquet-java's readers.
 */
final class ColumnScan {
    private final Column.Type type;
    private final ColumnDescriptor descriptor;
    private final ChunkPages pages;
    private final boolean wholeDictionary;
    private final TextCache cache;
    private String[] texts = new String[0];
    private long[] numberDictionary;
    private Map<String, Integer> plainCodes;
    /** Of the page under way: its first row in the group, its rows, whether its values are decoded. */
    private int pageFrom;

    private int pageRows;
    private boolean decoded;
    private byte[] present = new byte[0];
    private long[] dense = new long[0];
    private int[] denseCodes = new int[0];
    private long[] longs = new long[0];
    private int[] ints = new int[0];
    private long[] joinedLongs = new long[0];
    private int[] joinedInts = new int[0];

    ColumnScan(
            Column.Type type, ColumnDescriptor descriptor, ChunkPages pages, boolean wholeDictionary, TextCache cache) {
        this.type = type;
        this.wholeDictionary = wholeDictionary;
        this.descriptor = descriptor;
        this.pages = pages;
        this.cache = cache;
    }

    /** Rows from one on that its page still has. */
    int rowsOfPage(int from) throws IOException {
        seek(from);
        return pageFrom + pageRows - from;
    }

    /** Rows of a 64-bit column; the array is valid until the next call. */
    long[] longs(int from, int rows) throws IOException {
        if (wholePage(from, rows)) {
            return longs;
        }
        joinedLongs = joinedLongs.length < rows ? new long[rows] : joinedLongs;
        for (int done = 0; done < rows; ) {
            int take = Math.min(rows - done, pageFrom + pageRows - from - done);
            System.arraycopy(longs, from + done - pageFrom, joinedLongs, done, take);
            done += take;
            if (done < rows) {
                decodeAt(from + done);
            }
        }
        return joinedLongs;
    }

    /** Rows of a 32-bit column, or of a text column as codes. */
    int[] ints(int from, int rows) throws IOException {
        if (wholePage(from, rows)) {
            return ints;
        }
        joinedInts = joinedInts.length < rows ? new int[rows] : joinedInts;
        for (int done = 0; done < rows; ) {
            int take = Math.min(rows - done, pageFrom + pageRows - from - done);
            System.arraycopy(ints, from + done - pageFrom, joinedInts, done, take);
            done += take;
            if (done < rows) {
                decodeAt(from + done);
            }
        }
        return joinedInts;
    }

    /** True if no page has a value that the dictionary lacks. */
    boolean hasWholeDictionary() {
        return wholeDictionary;
    }

    /** What codes stand for; grows with the pages of columns that have no dictionary. */
    String[] texts() {
        return texts;
    }

    private boolean wholePage(int from, int rows) throws IOException {
        decodeAt(from);
        return pageFrom == from && pageRows >= rows;
    }

    private void decodeAt(int row) throws IOException {
        seek(row);
        if (!decoded) {
            decode();
            decoded = true;
        }
    }

    private void seek(int row) throws IOException {
        while (row >= pageFrom + pageRows) {
            pages.next();
            if (pages.isDictionary()) {
                pages.open();
                readDictionary();
            } else {
                pageFrom += pageRows;
                pageRows = pages.count();
                decoded = false;
            }
        }
    }

    private void readDictionary() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(pages.page(), 0, pages.pageEnd()).order(ByteOrder.LITTLE_ENDIAN);
        int count = pages.count();
        if (type == Column.Type.TEXT) {
            texts = new String[count];
            for (int code = 0; code < count; code++) {
                byte[] text = new byte[bytes.getInt()];
                bytes.get(text);
                texts[code] = cache.of(new String(text, StandardCharsets.UTF_8));
            }
        } else {
            numberDictionary = new long[count];
            for (int code = 0; code < count; code++) {
                numberDictionary[code] = type == Column.Type.INT64 ? bytes.getLong() : bytes.getInt();
            }
        }
    }

    private void decode() throws IOException {
        pages.open();
        if (present.length < pageRows) {
            present = new byte[pageRows];
            longs = type == Column.Type.INT64 ? new long[pageRows] : longs;
            ints = type == Column.Type.INT64 ? ints : new int[pageRows];
            dense = new long[type == Column.Type.TEXT ? 0 : pageRows];
            denseCodes = new int[pageRows];
        }
        int count = pageRows;
        if (descriptor.getMaxDefinitionLevel() > 0) {
            int at = pages.levelsAt();
            count = Levels.decode(ByteBuffer.wrap(pages.page(), at, pages.valuesAt() - at), present, pageRows);
        }
        switch (type) {
            case INT64 -> decodeLongs(count);
            case INT32 -> decodeInts(count);
            case TEXT -> decodeCodes(count);
        }
    }

    private void decodeLongs(int count) throws IOException {
        if (count == pageRows) {
            numbers(longs, count);
            return;
        }
        if (count == 0) {
            Arrays.fill(longs, 0, pageRows, Event.ABSENT);
            return;
        }
        numbers(dense, count);
        int next = 0;
        for (int row = 0; row < pageRows; row++) {
            longs[row] = present[row] != 0 ? dense[next] : Event.ABSENT;
            next += present[row];
        }
    }

    private void decodeInts(int count) throws IOException {
        if (count > 0) {
            numbers(dense, count);
        }
        if (count == pageRows) {
            for (int row = 0; row < pageRows; row++) {
                ints[row] = (int) dense[row];
            }
        } else if (count == 0) {
            Arrays.fill(ints, 0, pageRows, EventBatch.ABSENT_INT);
        } else {
            int next = 0;
            for (int row = 0; row < pageRows; row++) {
                ints[row] = present[row] != 0 ? (int) dense[next] : EventBatch.ABSENT_INT;
                next += present[row];
            }
        }
    }

    private void decodeCodes(int count) throws IOException {
        if (count == pageRows) {
            codes(ints, count);
        } else if (count == 0) {
            Arrays.fill(ints, 0, pageRows, EventBatch.ABSENT_CODE);
        } else {
            codes(denseCodes, count);
            int next = 0;
            for (int row = 0; row < pageRows; row++) {
                ints[row] = present[row] != 0 ? denseCodes[next] : EventBatch.ABSENT_CODE;
                next += present[row];
            }
        }
    }

    private void numbers(long[] out, int count) throws IOException {
        Encoding encoding = pages.encoding();
        if (encoding == Encoding.DELTA_BINARY_PACKED) {
            new Unpacker(pages.page(), pages.valuesAt(), pages.pageEnd()).deltas(out, count);
        } else if (usesDictionary(encoding)) {
            if (numberDictionary == null) {
                throw new IOException("column " + descriptor.getPath()[0] + " lacks its dictionary");
            }
            dictionaryCodes(denseCodes, count);
            for (int index = 0; index < count; index++) {
                out[index] = numberDictionary[denseCodes[index]];
            }
        } else {
            ValuesReader reader = reader(count);
            for (int index = 0; index < count; index++) {
                out[index] = type == Column.Type.INT64 ? reader.readLong() : reader.readInteger();
            }
        }
    }

    private void codes(int[] out, int count) throws IOException {
        if (usesDictionary(pages.encoding())) {
            dictionaryCodes(out, count);
            for (int index = 0; index < count; index++) {
                if (out[index] < 0 || out[index] >= texts.length) {
                    throw new IOException("column " + descriptor.getPath()[0] + " lacks its dictionary");
                }
            }
            return;
        }
        ValuesReader reader = reader(count);
        for (int index = 0; index < count; index++) {
            out[index] = plainCode(cache.of(reader.readBytes().toStringUsingUTF8()));
        }
    }

    /** A page without dictionary may follow pages with one, whose codes must not change their meaning. */
    private int plainCode(String text) {
        if (plainCodes == null) {
            plainCodes = new HashMap<>();
            for (int code = 0; code < texts.length; code++) {
                plainCodes.putIfAbsent(texts[code], code);
            }
        }
        Integer known = plainCodes.putIfAbsent(text, texts.length);
        if (known != null) {
            return known;
        }
        texts = Arrays.copyOf(texts, texts.length + 1);
        texts[texts.length - 1] = text;
        return texts.length - 1;
    }

    private static boolean usesDictionary(Encoding encoding) {
        return encoding == Encoding.RLE_DICTIONARY || encoding == Encoding.PLAIN_DICTIONARY;
    }

    private void dictionaryCodes(int[] out, int count) {
        Unpacker unpacker = new Unpacker(pages.page(), pages.valuesAt(), pages.pageEnd());
        unpacker.runs(out, count, unpacker.oneByte());
    }

    private ValuesReader reader(int count) throws IOException {
        ValuesReader reader = org.apache.parquet.column.Encoding.valueOf(
                        pages.encoding().name())
                .getValuesReader(descriptor, ValuesType.VALUES);
        ByteBuffer values = ByteBuffer.wrap(pages.page(), pages.valuesAt(), pages.pageEnd() - pages.valuesAt());
        reader.initFromPage(count, ByteBufferInputStream.wrap(List.of(values.slice())));
        return reader;
    }
}
