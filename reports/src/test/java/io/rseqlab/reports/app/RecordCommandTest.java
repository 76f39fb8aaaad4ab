package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.rseqlab.collector.live.NativeException;
import io.rseqlab.collector.live.TracefsInstance;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recording that is interrupted is still a trace, and the kernel is left as it was found. */
class RecordCommandTest {
    @TempDir
    Path folder;

    private static boolean canRecord() {
        try (TracefsInstance instance = TracefsInstance.open(64)) {
            return !instance.recording();
        } catch (NativeException e) {
            return false;
        }
    }

    private static String answer(int code, String... words) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(both, true, StandardCharsets.UTF_8);
        int ended = Main.run(stream, stream, words);
        String text = both.toString(StandardCharsets.UTF_8);
        assertThat(ended).as(text).isEqualTo(code);
        return text;
    }

    @Test
    void aCommandThatIsNoneIsRefusedBeforeAnythingIsMade() throws IOException {
        Path out = folder.resolve("out");
        assertThat(answer(ExitCodes.USAGE, "record", "--out", out.toString(), "--", "no-such-command", "-x"))
                .contains("nothing was recorded: there is no command 'no-such-command' on the PATH", "127");
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        assertThat(answer(ExitCodes.USAGE, "record", "--out", out.toString(), "--", plain.toString()))
                .contains("cannot be executed", "126");
        assertThat(out).doesNotExist();
    }

    @Test
    void aPlaceThatHoldsSomethingIsRefusedBeforeTheCommandRuns() throws IOException {
        Path touched = folder.resolve("touched");
        assertThat(answer(
                        ExitCodes.USAGE,
                        "record",
                        "--out",
                        Files.createFile(Files.createDirectory(folder.resolve("full"))
                                        .resolve("x"))
                                .getParent()
                                .toString(),
                        "--",
                        "touch",
                        touched.toString()))
                .contains("is not empty");
        assertThat(touched).doesNotExist();
    }

    @Test
    void aBufferOfNoSizeIsRefused() {
        assertThat(answer(
                        ExitCodes.USAGE,
                        "record",
                        "--buffer-kib",
                        "0",
                        "--out",
                        folder.resolve("o").toString(),
                        "true"))
                .contains("--buffer-kib 0: must be from 64");
    }

    @Test
    void aRecordingIsATraceThatTheOtherVerbsRead() {
        assumeTrue(canRecord());
        String trace = folder.resolve("trace").toString();
        assertThat(answer(0, "record", "--out", trace, "--", "sh", "-c", "sleep 0.01; exit 3"))
                .contains("sh ended with exit code 3.", "Next: rseqlab analyze ");
        assertThat(answer(0, "check", trace)).contains("ok (complete, recorded, ");
        assertThat(answer(0, "analyze", trace)).contains("recorded from a real kernel");
        assertThat(answer(0, "report", trace, "--out", folder.resolve("page").toString()))
                .isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void anInterruptedRecordingIsAPartialTraceAndItsInstanceIsGone(String signal, int code) throws Exception {
        assumeTrue(canRecord());
        assumeTrue(signal.equals("TERM") || !KilledRunTest.deafToInterrupts());
        Path trace = folder.resolve("trace");
        Path began = folder.resolve("began");
        String[] words = {
            "record", "--out", trace.toString(), "--", "sh", "-c", "echo >" + began + "; while :; do sleep 0.01; done"
        };
        Child.Ending ending;
        try (Child child = Child.start(folder, "exec \"$@\"", words)) {
            child.await(began);
            child.signal(signal);
            ending = child.end();
            assertThat(instancesOf(child.pid())).isZero();
        }
        assertThat(ending.err()).endsWith("rseqlab: interrupted: partial trace in " + trace + System.lineSeparator());
        assertThat(ending.code()).isEqualTo(code);
        assertThat(answer(0, "check", trace.toString()))
                .contains("partial, recorded", "digest equals", "the recording was interrupted; it holds everything")
                .doesNotContain("lost");
        assertThat(answer(0, "analyze", trace.toString())).contains("switches");
    }

    /** Instances that a process has left in the kernel, wherever tracefs is mounted, even for a moment. */
    private static long instancesOf(long pid) throws Exception {
        Path place = Files.createTempDirectory("tracing");
        try {
            Process mount = new ProcessBuilder("mount", "-t", "tracefs", "rseqlab", place.toString()).start();
            assertThat(mount.waitFor()).isZero();
            try (Stream<Path> instances = Files.list(place.resolve("instances"))) {
                return instances
                        .sorted(Comparator.naturalOrder())
                        .filter(path -> path.getFileName().toString().startsWith("rseqlab-" + pid))
                        .count();
            }
        } finally {
            new ProcessBuilder("umount", place.toString()).start().waitFor();
            Files.deleteIfExists(place);
        }
    }
}
