package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.column.values.ValuesReader;

/** Decodes one column of a row group page by page, in whatever encoding Parquet allows. */
final class ColumnDecoder {
    private final Column.Type type;
    private final ColumnDescriptor descriptor;
    private final PageReader pages;
    private final TextCache cache;
    private final DictionaryPage dictionaryPage;
    private Dictionary dictionary;
    private String[] dictionaryTexts;
    private byte[] present = new byte[0];
    private int presentInPage;
    private int row;
    private int pageRows;
    private boolean byCode;
    private ValuesReader values;

    ColumnDecoder(Column.Type type, ColumnDescriptor descriptor, PageReader pages, TextCache cache) {
        this.type = type;
        this.descriptor = descriptor;
        this.pages = pages;
        this.cache = cache;
        dictionaryPage = pages.readDictionaryPage();
    }

    /** Decodes the next rows into the batch, whose fields are all absent. */
    void fill(Batch batch, int field) throws IOException {
        int done = 0;
        while (done < batch.rows) {
            if (row == pageRows) {
                openPage();
            }
            int count = Math.min(batch.rows - done, pageRows - row);
            if (presentInPage > 0) {
                decode(batch, field, done, count);
            }
            done += count;
            row += count;
        }
    }

    private void decode(Batch batch, int field, int from, int count) {
        mark(batch.present, 1 << field, from, count);
        switch (type) {
            case INT64 -> decodeLongs(batch.numbers[field], from, count);
            case INT32 -> decodeInts(batch.numbers[field], from, count);
            case TEXT -> decodeTexts(batch.texts[field], from, count);
        }
    }

    private void mark(int[] marks, int bit, int from, int count) {
        for (int index = 0; index < count; index++) {
            marks[from + index] |= -present[row + index] & bit;
        }
    }

    private void decodeLongs(long[] target, int from, int count) {
        for (int index = 0; index < count; index++) {
            if (present[row + index] != 0) {
                target[from + index] = values.readLong();
            }
        }
    }

    private void decodeInts(long[] target, int from, int count) {
        for (int index = 0; index < count; index++) {
            if (present[row + index] != 0) {
                target[from + index] = values.readInteger();
            }
        }
    }

    private void decodeTexts(String[] target, int from, int count) {
        for (int index = 0; index < count; index++) {
            if (present[row + index] != 0) {
                target[from + index] = byCode
                        ? dictionaryTexts[values.readValueDictionaryId()]
                        : cache.of(values.readBytes().toStringUsingUTF8());
            }
        }
    }

    private void openPage() throws IOException {
        DataPage page = pages.readPage();
        if (page == null) {
            throw new IOException("column " + descriptor.getPath()[0] + " ends before its row group");
        }
        row = 0;
        pageRows = page.getValueCount();
        if (present.length < pageRows) {
            present = new byte[pageRows];
        }
        if (page instanceof DataPageV2 second) {
            openSecond(second);
        } else {
            openFirst((DataPageV1) page);
        }
    }

    private void openSecond(DataPageV2 page) throws IOException {
        decodeLevels(buffer(page.getDefinitionLevels()));
        openValues(page.getDataEncoding(), page.getData().toInputStream());
    }

    private void openFirst(DataPageV1 page) throws IOException {
        ByteBufferInputStream bytes = page.getBytes().toInputStream();
        if (descriptor.getMaxDefinitionLevel() > 0) {
            int length =
                    bytes.slice(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).getInt();
            decodeLevels(bytes.slice(length));
        } else {
            decodeLevels(null);
        }
        openValues(page.getValueEncoding(), bytes);
    }

    private void decodeLevels(ByteBuffer levels) {
        if (descriptor.getMaxDefinitionLevel() == 0) {
            Arrays.fill(present, 0, pageRows, (byte) 1);
            presentInPage = pageRows;
        } else {
            presentInPage = Levels.decode(levels, present, pageRows);
        }
    }

    private void openValues(Encoding encoding, ByteBufferInputStream bytes) throws IOException {
        if (presentInPage == 0) {
            return;
        }
        byCode = encoding.usesDictionary();
        if (byCode) {
            openDictionary();
            values = encoding.getDictionaryBasedValuesReader(descriptor, ValuesType.VALUES, dictionary);
        } else {
            values = encoding.getValuesReader(descriptor, ValuesType.VALUES);
        }
        values.initFromPage(presentInPage, bytes);
    }

    private void openDictionary() throws IOException {
        if (dictionary != null) {
            return;
        }
        if (dictionaryPage == null) {
            throw new IOException("column " + descriptor.getPath()[0] + " lacks its dictionary");
        }
        dictionary = dictionaryPage.decode(descriptor);
        if (type == Column.Type.TEXT) {
            dictionaryTexts = new String[dictionary.getMaxId() + 1];
            for (int code = 0; code < dictionaryTexts.length; code++) {
                dictionaryTexts[code] = cache.of(dictionary.decodeToBinary(code).toStringUsingUTF8());
            }
        }
    }

    private static ByteBuffer buffer(BytesInput bytes) {
        return bytes.toByteBuffer(HeapByteBufferAllocator.getInstance(), unused -> {});
    }
}
