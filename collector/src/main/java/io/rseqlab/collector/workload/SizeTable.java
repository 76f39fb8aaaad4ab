package io.rseqlab.collector.workload;

import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A distribution of sizes: per size how often it is allocated and how many objects of it are live. */
record SizeTable(List<Row> rows, String digest) {
    private static final int MOST_ROWS = 65_536;

    /**
     * A table of our own: sizes from 16 bytes to 32 KiB, rates that fall, and live objects as they do, with the size.
     */
    static final SizeTable OWN = own();

    /**
     * A size.
     *
     * @param bytes how large objects are
     * @param rate how often they are allocated, in whatever unit all rows have
     * @param live how many of them are live
     */
    record Row(long bytes, double rate, double live) {}

    private static SizeTable own() {
        List<Row> rows = new ArrayList<>();
        for (int bytes = 16; bytes <= 32 << 10; bytes *= 2) {
            rows.add(new Row(bytes, 1.0 / bytes, 1.0 / bytes));
        }
        return new SizeTable(List.copyOf(rows), "");
    }

    /**
     * Reads lines of three numbers with commas between; empty lines and those that begin with # are left out.
     *
     * @throws TraceException where the file cannot be read, or is not of this form
     */
    static SizeTable read(String file) {
        String text;
        try {
            text = Files.readString(Path.of(file), StandardCharsets.UTF_8);
        } catch (IOException | IllegalArgumentException e) {
            throw new TraceException("the distribution " + file + " cannot be read: " + e.getMessage());
        }
        List<Row> rows = new ArrayList<>();
        String[] lines = text.split("\\R", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i].strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                Row row = row(file + " line " + (i + 1), line);
                if (row.rate() > 0) {
                    rows.add(row);
                }
            }
        }
        if (rows.isEmpty() || rows.size() > MOST_ROWS) {
            throw new TraceException("the distribution " + file + " has " + rows.size()
                    + " sizes with a rate; from 1 to " + MOST_ROWS + " are allowed");
        }
        return new SizeTable(List.copyOf(rows), digestOf(text));
    }

    private static Row row(String where, String line) {
        String[] parts = line.split(",", -1);
        try {
            if (parts.length == 3) {
                Row row = new Row(
                        Long.parseLong(parts[0].strip()),
                        Double.parseDouble(parts[1].strip()),
                        Double.parseDouble(parts[2].strip()));
                if (row.bytes() > 0 && finite(row.rate()) && finite(row.live())) {
                    return row;
                }
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new TraceException(where + ": '" + line + "' is not 'bytes, rate of allocations, live objects'");
    }

    private static boolean finite(double value) {
        return value >= 0 && value < Double.MAX_VALUE;
    }

    private static String digestOf(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The row that belongs to each of so many quantiles of the rates. */
    int[] quantiles(int count) {
        double sum = rows.stream().mapToDouble(Row::rate).sum();
        int[] found = new int[count];
        int row = 0;
        double upTo = rows.get(0).rate();
        for (int i = 0; i < count; i++) {
            while (row < rows.size() - 1 && upTo < sum * (i + 0.5) / count) {
                upTo += rows.get(++row).rate();
            }
            found[i] = row;
        }
        return found;
    }

    /** How many of so many slots each row has, as its live objects are; one at least. */
    int[] slots(long count) {
        double sum = rows.stream().mapToDouble(Row::live).sum();
        return rows.stream()
                .mapToInt(row -> (int) Math.max(1, Math.round(sum == 0 ? 1 : count * row.live() / sum)))
                .toArray();
    }
}
