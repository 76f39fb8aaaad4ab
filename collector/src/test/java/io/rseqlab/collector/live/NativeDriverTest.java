package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The driver is somebody else's machine, compiler and kernel: it runs, or it says in one sentence why not, and never
 * leaves half a program behind.
 */
class NativeDriverTest {
    @TempDir
    Path cache;

    private NativeDriver open(String compiler) {
        return NativeDriver.open(Map.of("CC", compiler, "RSEQLAB_CACHE", cache.toString()));
    }

    /** The real driver, where this machine can compile it. */
    private NativeDriver real() {
        try {
            return open("cc");
        } catch (NativeException e) {
            assumeThat(e).as("cannot compile here").isNull();
            throw e;
        }
    }

    /** A window, where this machine can run sections. */
    private static NativeWindow window(NativeDriver driver, NativeRequest request) {
        try {
            return driver.run(request);
        } catch (NativeException e) {
            assumeThat(e.getMessage()).as("cannot run here").doesNotContain("restartable sequences");
            throw e;
        }
    }

    private static NativeRequest request(String strategy, String workload, int signalHz) {
        return new NativeRequest(
                strategy, workload, 2, Host.here().firstCpus(1), 0, 0.5, 50, signalHz, 10, 60, 1, null, 0);
    }

    private String script(String name, String body) throws IOException {
        Path file = Files.writeString(cache.resolve(name), "#!/bin/sh\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file.toString();
    }

    private List<Path> kept() throws IOException {
        if (!Files.exists(cache.resolve("rseqlab"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(cache.resolve("rseqlab"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void everyStrategyOfTheGridRunsAndItsBooksBalance() {
        NativeDriver driver = real();
        for (String strategy :
                List.of("rseq-freelist", "percpu-cas", "percpu-lock", "global-mutex", "message-passing")) {
            for (String workload : List.of("churn", "producer-consumer")) {
                NativeWindow window = window(driver, request(strategy, workload, 0));
                assertThat(window.balanced()).as(strategy).isTrue();
                assertThat(window.strategy()).isEqualTo(strategy);
                assertThat(window.threads()).isEqualTo(2);
                assertThat(window.ops()).isPositive();
                assertThat(window.aborts() != null).isEqualTo(strategy.equals("rseq-freelist"));
                assertThat(window.throughputOpsPerS() * window.elapsedS())
                        .isCloseTo(window.ops(), org.assertj.core.data.Percentage.withPercentage(1));
            }
        }
    }

    @Test
    void signalsAreInterruptionsAndAnInterruptionAbortsAtMostOnce() {
        NativeWindow window = window(real(), request("rseq-freelist", "churn", 1000));
        assertThat(window.signals()).isPositive();
        assertThat(window.interruptions()).isPositive();
        assertThat(window.aborts()).isLessThanOrEqualTo(window.interruptions() + 2);
    }

    @Test
    void itIsCompiledOnceAndNothingElseIsLeft() throws IOException {
        real();
        List<Path> first = kept();
        assertThat(first).hasSize(1);
        long compiled = Files.getLastModifiedTime(first.get(0)).toMillis();
        real();
        assertThat(kept()).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(first.get(0)).toMillis()).isEqualTo(compiled);
    }

    @Test
    void severalMayCompileAtOnce() throws IOException {
        real();
        Files.delete(kept().get(0));
        List<CompletableFuture<NativeDriver>> openings = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            openings.add(CompletableFuture.supplyAsync(() -> open("cc")));
        }
        openings.forEach(CompletableFuture::join);
        assertThat(kept()).hasSize(1);
        assertThat(kept().get(0)).isExecutable();
    }

    @Test
    void aMissingCompilerIsNamedWithTheWayOut() {
        assertThatThrownBy(() -> open(cache.resolve("no-such-cc").toString()))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("no-such-cc")
                .hasMessageContaining("CC");
    }

    @Test
    void whatTheCompilerSaysIsShownAndNothingIsKept() throws IOException {
        String broken = script("broken-cc", "echo 'driver.c:1: no headers here' >&2; exit 1");
        assertThatThrownBy(() -> open(broken))
                .isInstanceOf(NativeException.class)
                .hasMessageContaining("no headers here")
                .hasMessageContaining("broken-cc");
        assertThat(kept()).isEmpty();
    }

    @Test
    void anotherCompilerMakesAnotherProgram() throws IOException {
        real();
        open(script("other-cc", "exec cc \"$@\""));
        assertThat(kept()).hasSize(2);
    }

    @Test
    void aCacheThatCannotBeWrittenIsNamed() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "");
        assertThatThrownBy(() -> NativeDriver.open(Map.of("RSEQLAB_CACHE", file.toString())))
                .isInstanceOfAny(OutputException.class, NativeException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("RSEQLAB_CACHE");
    }

    @Test
    void everyWayTheDriverEndsHasItsSentence() throws IOException {
        assertEnding("echo 'driver: no rseq on this kernel' >&2; exit 3", "^no rseq on this kernel$");
        assertEnding("echo 'driver: out of memory' >&2; exit 1", "failed: out of memory");
        assertEnding("echo 'driver: --cpus: CPU 7 is not available' >&2; exit 2", "refuses.*CPU 7");
        assertEnding("kill -9 $$", "killed by signal 9");
        assertEnding("echo gibberish", "cannot be read");
        assertEnding("echo '{\"format\":2}'", "another format");
        assertEnding("echo '{\"format\":1}'", "cannot be read");
    }

    /** A compiler that makes a program with this body. */
    private void assertEnding(String body, String pattern) throws IOException {
        String program = script("program", body);
        String fake = script(
                "fake-cc",
                "[ \"$1\" = --version ] && cat '" + program + "' && exit\n"
                        + "while [ \"$1\" != -o ]; do shift; done; cp '" + program + "' \"$2\"");
        assertThatThrownBy(() -> open(fake).run(request("rseq-freelist", "churn", 0)))
                .isInstanceOf(NativeException.class)
                .message()
                .containsPattern(pattern);
    }

    @Test
    void otherSystemsAreRefusedByName() {
        assertThatThrownBy(() -> NativeDriver.requirePlatform("FreeBSD", "amd64"))
                .hasMessageContaining("FreeBSD");
        assertThatThrownBy(() -> NativeDriver.requirePlatform("Linux", "aarch64"))
                .hasMessageContaining("aarch64");
    }

    @Test
    void theDriversLineIsReadAndWhatItDoesNotSayIsAbsent() {
        NativeWindow window = NativeWindow.parse("{\"format\":1,\"strategy\":\"percpu-cas\",\"threads\":8,"
                + "\"elapsed_s\":0.5,\"cpu_s\":0.98,\"throughput_ops_per_s\":2e6,\"ops\":1000000,"
                + "\"interruptions\":260,\"voluntary_switches\":3,\"signals\":0,\"balanced\":true,\"new_key\":[1]}");
        assertThat(window.ops()).isEqualTo(1_000_000);
        assertThat(window.cpuS()).isEqualTo(0.98);
        assertThat(window.interruptions()).isEqualTo(260);
        assertThat(window.aborts()).isNull();
        assertThat(window.preemptions()).isNull();
        assertThat(window.lineTransferBeforeNs()).isNull();
        assertThat(window.with(0.25, null).othersCpuShare()).isEqualTo(0.25);
    }
}
