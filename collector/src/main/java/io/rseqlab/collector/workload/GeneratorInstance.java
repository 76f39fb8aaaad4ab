package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import java.util.function.ToLongFunction;

/**
 * The threads of {@link Generator}. A thread's slots begin with a line for the place of the oldest (fifo) or the number
 * of objects (lifo, births) and whether it frees (lifo), because a thread that follows inherits them with the slots.
 */
final class GeneratorInstance extends PaddedInstance {
    private static final int THINK_PARAMETER = 0;

    /** Offsets in the slots' memory. */
    private static final int PLACE = 0;

    private static final int FREEING = 8;
    private static final int FIRST = 64;

    /** Offsets in the thread's area, behind those of the mail: steps until the end and until a pause. */
    private static final int STEPS_LEFT = 88;

    private static final int BURST_LEFT = 96;

    private static final int SHARE_BITS = 24;
    private static final int PLACES_BITS = 24;

    private static final int SLOTS = Reg.W0;
    private static final int SLOT = Reg.W1;
    private static final int OBJECT = Reg.W2;
    private static final int RANDOM = Reg.W3;
    private static final int SCRATCH = Reg.W4;
    private static final int NUMBER = Reg.W5;
    private static final int LEFT = Reg.W6;

    private final ThreadLoop loop;
    private final Draws draws = new Draws(RANDOM, SCRATCH);
    private final GeneratorMail mail;
    private final GeneratorObjects objects;
    private final String order;
    private final int live;
    private final int capacity;
    private final ParetoSlots pareto;
    private final long remote;
    private final int producers;
    private final long life;
    private final boolean leaves;
    private final long gapCycles;
    private final long burst;
    private final long pauseCycles;
    /** Holds the address of slots that nobody has. */
    private final int spare;

    GeneratorInstance(Settings settings, WorkloadContext context, int[] quantiles) {
        super(settings);
        ToLongFunction<String> cycles = key -> Math.max(1, Math.round(settings.count(key) * 1e-6 * context.clockHz()));
        order = settings.choice(Generator.ORDER);
        live = (int) settings.count(Generator.LIVE);
        pareto = new ParetoSlots(live);
        // births and deaths in balance make a number of objects by Poisson's law
        capacity = order.equals("births") ? 2 * live + 64 : Math.max(live, pareto.count());
        remote = Math.round(settings.number(Generator.REMOTE) * (1 << SHARE_BITS));
        producers = (int) Math.min(settings.count(Generator.PRODUCERS), context.threads() - 1);
        life = settings.count(Generator.LIFE);
        leaves = settings.choice(Generator.AT_END).equals("leave");
        gapCycles = cycles.applyAsLong(Generator.GAP);
        burst = settings.count(Generator.BURST);
        pauseCycles = cycles.applyAsLong(Generator.PAUSE);
        loop = new ThreadLoop(context, settings.count(Generator.THINK));
        Layout layout = context.layout();
        objects = new GeneratorObjects(settings, layout, loop, draws, quantiles);
        mail = new GeneratorMail(settings, context, loop, draws, objects::release);
        spare = Math.toIntExact(layout.reserve(Layout.LINE, 2 * Layout.LINE));
        layout.word(spare, slots(layout));
        for (int thread = 0; thread < context.threads(); thread++) {
            long area = loop.threadBase(thread);
            layout.word(area + ThreadLoop.RING, slots(layout));
            layout.word(area + STEPS_LEFT, life);
            layout.word(area + BURST_LEFT, burst);
        }
    }

    private long slots(Layout layout) {
        return layout.reserve(FIRST + 8L * capacity, 2 * Layout.LINE);
    }

    @Override
    public void emit(Assembler a) {
        if (producers > 0) {
            producer(a);
            consumer(a);
            return;
        }
        Assembler.Label exit = a.label();
        a.place(a.label("generator"));
        Assembler.Label birth = a.here();
        loop.enter(a);
        loop.testStop(a, exit);
        a.ld64(SLOTS, Reg.WORKLOAD, ThreadLoop.RING);
        Assembler.Label next = a.here();
        switch (order) {
            case "lifo" -> newest(a);
            case "births" -> births(a);
            default -> replace(a);
        }
        if (remote > 0) {
            Assembler.Label nothing = a.label();
            Assembler.Label take = a.here();
            mail.take(a, nothing);
            a.jmp(take);
            a.place(nothing);
        }
        loop.think(a, THINK_PARAMETER);
        if (burst > 0) {
            pause(a);
        }
        if (life > 0) {
            endOfLife(a, birth);
        }
        loop.again(a, next);
        loop.exit(a, exit);
    }

    // ---- steps

    /** Frees what is in a slot and allocates for it. */
    private void replace(Assembler a) {
        Assembler.Label empty = a.label();
        switch (order) {
            case "fifo" -> oldest(a);
            case "pareto" -> pareto.choose(a, draws, SLOT, RANDOM, SCRATCH, NUMBER);
            default -> {
                draws.draw(a);
                draws.below(a, SLOT, live);
            }
        }
        slot(a);
        a.ld64(OBJECT, SLOT, FIRST);
        a.beqz(OBJECT, empty);
        a.st64(SLOT, FIRST, Reg.ZERO);
        objects.release(a);
        a.place(empty);
        objects.allocate(a);
        Assembler.Label given = a.label();
        give(a, given);
        a.st64(SLOT, FIRST, Reg.A0);
        a.place(given);
    }

    /** SLOT = number of the slot that was filled first. */
    private void oldest(Assembler a) {
        Assembler.Label within = a.label();
        a.ld64(SLOT, SLOTS, PLACE);
        a.addi(NUMBER, SLOT, 1);
        a.li(SCRATCH, live);
        a.blt(NUMBER, SCRATCH, within);
        a.li(NUMBER, 0);
        a.place(within);
        a.st64(SLOTS, PLACE, NUMBER);
    }

    /** Address of a slot from its number, less FIRST. */
    private static void slot(Assembler a) {
        a.shli(SLOT, SLOT, 3);
        a.add(SLOT, SLOT, SLOTS);
    }

    /** Allocates until all slots are full, then frees the newest until all are empty. */
    private void newest(Assembler a) {
        Assembler.Label freeing = a.label();
        Assembler.Label more = a.label();
        Assembler.Label done = a.label();
        a.ld64(SLOT, SLOTS, FREEING);
        a.bnez(SLOT, freeing);
        birth(a, done);
        a.li(SCRATCH, live);
        a.blt(NUMBER, SCRATCH, done);
        a.st64(SLOTS, FREEING, ThreadLoop.ONE);
        a.jmp(done);
        a.place(freeing);
        a.ld64(NUMBER, SLOTS, PLACE);
        a.addi(NUMBER, NUMBER, -1);
        a.st64(SLOTS, PLACE, NUMBER);
        a.bnez(NUMBER, more);
        a.st64(SLOTS, FREEING, Reg.ZERO);
        a.place(more);
        a.mov(SLOT, NUMBER);
        slot(a);
        a.ld64(OBJECT, SLOT, FIRST);
        a.st64(SLOT, FIRST, Reg.ZERO);
        objects.release(a);
        a.place(done);
    }

    /**
     * Allocates behind the last object and goes on with how many there are in NUMBER; to {@code given} if given away.
     */
    private void birth(Assembler a, Assembler.Label given) {
        objects.allocate(a);
        give(a, given);
        a.ld64(NUMBER, SLOTS, PLACE);
        a.mov(SLOT, NUMBER);
        slot(a);
        a.st64(SLOT, FIRST, Reg.A0);
        a.addi(NUMBER, NUMBER, 1);
        a.st64(SLOTS, PLACE, NUMBER);
    }

    /** With n objects a birth has a chance of live / (live + n), else any of them dies. */
    private void births(Assembler a) {
        Assembler.Label death = a.label();
        Assembler.Label done = a.label();
        draws.draw(a);
        a.ld64(NUMBER, SLOTS, PLACE);
        a.li(SCRATCH, capacity);
        a.bge(NUMBER, SCRATCH, death);
        a.addi(NUMBER, NUMBER, live);
        a.shri(SCRATCH, RANDOM, 64 - PLACES_BITS);
        a.mul(NUMBER, NUMBER, SCRATCH);
        a.shri(NUMBER, NUMBER, PLACES_BITS);
        a.li(SCRATCH, live);
        a.bge(NUMBER, SCRATCH, death);
        birth(a, done);
        a.jmp(done);
        a.place(death);
        draws.draw(a);
        a.ld64(NUMBER, SLOTS, PLACE);
        a.shri(SLOT, RANDOM, 64 - PLACES_BITS);
        a.mul(SLOT, SLOT, NUMBER);
        a.shri(SLOT, SLOT, PLACES_BITS);
        slot(a);
        a.ld64(OBJECT, SLOT, FIRST);
        // the last one takes its place
        a.addi(NUMBER, NUMBER, -1);
        a.st64(SLOTS, PLACE, NUMBER);
        a.shli(NUMBER, NUMBER, 3);
        a.add(NUMBER, NUMBER, SLOTS);
        a.ld64(SCRATCH, NUMBER, FIRST);
        a.st64(SLOT, FIRST, SCRATCH);
        a.st64(NUMBER, FIRST, Reg.ZERO);
        objects.release(a);
        a.place(done);
    }

    /** Gives A0 away as likely as was asked for, and goes on at a label then. */
    private void give(Assembler a, Assembler.Label given) {
        if (remote == 0) {
            return;
        }
        Assembler.Label kept = a.label();
        a.shri(SCRATCH, RANDOM, 64 - SHARE_BITS);
        a.li(NUMBER, remote);
        a.bge(SCRATCH, NUMBER, kept);
        mail.give(a, false, given);
        a.jmp(given);
        a.place(kept);
    }

    // ---- ends and pauses

    private void pause(Assembler a) {
        Assembler.Label on = a.label();
        countDown(a, BURST_LEFT, on);
        a.li(SCRATCH, burst);
        a.st64(Reg.WORKLOAD, BURST_LEFT, SCRATCH);
        a.li(Reg.A0, pauseCycles);
        a.syscall(HostCall.SYS_NANOSLEEP);
        a.place(on);
    }

    private static void countDown(Assembler a, int counter, Assembler.Label on) {
        a.ld64(SCRATCH, Reg.WORKLOAD, counter);
        a.addi(SCRATCH, SCRATCH, -1);
        a.st64(Reg.WORKLOAD, counter, SCRATCH);
        a.bnez(SCRATCH, on);
    }

    private void endOfLife(Assembler a, Assembler.Label birth) {
        Assembler.Label on = a.label();
        countDown(a, STEPS_LEFT, on);
        a.li(SCRATCH, life);
        a.st64(Reg.WORKLOAD, STEPS_LEFT, SCRATCH);
        if (!leaves) {
            freeAll(a);
        }
        loop.bequeath(a, SLOTS, spare, gapCycles, birth);
        a.place(on);
    }

    private void freeAll(Assembler a) {
        Assembler.Label empty = a.label();
        a.mov(SLOT, SLOTS);
        a.li(LEFT, capacity);
        Assembler.Label next = a.here();
        a.ld64(OBJECT, SLOT, FIRST);
        a.beqz(OBJECT, empty);
        a.st64(SLOT, FIRST, Reg.ZERO);
        objects.release(a);
        a.place(empty);
        a.addi(SLOT, SLOT, 8);
        a.djnz(LEFT, next);
        a.st64(SLOTS, PLACE, Reg.ZERO);
        a.st64(SLOTS, FREEING, Reg.ZERO);
    }

    // ---- producers and consumers

    private void producer(Assembler a) {
        Assembler.Label exit = a.label();
        a.place(a.label("generator producer"));
        loop.enter(a);
        loop.testStop(a, exit);
        Assembler.Label next = a.here();
        objects.allocate(a);
        mail.give(a, true, exit);
        loop.think(a, THINK_PARAMETER);
        if (burst > 0) {
            pause(a);
        }
        loop.again(a, next);
        loop.exit(a, exit);
    }

    /** Looks at cells in turn, and yields where it has found nothing in many. */
    private void consumer(Assembler a) {
        Assembler.Label exit = a.label();
        a.place(a.label("generator consumer"));
        loop.enter(a);
        Assembler.Label next = a.here();
        for (int i = 0; i < 16; i++) {
            Assembler.Label nothing = a.label();
            loop.testStop(a, exit);
            mail.take(a, nothing);
            a.jmp(next);
            a.place(nothing);
        }
        a.syscall(HostCall.SYS_SCHED_YIELD);
        a.jmp(next);
        loop.exit(a, exit);
    }

    @Override
    public String entry(int thread) {
        if (producers == 0) {
            return "generator";
        }
        return thread < producers ? "generator producer" : "generator consumer";
    }

    @Override
    public long threadBase(int thread) {
        return loop.threadBase(thread);
    }
}
