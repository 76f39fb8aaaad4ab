package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.parquet.TraceReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep that is killed, whenever, goes on where it was: no run twice, none lost, and the data set is the same. */
class KilledSweepTest {
    private static final String EXPERIMENT = """
            seeds = "1..2"
            [run]
            cpus = 1
            threads = 2
            warmup = "50us"
            duration = "400us"
            [grid]
            strategy = ["rseq-freelist", "message-passing"]
            handoff = [0.1, 0.5, 1]
            """;
    private static final int RUNS = 12;

    @TempDir
    Path folder;

    private String[] words(Path data, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("exp.toml"), EXPERIMENT);
        return Stream.concat(Stream.of("sweep", file.toString(), "--out", data.toString()), Stream.of(more))
                .toArray(String[]::new);
    }

    /** Both streams of a sweep that comes to its end. */
    private String sweep(Path data, String... more) throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(both, true, StandardCharsets.UTF_8);
        int code = Main.run(stream, stream, words(data, more));
        String text = both.toString(StandardCharsets.UTF_8);
        assertThat(code).as(text).isZero();
        return text;
    }

    /** What stands in the data set: hash and time of each run. */
    private static Map<String, String> runs(Path data, boolean times) throws IOException {
        Map<String, String> runs = new TreeMap<>();
        if (!Files.exists(data.resolve("runs"))) {
            return runs;
        }
        try (Stream<Path> all = Files.walk(data.resolve("runs"))) {
            for (Path trace : all.filter(TraceReader::isTrace).toList()) {
                FileTime time = Files.getLastModifiedTime(trace.resolve("run.json"));
                runs.put(
                        data.relativize(trace).toString(),
                        TraceReader.open(trace).contentHash() + (times ? " " + time : ""));
            }
        }
        return runs;
    }

    @Test
    void theDataSetIsThatOfAnUninterruptedSweep() throws Exception {
        assertThat(sweep(folder.resolve("whole"))).contains(RUNS + " runs of 6 points");
        Map<String, String> whole = runs(folder.resolve("whole"), false);
        assertThat(whole).hasSize(RUNS);
        Path data = folder.resolve("killed");
        int[] killedAt = {0, 4, RUNS - 3};
        for (int least : killedAt) {
            Map<String, String> before = runs(data, true);
            try (Child child = Child.start(folder, "exec \"$@\"", words(data, "--resume"))) {
                awaitRuns(child, data, least);
                child.signal("KILL");
                child.end();
            }
            assertThat(runs(data, true)).as("what was complete stays as it was").containsAllEntriesOf(before);
        }
        Map<String, String> before = runs(data, true);
        assertThat(sweep(data, "--resume"))
                .contains("sweep: " + before.size() + " of " + RUNS + " runs were there already");
        assertThat(runs(data, true)).containsAllEntriesOf(before);
        assertThat(runs(data, false)).isEqualTo(whole);
        assertThat(data.resolve(".open")).doesNotExist();
    }

    private static void awaitRuns(Child child, Path data, int least) throws Exception {
        if (least == 0) {
            child.await(data.resolve(".lock"));
        }
        while (child.isAlive() && runs(data, false).size() < least) {
            Thread.sleep(10);
        }
    }
}
