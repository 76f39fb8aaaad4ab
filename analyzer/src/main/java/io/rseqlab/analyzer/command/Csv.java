package io.rseqlab.analyzer.command;

import java.util.ArrayList;
import java.util.List;

/** Lines of comma-separated values (RFC 4180, lines ended by a line feed); absent values are empty. */
final class Csv {
    private final StringBuilder text = new StringBuilder();

    Csv line(Object... values) {
        List<String> cells = new ArrayList<>();
        for (Object value : values) {
            cells.add(quoted(value == null ? "" : value.toString()));
        }
        text.append(String.join(",", cells)).append('\n');
        return this;
    }

    private static String quoted(String cell) {
        boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }

    String render() {
        return text.toString();
    }
}
