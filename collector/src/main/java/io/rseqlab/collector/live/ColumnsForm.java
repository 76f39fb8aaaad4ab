package io.rseqlab.collector.live;

import io.rseqlab.trace.malloc.MallocOrigin;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Text of the user's own, as bpftrace, ltrace, DTrace and the like print it: which column holds what is said in words
 * such as {@code columns:thread=1,time=2,op=3,address=4,size=5}.
 */
final class ColumnsForm implements MallocForm {
    /** What a column may hold. */
    enum Column {
        OP,
        ADDRESS,
        SIZE,
        COUNT,
        OLD,
        THREAD,
        TIME,
        DURATION,
        CPU;

        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String PREFIX = "columns:";
    private static final int MOST_COLUMN = 60;
    private static final Map<String, Character> SEPARATORS =
            new LinkedHashMap<>(Map.of("blank", ' ', "comma", ',', "semicolon", ';', "tab", '\t'));
    private static final Map<String, Integer> DIGITS = Map.of("s", 9, "ms", 6, "us", 3, "ns", 0);
    private static final Map<String, MallocCall.Op> OPS = new HashMap<>();

    static {
        for (String name : List.of(
                "malloc", "calloc", "memalign", "posix_memalign", "aligned_alloc", "valloc", "pvalloc", "new", "+")) {
            OPS.put(name, MallocCall.Op.ALLOCATE);
        }
        for (String name : List.of("free", "cfree", "delete", "-")) {
            OPS.put(name, MallocCall.Op.FREE);
        }
        for (String name : List.of("realloc", "reallocarray")) {
            OPS.put(name, MallocCall.Op.REALLOCATE);
        }
        for (String name : List.of("thread_done", "thread_exit")) {
            OPS.put(name, MallocCall.Op.THREAD_END);
        }
    }

    private final Map<Column, Integer> places = new EnumMap<>(Column.class);
    private final String spec;
    private char separator = ' ';
    private int timeDigits;
    private long skip;
    private String why;

    /**
     * Reads what the user says of the columns.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    ColumnsForm(String spec) {
        this.spec = spec;
        for (String word : spec.substring(PREFIX.length()).split(",", -1)) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + word + "' in '" + spec + "' is not key=value");
            }
            set(word.substring(0, equals), word.substring(equals + 1));
        }
        for (Column needed : List.of(Column.OP, Column.ADDRESS, Column.SIZE)) {
            if (!places.containsKey(needed)) {
                throw new IllegalArgumentException("'" + spec + "' does not say which column holds the " + needed.id()
                        + ": " + needed.id() + "=N");
            }
        }
    }

    /** True of a spec for this form. */
    static boolean is(String spec) {
        return spec.startsWith(PREFIX);
    }

    private void set(String key, String value) {
        switch (key) {
            case "separator" -> separator = oneOf(key, value, SEPARATORS);
            case "time_unit" -> timeDigits = oneOf(key, value, DIGITS);
            case "skip" -> skip = number(key, value, 0);
            default -> {
                for (Column column : Column.values()) {
                    if (column.id().equals(key)) {
                        places.put(column, number(key, value, 1) - 1);
                        return;
                    }
                }
                throw new IllegalArgumentException("columns have no '" + key + "': known: "
                        + List.of(Column.values()).stream().map(Column::id).collect(Collectors.joining(", "))
                        + ", separator, skip, time_unit");
            }
        }
    }

    private static <T> T oneOf(String key, String value, Map<String, T> known) {
        T meant = known.get(value);
        if (meant == null) {
            throw new IllegalArgumentException(key + "=" + value + " is not known: "
                    + String.join(", ", known.keySet().stream().sorted().toList()));
        }
        return meant;
    }

    private static int number(String key, String value, int least) {
        if (!value.matches("\\d{1,9}")
                || Integer.parseInt(value) < least
                || least == 1 && Integer.parseInt(value) > MOST_COLUMN) {
            throw new IllegalArgumentException(key + "=" + value + " is not allowed: a whole number from " + least
                    + (least == 1 ? " to " + MOST_COLUMN : ""));
        }
        return Integer.parseInt(value);
    }

    /** What separates the columns. */
    char separator() {
        return separator;
    }

    @Override
    public Line parse(Fields line, MallocCall call) {
        if (skip > 0) {
            skip--;
            return Line.OTHER;
        }
        if (line.line().isBlank() || line.line().startsWith("#")) {
            return Line.OTHER;
        }
        why = null;
        MallocCall.Op op = OPS.get(line.text(places.get(Column.OP)));
        if (op == null) {
            why = found(line, Column.OP, "no name of a call");
            return Line.UNKNOWN;
        }
        call.begin(op, has(Column.THREAD) ? number(line, Column.THREAD) : 0);
        if (op != MallocCall.Op.THREAD_END) {
            call.address = hex(line, Column.ADDRESS);
        }
        if (op == MallocCall.Op.ALLOCATE || op == MallocCall.Op.REALLOCATE) {
            call.sizeBytes = number(line, Column.SIZE);
            String times = has(Column.COUNT) ? line.text(places.get(Column.COUNT)) : "";
            call.sizeBytes *= times.isEmpty() ? 1 : number(line, Column.COUNT);
        }
        if (op == MallocCall.Op.REALLOCATE) {
            if (!has(Column.OLD)) {
                why = "no column is said to hold the old address";
                return Line.UNKNOWN;
            }
            call.oldAddress = hex(line, Column.OLD);
        }
        call.cpu = has(Column.CPU) ? (int) number(line, Column.CPU) : 0;
        call.timeNanos = has(Column.TIME) ? nanos(line, Column.TIME) : 0;
        call.durationNanos = has(Column.DURATION) ? nanos(line, Column.DURATION) : 0;
        return why != null ? Line.UNKNOWN : Line.CALL;
    }

    private long number(Fields line, Column column) {
        long value = line.number(places.get(column));
        unread(line, column, line.wrong());
        return value;
    }

    private long hex(Fields line, Column column) {
        long value = line.hex(places.get(column));
        unread(line, column, line.wrong());
        return value;
    }

    /** The first column of a line that cannot be read is the one to name. */
    private void unread(Fields line, Column column, boolean wrong) {
        if (wrong && why == null) {
            why = found(line, column, "no number");
        }
    }

    private String found(Fields line, Column column, String what) {
        int place = places.get(column);
        return "column " + (place + 1) + " (" + column.id() + ") is "
                + (place < line.count() ? "'" + line.text(place) + "', " + what : "not there");
    }

    @Override
    public String whyUnknown() {
        return why;
    }

    private boolean has(Column column) {
        return places.containsKey(column);
    }

    private long nanos(Fields line, Column column) {
        try {
            return new BigDecimal(line.text(places.get(column)))
                    .movePointRight(timeDigits)
                    .longValue();
        } catch (ArithmeticException | NumberFormatException e) {
            unread(line, column, true); // said with the line's number by the caller
            return 0;
        }
    }

    @Override
    public MallocOrigin origin() {
        return new MallocOrigin("columns", has(Column.THREAD), has(Column.TIME), has(Column.DURATION), has(Column.CPU));
    }

    @Override
    public String example() {
        return "one with malloc, calloc, realloc or free in column " + (places.get(Column.OP) + 1) + ", as '" + spec
                + "' says" + (has(Column.OLD) ? "" : "; realloc needs old=N besides");
    }
}
