package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.trace.Folders;
import io.rseqlab.trace.NewFolder;
import io.rseqlab.trace.OutputException;
import io.rseqlab.trace.RunInfo;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a sweep goes: {@code sweep.json} with the plan's digest, {@code runs/axis=value/.../seed=N} with one complete
 * trace each, and {@code .open} with what is being written. A run is renamed into its place when it is complete, so
 * that whatever has a place counts, and nothing else does.
 */
final class SweepFolder implements AutoCloseable {
    /** Version 1: the first. */
    static final int FORMAT_VERSION = 1;

    static final String PLAN = "sweep.json";
    static final String RUNS = "runs";
    private static final String OPEN = ".open";
    private static final String LOCK = ".lock";

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final Path root;
    private final boolean begun;
    private final NewFolder before;
    private final FileChannel lock;

    private SweepFolder(Path root, boolean begun, NewFolder before, FileChannel lock) {
        this.root = root;
        this.begun = begun;
        this.before = before;
        this.lock = lock;
    }

    /**
     * Takes a folder for a plan: a new one, or with {@code resume} one in which the same plan was begun.
     *
     * @throws OutputException if it cannot be written, or holds something else
     * @throws ExperimentException if another plan was begun there
     */
    static SweepFolder take(Path root, Plan plan, String file, boolean resume) {
        boolean begun = isBegun(root);
        if (begun && resume) {
            requireSame(root, plan, file);
        } else {
            requireFree(root, begun);
        }
        SweepFolder folder = locked(root, begun);
        try {
            Folders.delete(root.resolve(OPEN));
            Files.createDirectories(root.resolve(RUNS));
            if (!begun) {
                write(root, plan);
            }
            return folder;
        } catch (IOException e) {
            folder.close();
            throw OutputException.cannotWrite(root, e);
        }
    }

    /** True if a sweep was begun in a folder: its plan is there. */
    static boolean isBegun(Path root) {
        return Files.isRegularFile(root.resolve(PLAN));
    }

    /** A killed sweep may have left no more than its lock. */
    private static void requireFree(Path root, boolean begun) {
        if (begun) {
            throw new OutputException("a sweep was begun in '" + root + "': go on with it by --resume, or name another"
                    + " folder with --out");
        }
        if (Files.exists(root) && !Files.isDirectory(root)) {
            throw new OutputException("'" + root + "' is a file: --out names a folder");
        }
        List<String> own = List.of(LOCK, OPEN, RUNS, "." + PLAN);
        try (Stream<Path> entries = Files.exists(root) ? Files.list(root) : Stream.empty()) {
            if (entries.anyMatch(entry -> !own.contains(entry.getFileName().toString()))) {
                throw new OutputException(
                        "'" + root + "' is not empty, and no sweep was begun there: name a new folder" + " with --out");
            }
        } catch (IOException e) {
            throw OutputException.cannotWrite(root, e);
        }
    }

    private static void requireSame(Path root, Plan plan, String file) {
        JsonNode json;
        try {
            json = MAPPER.readTree(Files.readString(root.resolve(PLAN)));
        } catch (IOException | JacksonException e) {
            throw new UnreadableExperimentException(
                    "'" + root.resolve(PLAN) + "' is damaged: start again in a new folder", e);
        }
        String model = json.path("model_version").asString("");
        if (json.path("format_version").asInt(0) != FORMAT_VERSION || !model.equals(RunSpec.MODEL_VERSION)) {
            throw new ExperimentException("the sweep in '" + root + "' was begun with version " + model
                    + " of the model, and this is version " + RunSpec.MODEL_VERSION
                    + ": their runs cannot stand in one data set; start again in a new folder");
        }
        if (!plan.digest().equals(json.path("digest").asString(""))) {
            throw new ExperimentException("the sweep in '" + root + "' was begun with another plan than that of " + file
                    + " (axes "
                    + json.path("axes").valueStream().map(JsonNode::asString).toList() + ", "
                    + json.path("runs").asInt(0) + " runs, while this has axes " + plan.axes() + ", " + plan.size()
                    + " runs): resume with the file it was begun with, or name a new folder with --out");
        }
    }

    /** Two sweeps in one folder would take each other's runs for leftovers. The system drops the lock of the dead. */
    private static SweepFolder locked(Path root, boolean begun) {
        NewFolder before = NewFolder.at(root);
        try {
            Files.createDirectories(root);
            FileChannel channel =
                    FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            boolean free;
            try {
                free = channel.tryLock() != null;
            } catch (OverlappingFileLockException e) {
                free = false;
            }
            if (!free) {
                channel.close();
                throw new OutputException("another sweep is at work in '" + root + "'");
            }
            return new SweepFolder(root, begun, before, channel);
        } catch (IOException e) {
            throw OutputException.cannotWrite(root, e);
        }
    }

    private static void write(Path root, Plan plan) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", "sweep");
        json.put("format_version", FORMAT_VERSION);
        json.put("model_version", RunSpec.MODEL_VERSION);
        json.put("title", plan.title());
        json.put("axes", plan.axes());
        json.put("points", plan.points().size());
        json.put("seeds", plan.seeds());
        json.put("runs", plan.size());
        json.put("digest", plan.digest());
        Path temporary = root.resolve("." + PLAN);
        Files.writeString(temporary, MAPPER.writeValueAsString(json).replace("\r\n", "\n") + "\n");
        Files.move(temporary, root.resolve(PLAN), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The data set. */
    Path runs() {
        return root.resolve(RUNS);
    }

    /** The place of a run's complete trace. */
    Path place(Plan.Run run) {
        return runs().resolve(run.point().folder(run.seed()));
    }

    /** Where a run is written. */
    Path open(int index) {
        return root.resolve(OPEN).resolve(Integer.toString(index));
    }

    /**
     * What the trace in a run's place says of itself; null if there is none.
     *
     * @throws ExperimentException if something else lies there
     */
    RunInfo done(Plan.Run run) {
        Path place = place(run);
        if (!TraceReader.isTrace(place)) {
            return null;
        }
        RunInfo info = whole(place);
        if (!info.state().equals(RunInfo.COMPLETE)
                || !run.spec().command().equals(info.spec().get("command"))) {
            throw new UnreadableExperimentException(
                    "'" + place + "' is not the run that belongs there: remove that folder and resume", null);
        }
        return info;
    }

    /** A sweep leaves no run in its place with parts missing or cut short; a copy of it may, or a disk. */
    private static RunInfo whole(Path place) {
        try {
            TraceReader reader = TraceReader.open(place);
            reader.requireParts();
            if (reader.counters().isEmpty()) {
                throw new TraceException("'" + place + "' has no counters");
            }
            return reader.info();
        } catch (TraceException e) {
            throw new UnreadableExperimentException(e.getMessage() + ": remove '" + place + "' and resume", e);
        }
    }

    /** Gives a complete run its place, at once. */
    void complete(int index, Plan.Run run) {
        Path place = place(run);
        try {
            Files.createDirectories(place.getParent());
            Files.move(open(index), place, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw OutputException.cannotWrite(place, e);
        }
    }

    /** Takes away what was being written. */
    void dropOpen() {
        try {
            Folders.delete(root.resolve(OPEN));
        } catch (IOException e) {
            // It stays, out of the data set; the next sweep here takes it away.
        }
    }

    /** Takes away the sweep, in which no run is complete, if it began now; answers whether it did. */
    boolean undo() {
        if (begun) {
            return false;
        }
        dropOpen();
        try {
            Files.deleteIfExists(root.resolve(PLAN));
            Files.deleteIfExists(root.resolve(LOCK));
        } catch (IOException e) {
            // It stays, as that of a sweep that was killed does.
        }
        before.prune();
        return true;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            // The lock goes with the process.
        }
    }
}
