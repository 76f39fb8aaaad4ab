package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * One table of a trace: the name its part files begin with, and its fields.
 *
 * @param name what part files begin with
 * @param fields the columns, in file order
 */
record Table(String name, List<Field> fields) {
    static final Table EVENTS = ofEvents("events");
    static final Table OPS = ofEvents("ops");
    static final Table COUNTERS = new Table(
            "counters",
            List.of(
                    new Field("name", Column.Type.TEXT, true),
                    new Field("start_cycle", Column.Type.INT64, false),
                    new Field("end_cycle", Column.Type.INT64, false),
                    new Field("cpu", Column.Type.INT32, false),
                    new Field("thread", Column.Type.INT32, false),
                    new Field("op", Column.Type.TEXT, false),
                    new Field("tier", Column.Type.INT32, false),
                    new Field("section", Column.Type.TEXT, false),
                    new Field("offset", Column.Type.INT32, false),
                    new Field("bucket", Column.Type.INT32, false),
                    new Field("detail", Column.Type.TEXT, false),
                    new Field("value", Column.Type.INT64, true)));

    /**
     * One column of a table.
     *
     * @param name its name in the file
     * @param type its type
     * @param required true where every row has a value
     */
    record Field(String name, Column.Type type, boolean required) {
        Type parquetType() {
            Type.Repetition repetition = required ? Type.Repetition.REQUIRED : Type.Repetition.OPTIONAL;
            Types.PrimitiveBuilder<PrimitiveType> builder = Types.primitive(primitive(), repetition);
            if (type == Column.Type.TEXT) {
                builder = builder.as(LogicalTypeAnnotation.stringType());
            }
            return builder.named(name);
        }

        PrimitiveTypeName primitive() {
            return switch (type) {
                case INT32 -> PrimitiveTypeName.INT32;
                case INT64 -> PrimitiveTypeName.INT64;
                case TEXT -> PrimitiveTypeName.BINARY;
            };
        }
    }

    private static Table ofEvents(String name) {
        List<Field> fields = new ArrayList<>();
        for (Column column : Column.values()) {
            fields.add(new Field(column.id(), column.type(), column.required()));
        }
        return new Table(name, List.copyOf(fields));
    }

    MessageType schema() {
        List<Type> types = new ArrayList<>();
        for (Field field : fields) {
            types.add(field.parquetType());
        }
        return new MessageType(name, types);
    }

    /** Name of the part of that number, so that names sort as parts do. */
    String partName(int part) {
        return String.format(Locale.ROOT, "%s-%05d.parquet", name, part);
    }

    /** True for names that {@link #partName} gives; temporary names are none. */
    boolean ownsPart(String fileName) {
        return fileName.matches(name + "-\\d{5,}\\.parquet");
    }
}
