package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a verb started does not outlive it: validate, interrupted, leaves neither a program nor its files. */
class ChildProcessTest {
    @TempDir
    Path scratch;

    /** The program that is interrupted: it runs another one for a while. */
    static final class Parent {
        private Parent() {}

        public static void main(String[] words) throws IOException {
            ChildProcess.run(List.of(words), Duration.ofSeconds(60));
        }
    }

    /** One that has ended may stay as a zombie where nobody waits for orphans. */
    private static boolean runs(long pid) throws IOException {
        Path stat = Path.of("/proc", Long.toString(pid), "stat");
        try {
            return !Files.readString(stat).contains(") Z ");
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Test
    void whoIsToldToEndTakesItsChildAlong() throws Exception {
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        Path begun = scratch.resolve("begun");
        Path files = Files.createDirectory(scratch.resolve("files"));
        Process parent = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + files,
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Parent.class.getName(),
                        "sh",
                        "-c",
                        "echo $$ > " + begun + ".part; mv " + begun + ".part " + begun + "; exec sleep 50")
                .start();
        try {
            for (int left = 1500; !Files.exists(begun) && parent.isAlive() && left > 0; left--) {
                Thread.sleep(20);
            }
            long child = Long.parseLong(Files.readString(begun).strip());
            assertThat(runs(child)).isTrue();
            parent.destroy();
            assertThat(parent.waitFor(30, TimeUnit.SECONDS)).isTrue();
            for (int left = 250; runs(child) && left > 0; left--) {
                Thread.sleep(20);
            }
            assertThat(runs(child)).isFalse();
            try (Stream<Path> left = Files.list(files)) {
                assertThat(left).isEmpty();
            }
        } finally {
            parent.destroyForcibly();
        }
    }
}
