package io.rseqlab.trace.parquet;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

/**
 * Goes through the pages of one column of a row group. A page is checked and decompressed only when it is opened, so
 * that pages nobody wants cost their header.
 */
final class ChunkPages {
    private final boolean compressed;
    private final boolean nullable;
    private final ZstdDecompressCtx zstd;
    private final byte[] chunk;
    private final ByteArrayInputStream in;
    private PageHeader header;
    private int dataAt;
    private byte[] page = new byte[0];
    private int pageEnd;

    /** Where definition levels and values of the open page begin. */
    private int levelsAt;

    private int levelsEnd;

    /**
     * Goes through a chunk.
     *
     * @param chunk the bytes of the chunk
     * @param compressed whether pages are compressed, by zstd
     * @param nullable whether pages have definition levels
     */
    ChunkPages(byte[] chunk, boolean compressed, boolean nullable, ZstdDecompressCtx zstd) {
        this.chunk = chunk;
        this.compressed = compressed;
        this.nullable = nullable;
        this.zstd = zstd;
        in = new ByteArrayInputStream(chunk);
    }

    /** Goes to the next page of data or dictionary, without looking into it. */
    void next() throws IOException {
        do {
            header = Util.readPageHeader(in);
            dataAt = chunk.length - in.available();
            if (header.getCompressed_page_size() < 0
                    || in.skip(header.getCompressed_page_size()) < header.getCompressed_page_size()) {
                throw new IOException("a page ends behind its column");
            }
        } while (header.getType() == PageType.INDEX_PAGE);
    }

    boolean isDictionary() {
        return header.getType() == PageType.DICTIONARY_PAGE;
    }

    /** Rows of the page, or entries of the dictionary. */
    int count() {
        return isDictionary()
                ? header.getDictionary_page_header().getNum_values()
                : header.isSetData_page_header_v2()
                        ? header.getData_page_header_v2().getNum_values()
                        : header.getData_page_header().getNum_values();
    }

    Encoding encoding() {
        return header.isSetData_page_header_v2()
                ? header.getData_page_header_v2().getEncoding()
                : header.getData_page_header().getEncoding();
    }

    /** Checks and decompresses the page. */
    void open() throws IOException {
        check();
        if (header.isSetData_page_header_v2()) {
            openSecond(header.getData_page_header_v2());
        } else {
            decompress(dataAt, 0, header.getCompressed_page_size(), header.getUncompressed_page_size(), compressed);
            levelsAt = 0;
            levelsEnd = 0;
            if (!isDictionary() && nullable) {
                openLevels(header.getData_page_header());
            }
        }
    }

    private void check() throws IOException {
        if (header.isSetCrc()) {
            CRC32 crc = new CRC32();
            crc.update(chunk, dataAt, header.getCompressed_page_size());
            if ((int) crc.getValue() != header.getCrc()) {
                throw new IOException("the checksum of a page does not fit what it holds");
            }
        }
    }

    private void openSecond(DataPageHeaderV2 second) throws IOException {
        int repetition = second.getRepetition_levels_byte_length();
        int definition = second.getDefinition_levels_byte_length();
        int levels = repetition + definition;
        if (repetition < 0 || definition < 0 || levels > header.getCompressed_page_size()) {
            throw new IOException("a page is shorter than its levels");
        }
        boolean packed = compressed && second.isIs_compressed() && header.getCompressed_page_size() > levels;
        decompress(
                dataAt + levels,
                levels,
                header.getCompressed_page_size() - levels,
                header.getUncompressed_page_size() - levels,
                packed);
        System.arraycopy(chunk, dataAt, page, 0, levels);
        levelsAt = repetition;
        levelsEnd = levels;
    }

    private void openLevels(DataPageHeader first) throws IOException {
        if (first.getDefinition_level_encoding() != Encoding.RLE || pageEnd < Integer.BYTES) {
            throw new IOException("definition levels as " + first.getDefinition_level_encoding());
        }
        int length = page[0] & 0xff | (page[1] & 0xff) << 8 | (page[2] & 0xff) << 16 | (page[3] & 0xff) << 24;
        if (length < 0 || length > pageEnd - Integer.BYTES) {
            throw new IOException("a page is shorter than its levels");
        }
        levelsAt = Integer.BYTES;
        levelsEnd = levelsAt + length;
    }

    private void decompress(int from, int to, int length, int plainLength, boolean packed) throws IOException {
        if (plainLength < 0) {
            throw new IOException("a page of " + plainLength + " bytes");
        }
        int whole = to + (packed ? plainLength : length);
        if (page.length < whole + Unpacker.SLACK) {
            page = Arrays.copyOf(page, whole + whole / 2 + Unpacker.SLACK);
        }
        if (packed) {
            int got = zstd.decompressByteArray(page, to, plainLength, chunk, from, length);
            if (got != plainLength) {
                throw new IOException("a page has " + got + " bytes instead of " + plainLength);
            }
        } else {
            System.arraycopy(chunk, from, page, to, length);
        }
        pageEnd = whole;
    }

    /** The open page. */
    byte[] page() {
        return page;
    }

    int levelsAt() {
        return levelsAt;
    }

    /** Where levels end and values begin. */
    int valuesAt() {
        return levelsEnd;
    }

    int pageEnd() {
        return pageEnd;
    }
}
