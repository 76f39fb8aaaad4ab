package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.Repairs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is recorded of a program is what the program did; where there is no C compiler, nothing can be said. */
class MallocRecorderTest {
    private static final int THREADS = 4;
    private static final int OBJECTS = 3000;
    private static final int KEPT = 10;
    private static final int KILLED = 137;

    @TempDir
    Path scratch;

    private final Map<Long, long[]> bySize = new HashMap<>();

    private Path compile() throws IOException {
        Path source = scratch.resolve("program.c");
        Path program = scratch.resolve("program");
        try (InputStream in = MallocRecorderTest.class.getResourceAsStream("malloc_program.c")) {
            Files.copy(in, source);
        }
        // without optimisation: it takes a pair of malloc and free for nothing, which it is
        ChildProcess.Ending ending = ChildProcess.run(
                List.of("cc", "-O0", "-pthread", "-o", program.toString(), source.toString()), Duration.ofSeconds(60));
        assertThat(ending.err()).isEmpty();
        return program;
    }

    private static void assumeCompiler() {
        boolean there = false;
        try {
            there = ChildProcess.run(List.of("cc", "--version"), Duration.ofSeconds(20))
                            .code()
                    == 0;
        } catch (IOException e) {
            // no compiler
        }
        assumeThat(there).isTrue();
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
    }

    private MallocRecorder recorder() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("RSEQLAB_CACHE", scratch.resolve("cache").toString());
        return MallocRecorder.open(environment);
    }

    /** Begun, ended by a free, of these by another thread, reallocated into: counts of a size. */
    private long[] of(long size) {
        return bySize.computeIfAbsent(size, key -> new long[4]);
    }

    private Repairs count(MallocRecording recording, MallocImage image) {
        bySize.clear();
        List<long[]> objects = new ArrayList<>();
        MallocImporter importer = new MallocImporter(event -> {
            if (event.kind.begins()) {
                objects.add(new long[] {event.sizeBytes, event.thread});
                of(event.sizeBytes)[0]++;
                of(event.sizeBytes)[3] += event.kind == MallocEvent.Kind.REALLOCATE ? 1 : 0;
            }
            if (event.kind == MallocEvent.Kind.FREE) {
                long[] object = objects.get(event.id);
                of(object[0])[1]++;
                of(object[0])[2] += object[1] == event.thread ? 0 : 1;
            }
        });
        try {
            image.forEach(importer::take);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(recording.dropped()).isZero();
        return importer.finish(0);
    }

    @Test
    void theCountsOfAProgramAreItsOwnThroughThreadsForkExecAndKill() throws IOException {
        assumeCompiler();
        String program = compile().toString();
        try (MallocRecording recording = recorder().record(List.of(program), () -> false)) {
            assertThat(recording.exitCode()).isEqualTo(KILLED);
            assertThat(recording.processes()).hasSize(3).allMatch(words -> words.matches("program:[123] \\(pid .*"));
            assertThat(recording.choose("program:4")).isFalse();
            assertThat(recording.choose("program:2")).isTrue();
            assertThat(recording.name()).isEqualTo("program:2");
            assertThat(recording.choose("program")).isTrue();
            assertThat(recording.processes().get(0)).startsWith(recording.name() + " (pid ");
            Repairs repairs = count(recording, recording.images().get(0));
            assertThat(recording.images().get(0).threads()).isEqualTo(THREADS + 1);
            assertThat(repairs.unknownFrees() + repairs.lostFrees() + repairs.failedRequests())
                    .isZero();
            long freed = OBJECTS - KEPT;
            long handed = (freed + 3) / 4;
            assertThat(of(10007)).containsExactly(THREADS * OBJECTS, THREADS * freed, THREADS * handed, 0);
            assertThat(of(20011)).containsExactly(50 * THREADS, 0, 0, 0);
            assertThat(of(20021)).containsExactly(50 * THREADS, 50 * THREADS, 0, 50 * THREADS);
            assertThat(of(3 * 5003)).containsExactly(7 * THREADS, 7 * THREADS, 0, 0);
            assertThat(of(6007)).containsExactly(7 * THREADS, 7 * THREADS, 0, 0);
            assertThat(of(7001)).containsExactly(THREADS, THREADS, 0, 0);
            assertThat(of(30011)).containsExactly(0, 0, 0, 0);
            count(recording, recording.images().get(1));
            assertThat(of(30011)[0] + of(40009)[0]).isEqualTo(123);
            count(recording, recording.images().get(2));
            assertThat(of(30011)[0] + of(40009)[0]).isEqualTo(77);
            assertThat(recording.nanosPerCall()).isBetween(1.0, 10_000.0);
        }
    }

    /** As the library leaves it where no chunk fitted on the disk. */
    @Test
    void callsThatTheLibraryLostAreMissingFromTheRecording() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(MallocImage.HEADER_BYTES).order(ByteOrder.nativeOrder());
        header.put("rsqmallo".getBytes(StandardCharsets.US_ASCII));
        header.putInt(8, 1)
                .putInt(12, 4096)
                .putInt(16, MallocImage.HEADER_BYTES)
                .putLong(72, 7);
        RawFolder folder = RawFolder.make(scratch);
        MallocImage image = MallocImage.read(Files.write(folder.path().resolve("one"), header.array()));
        try (MallocRecording recording = new MallocRecording(folder, List.of(image), 0, 1)) {
            assertThat(recording.origin().missingCalls()).isEqualTo(7);
        }
    }

    @Test
    void timesRiseWithinAThreadAndCallsTakeSome() throws IOException {
        assumeCompiler();
        try (MallocRecording recording = recorder().record(List.of("ls", "/"), () -> false)) {
            Map<Integer, Long> last = new HashMap<>();
            long[] sum = new long[2];
            recording.events(event -> {
                if (event.kind != MallocEvent.Kind.LOST_FREE) {
                    assertThat(event.timeNanos).isGreaterThanOrEqualTo(last.getOrDefault(event.thread, 0L));
                    last.put(event.thread, event.timeNanos + event.durationNanos);
                    sum[0] += event.durationNanos;
                    sum[1]++;
                }
            });
            assertThat(sum[1]).isPositive();
            assertThat(sum[0]).isPositive();
            assertThat(last.values()).allMatch(nanos -> nanos < recording.seconds() * 1e9);
        }
    }

    /** A program without calls, one that is linked statically, and a script are three things. */
    @Test
    void whyNothingWasRecordedIsFoundOut() throws IOException {
        assumeCompiler();
        Path source = Files.writeString(scratch.resolve("still.c"), "int main(void) { return 3; }\n");
        for (String linkage : List.of("-static", "-no-pie")) {
            Path program = scratch.resolve("still" + linkage);
            ChildProcess.Ending ending = ChildProcess.run(
                    List.of("cc", linkage, "-o", program.toString(), source.toString()), Duration.ofSeconds(60));
            assumeThat(ending.code()).isZero();
            boolean isStatic = linkage.equals("-static");
            assertThat(Linkage.of(program)).isEqualTo(isStatic ? Linkage.STATIC : Linkage.DYNAMIC);
            assertThatThrownBy(() -> recorder().record(List.of(program.toString()), () -> false))
                    .isInstanceOf(NativeException.class)
                    .hasMessageContaining("no call was recorded")
                    .hasMessageContaining("exit code 3")
                    .hasMessageContaining(isStatic ? "linked statically, so" : "called neither malloc nor any");
        }
        assertThat(Linkage.of(source)).isEqualTo(Linkage.NO_PROGRAM);
    }
}
