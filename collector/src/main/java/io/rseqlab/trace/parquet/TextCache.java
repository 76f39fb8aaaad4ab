package io.rseqlab.trace.parquet;

import java.util.HashMap;
import java.util.Map;

/** One instance of each text, so that later comparisons are by reference mostly. */
final class TextCache {
    private static final int MOST = 1 << 16;

    private final Map<String, String> texts = new HashMap<>();

    String of(String text) {
        String known = texts.size() < MOST ? texts.putIfAbsent(text, text) : texts.get(text);
        return known == null ? text : known;
    }
}
