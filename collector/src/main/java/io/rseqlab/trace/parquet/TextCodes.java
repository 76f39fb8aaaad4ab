package io.rseqlab.trace.parquet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Numbers texts in the order of their first occurrence. Producers pass the same instances, so most look-ups compare
 * references.
 */
final class TextCodes {
    private static final int SLOTS = 256;

    private final String[] recent = new String[SLOTS];
    private final int[] recentCodes = new int[SLOTS];
    private final Map<String, Integer> codes = new HashMap<>();
    private final List<String> texts = new ArrayList<>();

    /** The number of a text; {@link #size} before the call if it is new. */
    int codeOf(String text) {
        int slot = text.hashCode() & (SLOTS - 1);
        if (recent[slot] != text) {
            recent[slot] = text;
            recentCodes[slot] = lookUp(text);
        }
        return recentCodes[slot];
    }

    private int lookUp(String text) {
        Integer code = codes.get(text);
        if (code == null) {
            code = texts.size();
            codes.put(text, code);
            texts.add(text);
        }
        return code;
    }

    int size() {
        return texts.size();
    }

    List<String> texts() {
        return texts;
    }
}
