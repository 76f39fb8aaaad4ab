package io.rseqlab.collector.spec;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Names near a misspelt one. */
public final class Nearest {
    /** Fewer letters are in too many names. */
    private static final int LEAST_LETTERS = 3;

    private Nearest() {}

    /** "; did you mean 'x'? known: x, y, z", without the question where no name is near. */
    public static String hint(String wrong, List<String> names) {
        String nearest = of(wrong, names);
        return (nearest == null ? ";" : "; did you mean '" + nearest + "'?") + " known: " + String.join(", ", names);
    }

    /**
     * The name that was meant, perhaps: the one that takes the fewest changes of a letter, else one that holds what was
     * typed, else one whose beginning takes few changes. Null if none is near.
     */
    public static String of(String wrong, List<String> names) {
        String typed = wrong.toLowerCase(Locale.ROOT);
        Optional<String> whole = names.stream()
                .min(Comparator.comparingInt(name -> distance(typed, name)))
                .filter(name -> distance(typed, name) <= Math.max(2, typed.length() / 2));
        Optional<String> within = names.stream()
                .filter(name -> typed.length() >= LEAST_LETTERS && name.contains(typed))
                .findFirst();
        Optional<String> beginning = names.stream()
                .min(Comparator.comparingInt(name -> fromBeginning(typed, name)))
                .filter(name -> typed.length() >= LEAST_LETTERS && fromBeginning(typed, name) <= typed.length() / 2);
        return whole.or(() -> within).or(() -> beginning).orElse(null);
    }

    /** Levenshtein distance. */
    static int distance(String a, String b) {
        return lastRow(a, b)[b.length()];
    }

    /** Levenshtein distance to the nearest of the beginnings of {@code b}. */
    private static int fromBeginning(String a, String b) {
        return Arrays.stream(lastRow(a, b)).min().orElseThrow();
    }

    private static int[] lastRow(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replace, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous;
    }
}
