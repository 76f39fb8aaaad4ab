package io.rseqlab.collector.machine;

/**
 * Runs one core and looks for periods meanwhile: at a watched position it notes what the workload's registers hold;
 * when that comes again, it has the work's rhythm, and in that rhythm it notes the core's state. When a state comes
 * again, the stretch between may be a period, and the next of its length is scanned. A core whose work does not repeat
 * is left alone for longer and longer.
 */
final class PeriodSearch {
    /** Visits of the watched position without repetition after which the search ends. */
    private static final int MOST_VISITS = 2048;

    /**
     * The same, with visits between which the core was disturbed: enough for lines to come to rest that a thread
     * brought along from another core.
     */
    private static final int MOST_SEARCHED = 16 * MOST_VISITS;

    private static final int TABLE = 2 * MOST_VISITS;
    /** Looks at the core's state in one rhythm: more, and the rhythm was found where it was not yet settled. */
    private static final int MOST_LOOKS = 8;

    /** Looks lie about so many visits apart, at least. */
    private static final int FAR_VISITS = 32;

    /** Visits after a disturbance that are not looked at. */
    private static final int SETTLING = 24;
    /** Scans without success after which the core is left alone until it is disturbed. */
    private static final int MOST_SCANS = 4;
    /** Micro-operations for which a core is left alone first, and how often that doubles. */
    private static final long FIRST_REST = 200_000;

    private static final int MOST_DOUBLINGS = 9;
    /** A core rests for so many times, as a power of two, as long as was searched in vain. */
    private static final int REST_SHARE_BITS = 5;

    private enum Stage {
        SEARCH,
        SCAN,
        STEADY,
        REST
    }

    private final Machine machine;
    private final Core core;
    private Stage stage = Stage.SEARCH;
    private long seen = -1;
    private int visits;
    private int searched;
    private int scans;
    private int rests;
    private long restUntil;
    private long searchedSince;
    private long visitedSince;
    private long[] states;
    private int[] visitOf;
    private int[] generations;
    private int generation;
    /** Visits after which the workload's registers are as before, 0 while that is not known. */
    private int rhythm;

    private int untilLook;
    private int looks;
    private CoreState look;
    private PeriodScan scan;
    private int rounds;
    private int roundsLeft;
    /** Visits of the last period; the next is likely to have as many. */
    private int known;

    private Period period;

    PeriodSearch(Machine machine, Core core) {
        this.machine = machine;
        this.core = core;
    }

    /** The period in which the core is, null if none is known. */
    Period period() {
        return stage == Stage.STEADY && period.holds() ? period : null;
    }

    /** Runs the core as an engine does. A period whose counts were cleared since has to be found again. */
    void run(long limit) {
        boolean goesOn;
        do {
            if (core.disturbances != seen
                    || stage == Stage.STEADY && !(period.holds() && period.journal.repeats())
                    || stage == Stage.REST && core.microOps() >= restUntil) {
                disturbed();
            }
            goesOn = switch (stage) {
                case SEARCH -> search(limit);
                case SCAN -> scan(limit);
                default -> machine.execute(core, limit, false);
            };
        } while (goesOn);
    }

    private void disturbed() {
        seen = core.disturbances;
        if (stage == Stage.REST && core.microOps() < restUntil) {
            return;
        }
        if (stage != Stage.SEARCH) {
            searched = 0;
            scans = 0;
            searchedSince = core.microOps();
        }
        startOver();
    }

    private void startOver() {
        drop();
        visits = 0;
        rhythm = 0;
        untilLook = 0;
        looks = 0;
        generation++;
        stage = Stage.SEARCH;
    }

    private void drop() {
        if (scan != null) {
            scan.journal.close();
        }
        scan = null;
        period = null;
    }

    private boolean search(long limit) {
        if (!machine.execute(core, limit, true)) {
            return false;
        }
        if (core.disturbances == seen) {
            visit();
        } else {
            searched++;
        }
        if (stage == Stage.SEARCH && (visits > MOST_VISITS || searched > MOST_SEARCHED)) {
            rest();
        }
        return true;
    }

    private void rest() {
        drop();
        stage = Stage.REST;
        long spent = core.microOps() - searchedSince;
        restUntil =
                core.microOps() + Math.max(spent << REST_SHARE_BITS, FIRST_REST << Math.min(rests++, MOST_DOUBLINGS));
    }

    private void visit() {
        searched++;
        if (++visits <= SETTLING) {
            visitedSince = core.microOps();
            return;
        }
        if (states == null) {
            states = new long[TABLE];
            visitOf = new int[TABLE];
            generations = new int[TABLE];
        }
        if (known > 0 && visits == known + SETTLING + 1 && scans == 0) {
            begin(known);
            return;
        }
        if (rhythm == 0) {
            int earlier = earlier(CoreState.work(core));
            rhythm = earlier == 0 ? 0 : visits - earlier;
            if ((core.microOps() - visitedSince) / (visits - SETTLING) * rhythm > PeriodScan.MOST_MICRO_OPS) {
                rest();
            }
            return;
        }
        if (--untilLook <= 0) {
            untilLook = rhythm * Math.max(1, FAR_VISITS / rhythm);
            look = look == null ? new CoreState() : look;
            look.capture(core);
            int earlier = earlier(look.hash());
            if (earlier != 0) {
                begin(visits - earlier);
            } else if (++looks == MOST_LOOKS) {
                startOver();
            }
        }
    }

    /** The visit at which a number was seen before, 0 if it was not; now it has been. */
    private int earlier(long state) {
        int at = (int) (state >>> 20) & (TABLE - 1);
        while (generations[at] == generation && states[at] != state) {
            at = at + 1 & (TABLE - 1);
        }
        if (generations[at] == generation) {
            return visitOf[at];
        }
        generations[at] = generation;
        states[at] = state;
        visitOf[at] = visits;
        return 0;
    }

    private void begin(int rounds) {
        MarkJournal journal = machine.marks.note(core);
        if (journal == null) {
            rest();
            return;
        }
        scan = new PeriodScan(machine, core, journal);
        this.rounds = rounds;
        roundsLeft = rounds;
        stage = Stage.SCAN;
    }

    private boolean scan(long limit) {
        do {
            long microOps = core.microOps;
            int position = core.thread.pc;
            if (!scan.step(limit)) {
                boolean waits = scan.attempted() && core.microOps == microOps && core.thread.pc == position;
                fail();
                return !waits && core.forceIn < 0 && canGoOn(limit);
            }
            if (core.thread.pc == scan.head && --roundsLeft == 0) {
                finish();
                return canGoOn(limit);
            }
        } while (canGoOn(limit));
        return false;
    }

    private boolean canGoOn(long limit) {
        return core.mode == Core.Mode.USER && core.dispatch < limit && core.retireCycle < core.interruptAt - 1;
    }

    private void fail() {
        if (++scans >= MOST_SCANS) {
            rest();
        } else {
            startOver();
        }
    }

    private void finish() {
        scan.journal.close();
        if (scan.closes() && scan.journal.repeats()) {
            Recurrence recurrence = new Recurrence(scan, machine);
            if (recurrence.holds()) {
                known = rounds;
                period = new Period(scan, recurrence, machine);
                scan = null;
                rests = 0;
                stage = Stage.STEADY;
                machine.periods.found();
                return;
            }
        }
        fail();
    }
}
