package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Whether a program's file can load a library put before the C library's. An ELF file that is linked dynamically names
 * the loader that is to start it in a program header of type PT_INTERP; one that is linked statically has none. Source:
 * System V Application Binary Interface, chapter 5, and elf(5).
 */
enum Linkage {
    /** It names a loader. */
    DYNAMIC,
    /** It does not. */
    STATIC,
    /** Its words have another width than those of this machine's libraries. */
    OTHER_WIDTH,
    /** It is no ELF file: a script, whose interpreter is another file. */
    NO_PROGRAM;

    private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F'};
    private static final int MOST_BYTES = 1 << 16;
    private static final int WIDTH_AT = 4;
    private static final int ENDIAN_AT = 5;
    private static final int WIDTH_64 = 2;
    private static final int HEADERS_AT = 32;
    private static final int HEADER_BYTES_AT = 54;
    private static final int HEADERS_COUNT_AT = 56;
    private static final int LEAST_BYTES = 64;
    private static final int PT_INTERP = 3;

    /** Looks at a file. */
    static Linkage of(Path program) throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(program)) {
            bytes = in.readNBytes(MOST_BYTES);
        }
        if (bytes.length < LEAST_BYTES || !Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return NO_PROGRAM;
        }
        if (bytes[WIDTH_AT] != WIDTH_64) {
            return OTHER_WIDTH;
        }
        ByteBuffer file =
                ByteBuffer.wrap(bytes).order(bytes[ENDIAN_AT] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long at = file.getLong(HEADERS_AT);
        int size = file.getShort(HEADER_BYTES_AT);
        for (int i = 0; i < file.getShort(HEADERS_COUNT_AT); i++, at += size) {
            if (at >= 0 && at + Integer.BYTES <= bytes.length && file.getInt((int) at) == PT_INTERP) {
                return DYNAMIC;
            }
        }
        return STATIC;
    }
}
