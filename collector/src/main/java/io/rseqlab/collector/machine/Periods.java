package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Op;

/**
 * Exact fast-forward over periods. When every core in user mode is in a {@link Period}, no core can touch what another
 * holds before the next event: an interrupt, an idle core that acts, the end of the run. Up to there only the order of
 * turns has to be found, which needs no more than the periods' times of dispatch; then every core skips whole periods
 * and does the rest, to the micro-operation at which its last turn ends, as always. So the run is the same to the bit.
 */
final class Periods {
    /** Jumps over less, or less than a period, are not tried, in cycles. */
    private static final long LEAST_CYCLES = 2_000;

    /** The longest jump, in cycles: whoever watches wants to hear something now and then. */
    private static final long MOST_CYCLES = 1L << 25;

    /** With less slack turns are so short that finding their order costs what it saves. */
    static final long LEAST_SLACK = 64;

    private static final long RETRY_CYCLES = 2_000;

    private final Machine machine;
    private final PeriodSearch[] searches;
    private final Period[] steady;
    private final long[] at;
    private final long slackCycles;
    private final boolean possible;
    private long skippedMicroOps;
    /**
     * By core: the dispatch, in units, up to which its turns have gone without being executed; 0 for a core that has.
     */
    private final long[] owedTo;

    private int owing;
    /** No jump is tried before. */
    private long tryAt = Long.MAX_VALUE;

    Periods(Machine machine, boolean[] watched, long slackCycles) {
        this.machine = machine;
        this.slackCycles = slackCycles;
        searches = new PeriodSearch[machine.cores.length];
        steady = new Period[searches.length];
        at = new long[searches.length];
        owedTo = new long[searches.length];
        boolean any = false;
        for (boolean one : watched) {
            any |= one;
        }
        possible = any && slackCycles >= LEAST_SLACK;
    }

    /**
     * Where work begins anew: the targets of the first branch backwards behind each place where a program says that
     * work is done.
     */
    static boolean[] watched(long[] code) {
        boolean[] watched = new boolean[code.length + 1];
        for (int position = 0; position < code.length; position++) {
            if (Op.code(code[position]) == Op.MARK && Op.rd(code[position]) == Mark.WORK_DONE) {
                int branch = position + 1;
                while (branch < code.length && !isBackwards(code[branch], branch)) {
                    branch++;
                }
                if (branch < code.length) {
                    watched[Op.imm(code[branch])] = true;
                }
            }
        }
        return watched;
    }

    private static boolean isBackwards(long word, int position) {
        int op = Op.code(word);
        return (Op.isConditional(op) || op == Op.JMP) && Op.imm(word) < position;
    }

    /** True if this machine's program can have periods. */
    boolean possible() {
        return possible;
    }

    /** Runs a core as an engine does. */
    void run(Core core, long limit) {
        PeriodSearch search = searches[core.id];
        if (search == null) {
            search = new PeriodSearch(machine, core);
            searches[core.id] = search;
        }
        search.run(limit);
    }

    long skippedMicroOps() {
        return skippedMicroOps;
    }

    /**
     * Takes a core's turn without executing it, if the core is in a period and nothing can happen to it in the turn:
     * what it has to do, it owes. Whoever is about to touch what cores share has that done first ({@link #settle}).
     */
    boolean owesTurn(Core core, long limit) {
        PeriodSearch search = searches[core.id];
        Period period = search == null ? null : search.period();
        if (period == null || limit > core.interruptAt - period.lead - period.mostStep << Core.UNIT_BITS) {
            settle(core);
            return false;
        }
        long end = period.boundary(limit);
        long last = (end >> Core.UNIT_BITS) + period.lead + period.mostStep;
        if (last >= core.interruptAt || !period.predictsUpTo(end) || !machine.marks.mayOwe(period.journal)) {
            settle(core);
            return false;
        }
        owing += owedTo[core.id] == 0 ? 1 : 0;
        owedTo[core.id] = end;
        core.actAt(end >> Core.UNIT_BITS);
        return true;
    }

    /** Has all cores do what they owe. */
    void settle() {
        for (int i = 0; owing > 0 && i < owedTo.length; i++) {
            settle(machine.cores[i]);
        }
    }

    private void settle(Core core) {
        long end = owedTo[core.id];
        if (end != 0) {
            owedTo[core.id] = 0;
            owing--;
            reach(core, searches[core.id].period(), end);
        }
    }

    private void reach(Core core, Period period, long end) {
        if (period == null) {
            throw new IllegalStateException("CPU " + core.id + " owes turns of a period that it has left");
        }
        long visit = period.nextVisit();
        if (visit < end) {
            advance(core, period, visit);
            skippedMicroOps += period.skipTo(end);
        }
        advance(core, period, end);
    }

    /** A core has come into a period. */
    void found() {
        tryAt = 0;
    }

    /** Whether {@link #jump} is worth a try when the next core would act at a cycle. */
    boolean due(long cycle) {
        return cycle >= tryAt;
    }

    /** Jumps if that is possible, to before a cycle at most. */
    void jump(long now, long untilCycle) {
        long event = Math.min(untilCycle, now + MOST_CYCLES);
        long margin = 0;
        long worth = LEAST_CYCLES;
        long others = Long.MAX_VALUE;
        long rise = 0;
        int busy = 0;
        for (Core core : machine.cores) {
            if (core.mode != Core.Mode.USER) {
                others = Math.min(others, core.key);
                continue;
            }
            Period period = searches[core.id] == null ? null : searches[core.id].period();
            if (period == null || !period.journal.repeats()) {
                tryAt = period == null && core.key - now > RETRY_CYCLES ? core.key : now + RETRY_CYCLES;
                return;
            }
            event = Math.min(event, core.interruptAt - period.lead);
            margin = Math.max(margin, period.mostStep);
            worth = Math.max(worth, period.cycles);
            rise += period.journal.rise();
            at[busy] = owedTo[core.id] == 0 ? core.dispatch : owedTo[core.id];
            steady[busy++] = period;
        }
        event = Math.min(event, others);
        margin += slackCycles + 2;
        if (busy == 0 || event - margin - now < worth) {
            tryAt = Math.max(event, now + 1);
            return;
        }
        if (!machine.marks.below(rise) || !predict(busy, event << Core.UNIT_BITS)) {
            tryAt = now + RETRY_CYCLES;
            return;
        }
        takeTurns(busy, others, event - margin);
        arrive(busy);
        tryAt = event;
    }

    private boolean predict(int busy, long dispatch) {
        for (int i = 0; i < busy; i++) {
            if (!steady[i].predictsUpTo(dispatch)) {
                return false;
            }
        }
        return true;
    }

    /** What {@link Machine#run} would do, in times of dispatch alone: until the next turn would begin at a cycle. */
    private void takeTurns(int busy, long others, long stop) {
        while (true) {
            int next = 0;
            long first = at[0] >> Core.UNIT_BITS;
            long second = others;
            for (int i = 1; i < busy; i++) {
                long key = at[i] >> Core.UNIT_BITS;
                if (key < first) {
                    second = first;
                    first = key;
                    next = i;
                } else if (key < second) {
                    second = key;
                }
            }
            if (first >= stop) {
                return;
            }
            if (second > stop) {
                second = stop - slackCycles; // a turn cut short goes on when it is the core's turn again, and it is
            }
            at[next] = steady[next].boundary((second + slackCycles) << Core.UNIT_BITS);
        }
    }

    private void arrive(int busy) {
        int i = 0;
        for (Core core : machine.cores) {
            if (core.mode != Core.Mode.USER || i == busy) {
                continue;
            }
            owing -= owedTo[core.id] == 0 ? 0 : 1;
            owedTo[core.id] = 0;
            core.syncLimit = core.key;
            reach(core, steady[i], at[i]);
            core.actAt(core.dispatch >> Core.UNIT_BITS);
            steady[i++] = null;
        }
    }

    /** Lets the core work to a time of dispatch. */
    private void advance(Core core, Period period, long dispatch) {
        while (core.dispatch < dispatch) {
            long before = core.microOps;
            machine.execute(core, dispatch, false);
            if (core.microOps == before || !period.holds()) {
                throw new IllegalStateException("CPU " + core.id + " has left its period at " + core.retireCycle);
            }
        }
        if (core.dispatch != dispatch) {
            throw new IllegalStateException("CPU " + core.id + " has not ended its turn at " + dispatch);
        }
    }
}
