package io.rseqlab.trace.parquet;

import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;

/** Takes the values of a text column; a dictionary is decoded once per row group. */
final class TextConverter extends PrimitiveConverter {
    private final TableReader.TextCache cache;
    private String[] dictionary;
    private String value;

    TextConverter(TableReader.TextCache cache) {
        this.cache = cache;
    }

    String value() {
        return value;
    }

    @Override
    public boolean hasDictionarySupport() {
        return true;
    }

    @Override
    public void setDictionary(Dictionary values) {
        dictionary = new String[values.getMaxId() + 1];
        for (int id = 0; id < dictionary.length; id++) {
            dictionary[id] = cache.of(values.decodeToBinary(id).toStringUsingUTF8());
        }
    }

    @Override
    public void addValueFromDictionary(int id) {
        value = dictionary[id];
    }

    @Override
    public void addBinary(Binary binary) {
        value = cache.of(binary.toStringUsingUTF8());
    }
}
