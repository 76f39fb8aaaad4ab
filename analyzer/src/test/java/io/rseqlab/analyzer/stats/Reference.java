package io.rseqlab.analyzer.stats;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/** The numbers of {@code reference/reference.csv}, made by the script beside it. */
record Reference(String name, double[] inputs, String quantity, double value) {
    static List<Reference> all(String name) {
        List<Reference> found = read().stream().filter(r -> r.name.equals(name)).toList();
        if (found.isEmpty()) {
            throw new IllegalStateException("no reference numbers for " + name);
        }
        return found;
    }

    static double value(String name, String quantity) {
        return all(name).stream()
                .filter(r -> r.quantity.equals(quantity))
                .findFirst()
                .orElseThrow()
                .value;
    }

    private static List<Reference> read() {
        InputStream stream = Reference.class.getResourceAsStream("reference/reference.csv");
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
            return reader.lines()
                    .filter(l -> !l.startsWith("#"))
                    .skip(1)
                    .map(Reference::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reference parse(String line) {
        String[] cells = line.split(",");
        double[] inputs = Arrays.stream(cells[1].split(";"))
                .mapToDouble(Double::parseDouble)
                .toArray();
        return new Reference(cells[0], inputs, cells[2], Double.parseDouble(cells[3]));
    }

    double end(Estimate estimate) {
        return quantity.equals("low")
                ? estimate.interval().low()
                : estimate.interval().high();
    }

    @Override
    public String toString() {
        return name + Arrays.toString(inputs) + "." + quantity;
    }
}
