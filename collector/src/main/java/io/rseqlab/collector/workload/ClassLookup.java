package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.SizeClasses;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** A table in the program's memory from a number, such as a draw, to the class of an object's size. */
final class ClassLookup {
    private final long table;

    /**
     * @param entries how many numbers there are, from 0
     * @param bytes size that belongs to a number
     */
    ClassLookup(Layout layout, SizeClasses sizes, int entries, IntUnaryOperator bytes) {
        table = layout.reserve(8L * ((entries + 3) / 4), 2 * Layout.LINE);
        for (int word = 0; word < (entries + 3) / 4; word++) {
            long packed = 0;
            for (int i = 3; i >= 0; i--) {
                int entry = Math.min(4 * word + i, entries - 1);
                packed = packed << 16 | sizes.holding(bytes.applyAsInt(entry));
            }
            layout.word(table + 8L * word, packed);
        }
    }

    /** rd = the class that belongs to the number in a register, which is changed. */
    void look(Assembler a, int rd, int number) {
        a.shli(number, number, 1);
        a.ld16(rd, number, Math.toIntExact(table));
    }

    /** The classes that hold objects of these sizes, each rounded up to what sizes are multiples of. */
    static SizeClasses classesFor(int... bytes) {
        int granule = SizeClasses.GRANULE_BYTES;
        return SizeClasses.of(Arrays.stream(bytes)
                .map(size -> (Math.max(size, 1) + granule - 1) / granule * granule)
                .distinct()
                .sorted()
                .toArray());
    }
}
