package io.rseqlab.collector.spec;

import java.util.Comparator;
import java.util.List;

/** Names near a misspelt one. */
public final class Nearest {
    private Nearest() {}

    /** "; did you mean x? There are: x, y, z." */
    public static String hint(String wrong, List<String> names) {
        String nearest = names.stream()
                .min(Comparator.comparingInt(name -> distance(wrong, name)))
                .orElse("");
        String question =
                distance(wrong, nearest) <= Math.max(2, wrong.length() / 2) ? "; did you mean '" + nearest + "'?" : ";";
        return question + " known: " + String.join(", ", names);
    }

    /** Levenshtein distance. */
    static int distance(String a, String b) {
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
        return previous[b.length()];
    }
}
