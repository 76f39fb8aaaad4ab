package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the shim writes, read back: how recording itself is kept out of the program's time. A tick takes 2 ns here. */
class MallocImageTest {
    private static final int HEADER = 4096;
    private static final int RECORDS = 3;
    private static final int CHUNK = 64 + 40 * RECORDS;
    private static final byte[] MAGIC = "rsqmallo".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path folder;

    /** Chunks of three calls each, which begin so many ticks apart and take 50; getting chunk k took 300 + k ticks. */
    private MallocImage image(int chunks, int apart) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(HEADER + chunks * CHUNK).order(ByteOrder.nativeOrder());
        file.put(0, MAGIC).putInt(8, 1).putInt(12, CHUNK).putInt(16, HEADER).putInt(20, 7);
        file.putLong(24, 0).putLong(32, 0).putLong(40, 1_000_000).putLong(48, 2_000_000);
        file.putLong(56, 40_000).putLong(96, 15_000);
        for (int k = 0; k < chunks; k++) {
            int at = HEADER + k * CHUNK;
            file.put(at, MAGIC).putInt(at + 8, 3).putLong(at + 16, 300 + k);
            for (int i = 0; i < RECORDS; i++) {
                int record = at + 64 + 40 * i;
                int call = k * RECORDS + i;
                file.putLong(record, (long) apart * call)
                        .putLong(record + 8, 64)
                        .putLong(record + 16, 4096L * (1 + call));
                file.putInt(record + 32, 50).putShort(record + 38, (short) 1);
            }
        }
        return MallocImage.read(Files.write(folder.resolve("7.0"), file.array()));
    }

    @Test
    void recordingBelongsToTheCallAndNotToWhatFollows() throws IOException {
        List<Long> durations = new ArrayList<>();
        List<Long> begins = new ArrayList<>();
        image(2, 1000).forEach(call -> {
            durations.add(call.durationNanos);
            begins.add(call.timeNanos);
        });
        assertThat(begins).containsExactly(0L, 2000L, 4000L, 6000L, 8000L, 10_000L);
        assertThat(durations)
                .as("100 of the call, 15 outside it but of the last, and 2 (300 + k) behind the first call of a chunk")
                .containsExactly(715L, 115L, 100L, 717L, 115L, 100L);
    }

    @Test
    void aCallEndsBeforeTheNextBegins() throws IOException {
        List<Long> durations = new ArrayList<>();
        image(1, 55).forEach(call -> durations.add(call.durationNanos));
        assertThat(durations).containsExactly(110L, 110L, 100L);
    }

    /** 40 ns for each call, and 600 and 602 ns for the two chunks of three calls. */
    @Test
    void whatRecordingTookHasItsChunks() throws IOException {
        assertThat(image(2, 1000).nanosPerCall()).isCloseTo(40 + 1202 / 6.0, within(1e-9));
    }
}
