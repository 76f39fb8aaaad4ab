package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording of malloc calls leaves a trace that is of use, or none, and nothing else. */
class RecordMallocCommandTest {
    private static final int KILLED = 137;

    @TempDir
    Path folder;

    @BeforeEach
    void assumeCompiler() throws IOException, InterruptedException {
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        assumeThat(cc("--version")).as("a C compiler").isZero();
    }

    private int cc(String... words) throws IOException, InterruptedException {
        Path output = folder.resolve("cc.out");
        try {
            return new ProcessBuilder(
                            Stream.concat(Stream.of("cc"), Stream.of(words)).toList())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start()
                    .waitFor();
        } catch (IOException none) {
            return 127;
        } finally {
            Files.deleteIfExists(output);
        }
    }

    /** Starts a recording whose raw data goes below a folder. */
    private Child record(Path temporary, String trace, String script) throws IOException {
        return Child.start(
                folder,
                "java=$1; shift; exec \"$java\" -Djava.io.tmpdir='" + temporary + "' \"$@\"",
                "record",
                "malloc",
                "--out",
                folder.resolve(trace).toString(),
                "--",
                "sh",
                "-c",
                script);
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void aShortRecordingIsToBeLookedAtAndNotAdvisedOn() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        try (Child child = record(temporary, "a.malloc", "exec true")) {
            assertThat(child.end().err()).contains("Next: rseqlab import malloc " + folder.resolve("a.malloc"));
        }
    }

    @Test
    void whatAKilledRecorderLeavesIsRemovedByTheNext() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path pid = folder.resolve("pid");
        try {
            try (Child child = record(
                    temporary,
                    "a.malloc",
                    "echo $$ > '" + pid + ".new'; mv '" + pid + ".new' '" + pid + "'; exec sleep 100")) {
                child.await(pid);
                try (Child beside = record(temporary, "b.malloc", "exec true")) {
                    assertThat(beside.end().err())
                            .as("the other recorder lives")
                            .doesNotContain("removed");
                }
                child.signal("KILL");
                assertThat(child.end().code()).isEqualTo(KILLED);
            }
            List<Path> left = entries(temporary);
            Path raw = left.stream().filter(Files::isDirectory).findFirst().orElseThrow();
            assertThat(entries(raw)).isNotEmpty();
            try (Child next = record(temporary, "c.malloc", "exec true")) {
                assertThat(next.end().err()).containsOnlyOnce("note: removed '" + raw + "'");
            }
            assertThat(entries(temporary)).isEmpty();
        } finally {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).trim())).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void aProgramThatAllocatesNothingMakesNoTrace() throws IOException, InterruptedException {
        Path source = Files.writeString(
                folder.resolve("frees.c"),
                "#include <stdlib.h>\nint main(void) { void *volatile none = NULL; free(none); return 4; }\n");
        Path program = folder.resolve("frees");
        assertThat(cc("-o", program.toString(), source.toString())).isZero();
        Path trace = folder.resolve("a.malloc");
        Answer answer = Answer.run("record", "malloc", "--out", trace, "--", program);
        assertThat(answer.err())
                .contains("nothing was allocated: none of the 1 calls of frees begins an object")
                .contains("ended with exit code 4. No trace was made");
        assertThat(answer.code()).isEqualTo(ExitCodes.INVALID_INPUT);
        assertThat(entries(folder)).containsExactlyInAnyOrder(source, program);
    }
}
