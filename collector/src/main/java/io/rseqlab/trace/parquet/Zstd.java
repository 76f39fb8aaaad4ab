package io.rseqlab.trace.parquet;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import io.rseqlab.trace.TraceException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Zstandard for Parquet pages without the Hadoop run time, whose codec factory parquet-java would otherwise load. Level
 * 3 costs next to nothing beside the encoding of the columns.
 */
final class Zstd implements CompressionCodecFactory {
    static final int LEVEL = 3;

    /**
     * Loads the native library, which is unpacked to the folder for temporary files.
     *
     * @throws TraceException if that is not possible
     */
    static void require() {
        try {
            new ZstdCompressCtx().close();
        } catch (LinkageError e) {
            throw new TraceException(
                    "cannot load the zstd library, which must be unpacked to '" + System.getProperty("java.io.tmpdir")
                            + "': " + e.getMessage()
                            + "; RSEQLAB_JAVA_OPTS=-Djava.io.tmpdir=FOLDER names another place",
                    e);
        }
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        if (codec != CompressionCodecName.ZSTD) {
            throw new IllegalArgumentException("traces are written with ZSTD, not " + codec);
        }
        return new Compressor();
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        if (codec == CompressionCodecName.UNCOMPRESSED) {
            return new Plain();
        }
        if (codec != CompressionCodecName.ZSTD) {
            throw new UnsupportedOperationException(
                    "compressed with " + codec + ", while traces are written with ZSTD");
        }
        require();
        return new Decompressor();
    }

    @Override
    public void release() {}

    private static byte[] toArray(BytesInput bytes) {
        ByteBuffer buffer = bytes.toByteBuffer(HeapByteBufferAllocator.getInstance(), unused -> {});
        byte[] array = new byte[buffer.remaining()];
        buffer.get(array);
        return array;
    }

    private static final class Compressor implements BytesInputCompressor {
        private final ZstdCompressCtx context = new ZstdCompressCtx().setLevel(LEVEL);

        @Override
        public BytesInput compress(BytesInput bytes) {
            return BytesInput.from(context.compress(toArray(bytes)));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.ZSTD;
        }

        @Override
        public void release() {
            context.close();
        }
    }

    private static final class Decompressor implements BytesInputDecompressor {
        private final ZstdDecompressCtx context = new ZstdDecompressCtx();

        @Override
        public BytesInput decompress(BytesInput bytes, int decompressedSize) {
            return BytesInput.from(context.decompress(toArray(bytes), decompressedSize));
        }

        @Override
        public void decompress(ByteBuffer input, int compressedSize, ByteBuffer output, int decompressedSize) {
            byte[] compressed = new byte[compressedSize];
            input.get(compressed);
            output.put(context.decompress(compressed, decompressedSize));
        }

        @Override
        public void release() {
            context.close();
        }
    }

    private static final class Plain implements BytesInputDecompressor {
        @Override
        public BytesInput decompress(BytesInput bytes, int decompressedSize) {
            return bytes;
        }

        @Override
        public void decompress(ByteBuffer input, int compressedSize, ByteBuffer output, int decompressedSize) {
            ByteBuffer slice = input.slice();
            slice.limit(compressedSize);
            output.put(slice);
            input.position(input.position() + compressedSize);
        }

        @Override
        public void release() {}
    }
}
