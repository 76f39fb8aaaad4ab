package io.rseqlab.trace;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A folder that something is made in, and which is as it was before should that fail: not there, or empty. */
public final class NewFolder {
    private final Path folder;

    /** It and the folders above it that were not there, innermost first. */
    private final List<Path> missing = new ArrayList<>();

    private NewFolder(Path folder) {
        this.folder = folder;
        for (Path path = folder.toAbsolutePath(); path != null && !Files.exists(path); path = path.getParent()) {
            missing.add(path);
        }
    }

    /** A place that does not exist or is empty; it is not made before {@link #create}. */
    public static NewFolder at(Path folder) {
        return new NewFolder(folder);
    }

    /**
     * Makes it.
     *
     * @throws OutputException if that cannot be, or if somebody else has made it meanwhile: who undoes what he did
     *     there would take the other's work away as well
     */
    public void create() {
        if (missing.isEmpty()) {
            return;
        }
        try {
            if (!made(missing.get(0))) {
                throw new OutputException(
                        "another command has begun in '" + folder + "': name another folder with --out");
            }
        } catch (IOException e) {
            prune();
            throw OutputException.cannotWrite(folder, e);
        }
    }

    /** Makes a folder in one step, and those around it before if there are none; false if it is there already. */
    private static boolean made(Path own) throws IOException {
        try {
            return madeBelow(own);
        } catch (NoSuchFileException e) {
            Files.createDirectories(own.getParent());
            return madeBelow(own);
        }
    }

    private static boolean madeBelow(Path own) throws IOException {
        try {
            Files.createDirectory(own);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** Takes away all that is in it, and what was made of it and above, as far as that is possible. */
    public void undo() {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                Folders.delete(entry);
            }
            removeMade();
        } catch (IOException e) {
            // It stays. The failure before this one is told.
        }
    }

    /** The same where there is no file in it: folders in which there is nothing go in any case. */
    public void prune() {
        try {
            if (!Files.exists(folder) || pruned(folder)) {
                removeMade();
            }
        } catch (IOException e) {
            // It stays. The failure before this one is told.
        }
    }

    /** Takes away the folders in a folder that are empty, or hold nothing but such; true if nothing is in it then. */
    private static boolean pruned(Path folder) throws IOException {
        boolean empty = true;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && pruned(entry)) {
                    Files.delete(entry);
                } else {
                    empty = false;
                }
            }
        }
        return empty;
    }

    private void removeMade() throws IOException {
        for (Path made : missing) {
            Files.deleteIfExists(made);
        }
    }
}
