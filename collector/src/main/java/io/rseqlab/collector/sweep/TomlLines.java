package io.rseqlab.collector.sweep;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * In which line of a TOML text each key stands: the parser does not tell. Knows headings of tables and of arrays of
 * tables, bare and quoted keys; what it does not find has no line, and messages then go without.
 */
final class TomlLines {
    private static final String NAME = "[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*'";
    private static final Pattern HEADING = Pattern.compile("\\s*(\\[\\[?)\\s*(" + NAME + ")\\s*]]?\\s*(#.*)?");
    private static final Pattern KEY = Pattern.compile("\\s*(" + NAME + ")\\s*=.*");

    private final Map<String, Integer> lines = new HashMap<>();

    /** Looks through a text once. */
    TomlLines(String text) {
        String table = "";
        Map<String, Integer> tables = new HashMap<>();
        String[] all = text.split("\n", -1);
        for (int i = 0; i < all.length; i++) {
            Matcher heading = HEADING.matcher(all[i]);
            Matcher key = KEY.matcher(all[i]);
            if (heading.matches()) {
                String name = unquoted(heading.group(2));
                boolean array = heading.group(1).length() == 2;
                table = array ? name + "." + (tables.merge(name, 1, Integer::sum) - 1) : name;
                lines.putIfAbsent(table, i + 1);
                table += ".";
            } else if (key.matches()) {
                lines.putIfAbsent(table + unquoted(key.group(1)), i + 1);
            }
        }
    }

    private static String unquoted(String name) {
        boolean quoted = name.startsWith("\"") || name.startsWith("'");
        return quoted ? name.substring(1, name.length() - 1) : name;
    }

    /** {@code line 7: } for a path such as {@code grid.threads} or {@code zip.0.cpus}; empty where it is not found. */
    String of(String path) {
        Integer line = lines.get(path);
        return line == null ? "" : "line " + line + ": ";
    }
}
