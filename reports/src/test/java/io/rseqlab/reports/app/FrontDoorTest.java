package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.live.NativeException;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.TraceException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Scripts see only exit code, standard output and standard error; each must mean one thing. */
class FrontDoorTest {

    /** A verb that ends as the test wishes. */
    @Command(name = "probe")
    record Probe(Callable<Integer> ending) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            return ending.call();
        }
    }

    @Command(name = "print")
    static final class Print implements Runnable {
        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            spec.commandLine().getOut().print("µs");
        }
    }

    private record Answer(int code, String out, String err) {}

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new UsageException("no strategy rseq-freelst"), ExitCodes.USAGE),
                Arguments.of(new TraceException("events-0.parquet: row 7: cycles fall"), ExitCodes.INVALID_INPUT),
                Arguments.of(new NativeException("no C compiler"), ExitCodes.INVALID_INPUT),
                Arguments.of(new IOException("disk full"), ExitCodes.INVALID_INPUT),
                Arguments.of(new NoSuchFileException("there"), ExitCodes.INVALID_INPUT),
                Arguments.of(new UncheckedIOException(new IOException("disk full")), ExitCodes.INVALID_INPUT),
                Arguments.of(new IllegalStateException("two owners"), ExitCodes.BUG));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void eachFamilyOfFailuresHasItsExitCode(Exception failure, int code) {
        Answer answer = probe(() -> {
            throw failure;
        });
        assertThat(answer.code).isEqualTo(code);
        assertThat(answer.out).isEmpty();
        assertThat(answer.err.contains("\tat ")).as("stack trace").isEqualTo(code == ExitCodes.BUG);
    }

    @Test
    void aFailureOfTheJvmItselfIsOurBugToo() {
        Answer answer = probe(() -> {
            throw new AssertionError("two owners");
        });
        assertThat(answer.code).isEqualTo(ExitCodes.BUG);
        assertThat(answer.err).contains("this is our bug", "two owners", "rseqlab probe", "\tat ");
    }

    @Test
    void tooLittleMemoryIsNoBugAndNamesTheWayOut() {
        OutOfMemoryError error = new OutOfMemoryError("Java heap space");
        for (Callable<Integer> verb : List.<Callable<Integer>>of(
                () -> {
                    throw error;
                },
                () -> {
                    throw new IllegalStateException("a library", error);
                })) {
            Answer answer = probe(verb);
            assertThat(answer.code).isEqualTo(ExitCodes.INVALID_INPUT);
            assertThat(answer.err)
                    .startsWith("rseqlab: out of memory")
                    .contains("-Xmx", "threads", "simulated time")
                    .doesNotContain("bug", "\tat ", "--");
        }
    }

    @Test
    void theCodeOfAVerbIsPassedThrough() {
        assertThat(probe(() -> ExitCodes.VIOLATION).code).isEqualTo(4);
        assertThat(probe(() -> ExitCodes.TOLERANCE).code).isEqualTo(5);
        assertThat(probe(() -> ExitCodes.DONE).code).isZero();
    }

    @Test
    void aWrongCommandLineNamesTheWayOut() {
        for (String[] wrong : new String[][] {{}, {"no-such-verb"}, {"--no-such-option"}}) {
            Answer answer = knock(Main.commandLine(), wrong);
            assertThat(answer.code).isEqualTo(ExitCodes.USAGE);
            assertThat(answer.out).isEmpty();
            assertThat(answer.err).contains("rseqlab --help");
        }
    }

    @Test
    void helpIsAResultAndListsEveryExitCode() {
        Answer answer = knock(Main.commandLine(), "--help");
        assertThat(answer.code).isZero();
        assertThat(answer.err).isEmpty();
        assertThat(answer.out).contains("Exit codes:").contains("  0 ", "  1 ", "  2 ", "  3 ", "  4 ", "  5 ");
    }

    /**
     * A value that is out of range is as wrong in a file as it is on the command line; a file that is not there is not.
     */
    @Test
    void aMistakeInAnExperimentIsAWrongCommand(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("exp.toml");
        assertThat(knock(Main.commandLine(), "sweep", file.toString(), "--dry-run").code)
                .isEqualTo(ExitCodes.INVALID_INPUT);
        Files.writeString(file, "[grid]\nstrategy = [\"hoard\"]\nlive = [0]\n");
        Answer answer = knock(Main.commandLine(), "sweep", file.toString(), "--dry-run");
        assertThat(answer.err).contains("live");
        assertThat(answer.code).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void helpIsAVerbToo() {
        assertThat(knock(Main.commandLine(), "help").out).isEqualTo(knock(Main.commandLine(), "--help").out);
        Answer answer = knock(Main.commandLine(), "help", "collect");
        assertThat(answer.code).isZero();
        assertThat(answer.err).isEmpty();
        assertThat(answer.out).isEqualTo(knock(Main.commandLine(), "collect", "--help").out);
    }

    @Test
    void versionIsFilledInByTheBuild() {
        assertThat(knock(Main.commandLine(), "--version").out).matches("rseqlab \\d+\\.\\d+\\.\\d+\\R");
    }

    @Test
    void resultsAreUtf8WhateverTheLocale() {
        assertThat(knock(Main.commandLine().addSubcommand(Print.class), "print").out)
                .isEqualTo("µs");
    }

    private static Answer probe(Callable<Integer> ending) {
        return knock(Main.commandLine().addSubcommand(new Probe(ending)), "probe");
    }

    private static Answer knock(CommandLine line, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(line, printer(out), printer(err), args);
        return new Answer(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static PrintStream printer(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, false, StandardCharsets.UTF_8);
    }
}
