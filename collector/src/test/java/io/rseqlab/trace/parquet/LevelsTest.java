package io.rseqlab.trace.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Presence survives encoding whatever its pattern: runs, singles, and rows that fill no byte. */
class LevelsTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 1000, 4096, 10_000})
    void whatIsEncodedIsDecoded(int rows) {
        Random random = new Random(rows);
        for (int round = 0; round < 200; round++) {
            double stay = random.nextDouble();
            byte[] expected = new byte[rows];
            byte[] bits = new byte[(rows + 7) / 8];
            int value = random.nextInt(2);
            int count = 0;
            for (int row = 0; row < rows; row++) {
                value = random.nextDouble() < stay * stay ? 1 - value : value;
                expected[row] = (byte) value;
                bits[row >> 3] |= (byte) (value << (row & 7));
                count += value;
            }
            byte[] decoded = new byte[rows];
            ByteBuffer in = ByteBuffer.wrap(Levels.encode(bits, rows));
            assertThat(Levels.decode(in, decoded, rows)).isEqualTo(count);
            assertThat(decoded).isEqualTo(expected);
            assertThat(in.remaining()).isZero();
        }
    }
}
