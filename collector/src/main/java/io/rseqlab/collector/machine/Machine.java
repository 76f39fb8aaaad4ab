package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Program;
import java.util.function.LongSupplier;

/**
 * Cores, memory and caches, and the order in which cores act: the one with the smallest clock goes next (ties: the
 * smaller number), for at most {@link #slackCycles} beyond the others, and never beyond them where it touches what
 * others hold.
 */
public final class Machine {
    /** Bytes of simulated memory that a run may use. */
    private static final long MEMORY_LIMIT = 1L << 33;

    /** With less slack nothing is fast-forwarded but loops: turns are too short. */
    public static final long LEAST_SLACK_TO_SKIP_CYCLES = Periods.LEAST_SLACK;

    public final MachineProfile profile;
    public final Program program;
    public final Memory memory;
    public final Core[] cores;
    final ActingOrder order;
    final Coherence coherence;
    final Interpreter interpreter;
    private final Blocks blocks;
    private final boolean[] watched;
    final Periods periods;
    final Landing landing;
    /** Cycles in which an interrupt would have landed at each position. */
    public final long[] exposureCycles;

    private final Supervisor supervisor;
    final MarkListener marks;
    /** First address of blocks: below lies metadata. */
    final long heapBase;

    private final long slackCycles;
    private Pause pause;
    private long pauseAt = Long.MAX_VALUE;
    Engine engine = Engine.FASTEST;

    /** What the host does between actions of the cores. Nothing simulated depends on when pauses are. */
    @FunctionalInterface
    public interface Pause {
        /**
         * Hears that no core acts before a cycle any more.
         *
         * @return the cycle of the next pause; one that is not later ends {@link #run} here
         */
        long reached(long cycle);
    }

    /**
     * @param profile the hardware
     * @param program what threads execute
     * @param layout initial memory
     * @param supervisor the kernel
     * @param marks who hears the programs' marks
     * @param slackCycles how far a core may run ahead of the others in private work
     */
    public Machine(
            MachineProfile profile,
            Program program,
            Layout layout,
            Supervisor supervisor,
            MarkListener marks,
            long slackCycles) {
        this.profile = profile;
        this.program = program;
        this.supervisor = supervisor;
        this.marks = marks;
        this.slackCycles = slackCycles;
        memory = new Memory(layout.top(), MEMORY_LIMIT);
        layout.initialWords().forEach(memory::write64);
        heapBase = memory.end();
        exposureCycles = new long[program.code().length + 1];
        order = new ActingOrder(profile.cpus());
        cores = new Core[profile.cpus()];
        for (int i = 0; i < cores.length; i++) {
            cores[i] = new Core(i, this, program.code().length);
            cores[i].enterIdle(0, Long.MAX_VALUE);
        }
        coherence = new Coherence(this);
        interpreter = new Interpreter(this);
        watched = Periods.watched(program.code());
        periods = new Periods(this, watched, slackCycles);
        blocks = new Blocks(this, interpreter, watched);
        landing = new Landing(this, interpreter);
    }

    /** Executes programs by other means from now on; nothing but the host time changes. */
    public void use(Engine newEngine) {
        engine = newEngine;
    }

    /** Lets line transfers vary by the profile's share from now on; {@code random} gives all bits of a number. */
    public void varyTransfers(LongSupplier random) {
        coherence.vary(random);
    }

    /**
     * Draws where the program's code lies: in the profile's share of places, long loops that are one branch take it
     * once a cycle at most. {@code random} gives all bits of a number.
     */
    public void placeCode(LongSupplier random) {
        double draw = (random.getAsLong() >>> 11) * 0x1p-53;
        if (draw < profile.costOr("core.unpaired_loops", 0)) {
            interpreter.selfLoop.oneTurnACycleBeyond((int) profile.cost("core.paired_turns"));
        }
    }

    /** Pauses when all cores have reached a cycle, and then whenever the pause says. */
    public void pauseFrom(long cycle, Pause newPause) {
        pauseAt = cycle;
        pause = newPause;
    }

    /** Lets the cores act until the next action would be at or after a cycle, or nothing is left to do. */
    public void run(long untilCycle) {
        while (true) {
            Core next = cores[order.first()];
            if (next.key >= untilCycle) {
                periods.settle();
                blocks.addExposure();
                return;
            }
            if (periods.due(next.key)) {
                periods.jump(next.key, untilCycle);
                continue;
            }
            if (next.key >= pauseAt) {
                periods.settle();
                blocks.addExposure();
                pauseAt = pause.reached(next.key);
                if (pauseAt <= next.key) {
                    return;
                }
            }
            int second = order.second();
            act(next, second < cores.length ? cores[second] : null, untilCycle);
        }
    }

    /**
     * The cycle before which nothing can happen any more. A core that waits for a store's line may still retire what is
     * older than the wait, so retirement bounds it too.
     */
    public long settled() {
        long least = Long.MAX_VALUE;
        for (Core core : cores) {
            long bound = core.mode == Core.Mode.USER ? Math.min(core.key, core.retireCycle) : core.key;
            least = Math.min(least, bound);
        }
        return least;
    }

    /** The cycle that all cores have reached. */
    public long now() {
        return cores[order.first()].key;
    }

    private void act(Core core, Core second, long untilCycle) {
        if (core.mode != Core.Mode.USER) {
            periods.settle();
            coherence.stores.flush(core);
        }
        coherence.stores.show(core.key);
        switch (core.mode) {
            case USER -> runUser(core, second, untilCycle);
            case INTERRUPT -> supervisor.interrupt(core);
            case SYSCALL -> supervisor.syscall(core, core.callNumber);
            case WILD -> supervisor.wildAccess(core, core.wildAddress);
            case IDLE -> {
                core.enterIdle(core.key, core.key);
                supervisor.idle(core);
            }
        }
    }

    private void runUser(Core core, Core second, long untilCycle) {
        core.now = core.key;
        core.waitUntil = 0;
        long secondKey = second == null ? Long.MAX_VALUE : second.key;
        core.syncLimit = second != null && second.id < core.id ? secondKey - 1 : secondKey;
        long ahead = secondKey > Long.MAX_VALUE - slackCycles ? Long.MAX_VALUE : secondKey + slackCycles;
        long horizon = Math.min(untilCycle, ahead);
        long limit = Math.min(horizon, Long.MAX_VALUE >> Core.UNIT_BITS) << Core.UNIT_BITS;
        boolean mayRepeat =
                core.microOps >= engine.periodPatience && periods.possible() && coherence.stores.isEmpty(core);
        if (mayRepeat && periods.owesTurn(core, limit)) {
            return;
        }
        if (core.retireCycle >= core.interruptAt - 1 || core.forceIn >= 0) {
            landing.step(core);
        } else if (core.transaction.active()) {
            core.transaction.step();
        } else if (mayRepeat) {
            periods.run(core, limit);
        } else {
            execute(core, limit, false);
        }
        if (core.mode == Core.Mode.USER) {
            long goesOn = core.pendingLine >= 0 ? core.pendingUntil : core.dispatch >> Core.UNIT_BITS;
            core.actAt(Math.max(goesOn, core.waitUntil));
        }
    }

    /**
     * Runs a core as {@link Interpreter#run(Core, long, boolean[])} does, with the heads being what is watched, or
     * nothing.
     */
    boolean execute(Core core, long limit, boolean watching) {
        if (engine.compiles()) {
            long patience = engine.patience == 0 ? 0 : engine.patience + interpreter.selfLoop.turnsTaken();
            return blocks.run(core, limit, patience, watching);
        }
        return interpreter.run(core, limit, watching ? watched : null);
    }

    /** A host call of the running thread; answers the cycles it costs. */
    long hostCall(Core core, int number) {
        periods.settle();
        coherence.stores.flushAll();
        long cycles = supervisor.host(core, number);
        coherence.grow();
        return cycles;
    }

    /**
     * The kernel or host takes a word's line to a core's caches at once; answers the cycles a kernel waits for that.
     */
    public long kernelTouch(Core core, long address, boolean write) {
        periods.settle();
        coherence.grow();
        return coherence.kernelTouch(core, address >>> 6, write);
    }

    /** The host writes a word that all cores may have cached, in no time. */
    public void hostWrite(long address, long value) {
        periods.settle();
        coherence.stores.flushAll();
        memory.write64(address, value);
        for (Core core : cores) {
            core.disturbances++;
            core.transaction.loses(address >>> 6, true, core.key);
        }
    }

    /** Micro-operations that were executed as turns of periods, without a step each. */
    public long skippedMicroOps() {
        return periods.skippedMicroOps();
    }

    /** Micro-operations of all cores that were executed one by one, as turns of loops of a single branch are not. */
    public long executedMicroOps() {
        long all = 0;
        for (Core core : cores) {
            all += core.microOps();
        }
        return all - skippedMicroOps() - interpreter.selfLoop.turnsTaken();
    }

    /** True for addresses of blocks rather than of metadata. */
    public boolean isHeap(long address) {
        return address >= heapBase;
    }
}
