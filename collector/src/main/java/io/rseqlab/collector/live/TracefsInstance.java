package io.rseqlab.collector.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A tracing instance of our own: buffers, events and filters that nobody else's tracing sees or disturbs. It is named
 * {@code rseqlab-PID}, and gone once closed; one that a killed process left behind is removed when the next is made.
 *
 * <p>Time stamps are nanoseconds of the monotonic clock, printed in microseconds: the clock that all CPUs share and
 * that {@link System#nanoTime} reads.
 */
public final class TracefsInstance implements AutoCloseable {
    private static final String PREFIX = "rseqlab-";
    private static final AtomicInteger MADE = new AtomicInteger();

    private final Tracefs tracefs;
    private final Path folder;
    private boolean closed;

    private TracefsInstance(Tracefs tracefs, Path folder) {
        this.tracefs = tracefs;
        this.folder = folder;
    }

    /**
     * Makes an instance in which nothing is recorded yet.
     *
     * @param bufferKib kibibytes per CPU; the oldest events go when it is full
     * @throws NativeException without root or tracefs
     */
    public static TracefsInstance open(int bufferKib) {
        return open(Tracefs.open(), bufferKib);
    }

    static TracefsInstance open(Tracefs tracefs, int bufferKib) {
        Path instances = tracefs.folder().resolve("instances");
        removeLeftBehind(instances);
        int number = MADE.getAndIncrement();
        String name = PREFIX + ProcessHandle.current().pid() + (number == 0 ? "" : "-" + number);
        TracefsInstance instance = new TracefsInstance(tracefs, instances.resolve(name));
        try {
            Files.createDirectory(instance.folder);
        } catch (AccessDeniedException e) {
            tracefs.close();
            throw new NativeException(
                    "recording needs root: '" + instances + "' is closed to this user; run it with sudo", e);
        } catch (IOException e) {
            tracefs.close();
            throw new NativeException("no tracing instance can be made in '" + instances + "': " + e.getMessage(), e);
        }
        try {
            instance.write("tracing_on", "0");
            instance.write("trace_clock", "mono");
            instance.write("buffer_size_kb", String.valueOf(bufferKib));
            return instance;
        } catch (NativeException e) {
            instance.close();
            throw e;
        }
    }

    /** Best effort: what another process still has open cannot be removed, and is not ours to remove. */
    private static void removeLeftBehind(Path instances) {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(instances, PREFIX + "*")) {
            for (Path instance : left) {
                String pid = instance.getFileName().toString().split("-")[1];
                if (pid.matches("\\d{1,9}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    Files.deleteIfExists(instance);
                }
            }
        } catch (IOException e) {
            // The instance to be made will say what is wrong, if anything is.
        }
    }

    /**
     * Switches events on.
     *
     * @param events as {@code group:name}
     * @return those that this kernel does not have
     */
    public List<String> enable(List<String> events) {
        List<String> missing = new ArrayList<>();
        for (String event : events) {
            String file = "events/" + event.replace(':', '/') + "/enable";
            if (Files.exists(folder.resolve(file))) {
                write(file, "1");
            } else {
                missing.add(event);
            }
        }
        return missing;
    }

    /** Threads that a recorded one starts are recorded as well. */
    public void followChildren() {
        write("options/event-fork", "1");
    }

    /** Records from now on; with {@link #restrictTo} only some threads. */
    public void start() {
        write("tracing_on", "1");
    }

    /** Records no more; what is in the buffers can still be read. */
    public void stop() {
        write("tracing_on", "0");
    }

    /** True between start and stop. */
    public boolean recording() {
        return read("tracing_on").strip().equals("1");
    }

    /** Records only this thread, and switches and wake-ups that concern it; call before {@link #start}. */
    public void restrictTo(long pid) {
        write("set_event_pid", String.valueOf(pid));
    }

    /** The same for a shell: statements that restrict the recording to the shell itself, and start it. */
    String startForShell(String folderVariable) {
        return "echo $$ >\"" + folderVariable + "/set_event_pid\" && echo 1 >\"" + folderVariable + "/tracing_on\"";
    }

    /** Reads the events as text while and after they are recorded, each once. */
    Path pipe() {
        return folder.resolve("trace_pipe");
    }

    /** The events that are in the buffers, as lines, oldest first; they stay there. */
    List<String> lines() {
        try (Stream<String> lines = Files.lines(folder.resolve("trace"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> !line.startsWith("#")).toList();
        } catch (IOException | UncheckedIOException e) {
            throw new NativeException("'" + folder.resolve("trace") + "' cannot be read: " + e.getMessage(), e);
        }
    }

    /** Empties the buffers. */
    void clear() {
        write("trace", "");
    }

    Path folder() {
        return folder;
    }

    /** Events that were recorded and then lost, over all CPUs: overwritten before they were read, or dropped. */
    public long lost() {
        try (Stream<Path> cpus = Files.list(folder.resolve("per_cpu"))) {
            return cpus.mapToLong(cpu -> lost(cpu.resolve("stats"))).sum();
        } catch (IOException e) {
            throw broken("per_cpu", e);
        }
    }

    private static long lost(Path stats) {
        try (Stream<String> lines = Files.lines(stats)) {
            return lines.filter(line -> line.matches("(overrun|commit overrun|dropped events): \\d+"))
                    .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 2)))
                    .sum();
        } catch (IOException e) {
            throw new NativeException("'" + stats + "' cannot be read: " + e.getMessage(), e);
        }
    }

    private void write(String file, String text) {
        try {
            Files.write(folder.resolve(file), (text + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw broken(file, e);
        }
    }

    private String read(String file) {
        try {
            return new String(Files.readAllBytes(folder.resolve(file)), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw broken(file, e);
        }
    }

    private NativeException broken(String file, IOException e) {
        return new NativeException("the kernel refuses '" + folder.resolve(file) + "': " + e.getMessage(), e);
    }

    /**
     * Takes the instance away with all that is in its buffers, and the mount if it was made for it.
     *
     * @throws NativeException if it stays, and where
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new NativeException(
                    "the tracing instance '" + folder + "' stays: remove it with rmdir (" + e.getMessage() + ")", e);
        }
        tracefs.close();
    }
}
