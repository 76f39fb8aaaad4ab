package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.BlockClasses;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.Pad;
import java.util.ArrayList;
import java.util.List;

/**
 * One slab per CPU: a header of 4 bytes per size, two 16-bit numbers, {@code current} and {@code end}, in words from
 * the slab's start; then the arrays of pointers. Where a size's array begins is the same on all CPUs. The word before
 * each array is a pointer to itself with bit 0 set, so that pop sees by that bit that the array is empty. All commits
 * are one 16-bit store of {@code current}, or of {@code end} where an array grows.
 *
 * <p>Source: TCMalloc {@code percpu_tcmalloc.h}, {@code percpu_rseq_x86_64.S}. The slab's address is computed from the
 * CPU's number, as it was before 2023; today it is read from a word whose upper half the kernel overwrites, and whose
 * mark is tested: here the number's sign. Where slabs can be replaced it is read from a word of the CPU's, whose sign
 * is tested: a load that waits for the number, and as many micro-operations. There is no instruction to prefetch.
 */
final class CpuSlabs {
    private static final int HEADER = Reg.T2;
    private static final int SLAB = Reg.T1;
    private static final int CURRENT = Reg.T3;
    private static final int SLOT = Reg.T4;
    private static final int SCRATCH = Reg.T5;
    private static final int END = Reg.T6;
    private static final int LEFT = Reg.T10;
    private static final int CLASS_OFFSET = Reg.T11;
    private static final int MOVED = Reg.T11;
    private static final int COUNT = Reg.T12;
    private static final int AT = Reg.T13;

    private static final int CLASS_SHIFT = 2;

    private final ListIndex index;
    private final BlockClasses classes;
    private final Pad pad;
    private final boolean stoppable;
    private final SlabShapes shapes;

    /** @param stoppable sections look whether their CPU is stopped, and what they need to know of arrays may change */
    CpuSlabs(ListIndex index, BlockClasses classes, Pad pad, SlabShapes shapes, boolean stoppable) {
        this.index = index;
        this.classes = classes;
        this.pad = pad;
        this.shapes = shapes;
        this.stoppable = stoppable;
    }

    // ---- sections

    private Assembler.SectionLabel begin(
            Assembler a, Cold cold, String name, Assembler.Label resume, Assembler.Label stopped) {
        Assembler.SectionLabel section = a.section(name, resume);
        a.arm(section, SCRATCH);
        a.start(section);
        a.ld32(SLAB, Reg.RSEQ, index.inside);
        find(a, cold, section, stopped);
        a.ld16(CURRENT, HEADER, SlabShapes.CURRENT_WORD);
        return section;
    }

    /** SLAB = address of the slab of the number in SLAB, HEADER = of the class's header; one branch. */
    private void find(Assembler a, Cold cold, Assembler.SectionLabel section, Assembler.Label stopped) {
        if (!stoppable) {
            // no number: the area is not registered
            a.blt(SLAB, Reg.ZERO, leaving(a, cold, section, stopped));
        }
        shapes.find(a, SLAB);
        if (stoppable) {
            a.blt(SLAB, Reg.ZERO, leaving(a, cold, section, stopped));
        }
        a.add(HEADER, SLAB, CLASS_OFFSET);
    }

    private static Assembler.Label leaving(
            Assembler a, Cold cold, Assembler.SectionLabel section, Assembler.Label stopped) {
        Assembler.Label leave = a.label();
        cold.later(() -> {
            a.place(leave);
            a.exit(section, Mark.EXIT_COMPARE);
            a.jmp(stopped);
        });
        return leave;
    }

    private static void offset(Assembler a) {
        a.shli(CLASS_OFFSET, BlockClasses.CLASS, CLASS_SHIFT);
    }

    private void slot(Assembler a) {
        a.shli(SLOT, CURRENT, 3);
        a.add(SLOT, SLOT, SLAB);
    }

    /** Pops into A0; at {@code empty} when the array is empty, at {@code stopped} when the CPU is stopped. */
    void pop(Assembler a, Cold cold, Assembler.Label empty, Assembler.Label stopped) {
        Assembler.Label none = a.label();
        offset(a);
        Assembler.Label retry = a.here();
        pad.load(a, LEFT, true);
        Assembler.SectionLabel section = begin(a, cold, "pop", retry, stopped);
        slot(a);
        a.ld64(Reg.A0, SLOT, -8);
        a.andi(SCRATCH, Reg.A0, 1);
        a.bnez(SCRATCH, none);
        a.ld64(SCRATCH, SLOT, -16); // the next object, to be prefetched
        a.addi(CURRENT, CURRENT, -1);
        pad.spend(a, LEFT);
        a.st16(HEADER, 0, CURRENT);
        a.commit(section);
        cold.later(() -> {
            a.place(none);
            a.exit(section, Mark.EXIT_EMPTY);
            a.jmp(empty);
        });
    }

    /** Pushes the block in A0; at {@code full} when the array is full, at {@code stopped} when the CPU is stopped. */
    void push(Assembler a, Cold cold, Assembler.Label full, Assembler.Label stopped) {
        Assembler.Label refused = a.label();
        offset(a);
        Assembler.Label retry = a.here();
        pad.load(a, LEFT, true);
        Assembler.SectionLabel section = begin(a, cold, "push", retry, stopped);
        a.ld16(END, HEADER, SlabShapes.END_WORD);
        a.bge(CURRENT, END, refused);
        slot(a);
        a.st64(SLOT, 0, Reg.A0);
        a.addi(CURRENT, CURRENT, 1);
        pad.spend(a, LEFT);
        a.st16(HEADER, 0, CURRENT);
        a.commit(section);
        cold.later(() -> {
            a.place(refused);
            a.exit(section, Mark.EXIT_FULL);
            a.jmp(full);
        });
    }

    /**
     * Pushes the last objects of a buffer in one section, as many as fit; an aborted attempt pushes none.
     *
     * @param buffer register that holds the buffer's address; kept
     * @param number register that says how many there are; in the end how many are left
     */
    void pushBatch(Assembler a, Cold cold, int buffer, int number) {
        Assembler.Label fits = a.label();
        Assembler.Label refused = a.label();
        Assembler.Label done = a.label();
        offset(a);
        a.mov(AT, CLASS_OFFSET);
        Assembler.SectionLabel section = begin(a, cold, "push_batch", done, done);
        a.ld16(END, HEADER, SlabShapes.END_WORD);
        a.sub(END, END, CURRENT);
        a.mov(MOVED, number);
        a.bge(END, MOVED, fits);
        a.mov(MOVED, END);
        a.place(fits);
        a.bge(Reg.ZERO, MOVED, refused);
        slot(a);
        a.sub(AT, number, MOVED);
        a.shli(AT, AT, 3);
        a.add(AT, AT, buffer);
        a.mov(COUNT, MOVED);
        copy(a, AT, SLOT);
        a.add(CURRENT, CURRENT, MOVED);
        a.st16(HEADER, 0, CURRENT);
        a.commit(section);
        a.sub(number, number, MOVED);
        a.place(done);
        cold.later(() -> {
            a.place(refused);
            a.exit(section, Mark.EXIT_FULL);
            a.jmp(done);
        });
    }

    /**
     * Pops objects into a buffer in one section; an aborted attempt pops none.
     *
     * @param buffer register that holds the buffer's address; kept
     * @param number register that says how many at most; in the end how many came
     * @param begin register that holds where the array begins, in words; where that may change, the address of the word
     *     that says so
     */
    void popBatch(Assembler a, Cold cold, int buffer, int number, int begin) {
        Assembler.Label enough = a.label();
        Assembler.Label refused = a.label();
        Assembler.Label aborted = a.label();
        Assembler.Label done = a.label();
        offset(a);
        Assembler.SectionLabel section = begin(a, cold, "pop_batch", aborted, aborted);
        if (stoppable) {
            a.ld64(END, begin, 0);
            a.sub(END, CURRENT, END);
        } else {
            a.sub(END, CURRENT, begin);
        }
        a.mov(MOVED, number);
        a.bge(END, MOVED, enough);
        a.mov(MOVED, END);
        a.place(enough);
        a.beqz(MOVED, refused);
        a.sub(CURRENT, CURRENT, MOVED);
        slot(a);
        a.mov(AT, buffer);
        a.mov(COUNT, MOVED);
        copy(a, SLOT, AT);
        a.st16(HEADER, 0, CURRENT);
        a.commit(section);
        a.mov(number, MOVED);
        a.place(done);
        cold.later(() -> {
            a.place(refused);
            a.exit(section, Mark.EXIT_EMPTY);
            a.place(aborted);
            a.li(number, 0);
            a.jmp(done);
        });
    }

    private static void copy(Assembler a, int from, int to) {
        Assembler.Label next = a.here();
        a.ld64(SCRATCH, from, 0);
        a.st64(to, 0, SCRATCH);
        a.addi(from, from, 8);
        a.addi(to, to, 8);
        a.djnz(COUNT, next);
    }

    /** capacity = that of the array of a number's slab, as it is now; nonsense if the slab is just being replaced. */
    void capacity(Assembler a, int number, int begin, int capacity) {
        offset(a);
        shapes.slab(a, number, SLAB);
        a.add(HEADER, SLAB, CLASS_OFFSET);
        a.ld16(capacity, HEADER, SlabShapes.END_WORD);
        a.sub(capacity, capacity, begin);
    }

    /**
     * Makes the array longer; to {@code failed} where the thread is no longer under that number, was interrupted, or
     * the array would come to be longer than it may.
     *
     * @param number register that holds the number
     * @param by register that says by how many objects
     * @param last register that holds where the array may end at most, in words
     * @param row register that holds the address of the size's line, where that stands and may change
     */
    void grow(Assembler a, Cold cold, int number, int by, int last, int row, Assembler.Label failed) {
        Assembler.Label stale = a.label();
        Assembler.Label refused = a.label();
        offset(a);
        Assembler.SectionLabel section = a.section("grow", failed);
        a.arm(section, SCRATCH);
        a.start(section);
        a.ld32(SLAB, Reg.RSEQ, index.inside);
        a.bne(SLAB, number, stale);
        shapes.find(a, SLAB);
        if (stoppable) {
            a.blt(SLAB, Reg.ZERO, leaving(a, cold, section, failed));
            a.ld64(last, row, TcmallocTables.LAST);
        }
        a.add(HEADER, SLAB, CLASS_OFFSET);
        a.ld16(END, HEADER, SlabShapes.END_WORD);
        a.add(END, END, by);
        a.blt(last, END, refused);
        a.st16(HEADER, SlabShapes.END_WORD, END);
        a.commit(section);
        cold.later(() -> {
            a.place(stale);
            a.exit(section, Mark.EXIT_STALE_CPU);
            a.jmp(failed);
            a.place(refused);
            a.exit(section, Mark.EXIT_FULL);
            a.jmp(failed);
        });
    }

    // ---- audit

    /** Capacity, in objects, of a CPU's array. */
    int capacity(Audit audit, int cpu, int sizeClass) {
        long slab = shapes.slab(audit, cpu);
        int header = header(audit, slab, sizeClass);
        return (header >>> 16) - begin(audit, slab, header & 0xffff);
    }

    private static int header(Audit audit, long slab, int sizeClass) {
        long address = slab + ((long) sizeClass << CLASS_SHIFT);
        return (int) (audit.word(address & -8) >>> 8 * (address & 4));
    }

    /** Where an array begins: behind the word before it, which pop knows by its bit 0 too. */
    private static int begin(Audit audit, long slab, int current) {
        int begin = current;
        while (begin > 0 && (audit.word(slab + 8L * (begin - 1)) & 1) == 0) {
            begin--;
        }
        return begin;
    }

    /** Visits the objects of a CPU's slab. */
    void audit(Audit audit, int cpu) {
        List<Long> objects = new ArrayList<>();
        long slab = shapes.slab(audit, cpu);
        for (int i = 0; i < classes.count(); i++) {
            int header = header(audit, slab, i);
            int current = header & 0xffff;
            audit.expect(current <= header >>> 16, index.place(cpu) + ": objects behind an array's end");
            for (int word = begin(audit, slab, current); word < current; word++) {
                objects.add(audit.word(slab + 8L * word));
            }
        }
        audit.blocks(objects, index.place(cpu));
    }
}
