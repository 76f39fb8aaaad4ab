package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The kernel's tracing files: where they are mounted, or mounted for the time being. */
final class Tracefs implements AutoCloseable {
    /** Where distributions mount it, newer ones first. */
    private static final List<String> PLACES = List.of("sys/kernel/tracing", "sys/kernel/debug/tracing");

    private static final Duration MOST = Duration.ofSeconds(20);

    private final Path folder;
    private final boolean mountedHere;

    private Tracefs(Path folder, boolean mountedHere) {
        this.folder = folder;
        this.mountedHere = mountedHere;
    }

    /**
     * Finds it, or mounts it in a folder of its own until closed.
     *
     * @throws NativeException if there is none, or this process may not have it
     */
    static Tracefs open() {
        return open(Path.of("/"));
    }

    /** The same where the machine's files lie below a folder. */
    static Tracefs open(Path root) {
        Path filesystems = root.resolve("proc/filesystems");
        if (!Files.isReadable(filesystems)) {
            throw new NativeException("recording runs on Linux; this is " + System.getProperty("os.name"));
        }
        for (String place : PLACES) {
            Path folder = root.resolve(place);
            if (Files.isDirectory(folder.resolve("instances"))) {
                return new Tracefs(folder, false);
            }
        }
        requireKernelHasIt(filesystems);
        return mount();
    }

    private static void requireKernelHasIt(Path filesystems) {
        try (var lines = Files.lines(filesystems)) {
            if (lines.noneMatch(line -> line.strip().endsWith("tracefs"))) {
                throw new NativeException("this kernel has no tracefs (/proc/filesystems does not name it): recording"
                        + " needs one built with CONFIG_EVENT_TRACING");
            }
        } catch (IOException e) {
            throw new NativeException("'" + filesystems + "' cannot be read: " + e.getMessage(), e);
        }
    }

    private static Tracefs mount() {
        try {
            Path folder = Files.createTempDirectory("rseqlab-tracing");
            ChildProcess.Ending ending = mounting("mount", "-t", "tracefs", "rseqlab", folder.toString());
            if (ending.code() != 0 || !Files.isDirectory(folder.resolve("instances"))) {
                Files.deleteIfExists(folder);
                throw new NativeException("tracefs is not mounted, and mounting it failed ("
                        + ending.err().strip() + "): recording needs root, as in sudo rseqlab record …; in a container"
                        + " it needs CAP_SYS_ADMIN, or tracefs mounted at /sys/kernel/tracing");
            }
            return new Tracefs(folder, true);
        } catch (IOException e) {
            throw new NativeException("tracefs is not mounted, and mounting it failed (" + e.getMessage() + ")", e);
        }
    }

    private static ChildProcess.Ending mounting(String... command) throws IOException {
        return ChildProcess.run(List.of(command), MOST);
    }

    Path folder() {
        return folder;
    }

    /** Takes the mount away if it was made here. */
    @Override
    public void close() {
        if (!mountedHere) {
            return;
        }
        try {
            mounting("umount", folder.toString());
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new NativeException(
                    "tracefs stays mounted at '" + folder + "': unmount it by hand (" + e.getMessage() + ")", e);
        }
    }
}
