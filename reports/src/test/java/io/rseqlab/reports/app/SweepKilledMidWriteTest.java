package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Most of a sweep's time is simulation, so kills at random times hit little else. These fall, at random, on what it
 * does to files: half of them on renames, by which parts and runs get their names, the others on all calls alike,
 * writes in their middle. {@code -Dkills=N} makes it N kills, and says what they hit.
 */
class SweepKilledMidWriteTest {
    private static final int KILLS = Integer.getInteger("kills", 20);

    /** A resumption until its kill makes some one or two runs. */
    private static final String EXPERIMENT = """
            seeds = "1..%d"
            [run]
            cpus = 1
            threads = 2
            warmup = "20us"
            duration = "50us"
            [grid]
            strategy = ["rseq-freelist", "message-passing"]
            handoff = [0.1, 0.5]
            """.formatted(KILLS / 2 + 2);

    /** Events of a run: before and after each of its renames, and of all its calls. */
    private static final int RENAMES = 12;

    private static final int CALLS = 48;

    @TempDir
    Path folder;

    private final List<String> hits = new ArrayList<>();

    private String[] words(Path data) throws IOException {
        Path file = Files.writeString(folder.resolve("exp.toml"), EXPERIMENT);
        return new String[] {"sweep", file.toString(), "--out", data.toString(), "--jobs", "2", "--resume"};
    }

    private void sweep(Path data) throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(both, true, StandardCharsets.UTF_8);
        int code = Main.run(stream, stream, words(data));
        assertThat(code).as(both.toString(StandardCharsets.UTF_8)).isZero();
    }

    /** The library that kills; without a C compiler, or on other systems than Linux, there is none. */
    private Path killer() throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
        Path library = folder.resolve("killer.so");
        List<String> command = List.of(
                "cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), "src/test/resources/killer.c", "-ldl");
        try {
            Process compiler = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("cc.log").toFile())
                    .start();
            assumeTrue(compiler.waitFor() == 0, () -> "cannot compile here");
        } catch (IOException e) {
            assumeTrue(false, "no C compiler here");
        }
        return library;
    }

    /** Goes on with a sweep up to an event; what it hit is noted. */
    private void killed(Path library, Path data, String only, int at) throws Exception {
        Path log = folder.resolve("hit");
        Files.deleteIfExists(log);
        String shell = "export JAVA_TOOL_OPTIONS='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' KILLER_ONLY='" + only
                + "' KILLER_AT=" + at + " KILLER_UNDER='" + data + "' KILLER_LOG='" + log + "'; LD_PRELOAD='" + library
                + "' exec \"$@\"";
        try (Child child = Child.start(folder, shell, words(data))) {
            Child.Ending ending = child.end();
            assertThat(ending.code()).as(ending.err()).isEqualTo(128 + 9);
        }
        hits.add(Files.readString(log).strip());
    }

    /** All files below a folder, with their content. */
    private static Map<String, byte[]> files(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path file : all.filter(Files::isRegularFile).toList()) {
                    files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
                }
            }
        }
        return files;
    }

    /** Runs in their places, by the times at which they were written. */
    private static Map<String, Object> times(Path data) throws IOException {
        Map<String, Object> times = new TreeMap<>();
        for (String file : files(data.resolve("runs")).keySet()) {
            times.put(file, Files.getLastModifiedTime(data.resolve("runs").resolve(file)));
        }
        return times;
    }

    @Test
    void theDataSetIsThatOfAnUninterruptedSweepToTheByte() throws Exception {
        Path library = killer();
        Path whole = folder.resolve("whole");
        sweep(whole);
        Map<String, byte[]> expected = files(whole);
        Path data = folder.resolve("killed");
        Random random = new Random(20);
        for (int kill = 0; kill < KILLS; kill++) {
            Map<String, Object> before = times(data);
            boolean renames = kill % 2 == 0;
            // One in each stretch of the events of two runs.
            int most = 2 * (renames ? RENAMES : CALLS);
            int at = 1 + (kill / 2 * most + random.nextInt(most)) / ((KILLS + 1) / 2);
            killed(library, data, renames ? "rename" : "", at);
            assertThat(times(data)).as(hits.toString()).containsAllEntriesOf(before);
            files(data.resolve("runs"))
                    .forEach((file, bytes) -> assertThat(bytes)
                            .as(hits + ": what has a place is complete: " + file)
                            .isEqualTo(expected.get("runs/" + file)));
        }
        Map<String, Object> before = times(data);
        sweep(data);
        assertThat(times(data)).as("no run is made twice").containsAllEntriesOf(before);
        Map<String, byte[]> found = files(data);
        assertThat(found.keySet()).as(hits.toString()).isEqualTo(expected.keySet());
        found.forEach((file, bytes) ->
                assertThat(Arrays.equals(bytes, expected.get(file))).as(file).isTrue());
        assertThat(hits).filteredOn(hit -> hit.startsWith("rename")).hasSizeGreaterThanOrEqualTo(KILLS / 2);
        if (System.getProperty("kills") != null) {
            hits.forEach(System.out::println);
        }
    }
}
