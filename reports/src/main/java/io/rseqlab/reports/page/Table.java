package io.rseqlab.reports.page;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A table on the page and, under its title, in the embedded JSON.
 *
 * @param title what it shows
 * @param headers one per column, with the unit
 * @param rows the rows; an item is a String, a Number (Long and Integer are counts), a {@link Quantity}, or null for no
 *     data; a double that is not finite is no data either
 * @param note what must be known to read it, or null
 */
public record Table(String title, List<String> headers, List<List<Object>> rows, String note) {

    public Table {
        headers = List.copyOf(headers);
        List<List<Object>> copy = new ArrayList<>();
        for (List<?> row : rows) {
            if (row.size() != headers.size()) {
                throw new IllegalArgumentException("table '" + title + "' has " + headers.size()
                        + " columns and a row of " + row.size() + ": " + row);
            }
            row.forEach(item -> requireKnown(title, item));
            List<Object> items = new ArrayList<>(row);
            items.replaceAll(item -> item instanceof Double number && !Double.isFinite(number) ? null : item);
            copy.add(Collections.unmodifiableList(items));
        }
        rows = Collections.unmodifiableList(copy);
    }

    private static void requireKnown(String title, Object item) {
        boolean known = item == null || item instanceof String || item instanceof Number || item instanceof Quantity;
        if (!known) {
            throw new IllegalArgumentException(
                    "table '" + title + "' cannot show a " + item.getClass().getSimpleName());
        }
    }
}
