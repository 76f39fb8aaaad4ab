package io.rseqlab.reports.app;

import io.rseqlab.trace.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How long somebody waits for {@code rseqlab demo}: from the start of a JVM of its own to the end of it, the page
 * written. A JVM that has made one demo is faster with the next, which nobody who asks for one ever sees.
 */
final class BenchDemo {
    private final int runs;
    private final List<String> verb;

    /** @param runs demos, one after the other */
    BenchDemo(int runs) {
        this(runs, List.of("demo"));
    }

    /** @param verb what is timed in place of the demo; a folder of its own follows it as {@code --out} */
    BenchDemo(int runs, List<String> verb) {
        this.runs = runs;
        this.verb = verb;
    }

    /**
     * Seconds each.
     *
     * @throws IOException if one of them fails
     */
    BenchFigures run() throws IOException, InterruptedException {
        double[] seconds = new double[runs];
        for (int i = 0; i < runs; i++) {
            Path folder = Files.createTempDirectory("rseqlab-bench-");
            try {
                long started = System.nanoTime();
                demo(folder.resolve("demo"));
                seconds[i] = (System.nanoTime() - started) / 1e9;
            } finally {
                Folders.delete(folder);
            }
        }
        return new BenchFigures("s", seconds);
    }

    private void demo(Path out) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>(
                List.of(java.toString(), "-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(verb);
        command.addAll(List.of("--out", out.toString()));
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException("rseqlab " + String.join(" ", verb) + " ended with exit code " + code
                        + "; run it by itself to see why");
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
