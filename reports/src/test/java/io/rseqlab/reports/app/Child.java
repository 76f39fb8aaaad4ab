package io.rseqlab.reports.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program as a process of its own, which can be interrupted, killed and kept from writing. */
final class Child implements AutoCloseable {
    private static final long MOST_SECONDS = 120;

    /** How it ended. */
    record Ending(int code, String out, String err) {}

    private final Process process;
    private final Path out;
    private final Path err;

    private Child(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts it.
     *
     * @param folder for its standard output and error
     * @param shell what a shell does with it, which is "$@"
     * @param words its command line
     */
    static Child start(Path folder, String shell, String... words) throws IOException {
        Path out = Files.createTempFile(folder, "child", ".out");
        Path err = Files.createTempFile(folder, "child", ".err");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of("sh", "-c", shell, "sh", java, "-XX:-UsePerfData", "-cp"));
        command.add(System.getProperty("java.class.path"));
        command.add(Main.class.getName());
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new Child(process, out, err);
    }

    /** Waits until a file is there. */
    void await(Path file) throws IOException, InterruptedException {
        for (long left = MOST_SECONDS * 50; !Files.exists(file); left--) {
            if (left == 0 || !process.isAlive()) {
                throw new IllegalStateException("no " + file + ": " + Files.readString(err));
            }
            Thread.sleep(20);
        }
    }

    /** Sends it a signal by name. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    Ending end() throws IOException, InterruptedException {
        if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("it does not end");
        }
        return new Ending(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }

    /** Ends it if it still runs. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
