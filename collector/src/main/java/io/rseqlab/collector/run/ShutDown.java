package io.rseqlab.collector.run;

import io.rseqlab.collector.kernel.Kernel;
import io.rseqlab.collector.kernel.RseqStatistics;
import io.rseqlab.collector.oracle.OperationBooks;
import io.rseqlab.collector.oracle.Ownership;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/**
 * What comes after the window of a run: the threads are told to end, so that the memory oracle can hold the free blocks
 * against its books. Nothing of it is written.
 *
 * <p>A thread that was handed a list that runs in a circle never comes out of malloc or free, and that is a violation.
 * It is told by its work, not by the time that passes: between two signs of progress (an operation that begins or ends,
 * a thread that ends, memory that grows) an operation may visit every block that there is some times over, so only a
 * thread that takes more user time than that in one malloc or free goes in circles. Who waits for another's lock in a
 * loop takes user time too, so all threads must have taken as much, but for those that sleep until they are woken. Time
 * asleep counts for nothing, and sleeps that a timer would end are ended.
 *
 * <p>Threads that come on but have much to do are not waited for as long as that takes: nothing of it is written, and
 * it would be most of the run. There is a bound to the work of the host and to what it simulates; that the books were
 * not audited is said then.
 *
 * <p>Sections that are aborted again and again because they are longer than the time between two interruptions are no
 * violation: no block is lost. That the books were not audited is said then.
 */
final class ShutDown {
    /** User time that any operation may take. */
    private static final double FREE_SECONDS = 20e-3;

    /** Cycles for each block that exists: some visits, each of which waits for memory. */
    private static final long CYCLES_PER_BLOCK = 4_000;

    /** Cycles for each turn of the workload's padding: an operation goes through it a few times. */
    private static final long CYCLES_PER_PAD_TURN = 16;

    /** Share of the limit after which threads take turns as in the window: long sections need them. */
    private static final double NORMAL_TURNS_SHARE = 0.25;

    /** Aborts without progress from which sections are taken to starve. */
    private static final long STARVING_ABORTS = 4;

    /** Looks at how far it is, for each quick turn. */
    private static final int TURNS = 100;

    /** Simulated time for threads to end once blocks were handed out twice: what they do then means nothing. */
    private static final double BROKEN_SECONDS = 1.0;

    /** Simulated time of all CPUs together: a second of one takes the host as long with threads in quick turns. */
    private static final double MOST_CPU_SECONDS = 20;

    /** Micro-operations that are executed one by one: half a minute of the host's time. */
    private static final long MOST_MICRO_OPS = 2_000_000_000;

    private final Simulation simulation;
    private final double mostCpuSeconds;
    private final long mostMicroOps;
    private final long microOpsBefore;
    private final Kernel kernel;
    private final RunSpec spec;
    private final Ownership oracle;
    private final BooleanSupplier stopped;
    private final long padCycles;

    /** What had been done when it was last more than before. */
    private long done;

    private long doneAborts;
    private final long[] userCyclesThen;
    private boolean normalTurns;

    private ShutDown(Simulation simulation, BooleanSupplier stopped, double mostCpuSeconds, long mostMicroOps) {
        this.simulation = simulation;
        this.mostCpuSeconds = mostCpuSeconds;
        this.mostMicroOps = mostMicroOps;
        microOpsBefore = simulation.machine().executedMicroOps();
        this.stopped = stopped;
        kernel = simulation.kernel();
        spec = simulation.spec();
        oracle = simulation.ownership();
        userCyclesThen = new long[spec.threads()];
        padCycles = CYCLES_PER_PAD_TURN * simulation.workload().padTurns();
    }

    /**
     * Lets the threads of a run end and audits its books, unless that is stopped.
     *
     * @return why the books could not be audited though nothing is wrong with them; null if they were, or something is
     */
    static String run(Simulation simulation, long windowEnd, BooleanSupplier stopped) {
        return run(simulation, windowEnd, stopped, MOST_CPU_SECONDS, MOST_MICRO_OPS);
    }

    /** The same with other bounds. */
    static String run(
            Simulation simulation, long windowEnd, BooleanSupplier stopped, double mostCpuSeconds, long mostMicroOps) {
        return new ShutDown(simulation, stopped, mostCpuSeconds, mostMicroOps).run(windowEnd);
    }

    private String run(long windowEnd) {
        simulation.requestStop();
        if (kernel.bandwidth() != null) {
            kernel.bandwidth().lift(simulation.machine().now());
        }
        simulation.quickTurns(Collector.QUICK_TURN_SECONDS);
        progressed();
        long step = spec.machine().cyclesOf(Collector.QUICK_TURN_SECONDS * TURNS);
        for (long cycle = windowEnd; simulation.alive() > 0; cycle += step) {
            kernel.endSleeps(simulation.machine().now());
            simulation.runTo(cycle);
            if (stopped.getAsBoolean()) {
                return null;
            }
            if (oracle.violationCount() > 0) {
                if (cycle - windowEnd > spec.machine().cyclesOf(BROKEN_SECONDS)) {
                    break;
                }
            } else if (goneRound()) {
                if (aborts() - doneAborts >= STARVING_ABORTS) {
                    return starving();
                }
                oracle.violate(endless(), cycle);
                break;
            } else if (workers() > 0 && tooLong(cycle - windowEnd)) {
                return notWaitedFor(cycle - windowEnd);
            }
        }
        simulation.audit();
        return null;
    }

    private boolean tooLong(long cycles) {
        return cycles > spec.machine().cyclesOf(mostCpuSeconds / spec.cpus())
                || simulation.machine().executedMicroOps() - microOpsBefore > mostMicroOps;
    }

    private String notWaitedFor(long cycles) {
        return String.format(
                Locale.ROOT,
                "the books were not audited: %d threads had not ended %.3g s of simulated time behind the window, and"
                        + " were not waited for. Give them less to do at a time (pad, touches, live) or have fewer"
                        + " threads",
                workers(),
                cycles / (double) spec.machine().clockHz());
    }

    /** True if no thread can get any further, or none does although each had all the time that it may need. */
    private boolean goneRound() {
        if (done() != done) {
            progressed();
            return false;
        }
        long least = Long.MAX_VALUE;
        for (int thread = 0; thread < userCyclesThen.length; thread++) {
            if (kernel.isAlive(thread) && !kernel.waitsForWaker(thread)) {
                long inOperation = operationCycles(thread);
                least = Math.min(least, inOperation < 0 ? 0 : Math.max(0, inOperation - userCyclesThen[thread]));
            }
        }
        if (!normalTurns && least > limit() * NORMAL_TURNS_SHARE && least < Long.MAX_VALUE) {
            simulation.normalTurns(spec.tickSeconds());
            normalTurns = true;
            progressed();
            return false;
        }
        return least > limit() && workers() > 0;
    }

    /** The workload's threads that have not ended; those of the allocator itself end when they are told to. */
    private int workers() {
        int workers = 0;
        for (int thread = 0; thread < userCyclesThen.length; thread++) {
            workers += kernel.isAlive(thread) ? 1 : 0;
        }
        return workers;
    }

    /** Cycles that a thread has spent in user mode since the operation that it is in began, -1 if it is in none. */
    private long operationCycles(int thread) {
        OperationBooks books = simulation.books();
        long began = books.operationBegan(thread);
        long now = simulation.machine().now();
        long away = kernel.awayCycles(thread, now) - books.awayAtBegin(thread);
        return began < 0 ? -1 : Math.max(0, now - began - away);
    }

    private void progressed() {
        done = done();
        doneAborts = aborts();
        for (int thread = 0; thread < userCyclesThen.length; thread++) {
            userCyclesThen[thread] = Math.max(0, operationCycles(thread));
        }
    }

    /** A number that grows with all that is done. */
    private long done() {
        long sum = oracle.allocations() + oracle.frees() + simulation.heap().footprintBytes() - simulation.alive();
        for (int thread = 0; thread < spec.threads(); thread++) {
            sum += simulation.books().threadOps(thread);
        }
        return sum;
    }

    private long limit() {
        long blocks = simulation.heap().footprintBytes() / spec.sizes().bytes(0);
        return spec.machine().cyclesOf(FREE_SECONDS) + CYCLES_PER_BLOCK * blocks + padCycles;
    }

    private long aborts() {
        return simulation.rseqStatistics().total(RseqStatistics.Kind.FIXUP);
    }

    private String starving() {
        return "the books were not audited: " + workers() + " threads cannot end, since their sections are"
                + " aborted before they commit, " + (aborts() - doneAborts) + " times since anything got done. The"
                + " sections are longer than the time between interruptions: give them less to do (pad) or more time"
                + " (--tick, fewer threads)";
    }

    private String endless() {
        int asleep = 0;
        for (int thread = 0; thread < userCyclesThen.length; thread++) {
            asleep += kernel.isAlive(thread) && kernel.waitsForWaker(thread) ? 1 : 0;
        }
        int running = workers() - asleep;
        return running == 0
                ? "deadlock: " + asleep + " threads sleep and nobody is left to wake them"
                : "endless: " + running + " threads go on in one malloc or free, each for more than " + limit()
                        + " cycles, and nothing gets done";
    }
}
