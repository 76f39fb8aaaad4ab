package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import java.util.function.IntUnaryOperator;

/** Objects whose size belongs to a number, such as a draw, and of which one word every so many bytes is written. */
final class SizedObjects {
    private final ClassLookup classes;
    /** From a class to the writes behind the first. */
    private final long writes;

    private final int stepBytes;

    /**
     * @param entries how many numbers there are, from 0
     * @param bytes size that belongs to a number
     * @param stepBytes distance of the words that are written: a line, or a page
     */
    SizedObjects(Layout layout, SizeClasses sizes, int entries, IntUnaryOperator bytes, int stepBytes) {
        this.stepBytes = stepBytes;
        classes = new ClassLookup(layout, sizes, entries, bytes);
        writes = layout.reserve(8L * sizes.count(), 2 * Layout.LINE);
        for (int i = 0; i < sizes.count(); i++) {
            layout.word(writes + 8L * i, (sizes.bytes(i) - 1) / stepBytes);
        }
    }

    /**
     * A0 = a new object of the size that belongs to the number in a register of the workload's, which becomes 0; A1
     * changes.
     */
    void allocate(Assembler a, ThreadLoop loop, int number) {
        create(a, loop, number);
        touch(a, Reg.A0, number, true);
    }

    /** The same, and keeps at an address how many words behind its first it has for {@link #touch}. */
    void allocate(Assembler a, ThreadLoop loop, int number, int base, int offset) {
        create(a, loop, number);
        a.st64(base, offset, number);
        touch(a, Reg.A0, number, true);
    }

    private void create(Assembler a, ThreadLoop loop, int number) {
        classes.look(a, number, number);
        a.mov(Reg.A0, number);
        loop.allocate(a);
        a.shli(number, number, 3);
        a.ld64(number, number, Math.toIntExact(writes));
    }

    /** Writes, or reads, as many words behind an object's first as a register says, which is 0 then; A1, A2 change. */
    void touch(Assembler a, int object, int words, boolean write) {
        Assembler.Label done = a.label();
        a.beqz(words, done);
        a.mov(Reg.A1, object);
        Assembler.Label next = a.here();
        a.addi(Reg.A1, Reg.A1, stepBytes);
        if (write) {
            a.st64(Reg.A1, 0, ThreadLoop.ONE);
        } else {
            a.ld64(Reg.A2, Reg.A1, 0);
        }
        a.djnz(words, next);
        a.place(done);
    }
}
