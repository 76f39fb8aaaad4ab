package io.rseqlab.trace.malloc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A malloc trace says what was written, or that it is damaged; never something else. */
class MallocTraceTest {
    private static final MallocOrigin ORIGIN = new MallocOrigin("columns", true, true, true, true);

    @TempDir
    Path scratch;

    private Path file() {
        return scratch.resolve("one.malloc");
    }

    private static String words(MallocEvent e) {
        return e.kind + " " + e.thread + " " + e.id + " " + e.oldId + " " + e.sizeBytes + " " + e.timeNanos + " "
                + e.durationNanos + " " + e.cpu;
    }

    /** Random but lawful events of every kind, with jumps in every field. */
    private static List<String> random(long seed, int events, MallocSink sink) {
        Random random = new Random(seed);
        List<String> written = new ArrayList<>();
        List<Integer> live = new ArrayList<>();
        MallocEvent event = new MallocEvent();
        int next = 0;
        long time = 0;
        for (int i = 0; i < events; i++) {
            MallocEvent.Kind kind = MallocEvent.Kind.of(random.nextInt(MallocEvent.Kind.count()));
            event.begin(kind, random.nextInt(3) == 0 ? random.nextInt(400) : 7);
            boolean ends = kind == MallocEvent.Kind.FREE
                    || kind == MallocEvent.Kind.LOST_FREE
                    || kind == MallocEvent.Kind.REALLOCATE;
            if (kind == MallocEvent.Kind.REUSED && !live.isEmpty()) {
                event.id = live.get(random.nextInt(live.size()));
            } else if ((ends || kind == MallocEvent.Kind.REUSED) && live.isEmpty()) {
                event.begin(MallocEvent.Kind.NOTHING, 0);
            } else if (ends) {
                int ended = live.remove(random.nextInt(live.size()));
                event.id = kind == MallocEvent.Kind.REALLOCATE ? MallocEvent.NONE : ended;
                event.oldId = kind == MallocEvent.Kind.REALLOCATE ? ended : MallocEvent.NONE;
            }
            if (event.kind.begins()) {
                event.id = next++;
                live.add(event.id);
                event.sizeBytes = random.nextLong() >>> random.nextInt(63) + 1;
            }
            time += random.nextInt(5) == 0 ? -random.nextInt(100) : random.nextInt(1 << 20);
            event.timeNanos = time;
            event.durationNanos = random.nextInt(3);
            event.cpu = random.nextInt(2);
            written.add(words(event));
            sink.accept(event);
        }
        return written;
    }

    private String write(long seed, int events, List<String> written) {
        try (MallocTraceWriter writer = new MallocTraceWriter(file())) {
            written.addAll(random(seed, events, writer::accept));
            return writer.finish(ORIGIN, new Repairs(1, 2, 3, 4, 5));
        }
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        for (int events : new int[] {0, 1, 50_000}) {
            List<String> written = new ArrayList<>();
            String digest = write(events, events, written);
            List<String> read = new ArrayList<>();
            MallocTrace.Summary summary = MallocTrace.read(file(), event -> read.add(words(event)));
            assertThat(read).isEqualTo(written);
            assertThat(summary).isEqualTo(new MallocTrace.Summary(ORIGIN, new Repairs(1, 2, 3, 4, 5), digest));
            assertThat(MallocTrace.isOne(file())).isTrue();
            Files.delete(file());
        }
    }

    @Test
    void theDigestIsOfTheContent() throws IOException {
        String first = write(1, 500, new ArrayList<>());
        Files.delete(file());
        assertThat(write(1, 500, new ArrayList<>())).isEqualTo(first);
        Files.delete(file());
        assertThat(write(2, 500, new ArrayList<>())).isNotEqualTo(first);
    }

    @Test
    void aDamagedFileIsNeverReadToTheEnd() throws IOException {
        write(3, 2000, new ArrayList<>());
        byte[] whole = Files.readAllBytes(file());
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            byte[] bytes = whole.clone();
            int place = random.nextInt(bytes.length - 4);
            bytes[place] ^= (byte) (1 << random.nextInt(8));
            Files.write(file(), bytes);
            assertThatThrownBy(() -> MallocTrace.read(file(), event -> {}))
                    .as("byte %d", place)
                    .isInstanceOf(TraceException.class)
                    .hasMessageContaining("'" + file() + "'");
        }
        for (int bytes : new int[] {whole.length / 2, whole.length - 1, MallocTraceWriter.MAGIC.length}) {
            Files.write(file(), java.util.Arrays.copyOf(whole, bytes));
            assertSaidToBeDamaged("cut off");
        }
        byte[] sum = whole.clone();
        sum[whole.length - 1]++; // of what zlib computes
        Files.write(file(), sum);
        assertSaidToBeDamaged("bytes that are not what was compressed");
    }

    private void assertSaidToBeDamaged(String how) {
        assertThatThrownBy(() -> MallocTrace.read(file(), event -> {}))
                .isInstanceOf(TraceException.class)
                .hasMessageContainingAll("'" + file() + "' is a damaged malloc trace", how, "make it again with");
    }

    @Test
    void whatStandsBehindTheEndIsNoTrace() throws IOException {
        write(3, 2000, new ArrayList<>());
        byte[] whole = Files.readAllBytes(file());
        for (int more : new int[] {1, 70_000}) {
            Files.write(file(), java.util.Arrays.copyOf(whole, whole.length + more));
            assertThatThrownBy(() -> MallocTrace.read(file(), event -> {}))
                    .isInstanceOf(TraceException.class)
                    .hasMessageContaining("bytes behind its end");
        }
    }

    /** Traces of earlier versions say less, and are read as ever. */
    @Test
    void earlierVersionsAreStillRead() throws IOException {
        List<String> written = new ArrayList<>();
        write(3, 200, written);
        byte[] bytes = Files.readAllBytes(file());
        for (byte version = 1; version < MallocTraceWriter.MAGIC[MallocTraceWriter.MAGIC.length - 1]; version++) {
            bytes[MallocTraceWriter.MAGIC.length - 1] = version;
            Files.write(file(), bytes);
            List<String> read = new ArrayList<>();
            MallocTrace.read(file(), event -> read.add(words(event)));
            assertThat(read).isEqualTo(written);
        }
    }

    @Test
    void whatIsMissingFromTheRecordingStandsInTheTraceAndInItsDigest() throws IOException {
        String whole = write(1, 500, new ArrayList<>());
        Files.delete(file());
        MallocOrigin origin = new MallocOrigin("record", true, true, true, true, 1_000_000);
        String digest;
        try (MallocTraceWriter writer = new MallocTraceWriter(file())) {
            random(1, 500, writer::accept);
            digest = writer.finish(origin, new Repairs(1, 2, 3, 4, 5));
        }
        MallocTrace.Summary summary = MallocTrace.read(file(), event -> {});
        assertThat(summary).isEqualTo(new MallocTrace.Summary(origin, new Repairs(1, 2, 3, 4, 5), digest));
        assertThat(digest).isNotEqualTo(whole);
        assertThat(summary.origin().missing(500)).startsWith("1000000 of 1000500 calls are missing");
        assertThat(ORIGIN.missing(500)).isNull();
    }

    @Test
    void anotherVersionAndAnotherKindOfFileAreSaidToBeThat() throws IOException {
        write(3, 20, new ArrayList<>());
        byte[] bytes = Files.readAllBytes(file());
        bytes[MallocTraceWriter.MAGIC.length - 1]++;
        Files.write(file(), bytes);
        assertThatThrownBy(() -> MallocTrace.read(file(), event -> {})).hasMessageContaining("version");
        Files.writeString(file(), "hello");
        assertThatThrownBy(() -> MallocTrace.read(file(), event -> {})).hasMessageContaining("is no malloc trace");
    }

    @Test
    void anUnfinishedFileLeavesNothing() throws IOException {
        try (MallocTraceWriter writer = new MallocTraceWriter(file())) {
            random(1, 100, writer::accept);
        }
        try (var left = Files.list(scratch)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aFileThatIsThereIsNotOverwritten() throws IOException {
        Files.writeString(file(), "mine");
        assertThatThrownBy(() -> new MallocTraceWriter(file())).isInstanceOf(OutputException.class);
        assertThat(Files.readString(file())).isEqualTo("mine");
    }
}
