package io.rseqlab.collector.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Notes on several runs: what holds for many is said once, with how many they are. */
final class NotesOfRuns {
    private final Map<String, List<Note>> byForm = new LinkedHashMap<>();
    private int runs;

    private record Note(Path run, String text) {}

    /** Adds the notes on one more run. */
    void add(Path run, List<String> texts) {
        runs++;
        for (String text : texts) {
            String form = text.replaceAll("\\d+(\\.\\d+)?", "#");
            byForm.computeIfAbsent(form, any -> new ArrayList<>()).add(new Note(run, text));
        }
    }

    /** A line for each kind of note, in the order in which they came up. */
    List<String> lines() {
        return byForm.values().stream().map(this::line).toList();
    }

    private String line(List<Note> notes) {
        Note first = notes.get(0);
        int count = notes.size();
        if (count == 1) {
            return "note: " + first.run() + ": " + first.text();
        }
        boolean same = notes.stream().allMatch(note -> note.text().equals(first.text()));
        return "note: " + (count == runs ? "all " + runs : count + " of " + runs) + " runs: " + first.text()
                + (same ? "" : " (figures of " + first.run() + "; the others have their own)");
    }
}
