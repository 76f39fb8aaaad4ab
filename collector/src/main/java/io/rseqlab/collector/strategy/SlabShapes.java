package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.block.BlockClasses;

/**
 * How large TCMalloc's slabs may be, what an array of each size may have at most in slabs of each size, and where the
 * slabs lie. Slabs that are never stopped have one shape, and their addresses are computed from the CPU's number. Those
 * that may be stopped, and replaced by others, are found by a word per CPU with the slab's address, whose sign says
 * that the CPU is stopped; there is memory for two sets of slabs of each shape, the one in use and the next.
 *
 * <p>Source: TCMalloc {@code cpu_cache.h} (CalculateMaxCapacityForAllClasses, AllocOrReuseSlabs). A slab has room for
 * all sizes of TCMalloc's tables, 46 at least; what those would have that the workload does not ask for, a batch each
 * excepted, is what they may give to others.
 */
final class SlabShapes {
    /** Sizes of the smallest of TCMalloc's tables. */
    static final int ALL_SIZES = 46;

    /** Where the two numbers of a header lie. */
    static final int CURRENT_WORD = 0;

    static final int END_WORD = 2;

    // ---- a shape, as programs find it: bytes of a slab; how often capacities are halved; where the two sets lie; what
    // unused sizes may give, and in one go; then how many objects an array of each size has at most
    static final int BYTES = 0;
    static final int HALVINGS = 8;
    static final int SETS = 16;
    static final int SPARE = 32;
    static final int STEP = 40;
    static final int MOST = 48;

    /** Classes that may have more than others. */
    private static final int FIRST_CLASSES = 10;

    private static final int FULL_SHIFT = 18;
    private static final int CLASS_SHIFT = 2;
    private static final int LARGEST_BATCH = 32;
    /** The words of CPUs lie on lines of their own. */
    private static final int POINTER_SHIFT = 6;

    private static final long STOPPED = Long.MIN_VALUE;

    private final Geometry geometry;
    private final BlockClasses classes;
    private final int cpus;
    private final int leastShift;
    private final Shape[] shapes;
    private final Shape first;
    private final long pointers;
    private final long table;

    /**
     * What slabs are like.
     *
     * @param shift binary logarithm of a slab's bytes at first
     * @param least the same of the smallest slabs that are taken instead
     * @param most the same of the largest
     * @param firstCapacity most objects of an array of the first ten sizes in a slab of 256 KiB
     * @param capacity the same of all others
     * @param stoppable CPUs are stopped, and slabs replaced, by a thread in the background
     */
    record Geometry(int shift, int least, int most, int firstCapacity, int capacity, boolean stoppable) {}

    /**
     * Slabs of one size.
     *
     * @param most how many objects an array of each size has at most
     * @param spare objects that unused sizes may give, if there is room for them
     * @param sets where the two sets of slabs lie
     */
    private record Shape(int shift, int[] most, long spare, long... sets) {}

    SlabShapes(StrategyContext context, BlockClasses classes, Geometry geometry) {
        this.geometry = geometry;
        this.classes = classes;
        this.cpus = context.cpus();
        Layout layout = context.layout();
        int least = geometry.stoppable() ? Math.min(geometry.shift(), geometry.least()) : geometry.shift();
        while (least < geometry.shift() && !fits(capacities(least), least)) {
            least++;
        }
        leastShift = least;
        int most = geometry.stoppable() ? Math.max(geometry.shift(), geometry.most()) : geometry.shift();
        shapes = new Shape[most - least + 1];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = shape(layout, least + i);
        }
        first = shapes[geometry.shift() - least];
        for (int cpu = 0; cpu < cpus; cpu++) {
            initial(layout, first.sets[0] + ((long) cpu << first.shift));
        }
        pointers = geometry.stoppable() ? layout.reserve((long) cpus << POINTER_SHIFT, 2 * Layout.LINE) : 0;
        table = geometry.stoppable() ? layout.reserve(stride() * shapes.length, 2 * Layout.LINE) : 0;
        if (geometry.stoppable()) {
            writeTables(layout);
        }
    }

    // ---- shapes

    private static int halvings(int shift) {
        return FULL_SHIFT - shift;
    }

    /** What an array of the size of a number in the table may have, before there is a look at how much fits. */
    private int full(int number, int shift) {
        int objects = number < FIRST_CLASSES ? geometry.firstCapacity() : geometry.capacity();
        return Math.max(2, (objects >> halvings(shift)) - (halvings(shift) > 0 ? 3 : 0));
    }

    private int[] capacities(int shift) {
        int[] most = new int[classes.count()];
        int word = firstWord();
        for (int i = 0; i < most.length; i++) {
            int room = (1 << shift - 3) - word - 2 * (most.length - i);
            most[i] = Math.max(2, Math.min(full(i, shift), room));
            word += most[i] + 1;
        }
        return most;
    }

    private int behind(int[] most) {
        int word = firstWord();
        for (int one : most) {
            word += one + 1;
        }
        return word;
    }

    private boolean fits(int[] most, int shift) {
        return behind(most) <= 1 << shift - 3;
    }

    private Shape shape(Layout layout, int shift) {
        int[] most = capacities(shift);
        if (!fits(most, shift)) {
            throw new UsageException("tcmalloc-percpu: " + most.length + " sizes do not fit into slabs of 2^" + shift
                    + " bytes: a larger shift");
        }
        long spare = 0;
        for (int i = most.length; i < ALL_SIZES; i++) {
            spare += Math.max(0, full(i, shift) - (LARGEST_BATCH >> halvings(shift)));
        }
        spare = Math.min(spare, (1 << shift - 3) - behind(most));
        long bytes = (long) cpus << shift;
        long set = layout.reserve(bytes, 2 * Layout.LINE);
        return new Shape(shift, most, spare, set, geometry.stoppable() ? layout.reserve(bytes, 2 * Layout.LINE) : set);
    }

    /** Where the first size's array begins: behind the headers and its mark. */
    int firstWord() {
        return (classes.count() * 4 + 7) / 8 + 1;
    }

    /** Where a size's array begins at first, in words from the slab's start. */
    int begin(int sizeClass) {
        int word = firstWord();
        for (int i = 0; i < sizeClass; i++) {
            word += first.most[i] + 1;
        }
        return word;
    }

    /** Most objects that its array may have at first. */
    int most(int sizeClass) {
        return first.most[sizeClass];
    }

    private void initial(Layout layout, long slab) {
        long word = 0;
        for (int i = 0; i < classes.count(); i++) {
            int begin = begin(i);
            word |= (begin * 0x10001L) << 32 * (i & 1);
            if ((i & 1) == 1 || i == classes.count() - 1) {
                layout.word(slab + 4L * (i & ~1), word);
                word = 0;
            }
            long before = slab + 8L * (begin - 1);
            layout.word(before, before | 1);
        }
    }

    private void writeTables(Layout layout) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            layout.word(pointers + ((long) cpu << POINTER_SHIFT), first.sets[0] + ((long) cpu << first.shift));
        }
        for (int i = 0; i < shapes.length; i++) {
            Shape shape = shapes[i];
            long at = table + stride() * i;
            layout.word(at + BYTES, 1L << shape.shift);
            layout.word(at + HALVINGS, halvings(shape.shift));
            layout.word(at + SETS, shape.sets[0]);
            layout.word(at + SETS + 8, shape.sets[1]);
            layout.word(at + SPARE, shape.spare);
            layout.word(
                    at + STEP,
                    (long) Math.max(0, ALL_SIZES - classes.count()) * LARGEST_BATCH >> halvings(shape.shift));
            for (int k = 0; k < shape.most.length; k++) {
                layout.word(at + MOST + 8L * k, shape.most[k]);
            }
        }
    }

    /** Bytes from a shape to that of slabs of twice the size. */
    long stride() {
        return MOST + 8L * classes.count() + Layout.LINE - 1 & -Layout.LINE;
    }

    /** Where the shape of the smallest, the first, and the largest slabs stands. */
    long smallest() {
        return table;
    }

    long firstShape() {
        return table + stride() * (geometry.shift() - leastShift);
    }

    long largest() {
        return table + stride() * (shapes.length - 1);
    }

    /** What unused sizes may give at first. */
    long spare() {
        return first.spare;
    }

    /** Most objects of all arrays of slabs of a shape, and what unused sizes may give, together. */
    long room(long shape) {
        Shape one = shapes[Math.toIntExact((shape - table) / stride())];
        long room = one.spare;
        for (int most : one.most) {
            room += most;
        }
        return room;
    }

    // ---- where slabs lie

    /** In a section: slab = the address of the slab of the number in it; its sign says that the CPU is stopped. */
    void find(Assembler a, int slab) {
        if (geometry.stoppable()) {
            word(a, slab, slab);
        } else {
            a.shli(slab, slab, first.shift);
            a.addi(slab, slab, Math.toIntExact(first.sets[0]));
        }
    }

    /** slab = the address of the slab of the CPU of a number, be it stopped or not. */
    void slab(Assembler a, int number, int slab) {
        if (geometry.stoppable()) {
            word(a, number, slab);
            a.shli(slab, slab, 1);
            a.shri(slab, slab, 1);
        } else {
            a.mov(slab, number);
            find(a, slab);
        }
    }

    private void word(Assembler a, int number, int rd) {
        a.shli(rd, number, POINTER_SHIFT);
        a.ld64(rd, rd, Math.toIntExact(pointers));
    }

    /** header = that of the size in CLASS of a slab. */
    static void header(Assembler a, int slab, int header) {
        a.shli(header, BlockClasses.CLASS, CLASS_SHIFT);
        a.add(header, header, slab);
    }

    /** slab and header = the addresses of a CPU's slab and of its header of the size in CLASS. */
    void header(Assembler a, int cpu, int slab, int header) {
        slab(a, cpu, slab);
        header(a, slab, header);
    }

    // ---- stopping

    /** Stops a CPU; slab = its slab's address. Sections that are under way must be aborted. */
    void stop(Assembler a, int cpu, int slab, int temporary, int other) {
        slab(a, cpu, slab);
        a.li(temporary, STOPPED);
        a.or(temporary, temporary, slab);
        use(a, cpu, temporary, other);
    }

    /** Lets a CPU go on with the slab that it has. */
    void start(Assembler a, int cpu, int slab, int temporary) {
        slab(a, cpu, slab);
        use(a, cpu, slab, temporary);
    }

    /** Lets a CPU go on with a slab. */
    void use(Assembler a, int cpu, int slab, int temporary) {
        a.shli(temporary, cpu, POINTER_SHIFT);
        a.st64(temporary, Math.toIntExact(pointers), slab);
    }

    /** rd = 1 if the CPU is stopped. */
    void stopped(Assembler a, int cpu, int rd) {
        word(a, cpu, rd);
        a.shri(rd, rd, 63);
    }

    // ---- audit

    /** The slab of a CPU. */
    long slab(Audit audit, int cpu) {
        return geometry.stoppable()
                ? audit.word(pointers + ((long) cpu << POINTER_SHIFT)) & ~STOPPED
                : first.sets[0] + ((long) cpu << first.shift);
    }
}
