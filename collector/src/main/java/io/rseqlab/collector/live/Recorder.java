package io.rseqlab.collector.live;

import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Runs a command and records what the kernel does to it and to all that it starts. The command begins when recording
 * has begun: a shell puts itself under observation and then becomes the command.
 */
public final class Recorder {
    /** What makes a trace: who runs where, what interrupts, what aborts. */
    static final List<String> EVENTS = List.of(
            "sched:sched_switch",
            "sched:sched_waking",
            "sched:sched_wakeup",
            "sched:sched_wakeup_new",
            "sched:sched_migrate_task",
            "signal:signal_generate",
            "signal:signal_deliver",
            "rseq:rseq_ip_fixup",
            "rseq:rseq_update",
            "syscalls:sys_enter_sched_yield");

    private static final String SHELL = "/bin/sh";
    private static final long LOOK_MS = 50;
    private static final long GRACE_MS = 2000;

    private final int bufferKib;

    /**
     * A recorder that has done nothing yet.
     *
     * @param bufferKib kibibytes of buffer per CPU
     */
    public Recorder(int bufferKib) {
        this.bufferKib = bufferKib;
    }

    /**
     * Records a command to its end. It has this process's standard streams, environment and folder. The tracing
     * instance is gone afterwards, whatever happens.
     *
     * @param command the program and its arguments; {@link Programs#whyNot} says beforehand whether it will start
     * @param stop true when the command is to be ended early
     * @return what was recorded; closing it removes the text
     * @throws NativeException if this machine or user cannot record
     * @throws OutputException if the text cannot be kept
     */
    public Recording record(List<String> command, BooleanSupplier stop) {
        try (TracefsInstance instance = TracefsInstance.open(bufferKib)) {
            List<String> missing = instance.enable(EVENTS);
            instance.followChildren();
            Path text = temporary();
            try {
                return record(instance, command, missing, text, stop);
            } catch (RuntimeException e) {
                Recording.remove(text);
                throw e;
            }
        }
    }

    private static Recording record(
            TracefsInstance instance, List<String> command, List<String> missing, Path text, BooleanSupplier stop) {
        TracePipe pipe;
        try {
            pipe = TracePipe.start(instance, text);
        } catch (IOException e) {
            throw new NativeException("'" + instance.pipe() + "' cannot be read: " + e.getMessage(), e);
        }
        int code;
        boolean started;
        try {
            code = run(shell(instance, command), Map.of(), stop);
            started = instance.recording();
        } finally {
            pipe.finish();
        }
        if (!started) {
            throw new NativeException("the command was not started: the shell could not switch recording on in '"
                    + instance.folder() + "'");
        }
        return new Recording(text, code, instance.lost(), missing);
    }

    private static List<String> shell(TracefsInstance instance, List<String> command) {
        List<String> words = new ArrayList<>(List.of(
                SHELL,
                "-c",
                instance.startForShell("$0") + " && exec \"$@\"",
                instance.folder().toString()));
        words.addAll(command);
        return words;
    }

    /**
     * Runs a command with this process's standard streams to its end, or until told to end it.
     *
     * @param more what its environment has besides
     * @return its exit code
     */
    static int run(List<String> command, Map<String, String> more, BooleanSupplier stop) {
        Process process;
        try {
            ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
            builder.environment().putAll(more);
            process = builder.start();
        } catch (IOException e) {
            throw new NativeException("'" + command.get(0) + "' cannot be started: " + e.getMessage(), e);
        }
        try {
            while (!process.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
                if (stop.getAsBoolean()) {
                    end(process);
                }
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NativeException("interrupted while the command ran", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /**
     * Ends a process and all below it, first by asking; from the top, so that nobody takes an end below for his own.
     */
    private static void end(Process process) throws InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(List.of(process.toHandle()));
        all.addAll(process.descendants().toList());
        all.forEach(ProcessHandle::destroy);
        for (long left = GRACE_MS; left > 0 && all.stream().anyMatch(ProcessHandle::isAlive); left -= LOOK_MS) {
            Thread.sleep(LOOK_MS);
        }
        all.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
    }

    private static Path temporary() {
        try {
            return Files.createTempFile("rseqlab", ".ftrace");
        } catch (IOException e) {
            throw OutputException.cannotWrite("a temporary file", e);
        }
    }
}
