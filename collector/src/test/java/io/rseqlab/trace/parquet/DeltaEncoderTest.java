package io.rseqlab.trace.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForInteger;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed differences are parquet-java's to the byte, page by page, so files do not depend on who writes them. */
class DeltaEncoderTest {
    private static final int PAGES = 400;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 31, 32, 33, 63, 64})
    void numbersOf64BitsAreThoseOfParquetJava(int bits) throws IOException {
        ValuesWriter writer =
                new DeltaBinaryPackingValuesWriterForLong(64, 1024, HeapByteBufferAllocator.getInstance());
        DeltaEncoder encoder = new DeltaEncoder(true);
        Random random = new Random(bits);
        for (int page = 0; page < PAGES; page++) {
            long[] numbers = numbers(random, 1 + random.nextInt(bits));
            for (long number : numbers) {
                writer.writeLong(number);
            }
            assertSame(writer, encoder, numbers);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 16, 30, 31, 32})
    void numbersOf32BitsAreThoseOfParquetJava(int bits) throws IOException {
        ValuesWriter writer =
                new DeltaBinaryPackingValuesWriterForInteger(64, 1024, HeapByteBufferAllocator.getInstance());
        DeltaEncoder encoder = new DeltaEncoder(false);
        Random random = new Random(bits);
        for (int page = 0; page < PAGES; page++) {
            long[] numbers = numbers(random, 1 + random.nextInt(bits));
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (int) numbers[i];
                writer.writeInteger((int) numbers[i]);
            }
            assertSame(writer, encoder, numbers);
        }
    }

    /** Some runs of one value, some that grow, some of any; ends of blocks and of their quarters among the lengths. */
    private static long[] numbers(Random random, int bits) {
        int[] lengths = {1, 2, 32, 33, 34, 129, 130, 161, 257, 1 + random.nextInt(1000)};
        long[] numbers = new long[lengths[random.nextInt(lengths.length)]];
        int kind = random.nextInt(3);
        long value = random.nextLong() >> random.nextInt(Long.SIZE);
        for (int i = 0; i < numbers.length; i++) {
            long step = random.nextLong() >>> Long.SIZE - bits;
            value = kind == 0 ? value : kind == 1 ? value + step : step;
            numbers[i] = value;
        }
        return numbers;
    }

    private static void assertSame(ValuesWriter writer, DeltaEncoder encoder, long[] numbers) throws IOException {
        byte[] expected = bytes(writer.getBytes());
        writer.reset();
        assertThat(bytes(encoder.encode(numbers, numbers.length))).isEqualTo(expected);
    }

    private static byte[] bytes(BytesInput input) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        input.writeAllTo(out);
        return out.toByteArray();
    }
}
