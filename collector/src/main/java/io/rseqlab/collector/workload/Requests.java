package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.SizeClasses;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import java.util.List;

/**
 * A server under an open load: requests arrive at a rate of their own, whether or not the ones before are done. A
 * request allocates {@code objects} objects, works {@code think} turns and frees them, each with probability
 * {@code handoff} by way of a table that all threads share. A thread that finds no request waiting sleeps until the
 * next one arrives, and is woken where it slept. A request's latency counts from its arrival, so what waits behind a
 * slow one is slow too.
 *
 * <p>Source: the open system of B. Schroeder, A. Wierman and M. Harchol-Balter, "Open versus closed: a cautionary tale"
 * (NSDI 2006); G. Tene's "coordinated omission". Who sends the requests is not simulated, and taking one costs nothing
 * but the sleep.
 */
final class Requests implements Workload {
    private static final String RATE = "rate";
    private static final String BURST = "burst";
    private static final String GAPS = "gaps";
    private static final String QUEUE = "queue";
    private static final String SHARED = "shared";
    private static final String OBJECTS = "objects";
    private static final String SIZE = "size";
    private static final String THINK = "think";
    private static final String HANDOFF = "handoff";
    private static final String EXPONENTIAL = "exponential";
    private static final int TABLE = 1024;

    @Override
    public String id() {
        return "requests";
    }

    @Override
    public String summary() {
        return "a server whose requests arrive at a rate of their own: latency counts from the arrival";
    }

    @Override
    public List<Parameter> parameters() {
        return WorkloadParameters.with(
                Parameter.number(RATE, "1/s", 100_000, 1, 1e9, "requests that arrive for all threads together"),
                Parameter.number(BURST, "requests", 1, 1, 10_000, "mean number that arrive at once, geometric"),
                Parameter.choice(
                        GAPS, List.of(EXPONENTIAL, "constant"), "times between bursts: a Poisson process, or paced"),
                Parameter.choice(
                        QUEUE, List.of(SHARED, "own"), "one queue for all threads, or one each with its own arrivals"),
                Parameter.count(OBJECTS, "objects", 16, 1, 4096, "objects that a request allocates and frees"),
                Parameter.count(SIZE, "bytes", 64, 1, 1 << 20, "size of the objects"),
                Parameter.count(
                        THINK,
                        "turns",
                        2000,
                        0,
                        1_000_000_000,
                        "other work of a request, between allocating and freeing"),
                Parameter.share(
                        HANDOFF, 0, "share of the objects that are swapped for one of a table before the free"));
    }

    @Override
    public SizeClasses sizes(Settings settings) {
        return ClassLookup.classesFor((int) settings.count(SIZE));
    }

    @Override
    public WorkloadInstance build(Settings settings, WorkloadContext context) {
        return new Instance(settings, context, sizes(settings));
    }

    private static final class Instance extends PaddedInstance {
        private static final int AT = Reg.W0;
        private static final int REST = Reg.W1;
        private static final int OBJECT = Reg.W2;
        private static final int RANDOM = Reg.W3;
        private static final int SCRATCH = Reg.W4;
        private static final int SLOT = Reg.W5;
        private static final int ARRIVED = Reg.W6;

        private final ThreadLoop loop;
        private final Draws draws = new Draws(RANDOM, SCRATCH);
        private final int objects;
        private final int extraLines;
        private final int handoff;
        private final long table;
        private final Arrivals.Law law;
        /** Of the processes: one, or one for each thread. */
        private final long[] seeds;

        private final Arrivals[] arrivals;

        Instance(Settings settings, WorkloadContext context, SizeClasses sizes) {
            super(settings);
            objects = (int) settings.count(OBJECTS);
            extraLines = (sizes.bytes(0) - 1) / Layout.LINE;
            handoff = (int) Math.round(settings.number(HANDOFF) * Draws.MOST);
            loop = new ThreadLoop(context, settings.count(THINK));
            Layout layout = context.layout();
            for (int thread = 0; thread < context.threads(); thread++) {
                layout.word(loop.threadBase(thread) + ThreadLoop.RING, layout.reserve(8L * objects, 2 * Layout.LINE));
            }
            table = handoff == 0 ? 0 : layout.reserve((long) TABLE * Layout.LINE, 2 * Layout.LINE);
            int queues = settings.chooses(QUEUE, SHARED) ? 1 : context.threads();
            double burst = settings.number(BURST);
            law = new Arrivals.Law(
                    context.clockHz() * burst * queues / settings.number(RATE),
                    settings.chooses(GAPS, EXPONENTIAL),
                    burst);
            seeds = new long[queues];
            arrivals = new Arrivals[queues];
            for (int queue = 0; queue < queues; queue++) {
                // not the numbers that the thread itself draws
                seeds[queue] = ~context.seeds()[queue];
                arrivals[queue] = new Arrivals(law, seeds[queue]);
            }
        }

        @Override
        public void emit(Assembler a) {
            Assembler.Label exit = a.label();
            Assembler.Label waiting = a.label();
            a.place(a.label("requests"));
            loop.enter(a);
            Assembler.Label next = a.here();
            loop.testStop(a, exit);
            a.host(HostCall.HOST_ARRIVAL);
            a.mov(ARRIVED, Reg.A1);
            a.beqz(Reg.A0, waiting);
            a.syscall(HostCall.SYS_NANOSLEEP);
            loop.testStop(a, exit);
            a.place(waiting);
            allocate(a);
            loop.think(a, 0);
            free(a);
            a.mark(Mark.REQUEST_DONE, 0, ARRIVED);
            a.jmp(next);
            loop.exit(a, exit);
        }

        private void allocate(Assembler a) {
            a.ld64(AT, Reg.WORKLOAD, ThreadLoop.RING);
            a.li(REST, objects);
            Assembler.Label object = a.here();
            loop.allocate(a);
            a.st64(AT, 0, Reg.A0);
            if (extraLines > 0) {
                a.li(OBJECT, extraLines);
                Assembler.Label line = a.here();
                a.addi(Reg.A0, Reg.A0, Layout.LINE);
                a.st64(Reg.A0, 0, ThreadLoop.ONE);
                a.djnz(OBJECT, line);
            }
            a.addi(AT, AT, 8);
            a.djnz(REST, object);
        }

        private void free(Assembler a) {
            Assembler.Label none = a.label();
            a.ld64(AT, Reg.WORKLOAD, ThreadLoop.RING);
            a.li(REST, objects);
            Assembler.Label object = a.here();
            a.ld64(OBJECT, AT, 0);
            if (handoff > 0) {
                swap(a, none);
            }
            loop.release(a, OBJECT);
            a.place(none);
            loop.bump(a, ThreadLoop.OPERATIONS);
            a.mark(Mark.WORK_DONE, 0, ThreadLoop.ONE);
            a.addi(AT, AT, 8);
            a.djnz(REST, object);
        }

        /** With a probability, OBJECT becomes what lay in a slot of the table, and lies there itself. */
        private void swap(Assembler a, Assembler.Label none) {
            Assembler.Label keep = a.label();
            draws.draw(a);
            if (handoff < Draws.MOST) {
                draws.below(a, SLOT, Draws.MOST);
                a.li(SCRATCH, handoff);
                a.bge(SLOT, SCRATCH, keep);
            }
            draws.belowByLowerBits(a, SLOT, TABLE);
            a.shli(SLOT, SLOT, 6);
            a.li(SCRATCH, table);
            a.add(SLOT, SLOT, SCRATCH);
            a.xchg(OBJECT, SLOT, 0, OBJECT);
            a.beqz(OBJECT, none);
            a.place(keep);
        }

        @Override
        public long hostCall(int number, int thread, long[] registers) {
            long arrival = arrivals[arrivals.length == 1 ? 0 : thread].next();
            registers[Reg.A1] = arrival;
            registers[Reg.A0] = Math.max(0, arrival - registers[Reg.A0]);
            return 0;
        }

        @Override
        public long offered(long fromCycle, long toCycle) {
            long offered = 0;
            for (long seed : seeds) {
                offered += Arrivals.count(law, seed, fromCycle, toCycle);
            }
            return offered;
        }

        @Override
        public String entry(int thread) {
            return "requests";
        }

        @Override
        public long threadBase(int thread) {
            return loop.threadBase(thread);
        }
    }
}
