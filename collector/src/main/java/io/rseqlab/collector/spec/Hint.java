package io.rseqlab.collector.spec;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The command to type next, which verbs suggest on standard error when they are done. */
public final class Hint {
    private Hint() {}

    /** "Next: rseqlab VERB WORD...", words quoted where a shell needs it. */
    public static String next(Object... words) {
        return "Next: " + commandLine(Arrays.stream(words).map(Hint::word).toList());
    }

    /** A file may have a name that looks like an option. */
    private static String word(Object word) {
        String text = String.valueOf(word);
        return word instanceof Path && text.startsWith("-") ? "./" + text : text;
    }

    /** The command line of the program with these words, as it can be pasted into a shell. */
    public static String commandLine(List<String> words) {
        return "rseqlab " + words.stream().map(Hint::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return word.matches("[\\w./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
