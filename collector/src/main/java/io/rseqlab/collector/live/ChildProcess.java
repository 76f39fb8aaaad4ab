package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs another program to its end, but no longer than a given time. */
final class ChildProcess {
    /** What the JVM adds to the number of the signal that ended a process. */
    private static final int SIGNALLED = 128;

    /**
     * How it ended.
     *
     * @param code exit code, 128 and the signal if one ended it
     * @param out what it wrote to standard output
     * @param err what it wrote to standard error
     * @param timedOut true if it took too long and was ended
     */
    record Ending(int code, String out, String err, boolean timedOut) {
        /** The signal that ended it, 0 for none. */
        int signal() {
            return code > SIGNALLED ? code - SIGNALLED : 0;
        }
    }

    /** A child that is not started any more once it is told to end, however close the two come. */
    private static final class Child {
        private final ProcessBuilder builder;
        private Process process;
        private boolean ended;

        Child(ProcessBuilder builder) {
            this.builder = builder;
        }

        synchronized Process start() throws IOException {
            if (ended) {
                throw new IOException("interrupted before " + builder.command().get(0) + " was started");
            }
            process = builder.start();
            return process;
        }

        synchronized void end() {
            ended = true;
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    private ChildProcess() {}

    /**
     * Runs a command. Its output goes through files, so that no full pipe can stop it.
     *
     * @throws IOException if it cannot be started
     */
    static Ending run(List<String> command, Duration most) throws IOException {
        Path out = Files.createTempFile("rseqlab", ".out");
        Path err = Files.createTempFile("rseqlab", ".err");
        try {
            Child child = new Child(new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile()));
            Thread hook = new Thread(() -> end(child, out, err), "interrupted");
            remember(hook);
            try {
                Process process = child.start();
                boolean ended = await(process, most);
                return new Ending(ended ? process.exitValue() : SIGNALLED, text(out), text(err), !ended);
            } finally {
                forget(hook);
            }
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }

    /** A program that is told to end takes what it started along, and the files of its output. */
    private static void end(Child child, Path... files) {
        child.end();
        for (Path file : files) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                // a temporary file that stays is no reason to fail
            }
        }
    }

    private static void remember(Thread hook) {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending: this child is how it cleans up
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process is ending: the hook has its say
        }
    }

    private static boolean await(Process process, Duration most) {
        try {
            return process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NativeException("interrupted while a program ran", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
