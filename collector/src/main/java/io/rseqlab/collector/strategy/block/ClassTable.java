package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import java.util.function.IntUnaryOperator;

/**
 * A number that depends on the size class: a constant of the program where there is one class, else a table in
 * simulated memory that all threads read.
 */
public final class ClassTable {
    private final BlockClasses classes;
    private final int[] values;
    private final int base;

    /** @param valueOf value for a class */
    public ClassTable(Layout layout, BlockClasses classes, IntUnaryOperator valueOf) {
        this.classes = classes;
        values = new int[classes.count()];
        base = classes.single() ? 0 : Math.toIntExact(layout.reserve(8L * values.length, 2 * Layout.LINE));
        for (int i = 0; i < values.length; i++) {
            values[i] = valueOf.applyAsInt(i);
            if (!classes.single()) {
                layout.word(base + 8L * i, values[i]);
            }
        }
    }

    /** rd = the value for the operation's class. */
    public void load(Assembler a, int rd) {
        if (classes.single()) {
            a.li(rd, values[0]);
            return;
        }
        classes.current(a, rd);
        a.shli(rd, rd, 3);
        a.ld64(rd, rd, base);
    }

    /** The value for a class. */
    public int of(int number) {
        return values[number];
    }

    /** True if there is one class only. */
    public boolean single() {
        return classes.single();
    }

    /** True if all classes have the value. */
    public boolean always(int value) {
        for (int one : values) {
            if (one != value) {
                return false;
            }
        }
        return true;
    }
}
