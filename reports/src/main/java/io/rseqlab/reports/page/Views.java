package io.rseqlab.reports.page;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** What the template sees: text that is ready to be escaped and put in its place. */
final class Views {
    private Views() {}

    /** A number: exact for machines, short for people. */
    record Number(String exact, String text) {}

    /** An interval. */
    record Range(Number low, Number high) {}

    /** One item of a table: a number, perhaps with an interval, or words. */
    record Item(Number number, Range range, String words, String header) {
        /** Words in place of a number. */
        String plain() {
            return number == null ? words : null;
        }

        /** Words beside a number. */
        String aside() {
            return number == null ? null : words;
        }

        boolean wide() {
            return words != null && words.length() > 44;
        }
    }

    /** A column's name; numbers are flushed right under it. */
    record Head(String text, boolean numeric) {}

    /** One row of a table. */
    record Row(List<Item> items) {}

    /** A table. */
    record Grid(String title, List<Head> headers, List<Row> rows, String note) {}

    /** A chart with the table behind it. */
    record Figure(String id, String caption, String alt, Drawing drawing, Grid grid) {
        String source() {
            return "data:image/png;base64,"
                    + Base64.getEncoder().encodeToString(drawing.picture().png());
        }

        boolean spotted() {
            return !drawing.picture().spots().isEmpty();
        }

        /** Marks to point at, in per cent of the picture. */
        List<Spot> spots() {
            return drawing.picture().spots().stream()
                    .map(spot -> new Spot(percent(spot.x()), percent(spot.y()), spot.text()))
                    .toList();
        }

        private static String percent(double share) {
            return String.format(Locale.ROOT, "%.2f", 100 * share);
        }

        int width() {
            return drawing.picture().width();
        }

        int height() {
            return drawing.picture().height();
        }
    }

    /** A mark in a picture, that says what it is when it is pointed at. */
    record Spot(String left, String top, String text) {}

    /** A part of the page; without figures and grids it says why. */
    record Section(
            String id,
            String title,
            String intro,
            String noData,
            List<Figure> figures,
            List<Grid> grids,
            List<Grid> folded) {
        Section(String id, String title, String intro, String noData, List<Figure> figures, List<Grid> grids) {
            this(id, title, intro, noData, figures, grids, List.of());
        }
    }

    /**
     * The head of a row or column of the first table: a strategy, or a cell.
     *
     * @param name of strategy or workload
     * @param color of a strategy's dot; null of a cell
     * @param baseline whether it is the baseline
     * @param place of a cell, what sets it apart but for its workload; empty of a strategy
     * @param seen of a cell, what its numbers rest on; empty of a strategy
     */
    record Headed(String name, String color, boolean baseline, String place, String seen) {}

    /** A strategy in a cell: its value, and how it stands to the baseline, under the head of its column. */
    record Standing(Headed column, Item value, String tone, String sign, String phrase) {}

    /** A row of the first table. */
    record Line(Headed head, List<Standing> standings) {}

    /** The first table. */
    record Summary(String title, String shared, String corner, List<Headed> columns, List<Line> lines) {
        private static final int MOST_OPEN = 16;

        /** True where it would keep the reader from all that follows. */
        boolean folded() {
            return lines.size() > MOST_OPEN;
        }
    }

    /** A command or a value with its name. */
    record Named(String name, String text) {}

    static Grid grid(Table table) {
        List<Row> rows = new ArrayList<>();
        for (List<Object> row : table.rows()) {
            List<Item> items = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                items.add(item(row.get(i), table.headers().get(i)));
            }
            rows.add(new Row(items));
        }
        List<Head> heads = new ArrayList<>();
        for (int i = 0; i < table.headers().size(); i++) {
            heads.add(new Head(table.headers().get(i), numeric(table, i)));
        }
        return new Grid(table.title(), heads, rows, table.note());
    }

    private static boolean numeric(Table table, int column) {
        List<Object> items =
                table.rows().stream().map(row -> row.get(column)).collect(Collectors.toCollection(ArrayList::new));
        return items.stream().noneMatch(String.class::isInstance)
                && items.stream().anyMatch(Objects::nonNull);
    }

    static Item item(Object value, String header) {
        if (value == null) {
            return new Item(null, null, "no data", header);
        }
        if (value instanceof Quantity quantity) {
            Number shown = number(quantity, quantity.value());
            if (quantity.low() != null && quantity.low().equals(quantity.high())) {
                return new Item(shown, null, "no variation", header);
            }
            Range range = quantity.low() == null
                    ? null
                    : new Range(number(quantity, quantity.low()), number(quantity, quantity.high()));
            return new Item(shown, range, null, header);
        }
        if (value instanceof Long || value instanceof Integer) {
            long count = ((java.lang.Number) value).longValue();
            return new Item(new Number(Long.toString(count), Fmt.count(count)), null, null, header);
        }
        if (value instanceof java.lang.Number number) {
            double real = number.doubleValue();
            return new Item(new Number(Double.toString(real), Fmt.number(real)), null, null, header);
        }
        return new Item(null, null, value.toString(), header);
    }

    private static Number number(Quantity quantity, double value) {
        return new Number(Double.toString(value), quantity.text(value));
    }
}
