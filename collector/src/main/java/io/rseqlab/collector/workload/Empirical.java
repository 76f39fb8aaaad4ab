package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * Births and deaths as a table of sizes has them: each row has a size, a rate of allocations and a number of objects
 * that are live. A thread has slots for {@code live} objects, shared out to the rows as the table's live objects are;
 * an operation draws a row by the rates and replaces the object in a random slot of it. So sizes come as the rates say,
 * and an object of a row with n slots and a share r of the rate lives for n / r operations on average, as births and
 * deaths in balance have it. Nothing is handed over: {@code handoff} lets a share of the objects go through slots that
 * all share.
 *
 * <p>Source: the shape of fleetbench's benchmark of empirical distributions; its profiles are files of this form.
 */
final class Empirical implements Workload {
    private static final String DISTRIBUTION = "dist";
    private static final String LIVE = "live";
    private static final String LARGEST = "largest";
    private static final String HANDOFF = "handoff";

    private static final int QUANTILES = 4096;
    private static final int BITS = 24;

    private final SizeTable table;

    Empirical() {
        this(SizeTable.OWN);
    }

    private Empirical(SizeTable table) {
        this.table = table;
    }

    @Override
    public String id() {
        return "empirical";
    }

    @Override
    public String summary() {
        return "births and deaths with sizes, rates and live objects from a table";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.text(
                        DISTRIBUTION,
                        "FILE",
                        "lines of 'bytes, rate of allocations, live objects'; without one a table of our own; run.json"
                                + " names it by its content digest"),
                Parameter.count(LIVE, "objects", 4096, 1, 1 << 20, "live objects per thread, one per row at least"),
                Parameter.count(LARGEST, "bytes", 262_144, 32, 1 << 22, "larger objects are as large as this"),
                Parameter.share(HANDOFF, 0, "share of the objects that are swapped into slots which all share"));
    }

    @Override
    public Workload bind(Settings settings) {
        return settings.text(DISTRIBUTION).isEmpty()
                ? this
                : new Empirical(SizeTable.read(settings.text(DISTRIBUTION)));
    }

    @Override
    public Settings identity(Settings settings) {
        return settings.text(DISTRIBUTION).isEmpty()
                ? settings
                : settings.withText(DISTRIBUTION, "sha256-" + table.digest().substring(0, 32));
    }

    private int bytes(Settings settings, SizeTable.Row row) {
        return (int) Math.min(row.bytes(), settings.count(LARGEST));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        int largest = table.rows().stream()
                .mapToInt(row -> bytes(settings, row))
                .max()
                .orElseThrow();
        return SizeClasses.upTo(Math.max(SizeClasses.GRANULE_BYTES + 1, largest));
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private final class Instance extends PaddedInstance {
        private static final int SHARED_SLOTS = 1024;

        private static final int SLOT = Reg.W0;
        private static final int OLD = Reg.W1;
        private static final int RANDOM = Reg.W2;
        private static final int SCRATCH = Reg.W3;
        private static final int NUMBER = Reg.W4;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final SizedObjects objects;
        /** From a quantile of the rates to a row; where a row's slots begin and how many there are. */
        private final int rowsOfQuantiles;

        private final int slotsOfRows;
        private final long shared;
        private final long handoff;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            List<SizeTable.Row> rows = table.rows();
            handoff = Math.round(settings.number(HANDOFF) * (1 << BITS));
            loop = new ThreadLoop(context);
            Layout layout = context.layout();
            objects = new SizedObjects(layout, sizes, rows.size(), i -> bytes(settings, rows.get(i)), Layout.LINE);
            int[] quantiles = table.quantiles(QUANTILES);
            rowsOfQuantiles = Math.toIntExact(layout.reserve(2L * QUANTILES, 2 * Layout.LINE));
            for (int i = 0; i < QUANTILES; i += 4) {
                long word = 0;
                for (int j = 3; j >= 0; j--) {
                    word = word << 16 | quantiles[i + j];
                }
                layout.word(rowsOfQuantiles + 2L * i, word);
            }
            int[] slots = table.slots(settings.count(LIVE));
            slotsOfRows = Math.toIntExact(layout.reserve(8L * rows.size(), 2 * Layout.LINE));
            long begin = 0;
            for (int i = 0; i < slots.length; i++) {
                layout.word(slotsOfRows + 8L * i, begin | (long) slots[i] << 32);
                begin += slots[i];
            }
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, layout.reserve(8 * begin, 2 * Layout.LINE));
            }
            shared = layout.reserve((long) SHARED_SLOTS * Layout.LINE, 2 * Layout.LINE);
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label own = a.label();
            Assembler.Label empty = a.label();
            Assembler.Label swapped = a.label();
            a.place(a.label("empirical"));
            loop.enter(a);
            loop.testStop(a, exit);
            Assembler.Label next = a.here();
            draws.draw(a);
            draws.below(a, NUMBER, QUANTILES);
            a.shli(NUMBER, NUMBER, 1);
            a.ld16(NUMBER, NUMBER, rowsOfQuantiles);
            slot(a);
            objects.allocate(a, loop, NUMBER);
            draws.draw(a);
            a.shri(SCRATCH, RANDOM, 64 - BITS);
            a.li(NUMBER, handoff);
            a.bge(SCRATCH, NUMBER, own);
            a.andi(SLOT, RANDOM, SHARED_SLOTS - 1);
            a.shli(SLOT, SLOT, 6);
            a.li(SCRATCH, shared);
            a.add(SLOT, SLOT, SCRATCH);
            a.xchg(OLD, SLOT, 0, Reg.A0);
            a.place(swapped);
            a.beqz(OLD, empty);
            loop.release(a, OLD);
            a.place(empty);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            loop.again(a, next);
            loop.exit(a, exit);

            a.place(own);
            a.ld64(OLD, SLOT, 0);
            a.st64(SLOT, 0, Reg.A0);
            a.jmp(swapped);
        }

        /** SLOT = address of a random slot of the row whose number is in NUMBER. */
        private void slot(Assembler a) {
            a.shli(SCRATCH, NUMBER, 3);
            a.ld64(OLD, SCRATCH, slotsOfRows);
            a.shri(SLOT, OLD, 32);
            a.shli(OLD, OLD, 32);
            a.shri(OLD, OLD, 32);
            a.shli(SCRATCH, RANDOM, 64 - BITS);
            a.shri(SCRATCH, SCRATCH, 64 - BITS);
            a.mul(SLOT, SLOT, SCRATCH);
            a.shri(SLOT, SLOT, BITS);
            a.add(SLOT, SLOT, OLD);
            a.shli(SLOT, SLOT, 3);
            a.ld64(SCRATCH, Reg.WORKLOAD, ThreadLoop.RING);
            a.add(SLOT, SLOT, SCRATCH);
        }

        @Override
        public String entry(int thread) {
            return "empirical";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
