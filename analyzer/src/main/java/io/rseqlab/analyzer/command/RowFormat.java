package io.rseqlab.analyzer.command;

import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Forms in which {@code view} prints rows; named as on the command line. */
enum RowFormat {
    /** For people: only the columns that occur, aligned; causes by name. */
    table {
        @Override
        RowPrinter printer(PrintWriter out) {
            return new TablePrinter(out);
        }
    },
    /** All columns; absent values are empty. */
    csv {
        @Override
        RowPrinter printer(PrintWriter out) {
            return new CsvPrinter(out);
        }
    },
    /** One array of objects; absent values are left out. */
    json {
        @Override
        RowPrinter printer(PrintWriter out) {
            return new JsonPrinter(out);
        }
    };

    abstract RowPrinter printer(PrintWriter out);

    private static Object value(Event event, Column column) {
        return column.type() == Column.Type.TEXT ? event.text(column) : (Object) event.number(column);
    }

    private static final class TablePrinter implements RowPrinter {
        private static final int BLOCK = 1000;
        private final PrintWriter out;
        private final List<Event> rows = new ArrayList<>();

        TablePrinter(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void print(Event event) {
            Event copy = new Event();
            copy.copyFrom(event);
            rows.add(copy);
            if (rows.size() == BLOCK) {
                printBlock();
            }
        }

        @Override
        public void end() {
            printBlock();
        }

        private void printBlock() {
            List<StringBuilder> lines = new ArrayList<>();
            for (int line = 0; line <= rows.size(); line++) {
                lines.add(new StringBuilder());
            }
            for (Column column : Column.values()) {
                if (rows.stream().anyMatch(row -> row.has(column))) {
                    append(lines, column);
                }
            }
            lines.forEach(line -> out.println(line.toString().stripTrailing()));
            rows.clear();
        }

        private void append(List<StringBuilder> lines, Column column) {
            List<String> cells = new ArrayList<>(List.of(column.id()));
            rows.forEach(row -> cells.add(cell(row, column)));
            int width = cells.stream().mapToInt(String::length).max().orElse(0);
            for (int line = 0; line < cells.size(); line++) {
                String padding = " ".repeat(width - cells.get(line).length());
                String cell = column.type() == Column.Type.TEXT ? cells.get(line) + padding : padding + cells.get(line);
                lines.get(line).append(cell).append("  ");
            }
        }

        private static String cell(Event row, Column column) {
            if (!row.has(column)) {
                return "";
            }
            return column == Column.CAUSES
                    ? String.join("+", Cause.namesOf((int) row.number(column)))
                    : String.valueOf(value(row, column));
        }
    }

    private static final class CsvPrinter implements RowPrinter {
        private final PrintWriter out;

        CsvPrinter(PrintWriter out) {
            this.out = out;
            out.println(Arrays.stream(Column.values()).map(Column::id).collect(Collectors.joining(",")));
        }

        @Override
        public void print(Event event) {
            out.println(Arrays.stream(Column.values())
                    .map(column -> event.has(column) ? quoted(String.valueOf(value(event, column))) : "")
                    .collect(Collectors.joining(",")));
        }

        private static String quoted(String text) {
            boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
            return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
        }

        @Override
        public void end() {}
    }

    private static final class JsonPrinter implements RowPrinter {
        private static final JsonMapper MAPPER = new JsonMapper();
        private final PrintWriter out;
        private String separator = "[";

        JsonPrinter(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void print(Event event) {
            Map<String, Object> row = new LinkedHashMap<>();
            for (Column column : Column.values()) {
                if (event.has(column)) {
                    row.put(column.id(), value(event, column));
                }
            }
            out.println(separator + MAPPER.writeValueAsString(row));
            separator = ",";
        }

        @Override
        public void end() {
            out.println(separator.equals("[") ? "[]" : "]");
        }
    }
}
