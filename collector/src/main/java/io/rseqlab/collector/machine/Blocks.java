package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/**
 * Runs programs by blocks where it can and by the interpreter where it must. A path is recorded when its first position
 * was come to often, and compiled. The interpreter stops at every position where a block begins, or might.
 */
final class Blocks {
    /** Visits of a position before the path from there is recorded. */
    private static final int HOT = 200;

    /** Recordings cut short, by the horizon or a line that is elsewhere, before a position is given up for a while. */
    private static final int MOST_ATTEMPTS = 20;

    /** A path so long ends where another begins. */
    private static final int ENOUGH = 16;

    /** After so many tries is weighed whether blocks pay. */
    private static final int TRIES = 1 << 14;

    /**
     * Micro-operations that a try must execute on average: where lines move between cores no state is like another, and
     * to look for it costs more than it saves.
     */
    private static final int LEAST_WON = 12;

    /** Micro-operations for which all is left to the interpreter first when blocks do not pay, and at most. */
    private static final long FIRST_REST = 1_000_000;

    private static final long LONGEST_REST = 64_000_000;

    /** Shorter paths are not worth entering. */
    private static final int LEAST_LENGTH = 3;

    private final Machine machine;
    private final Interpreter interpreter;
    /** Both are there from when blocks are looked for first: most runs end before, and their tables are large. */
    private BlockCompiler compiler;

    private Schedules schedules;
    private final Backlog backlog = new Backlog();
    private final long[] code;
    private final Block[] blocks;
    private final boolean[] heads;
    /** The heads at which it is worth a try again where the core's state was like no other. */
    private final boolean[] beginnings;

    private final boolean[] watched;
    private final boolean[] givenUp;
    private final int[] visits;
    /** Positions that were given up because recordings were cut short. */
    private final boolean[] cutShort;

    private int weighings;
    private long executed;
    private long restUntil;
    private long rest = FIRST_REST;
    /** How often a block was there, and how many micro-operations blocks executed, since that was weighed last. */
    private int tries;

    private long won;

    /** @param watched positions at which whoever runs a core may want to stop */
    Blocks(Machine machine, Interpreter interpreter, boolean[] watched) {
        this.watched = watched;
        this.machine = machine;
        this.interpreter = interpreter;
        code = machine.program.code();
        blocks = new Block[code.length + 1];
        heads = watched.clone();
        beginnings = watched.clone();
        givenUp = new boolean[code.length + 1];
        visits = new int[code.length + 1];
        cutShort = new boolean[code.length + 1];
        for (int position = 0; position < code.length; position++) {
            int op = Op.code(code[position]);
            if (Op.isConditional(op) || op == Op.JMP || op == Op.CALL) {
                heads[Op.imm(code[position])] = true;
                beginnings[Op.imm(code[position])] |= op == Op.CALL || Op.imm(code[position]) < position;
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
        long before = core.microOps;
        boolean atHead = false;
        if (executed >= patience && executed >= restUntil) {
            if (schedules == null) {
                schedules = new Schedules(machine, interpreter, backlog);
                compiler = new BlockCompiler(machine, interpreter, schedules);
            }
            atHead = runBlocks(core, horizon, watching);
            backlog.writeDown(core);
        } else {
            atHead = interpreter.run(core, horizon, watching ? watched : null);
        }
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
            if (block != null && ++tries == TRIES) {
                weigh();
            }
            Schedule schedule = block == null ? null : schedule(block, core, horizon);
            if (schedule != null) {
                long before = core.microOps;
                int outcome = block.run(core, schedule);
                won += core.microOps - before;
                if (outcome == Block.STOPPED) {
                    return false;
                }
                if (outcome == Block.LEFT) {
                    goesOn = core.dispatch < horizon;
                    continue;
                }
                makeHead(core.thread.pc + 1);
            } else if (block != null) {
                goesOn = interpret(core, horizon, beginnings);
                continue;
            }
            goesOn = interpret(core, horizon, heads);
        }
        return false;
    }

    private boolean interpret(Core core, long horizon, boolean[] stops) {
        backlog.writeDown(core);
        return interpreter.run(core, horizon, stops);
    }

    private void weigh() {
        if (won < (long) TRIES * LEAST_WON) {
            restUntil = executed + rest;
            rest = Math.min(2 * rest, LONGEST_REST);
        } else {
            rest = FIRST_REST;
            if (Integer.bitCount(++weighings) == 1) {
                tryAgain();
            }
        }
        tries = 0;
        won = 0;
    }

    /** By what the block can be executed now, null if it has to be step by step. */
    private Schedule schedule(Block block, Core core, long horizon) {
        if (!leavesRoom(core, block.path)) {
            return null;
        }
        Schedule schedule = schedules.at(core, block);
        return schedule != null && schedule.fits(core, horizon) ? schedule : null;
    }

    private boolean leavesRoom(Core core, Path path) {
        if (backlog.leavesRoom(core, path, interpreter.slotUnits, interpreter.takenUnits)) {
            return true;
        }
        backlog.writeDown(core);
        return backlog.leavesRoom(core, path, interpreter.slotUnits, interpreter.takenUnits);
    }

    /** Adds up the exposure of what was executed; before, it is not all there. */
    void addExposure() {
        if (schedules != null) {
            schedules.addExposure();
        }
    }

    private void makeHead(int position) {
        heads[position] = watched[position] || !givenUp[position];
    }

    /** Lets the interpreter go a path from a position, notes it and compiles it; answers whether the core can go on. */
    private boolean record(Core core, int start, long horizon) {
        backlog.writeDown(core);
        Trace trace = new Trace();
        int window = core.window;
        boolean complete = false;
        while (!complete) {
            int position = core.thread.pc;
            boolean known = trace.microOps > 0 && (position == start || watched[position])
                    || trace.microOps >= ENOUGH && blocks[position] != null;
            if (known || !trace.add(position, code[position], core.thread.regs, window, core.storeRing.length)) {
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
            cutShort[start] = true;
        }
    }

    /** What cut recordings short is often over: lines have come to where they stay. */
    private void tryAgain() {
        for (int position = 0; position < cutShort.length; position++) {
            if (cutShort[position]) {
                cutShort[position] = false;
                givenUp[position] = false;
                visits[position] = 0;
                heads[position] = true;
            }
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
