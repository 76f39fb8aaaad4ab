package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/**
 * Runs programs by blocks where it can and by the interpreter where it must. A path is recorded when its first position
 * was come to often, and compiled. The interpreter stops at every position where a block begins, or might.
 */
final class Blocks {
    /** Visits of a position before the path from there is recorded. */
    private static final int HOT = 200;

    /** Recordings cut short, by the horizon for instance, before a position is given up. */
    private static final int MOST_ATTEMPTS = 20;

    /** A path so long ends where another begins. */
    private static final int ENOUGH = 16;

    /** Shorter paths are not worth entering. */
    private static final int LEAST_LENGTH = 3;

    private final Interpreter interpreter;
    private final BlockCompiler compiler;
    private final Schedules schedules;
    private final long[] code;
    private final Block[] blocks;
    private final boolean[] heads;
    private final boolean[] nothing;
    private final boolean[] watched;
    private final boolean[] givenUp;
    private final int[] visits;
    private long executed;

    /** @param watched positions at which whoever runs a core may want to stop */
    Blocks(Machine machine, Interpreter interpreter, boolean[] watched) {
        this.watched = watched;
        this.interpreter = interpreter;
        code = machine.program.code();
        schedules = new Schedules(machine, interpreter);
        compiler = new BlockCompiler(machine, interpreter, schedules);
        blocks = new Block[code.length + 1];
        heads = watched.clone();
        nothing = new boolean[code.length + 1];
        givenUp = new boolean[code.length + 1];
        visits = new int[code.length + 1];
        for (int position = 0; position < code.length; position++) {
            int op = Op.code(code[position]);
            if (Op.isConditional(op) || op == Op.JMP || op == Op.CALL) {
                heads[Op.imm(code[position])] = true;
            }
            if (op == Op.CALL || op >= Op.CAS64) {
                heads[position + 1] = true;
            }
        }
    }

    /**
     * Does what {@link Interpreter#run(Core, long, boolean[])} does; the heads are what is watched, if anybody does.
     */
    boolean run(Core core, long horizon, long patience, boolean watching) {
        if (executed >= patience) {
            return runBlocks(core, horizon, watching);
        }
        long before = core.microOps;
        boolean atHead = interpreter.run(core, horizon, watching ? watched : nothing);
        executed += core.microOps - before;
        return atHead;
    }

    private boolean runBlocks(Core core, long horizon, boolean watching) {
        schedules.limitUnits = horizon;
        boolean goesOn = true;
        boolean watches = false; // where it begins, it does not stop
        while (goesOn) {
            int position = core.thread.pc;
            if (watches && watched[position]) {
                return true;
            }
            watches = watching;
            Block block = blocks[position];
            if (block == null && !givenUp[position] && ++visits[position] >= HOT) {
                goesOn = record(core, position, horizon);
                continue;
            }
            Schedule schedule = block == null ? null : schedule(block, core, horizon);
            if (schedule != null) {
                int outcome = Shadow.ON ? Shadow.run(this, schedules, block, core, schedule) : block.run(core, schedule);
                if (outcome == Block.STOPPED) {
                    return false;
                }
                if (outcome == Block.LEFT) {
                    goesOn = core.dispatch < horizon;
                    continue;
                }
                makeHead(core.thread.pc + 1);
            }
            goesOn = interpreter.run(core, horizon, heads);
        }
        return false;
    }

    /** By what the block can be executed now, null if it has to be step by step. */
    private Schedule schedule(Block block, Core core, long horizon) {
        if (!block.isFree(core, interpreter.takenUnits)) {
            return null;
        }
        Schedule schedule = schedules.at(core, block);
        return schedule != null && schedule.fits(core, horizon) ? schedule : null;
    }

    /** Adds up the exposure of what was executed; before, it is not all there. */
    void addExposure() {
        schedules.addExposure();
    }

    private void makeHead(int position) {
        heads[position] = watched[position] || !givenUp[position];
    }

    /** Lets the interpreter go a path from a position, notes it and compiles it; answers whether the core can go on. */
    private boolean record(Core core, int start, long horizon) {
        Trace trace = new Trace();
        int window = core.window;
        boolean complete = false;
        while (!complete) {
            int position = core.thread.pc;
            boolean known = trace.microOps > 0 && (position == start || watched[position])
                    || trace.microOps >= ENOUGH && blocks[position] != null;
            if (known || !trace.add(position, code[position], window, core.storeRing.length)) {
                complete = true;
                continue;
            }
            long microOps = core.microOps;
            interpreter.run(core, Long.MIN_VALUE);
            boolean done = core.microOps > microOps || Op.code(code[position]) == Op.MARK && core.forceIn < 0;
            if (!done || core.dispatch >= horizon || core.retireCycle >= core.interruptAt - 1) {
                giveUpIfTooOften(start);
                return false;
            }
        }
        trace.end(core.thread.pc);
        compile(trace, start);
        return true;
    }

    private void giveUpIfTooOften(int start) {
        if (visits[start] >= HOT + MOST_ATTEMPTS) {
            giveUp(start);
        }
    }

    private void giveUp(int start) {
        givenUp[start] = true;
        heads[start] = watched[start];
    }

    private void compile(Trace trace, int start) {
        trace.dropTrailingMarks(code);
        if (trace.microOps < LEAST_LENGTH) {
            giveUp(start);
            return;
        }
        blocks[start] = compiler.compile(trace);
        heads[start] = true;
        makeHead(trace.positions[trace.steps]);
    }
}
