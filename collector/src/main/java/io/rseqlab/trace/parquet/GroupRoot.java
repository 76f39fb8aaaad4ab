package io.rseqlab.trace.parquet;

import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/** The converters that parquet-java asks for: text columns use theirs, number columns are read directly. */
final class GroupRoot extends GroupConverter {
    private final Converter[] converters;

    GroupRoot(MessageType schema, TableReader.TextCache cache) {
        converters = new Converter[schema.getFieldCount()];
        for (int field = 0; field < converters.length; field++) {
            boolean text = schema.getType(field).asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY;
            converters[field] = text ? new TextConverter(cache) : new PrimitiveConverter() {};
        }
    }

    /** The converter of a text column, null for a number. */
    TextConverter converter(int field) {
        return converters[field] instanceof TextConverter text ? text : null;
    }

    @Override
    public Converter getConverter(int field) {
        return converters[field];
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
}
