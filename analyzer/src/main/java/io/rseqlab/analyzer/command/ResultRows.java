package io.rseqlab.analyzer.command;

import io.rseqlab.trace.parquet.ResultFile;
import io.rseqlab.trace.parquet.ResultFile.Field;
import io.rseqlab.trace.parquet.ResultFile.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A result as a long table, one number a row: the same rows as CSV and as Parquet. */
final class ResultRows {
    private final String name;
    private final List<Field> fields = new ArrayList<>();
    private final List<List<Object>> rows = new ArrayList<>();

    /** A table of that name, which Parquet calls its schema. */
    ResultRows(String name) {
        this.name = name;
    }

    ResultRows texts(String... names) {
        return fields(Kind.TEXT, names);
    }

    ResultRows wholes(String... names) {
        return fields(Kind.WHOLE, names);
    }

    ResultRows reals(String... names) {
        return fields(Kind.REAL, names);
    }

    private ResultRows fields(Kind kind, String... names) {
        Arrays.stream(names).forEach(field -> fields.add(new Field(field, kind)));
        return this;
    }

    /** A row with a value for each field, null where there is none; an empty text, as a unit may be, is none. */
    void row(Object... values) {
        if (values.length != fields.size()) {
            throw new IllegalArgumentException(values.length + " values for " + fields.size() + " fields");
        }
        List<Object> row = new ArrayList<>(Arrays.asList(values));
        row.replaceAll(value -> "".equals(value) ? null : value);
        rows.add(row);
    }

    String csv() {
        Csv csv = new Csv().line(fields.stream().map(Field::name).toArray());
        rows.forEach(row -> csv.line(row.toArray()));
        return csv.render();
    }

    void parquet(OutputStream stream) throws IOException {
        ResultFile.write(name, fields, rows, stream);
    }
}
