package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that is interrupted or killed leaves what it had, and every verb that reads traces says what is missing. */
class KilledRunTest {
    private static final String LONG_RUN = "collect --strategy rseq-freelist --workload churn:handoff=0.1 --cpus 2"
            + " --threads 4 --duration 100s --ops 1/1000 --no-oracle --out ";
    private static final int SIGINT = 2;

    @TempDir
    Path folder;

    private Child start(Path trace) throws IOException {
        return Child.start(folder, "exec \"$@\"", (LONG_RUN + trace).split(" "));
    }

    /** A shell without job control starts its background jobs, and all below them, deaf to Ctrl-C. */
    static boolean deafToInterrupts() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> new BigInteger(line.substring(7).strip(), 16).testBit(SIGINT - 1));
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void anInterruptedRunClosesItsTraceAsPartial(String signal, int code) throws Exception {
        assumeFalse(signal.equals("INT") && deafToInterrupts());
        Path trace = folder.resolve("trace");
        Child.Ending ending;
        try (Child child = start(trace)) {
            child.await(trace.resolve("counters-00000.parquet"));
            child.signal(signal);
            ending = child.end();
        }
        assertThat(ending.err()).isEqualTo("rseqlab: interrupted: partial trace in " + trace + System.lineSeparator());
        assertThat(ending.out()).isEmpty();
        assertThat(ending.code()).isEqualTo(code);
        assertThat(names(trace)).noneMatch(name -> name.startsWith(".")).contains("events-00000.parquet");
        assertThat(answer(0, "check", trace.toString())).contains("partial: the run was interrupted", "digest equals");
        assertThat(answer(0, "analyze", trace.toString(), "--format", "json"))
                .contains("\"state\" : \"partial\"", "partial: the run was interrupted")
                .containsPattern("\"throughput_ops_per_s\" : \\d\\.\\d+E\\d");
    }

    @Test
    void aKilledRunLeavesAllUpToItsLastCheckpoint() throws Exception {
        Path trace = folder.resolve("trace");
        try (Child child = start(trace)) {
            child.await(trace.resolve("events-00001.parquet"));
            child.await(trace.resolve("counters-00000.parquet"));
            child.signal("KILL");
            assertThat(child.end().code()).isEqualTo(137);
        }
        assertThat(names(trace)).contains("ops-00000.parquet");
        assertThat(answer(0, "check", trace.toString())).contains("partial: ", "last checkpoint", "of 100000 ms");
        for (String verb : List.of("view", "export csv", "export perfetto")) {
            assertThat(answer(0, (verb + " " + trace).split(" "))).contains("Note: '" + trace + "' is partial: ", "\n");
        }
        assertThat(answer(0, "analyze", trace.toString(), "--format", "json"))
                .contains("last checkpoint")
                .containsPattern("\"throughput_ops_per_s\" : \\d\\.\\d+E\\d")
                .containsPattern("\"aborts_per_interruption_exposure\" : 0\\.\\d");
        whatIsLeftWithoutCheckpoint(trace);
        whatIsLeftWithoutParts(trace);
    }

    private void whatIsLeftWithoutCheckpoint(Path trace) throws Exception {
        Files.delete(trace.resolve("counters-00000.parquet"));
        assertThat(answer(0, "check", trace.toString())).contains("before its first checkpoint", "parts of events");
        assertThat(answer(0, "analyze", trace.toString())).contains("before its first checkpoint", "switches");
    }

    private void whatIsLeftWithoutParts(Path trace) throws Exception {
        for (String name : names(trace)) {
            if (name.endsWith(".parquet")) {
                Files.delete(trace.resolve(name));
            }
        }
        assertThat(answer(0, "check", trace.toString())).contains("it holds nothing");
        assertThat(answer(0, "view", trace.toString())).contains("it holds nothing");
        assertThat(answer(ExitCodes.INVALID_INPUT, "analyze", trace.toString()))
                .startsWith("rseqlab: nothing to analyze: '" + trace + "' is partial: ")
                .hasLineCount(1);
    }

    private static List<String> names(Path trace) throws IOException {
        try (Stream<Path> files = Files.list(trace)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Both streams of a command line that ends with a code. */
    private static String answer(int code, String... words) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(both, true, StandardCharsets.UTF_8);
        int ended = Main.run(stream, stream, words);
        String text = both.toString(StandardCharsets.UTF_8);
        assertThat(ended).as(text).isEqualTo(code);
        return text;
    }
}
