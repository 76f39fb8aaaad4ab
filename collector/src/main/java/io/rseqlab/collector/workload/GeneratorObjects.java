package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Settings;

/**
 * Objects of {@link Generator}: of a new one a word is written in each of the lines that were asked for, and at its end
 * one is read in each. How many lines that are then stands with who allocated it, in the one word that allocators leave
 * a small object.
 */
final class GeneratorObjects {
    /** Where the lines to be read stand in the word that holds who allocated an object. */
    private static final int LINES_BIT = 16;

    private static final int THREAD_MASK = (1 << LINES_BIT) - 1;

    private static final int OBJECT = Reg.W2;
    private static final int SCRATCH = Reg.W4;
    private static final int NUMBER = Reg.W5;

    private final ThreadLoop loop;
    private final Draws draws;
    private final ClassLookup classes;
    private final boolean readsMore;
    /** From a class to the lines behind the first that are written, and that are read. */
    private final int linesWritten;

    private final int linesRead;

    /** @param draws whose scratch register is W4 */
    GeneratorObjects(Settings settings, Layout layout, ThreadLoop loop, Draws draws, int[] quantiles) {
        this.loop = loop;
        this.draws = draws;
        SizeClasses sizes = GeneratorSizes.classes(quantiles);
        classes = new ClassLookup(layout, sizes, quantiles.length, i -> quantiles[i]);
        readsMore = settings.count(Generator.DEATH) > Layout.LINE;
        linesWritten = lines(layout, sizes, settings.count(Generator.BIRTH));
        linesRead = lines(layout, sizes, settings.count(Generator.DEATH));
    }

    private static int lines(Layout layout, SizeClasses sizes, long most) {
        long table = layout.reserve(8L * sizes.count(), 2 * Layout.LINE);
        for (int i = 0; i < sizes.count(); i++) {
            layout.word(table + 8L * i, (Math.min(most, sizes.bytes(i)) - 1) / Layout.LINE);
        }
        return Math.toIntExact(table);
    }

    /** A0 = a new object of a size that is drawn by the lower bits; W4 and W5 change. */
    void allocate(Assembler a) {
        Assembler.Label written = a.label();
        draws.draw(a);
        draws.belowByLowerBits(a, NUMBER, GeneratorSizes.QUANTILES);
        classes.look(a, NUMBER, NUMBER);
        a.mov(Reg.A0, NUMBER);
        loop.allocate(a); // leaves the thread's number in its temporary
        a.shli(NUMBER, NUMBER, 3);
        if (readsMore) {
            a.ld64(SCRATCH, NUMBER, linesRead);
            a.shli(SCRATCH, SCRATCH, LINES_BIT);
            a.add(ThreadLoop.TEMPORARY, ThreadLoop.TEMPORARY, SCRATCH);
            a.st64(Reg.A0, ThreadLoop.PAYLOAD, ThreadLoop.TEMPORARY);
        }
        a.ld64(NUMBER, NUMBER, linesWritten);
        a.beqz(NUMBER, written);
        a.mov(SCRATCH, Reg.A0);
        Assembler.Label line = a.here();
        a.addi(SCRATCH, SCRATCH, Layout.LINE);
        a.st64(SCRATCH, 0, ThreadLoop.ONE);
        a.djnz(NUMBER, line);
        a.place(written);
        loop.bump(a, ThreadLoop.OPERATIONS);
        a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
    }

    /** Frees the object in W2; W4 changes. */
    void release(Assembler a) {
        if (!readsMore) {
            loop.release(a, OBJECT);
            return;
        }
        Assembler.Label own = a.label();
        Assembler.Label read = a.label();
        a.ld64(SCRATCH, OBJECT, ThreadLoop.PAYLOAD);
        a.andi(Reg.A1, SCRATCH, THREAD_MASK);
        a.ld64(Reg.A2, Reg.WORKLOAD, ThreadLoop.ID);
        a.beq(Reg.A1, Reg.A2, own);
        loop.bump(a, ThreadLoop.FOREIGN_FREES);
        a.place(own);
        a.shri(SCRATCH, SCRATCH, LINES_BIT);
        a.beqz(SCRATCH, read);
        a.mov(Reg.A1, OBJECT);
        Assembler.Label line = a.here();
        a.addi(Reg.A1, Reg.A1, Layout.LINE);
        a.ld64(Reg.A2, Reg.A1, 0);
        a.djnz(SCRATCH, line);
        a.place(read);
        loop.releaseUntouched(a, OBJECT, false);
    }
}
