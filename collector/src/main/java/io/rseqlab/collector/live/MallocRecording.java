package io.rseqlab.collector.live;

import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocSink;
import io.rseqlab.trace.malloc.Repairs;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/**
 * What {@link MallocRecorder} recorded, until closed. A command may have run as several processes; each has a heap of
 * its own, and so has a process that became another program by exec.
 */
public final class MallocRecording implements AutoCloseable {
    private final RawFolder folder;
    private final List<MallocImage> images;
    private final int exitCode;
    private final double seconds;
    private MallocImage chosen;

    MallocRecording(RawFolder folder, List<MallocImage> images, int exitCode, double seconds) {
        this.folder = folder;
        this.images = images;
        this.exitCode = exitCode;
        this.seconds = seconds;
        chosen = images.isEmpty() ? null : images.get(0);
    }

    List<MallocImage> images() {
        return images;
    }

    /** The processes in words, that with the most calls first; each under the name by which it can be chosen. */
    public List<String> processes() {
        return images.stream()
                .map(image -> label(image) + " (pid " + image.pid() + ", " + image.calls() + " calls, "
                        + image.threads() + " threads)")
                .toList();
    }

    /** A process's name; where several have it, with the place at which this one began among them, from 1. */
    private String label(MallocImage image) {
        List<MallocImage> same = images.stream()
                .filter(other -> other.name().equals(image.name()))
                .sorted(Comparator.comparingLong(MallocImage::firstNanos).thenComparingLong(MallocImage::pid))
                .toList();
        return same.size() == 1 ? image.name() : image.name() + ":" + (same.indexOf(image) + 1);
    }

    /**
     * Chooses a process by its name, or by NAME:K the K-th of that name by when they began; of several with the name
     * alone that with the most calls. False if there is none.
     */
    public boolean choose(String name) {
        MallocImage found = images.stream()
                .filter(image -> image.name().equals(name) || label(image).equals(name))
                .findFirst()
                .orElse(null);
        chosen = found == null ? chosen : found;
        return found != null;
    }

    /** Hands over the calls of the chosen process, which is the one with the most calls if none was chosen. */
    public Repairs events(MallocSink sink) {
        MallocImporter importer = new MallocImporter(sink);
        try {
            chosen.forEach(importer::take);
        } catch (IOException e) {
            throw new NativeException("what was recorded cannot be read: " + e.getMessage(), e);
        }
        return importer.finish(0);
    }

    /** What the events tell. */
    public MallocOrigin origin() {
        return new MallocOrigin(MallocOrigin.RECORD, true, true, true, true, dropped());
    }

    /** The command's exit code; 128 and the signal if one ended it. */
    public int exitCode() {
        return exitCode;
    }

    /** How long the command ran. */
    public double seconds() {
        return seconds;
    }

    /** What recording a call took in the chosen process, in nanoseconds. */
    public double nanosPerCall() {
        return chosen.nanosPerCall();
    }

    /** Calls of the chosen process that found no place on the disk. */
    public long dropped() {
        return chosen.dropped();
    }

    /** Name of the chosen process, as {@link #choose} takes it. */
    public String name() {
        return label(chosen);
    }

    @Override
    public void close() {
        folder.close();
    }
}
