package io.rseqlab.collector.live;

/** The fields of a line, between separators; numbers are read without making strings of them. */
final class Fields {
    private static final int MOST = 64;

    private final char separator;
    private final int[] begins = new int[MOST];
    private final int[] ends = new int[MOST];
    private String line = "";
    private int count;
    private boolean wrong;

    /** @param separator what stands between fields; a blank stands for any number of blanks and tabs */
    Fields(char separator) {
        this.separator = separator;
    }

    /** Cuts a line. Of a line with very many fields, the first are seen. */
    Fields of(String newLine) {
        line = newLine;
        count = 0;
        wrong = false;
        int length = line.length();
        int at = 0;
        while (at <= length && count < MOST) {
            if (separator == ' ') {
                while (at < length && blank(line.charAt(at))) {
                    at++;
                }
                if (at == length) {
                    break;
                }
            }
            int end = at;
            while (end < length && !separates(line.charAt(end))) {
                end++;
            }
            begins[count] = at;
            ends[count++] = end;
            at = end + 1;
        }
        return this;
    }

    private boolean separates(char c) {
        return separator == ' ' ? blank(c) : c == separator;
    }

    private static boolean blank(char c) {
        return c == ' ' || c == '\t' || c == '\r';
    }

    int count() {
        return count;
    }

    /** A field as text; empty where there is none. */
    String text(int field) {
        return field < count ? line.substring(begins[field], ends[field]).strip() : "";
    }

    /** True if a field is that text. */
    boolean is(int field, String text) {
        return field >= 0
                && field < count
                && ends[field] - begins[field] == text.length()
                && line.startsWith(text, begins[field]);
    }

    /** A number, hexadecimal behind 0x; {@link #wrong} if it is none. */
    long number(int field) {
        return number(field, 0, 10);
    }

    /** A hexadecimal number, with or without 0x. */
    long hex(int field) {
        return number(field, 0, 16);
    }

    /** The number before the last {@code cut} characters of a field. */
    long number(int field, int cut, int base) {
        if (field < 0 || field >= count) {
            wrong = true;
            return 0;
        }
        int at = begins[field];
        int end = ends[field] - cut;
        while (at < end && blank(line.charAt(at))) {
            at++;
        }
        while (end > at && blank(line.charAt(end - 1))) {
            end--;
        }
        int radix = base;
        if (end - at > 2 && line.charAt(at) == '0' && (line.charAt(at + 1) | 32) == 'x') {
            radix = 16;
            at += 2;
        }
        if (at >= end || end - at > (radix == 16 ? 16 : 18)) {
            wrong = true;
            return 0;
        }
        long value = 0;
        for (; at < end; at++) {
            int digit = Character.digit(line.charAt(at), radix);
            if (digit < 0) {
                wrong = true;
                return 0;
            }
            value = value * radix + digit;
        }
        return value;
    }

    /** The last character of a field, 0 if there is none. */
    char last(int field) {
        return field >= 0 && field < count && ends[field] > begins[field] ? line.charAt(ends[field] - 1) : 0;
    }

    /** True if something asked for as a number of this line was none. */
    boolean wrong() {
        return wrong;
    }

    /** The whole line. */
    String line() {
        return line;
    }
}
