package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocTrace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * From a program to advice on it: recorded, imported, replayed, advised. Programs of this machine: where there is no C
 * compiler, which the recorder needs, or not the program, nothing can be said.
 */
class AdviceOnProgramsTest {
    private static final long OBJECT_BYTES = 10_007;
    private static final long OWN_BYTES = 5003;
    private static final Path PERL = Path.of("/usr/bin/perl");
    private static final String PERL_PROGRAM =
            "my %h; for my $i (1..6000) { $h{$i} = 'x' x ($i % 200); delete $h{$i - 50}; } print scalar(keys %h);";

    @TempDir
    Path scratch;

    /** Objects of a size that came to life, that were freed, and that another thread freed. */
    private static final class Count {
        private long allocated;
        private long freed;
        private long foreign;
    }

    @BeforeEach
    void assumeCompiler() throws IOException, InterruptedException {
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        boolean there;
        try {
            there = run("cc", "--version") == 0;
        } catch (IOException none) {
            there = false;
        }
        assumeThat(there).as("a C compiler").isTrue();
    }

    private int run(String... words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words)
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectOutput(scratch.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static Answer rseqlab(Object... words) {
        return Answer.run(words);
    }

    private JsonNode advice(Path trace) throws IOException {
        Path out = scratch.resolve("advice");
        Answer answer = rseqlab(
                "advise",
                trace,
                "--strategies",
                "snmalloc;tcmalloc-percpu",
                "--seeds",
                1,
                "--host-seconds",
                2,
                "--format",
                "json",
                "--out",
                out);
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(Files.size(out.resolve("index.html"))).isGreaterThan(10_000);
        return JsonMapper.shared().readTree(answer.out());
    }

    private static Map<Long, Count> bySize(Path trace) {
        Map<Long, Count> counts = new HashMap<>();
        Map<Integer, long[]> live = new HashMap<>();
        MallocTrace.read(trace, event -> {
            if (event.kind == MallocEvent.Kind.ALLOCATE) {
                counts.computeIfAbsent(event.sizeBytes, any -> new Count()).allocated++;
                live.put(event.id, new long[] {event.sizeBytes, event.thread});
            } else if (event.kind == MallocEvent.Kind.FREE && live.containsKey(event.id)) {
                long[] object = live.remove(event.id);
                counts.get(object[0]).freed++;
                counts.get(object[0]).foreign += object[1] == event.thread ? 0 : 1;
            }
        });
        return counts;
    }

    @Test
    void aProgramOfOurOwnIsCountedAsItCountsItselfAndAdvisedOn() throws IOException, InterruptedException {
        Path source = scratch.resolve("handover.c");
        try (InputStream in = AdviceOnProgramsTest.class.getResourceAsStream("/handover.c")) {
            Files.copy(in, source);
        }
        Path program = scratch.resolve("handover");
        assertThat(run("cc", "-O1", "-pthread", "-o", program.toString(), source.toString()))
                .isZero();
        Path trace = scratch.resolve("handover.malloc");
        Answer recorded = rseqlab(
                "record", "malloc", "--out", trace, "--", "sh", "-c", "cd '" + scratch + "' && exec ./handover");
        assertThat(recorded.code()).as(recorded.err()).isZero();
        List<Long> said = Stream.of(
                        Files.readString(scratch.resolve("said.txt")).trim().split(" "))
                .map(Long::valueOf)
                .toList();
        Map<Long, Count> counts = bySize(trace);
        Count objects = counts.get(OBJECT_BYTES);
        assertThat(List.of(objects.allocated, objects.freed, objects.foreign))
                .containsExactly(said.get(0), said.get(1), said.get(1));
        Count own = counts.get(OWN_BYTES);
        assertThat(List.of(own.allocated, own.freed, own.foreign)).containsExactly(said.get(2), said.get(2), 0L);

        Answer imported = rseqlab("import", "malloc", trace, "--figures", "json");
        assertThat(imported.code()).as(imported.err()).isZero();
        JsonNode figures = JsonMapper.shared().readTree(imported.out());
        assertThat(figures.path("remote_plain_frees").path("part").asLong()).isEqualTo(said.get(1));

        JsonNode advice = advice(trace);
        double remote = advice.path("figures").path("remote_free_ratio").asDouble();
        assertThat(remote)
                .isEqualTo(figures.path("remote_plain_frees").path("value").asDouble());
        assertThat(remote).isBetween(0.49, 0.5);
        assertThat(advice.path("figures").path("work_between_calls_ns").asDouble())
                .isPositive();
        JsonNode best = advice.path("places").path(1).path("strategies").path(0);
        assertThat(best.path("footprint_over_peak_live").asDouble()).isGreaterThan(1);
        assertThat(best.path("cached_bytes").asDouble()).isPositive();
    }

    /** The command has run by then: what was recorded is kept, of the process with the most calls. */
    @Test
    void aProcessThatWasNotThereLosesNothing() {
        Path trace = scratch.resolve("other.malloc");
        Answer recorded =
                rseqlab("record", "malloc", "--process", "nobody", "--out", trace, "--", "sh", "-c", "ls /; true");
        assertThat(recorded.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(recorded.err()).contains("--process nobody: no process of that name", "has the calls of ");
        assertThat(rseqlab("import", "malloc", trace).code()).isZero();
    }

    @Test
    void aProgramOfTheSystemIsRecordedReplayedAndAdvisedOn() throws IOException {
        assumeThat(Files.isExecutable(PERL)).isTrue();
        Path trace = scratch.resolve("perl.malloc");
        Answer recorded =
                rseqlab("record", "malloc", "--out", trace, "--", "env", "PERL_HASH_SEED=0", PERL, "-e", PERL_PROGRAM);
        assertThat(recorded.code()).as(recorded.err()).isZero();
        JsonNode advice = advice(trace);
        JsonNode figures = advice.path("figures");
        assertThat(figures.path("threads").asInt()).isEqualTo(1);
        assertThat(figures.path("remote_free_ratio").asDouble(1)).isZero();
        // each turn makes a string and a place in the hash, and drops those of fifty turns before
        assertThat(figures.path("calls").asLong()).isGreaterThan(12_000);
        assertThat(figures.path("peak_live_objects").asLong()).isGreaterThan(50);
        assertThat(advice.path("sentences").toString()).contains("1 thread", "malloc and free take");
    }
}
