package io.rseqlab.analyzer.engine;

import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.parquet.TraceReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Finds traces: directories with a {@code run.json}. */
public final class Traces {
    private Traces() {}

    /**
     * The traces named, and those in the directories named, each once and in order of name within a directory. What
     * lies in a folder whose name begins with a dot is not looked at: there a sweep keeps the runs it is making.
     *
     * @throws TraceException if a place is no trace and holds none
     */
    public static List<Path> find(List<Path> places) {
        Set<Path> found = new LinkedHashSet<>();
        for (Path place : places) {
            List<Path> inside = TraceReader.isTrace(place) ? List.of(place) : within(place);
            if (inside.isEmpty()) {
                throw new TraceException(
                        "'" + place + "' is no trace and holds none: a trace is a directory with a run.json");
            }
            found.addAll(inside);
        }
        return new ArrayList<>(found);
    }

    private static List<Path> within(Path place) {
        if (!Files.isDirectory(place)) {
            throw new TraceException(
                    Files.exists(place)
                            ? "'" + place + "' is no trace: a file, while a trace is a directory with a run.json"
                            : "'" + place + "' does not exist");
        }
        try (Stream<Path> paths = Files.walk(place, FileVisitOption.FOLLOW_LINKS)) {
            return paths.filter(path -> Files.isDirectory(path) && TraceReader.isTrace(path))
                    .filter(path -> !hidden(place.relativize(path)))
                    .sorted()
                    .toList();
        } catch (UncheckedIOException | IOException e) {
            throw new TraceException("cannot list '" + place + "': " + e.getMessage(), e);
        }
    }

    private static boolean hidden(Path inside) {
        for (Path part : inside) {
            String name = part.toString();
            if (name.startsWith(".") && !name.equals(".") && !name.equals("..")) {
                return true;
            }
        }
        return false;
    }
}
