package io.rseqlab.collector.live;

import io.rseqlab.trace.Folders;
import io.rseqlab.trace.OutputException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A temporary folder that a recorder's raw data goes to, and a file beside it that is locked as long as the recorder
 * lives: the kernel takes the lock back however a process ends, so that one that was killed leaves a folder which the
 * next recorder knows to be nobody's.
 */
final class RawFolder implements AutoCloseable {
    private static final String PREFIX = "rseqlab-malloc";
    private static final String LOCK = ".lock";
    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** This process's own: to open a file that it has locked, and to close it again, would give up the lock. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path file;
    private final FileChannel locked;

    private RawFolder(Path folder, Path file, FileChannel locked) {
        this.folder = folder;
        this.file = file;
        this.locked = locked;
    }

    /** Where folders lie if nobody says otherwise. */
    static Path place() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Makes one. */
    static RawFolder make(Path place) {
        try {
            while (true) {
                Path file = Files.createTempFile(place, PREFIX, LOCK);
                OWN.add(file);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                // somebody who looks for leftovers may have been quicker, and taken the file away
                if (channel.tryLock() != null && Files.exists(file)) {
                    return new RawFolder(Files.createDirectory(folderOf(file), OWNER_ALONE), file, channel);
                }
                channel.close();
                OWN.remove(file);
            }
        } catch (IOException e) {
            throw OutputException.cannotWrite("a temporary folder", e);
        }
    }

    private static Path folderOf(Path lock) {
        String name = lock.getFileName().toString();
        return lock.resolveSibling(name.substring(0, name.length() - LOCK.length()));
    }

    /** Removes what recorders left that were killed, and says which folders those were. */
    static List<Path> removeLeftovers(Path place) {
        List<Path> removed = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(place)) {
            files = all.filter(RawFolder::isLock)
                    .filter(file -> !OWN.contains(file))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return removed;
        }
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    boolean there = Files.exists(folderOf(file));
                    Folders.delete(folderOf(file));
                    Files.deleteIfExists(file);
                    if (there) {
                        removed.add(folderOf(file));
                    }
                }
            } catch (IOException e) {
                // another user's, or one that another recorder is just removing
            }
        }
        return removed;
    }

    private static boolean isLock(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(PREFIX) && name.endsWith(LOCK);
    }

    Path path() {
        return folder;
    }

    /** Removes the folder with all in it. */
    @Override
    public void close() {
        try {
            Folders.delete(folder);
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // it is a leftover then, and no reason to fail
        } finally {
            abandon();
        }
    }

    /** Gives up the lock and leaves all as it is, as a process does that is killed. */
    void abandon() {
        try {
            locked.close();
        } catch (IOException e) {
            // the end of the process gives it up
        }
        OWN.remove(file);
    }
}
