package io.rseqlab.reports.app;

import io.rseqlab.trace.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times {@code valgrind --tool=cachegrind --cache-sim=yes} on a native loop like that of churn: one core, caches, no
 * time. Where there is no valgrind or no compiler, says so.
 */
final class BenchCachegrind {
    private static final long TURNS = 30_000_000;
    private static final Pattern REFERENCES = Pattern.compile("I +refs: +([0-9,]+)");

    private BenchCachegrind() {}

    /**
     * What came of it.
     *
     * @param instructionsPerSecond in millions, per processor second; 0 if it could not be measured
     * @param reason why not, null if it was
     */
    record Outcome(double instructionsPerSecond, String reason) {
        String text(double simulated) {
            return reason != null
                    ? "cachegrind: not measured: " + reason
                    : String.format(
                            Locale.ROOT,
                            "cachegrind: %.1f M instructions/s on a like loop; the simulator does %.2f times as many"
                                    + " micro-operations",
                            instructionsPerSecond,
                            simulated / instructionsPerSecond);
        }

        String json(double simulated) {
            return reason != null
                    ? "{\"not_measured\":\"" + reason.replace("\"", "'") + "\"}"
                    : String.format(
                            Locale.ROOT,
                            "{\"instructions_per_s\":%.0f,\"ratio\":%.3f}",
                            instructionsPerSecond * 1e6,
                            simulated / instructionsPerSecond);
        }
    }

    static Outcome run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("rseqlab-bench");
        try {
            return run(folder);
        } finally {
            Folders.delete(folder);
        }
    }

    private static Outcome run(Path folder) throws IOException, InterruptedException {
        Path source = folder.resolve("bench-loop.c");
        try (InputStream text = BenchCachegrind.class.getResourceAsStream("bench-loop.c")) {
            Files.copy(text, source);
        }
        String binary = folder.resolve("bench-loop").toString();
        String compiled = output(folder, List.of("cc", "-O2", "-o", binary, source.toString()));
        if (compiled == null || !Files.exists(Path.of(binary))) {
            return new Outcome(0, "cc is not there or fails; install a C compiler");
        }
        String said = output(
                folder,
                List.of(
                        "valgrind",
                        "--tool=cachegrind",
                        "--cache-sim=yes",
                        "--cachegrind-out-file=" + folder.resolve("cachegrind.out"),
                        binary,
                        Long.toString(TURNS)));
        if (said == null) {
            return new Outcome(0, "valgrind is not there; install it");
        }
        return parse(said);
    }

    /** Reads what the loop and valgrind said. */
    static Outcome parse(String said) {
        Matcher references = REFERENCES.matcher(said);
        Matcher seconds = Pattern.compile("(?m)^([0-9]+\\.[0-9]+)$").matcher(said);
        if (!references.find() || !seconds.find() || Double.parseDouble(seconds.group(1)) <= 0) {
            return new Outcome(0, "valgrind said nothing of instructions and time");
        }
        double millions = Long.parseLong(references.group(1).replace(",", "")) / 1e6;
        return new Outcome(millions / Double.parseDouble(seconds.group(1)), null);
    }

    /** What a command wrote, null if it cannot be started. */
    private static String output(Path folder, List<String> words) throws IOException, InterruptedException {
        Path said = folder.resolve("said");
        try {
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            process.getOutputStream().close();
            process.waitFor();
        } catch (IOException e) {
            return null;
        }
        return Files.readString(said);
    }
}
