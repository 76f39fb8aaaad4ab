package io.rseqlab.analyzer.command;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table of aligned columns: numbers right, words left, as each column is declared. */
public final class TextTable {
    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();

    /** Column heads; one that begins with {@code >} aligns its column right. */
    public TextTable(String... heads) {
        right = new boolean[heads.length];
        String[] row = new String[heads.length];
        for (int column = 0; column < heads.length; column++) {
            right[column] = heads[column].startsWith(">");
            row[column] = right[column] ? heads[column].substring(1) : heads[column];
        }
        rows.add(row);
    }

    /** Adds a row with a cell for each column. */
    public TextTable row(String... cells) {
        if (cells.length != right.length) {
            throw new IllegalArgumentException(cells.length + " cells in a table of " + right.length + " columns");
        }
        rows.add(cells);
        return this;
    }

    /** Rows below the head. */
    int size() {
        return rows.size() - 1;
    }

    /** The table, each line ended. */
    public String render() {
        int[] widths = new int[right.length];
        rows.forEach(row -> Arrays.setAll(
                widths, column -> Math.max(widths[column], row[column].codePointCount(0, row[column].length()))));
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                String space = " ".repeat(widths[column] - row[column].codePointCount(0, row[column].length()));
                line.append(column == 0 ? "" : "  ");
                line.append(right[column] ? space + row[column] : row[column] + space);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
