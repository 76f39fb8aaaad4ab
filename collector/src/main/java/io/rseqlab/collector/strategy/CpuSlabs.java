package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.UsageException;
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
 * mark is tested: here the number's sign. There is no instruction to prefetch.
 */
final class CpuSlabs {
    /** Where the two numbers of a header lie. */
    static final int CURRENT_WORD = 0;

    static final int END_WORD = 2;
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
    /** Classes that may have more than others. */
    private static final int FIRST_CLASSES = 10;

    private static final int FULL_SHIFT = 18;

    private final ListIndex index;
    private final BlockClasses classes;
    private final Pad pad;
    private final int shift;
    private final boolean stoppable;
    private final int stop;
    private final long base;
    private final int[] begins;
    private final int[] most;

    /**
     * What slabs are like.
     *
     * @param shift binary logarithm of a slab's bytes
     * @param firstCapacity most objects of an array of the first ten sizes in a slab of 256 KiB
     * @param capacity the same of all others
     * @param stoppable sections look whether their CPU is stopped: a load and a branch, where the real ones test the
     *     mark of the cached address
     */
    record Geometry(int shift, int firstCapacity, int capacity, boolean stoppable) {}

    CpuSlabs(StrategyContext context, ListIndex index, BlockClasses classes, Pad pad, Geometry geometry) {
        this.index = index;
        this.classes = classes;
        this.pad = pad;
        this.shift = geometry.shift();
        this.stoppable = geometry.stoppable();
        Layout layout = context.layout();
        base = layout.reserve((long) context.cpus() << shift, 2 * Layout.LINE);
        begins = new int[classes.count()];
        most = new int[classes.count()];
        int headers = (classes.count() * 4 + 7) / 8;
        stop = 8 * headers;
        int word = headers + (stoppable ? 2 : 1);
        for (int i = 0; i < begins.length; i++) {
            int full = i < FIRST_CLASSES ? geometry.firstCapacity() : geometry.capacity();
            begins[i] = word;
            int room = (1 << shift - 3) - word - 2 * (begins.length - i);
            most[i] = Math.max(
                    2, Math.min(Math.max(2, (full >> FULL_SHIFT - shift) - (shift < FULL_SHIFT ? 3 : 0)), room));
            word += most[i] + 1;
        }
        if (word > 1 << shift - 3) {
            throw new UsageException("tcmalloc-percpu: " + begins.length + " sizes do not fit into slabs of 2^" + shift
                    + " bytes: a larger shift");
        }
        for (int cpu = 0; cpu < context.cpus(); cpu++) {
            initial(layout, slab(cpu));
        }
    }

    private void initial(Layout layout, long slab) {
        long word = 0;
        for (int i = 0; i < begins.length; i++) {
            word |= (begins[i] * 0x10001L) << 32 * (i & 1);
            if ((i & 1) == 1 || i == begins.length - 1) {
                layout.word(slab + 4L * (i & ~1), word);
                word = 0;
            }
            long before = slab + 8L * (begins[i] - 1);
            layout.word(before, before | 1);
        }
    }

    private long slab(int cpu) {
        return base + ((long) cpu << shift);
    }

    /** Where a size's array begins, in words from the slab's start. */
    int begin(int sizeClass) {
        return begins[sizeClass];
    }

    /** Most objects that its array may ever have. */
    int most(int sizeClass) {
        return most[sizeClass];
    }

    // ---- sections

    private Assembler.SectionLabel begin(
            Assembler a, Cold cold, String name, Assembler.Label resume, Assembler.Label stopped) {
        Assembler.SectionLabel section = a.section(name, resume);
        a.arm(section, SCRATCH);
        a.start(section);
        a.ld32(SLAB, Reg.RSEQ, index.inside);
        if (!stoppable) {
            // no number: the area is not registered; with a stop word, that is the one branch
            a.blt(SLAB, Reg.ZERO, leaving(a, cold, section, stopped));
        }
        find(a);
        testStop(a, cold, section, stopped);
        a.ld16(CURRENT, HEADER, CURRENT_WORD);
        return section;
    }

    private void testStop(Assembler a, Cold cold, Assembler.SectionLabel section, Assembler.Label stopped) {
        if (stoppable) {
            a.ld64(SCRATCH, SLAB, stop);
            a.bnez(SCRATCH, leaving(a, cold, section, stopped));
        }
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

    /** SLAB = address of the slab of the number in SLAB, HEADER = of the class's header. */
    private void find(Assembler a) {
        a.shli(SLAB, SLAB, shift);
        a.addi(SLAB, SLAB, Math.toIntExact(base));
        a.add(HEADER, SLAB, CLASS_OFFSET);
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
        a.ld16(END, HEADER, 2);
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
        a.ld16(END, HEADER, 2);
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
     * @param begin register that holds where the array begins, in words
     */
    void popBatch(Assembler a, Cold cold, int buffer, int number, int begin) {
        Assembler.Label enough = a.label();
        Assembler.Label refused = a.label();
        Assembler.Label aborted = a.label();
        Assembler.Label done = a.label();
        offset(a);
        Assembler.SectionLabel section = begin(a, cold, "pop_batch", aborted, aborted);
        a.sub(END, CURRENT, begin);
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

    /** capacity = that of the array of a number's slab, as it is now. */
    void capacity(Assembler a, int number, int begin, int capacity) {
        offset(a);
        a.mov(SLAB, number);
        find(a);
        a.ld16(capacity, HEADER, 2);
        a.sub(capacity, capacity, begin);
    }

    /**
     * Makes the array longer; to {@code failed} where the thread is no longer under that number, was interrupted, or
     * the array would come to be longer than it may.
     *
     * @param number register that holds the number
     * @param by register that says by how many objects
     * @param last register that holds where the array may end at most, in words
     */
    void grow(Assembler a, Cold cold, int number, int by, int last, Assembler.Label failed) {
        Assembler.Label stale = a.label();
        Assembler.Label refused = a.label();
        offset(a);
        Assembler.SectionLabel section = a.section("grow", failed);
        a.arm(section, SCRATCH);
        a.start(section);
        a.ld32(SLAB, Reg.RSEQ, index.inside);
        a.bne(SLAB, number, stale);
        find(a);
        testStop(a, cold, section, failed);
        a.ld16(END, HEADER, 2);
        a.add(END, END, by);
        a.blt(last, END, refused);
        a.st16(HEADER, 2, END);
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

    // ---- from outside

    /** slab and header = the addresses of a CPU's slab and of its header of the size in CLASS. */
    void header(Assembler a, int cpu, int slab, int header) {
        a.shli(slab, cpu, shift);
        a.addi(slab, slab, Math.toIntExact(base));
        a.shli(header, BlockClasses.CLASS, CLASS_SHIFT);
        a.add(header, header, slab);
    }

    /** Stops a CPU with 1 in a register, lets it go on with 0. Sections that are under way must be aborted. */
    void stopWord(Assembler a, int cpu, int slab, int value) {
        a.shli(slab, cpu, shift);
        a.addi(slab, slab, Math.toIntExact(base));
        a.st64(slab, stop, value);
    }

    /** rd = 1 if the CPU is stopped. */
    void stopped(Assembler a, int cpu, int slab, int rd) {
        a.shli(slab, cpu, shift);
        a.addi(slab, slab, Math.toIntExact(base));
        a.ld64(rd, slab, stop);
    }

    // ---- audit

    /** Capacity, in objects, of a CPU's array. */
    int capacity(Audit audit, int cpu, int sizeClass) {
        return (header(audit, cpu, sizeClass) >>> 16) - begins[sizeClass];
    }

    private int header(Audit audit, int cpu, int sizeClass) {
        long address = slab(cpu) + 4L * sizeClass;
        return (int) (audit.word(address & -8) >>> 8 * (address & 4));
    }

    /** Visits the objects of a CPU's slab. */
    void audit(Audit audit, int cpu) {
        List<Long> objects = new ArrayList<>();
        for (int i = 0; i < begins.length; i++) {
            int current = header(audit, cpu, i) & 0xffff;
            audit.expect(current <= header(audit, cpu, i) >>> 16, index.place(cpu) + ": objects behind an array's end");
            for (int word = begins[i]; word < current; word++) {
                objects.add(audit.word(slab(cpu) + 8L * word));
            }
        }
        audit.blocks(objects, index.place(cpu));
    }
}
