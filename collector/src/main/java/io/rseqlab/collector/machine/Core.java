package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * One core: the state of its pipeline, its private caches' filters, its predictor and its counters. Times inside the
 * pipeline are in units of 1/64 cycle, all others in cycles.
 */
public final class Core {
    /** Units per cycle of pipeline times, as a power of two. */
    static final int UNIT_BITS = 6;

    static final int UNIT = 1 << UNIT_BITS;
    /** Range of the branch predictor's counters, and from where on they say taken. */
    static final int LEAST_BIAS = -1;

    static final int MOST_BIAS = 2;
    static final int LEANS_TO_TAKEN = 1;
    /** A loop that has no number of turns. */
    static final int NO_TRIP = -1;
    /** How often in a row a number of turns must be seen again to be believed. */
    static final int TRIPS_SEEN = 2;

    static final int FILTER = 1024;
    static final int FORWARD = 64;

    /** What a core is doing. */
    public enum Mode {
        /** Executes its thread. */
        USER,
        /** Waits for its turn to enter the kernel by an interrupt. */
        INTERRUPT,
        /** Waits for its turn to enter the kernel by a system call. */
        SYSCALL,
        /** Its thread touched unmapped memory. */
        WILD,
        /** Nothing to run. */
        IDLE
    }

    public final int id;
    final Machine machine;
    final PrivateCache l1;
    final PrivateCache l2;

    /** Mode; kernel and machine change it. */
    public Mode mode = Mode.IDLE;
    /** The running thread, null when idle. */
    public ThreadContext thread;
    /** The running thread's registers. */
    long[] regs;
    /** Cycle from which an interrupt is pending; the kernel sets it. */
    public long interruptAt = Long.MAX_VALUE;
    /** Number of micro-operations until an injected interrupt, -1 for none. */
    public int forceIn = -1;
    /** True in the kernel if the interrupt was injected. */
    public boolean forced;
    /** For SYSCALL: the number. */
    int callNumber;

    long wildAddress;

    /** When this core acts next, in cycles: orders the cores. */
    long key;

    // ---- pipeline
    final long[] ready = new long[32];
    /** How long after a micro-operation the next can be dispatched, in units, and how many retire in a cycle. */
    final long slotUnits;

    final int retireWidth;
    /** How many entries of the window micro-operations may have taken that have not retired. */
    final int window;
    /** When the one that a micro-operation has to wait for retires, by the entry that comes next. */
    final long[] ring;
    /** How many taken branches may be under way, and when the one that the next has to wait for retires. */
    final int takenLimit;

    final long[] takenRing;
    final long[] storeRing;

    /** What was executed last, if that was by a schedule: the times below are as it leaves them. */
    Schedule last;
    /** What was executed by schedules before it, some five of them. */
    int history;

    /** Dispatch, in units, from which on the interpreter goes no further. */
    long limitUnits;
    /** The cycle of retirement from which on an interrupt may land. */
    long landsFrom;

    long dispatch;
    long microOps;
    /** Entries of the window taken so far. */
    long entries;
    /** Taken branches so far. */
    long taken;

    long stores;
    /** Loads that have waited for their lines so far. */
    long waits;

    long retireCycle;
    int retireCount;
    /** Cycles between the last two retirement groups. */
    long lastGap;
    /** Newest entries of the ring that lie one cycle apart, as of a micro-operation and its retirement. */
    int evenEntries;

    long evenUntil = -1;
    long evenCycle;
    /** Until when dispatch waits behind the next taken branch, because the last one was so short ago. */
    long takenAt;

    long fence;
    long memoryDone;
    /** When the last locked operation is done: they execute one after the other. */
    long lockedDone;

    long drain;
    long userSince;

    // ---- store forwarding, filters of the first-level cache, branch predictor
    final long[] forwardAddress = new long[FORWARD];
    final long[] forwardReady = new long[FORWARD];
    /** When the store leaves the store buffer: a load that starts earlier takes its value from there. */
    final long[] forwardUntil = new long[FORWARD];

    final long[] readFilter = new long[FILTER];
    final long[] writeFilter = new long[FILTER];
    final int[] tripCount;
    final int[] tripExpected;
    /** Turns after which a loop that turns more often than can be predicted is guessed to end, once. */
    final int stumbleTurn;

    final int[] tripCandidate;
    /** How often in a row a loop's last number of turns was seen again. */
    final byte[] tripSeen;
    /** Two-bit counters of the branch predictor; they start weakly at not taken. */
    final byte[] bias;
    /**
     * Numbers of turns beyond which one more turn, as predicted, changes nothing but the number; and whether one more
     * branch that is not taken, as predicted, changes nothing. See {@link BranchPredictor}.
     */
    final int[] takenBeyond;

    final boolean[] neverTaken;

    // ---- coherence request under way
    long pendingLine = -1;
    long pendingUntil;
    /** When the line will be there. */
    long pendingArrival;
    /** The cycle that all cores had reached when this one's turn began. */
    long now;
    /** Dispatch goes on from where it is, but not before all cores have reached this cycle. */
    long waitUntil;
    /** The locked operation that waits for its effect, by its first entry, and when it began. */
    long lockedEntry = -1;

    long lockedFrom;
    /** Up to this cycle no other core can act before this one. */
    long syncLimit;

    /** For how long dispatch has stood still before an operation that others must not see early, in units. */
    long heldUnits;

    final WrongPath wrongPath;
    /** How many loads may wait for their lines, 0 if any number may, and when the last so many have theirs. */
    final int waitingLimit;

    final long[] waitRing;
    final StridePrefetcher prefetcher;
    final NeighbourPrefetcher neighbour;
    final Transaction transaction;
    /** Position of the load that is being made, -1 for any other access. */
    int loading = -1;
    /** A line that others are at and on which this core has executed a locked operation last, else -1. */
    long lockedLine = -1;
    /** When the line that an access wants was asked for, in units. */
    long askedAt;
    /**
     * Grows whenever something happens that a stretch of private work knows nothing of: the core comes from the kernel
     * or goes there, a line comes or goes, a line that moved lately is touched. See {@link Periods}.
     */
    long disturbances;

    // ---- counters
    public long atomics;
    public long metadataTransfers;
    public long objectTransfers;
    /** Of the transfers of objects' lines, those that {@link WordSharing} calls false sharing. */
    public long falseSharingTransfers;

    public long mispredicts;
    public long userCycles;
    public long kernelCycles;
    public long idleCycles;
    /** When the present stay in idleness began, as the kernel counts it. */
    public long idleSince;

    Core(int id, Machine machine, int codeLength) {
        this.id = id;
        this.machine = machine;
        MachineProfile profile = machine.profile;
        l1 = new PrivateCache(profile.l1Bytes(), profile.l1Ways());
        l2 = new PrivateCache(profile.l2Bytes(), profile.l2Ways());
        slotUnits = Math.round(UNIT / profile.cost("core.dispatch_width"));
        retireWidth = (int) profile.cycles("core.retire_width");
        window = Math.max(2, profile.window());
        int training = (int) profile.costOr("core.stride_training", 0);
        prefetcher = new StridePrefetcher(training, (int) profile.costOr("core.stride_ahead", 1), codeLength);
        neighbour = new NeighbourPrefetcher(profile.costOr("core.neighbour_lines", 0) != 0);
        transaction = new Transaction(this, machine);
        ring = new long[Integer.highestOneBit(2 * window)]; // longer than the window: writes are ahead by that
        takenLimit = (int) profile.costOr("core.taken_in_flight", window);
        takenRing = new long[Integer.highestOneBit(2 * takenLimit)];
        wrongPath = new WrongPath(window, takenLimit, profile.l2Cycles() << UNIT_BITS);
        waitingLimit = (int) profile.costOr("core.waiting_loads", 0);
        waitRing = new long[Integer.highestOneBit(Math.max(1, 2 * waitingLimit - 1))];
        storeRing = new long[powerOfTwo(profile.storeBuffer())];
        tripCount = new int[codeLength];
        tripExpected = new int[codeLength];
        tripCandidate = new int[codeLength];
        tripSeen = new byte[codeLength];
        Arrays.fill(tripExpected, NO_TRIP);
        double longest = profile.cost("core.max_predicted_trip");
        stumbleTurn = (int) Math.max(profile.costOr("core.stumble_turn", Integer.MAX_VALUE), longest + 1);
        bias = new byte[codeLength];
        takenBeyond = new int[codeLength];
        Arrays.fill(takenBeyond, Integer.MAX_VALUE);
        neverTaken = new boolean[codeLength];
        Arrays.fill(readFilter, -1);
        Arrays.fill(writeFilter, -1);
    }

    private static int powerOfTwo(int n) {
        return Integer.highestOneBit(Math.max(2, n));
    }

    /** Dispatch stands still until an operation takes effect for others; answers when that is. */
    long hold(long fromUnits, long untilUnits) {
        heldUnits += untilUnits - fromUnits;
        return untilUnits;
    }

    /**
     * The operation takes effect now. A processor goes on behind it meanwhile: what misses there was asked for as if
     * dispatch had not stood still, like behind a branch that was predicted wrongly. (Measured on a Zen 5 server in
     * state FAR, a line 327 cycles of the time stamp counter away: of two pinned threads that pass objects on by
     * thread-cache-remote-cas, one compare-and-swap of a line of both's each, a pair of operations takes 255; with
     * misses that wait for each other's exchanges it would take 650.)
     */
    void released() {
        if (heldUnits > 0) {
            wrongPath.mispredicted(entries + 1, taken, heldUnits, dispatch);
            heldUnits = 0;
        }
    }

    /** The cycle this core has reached. */
    public long clock() {
        return Math.max(retireCycle, dispatch >> UNIT_BITS);
    }

    /** Micro-operations executed so far, marks not counted. */
    public long microOps() {
        return microOps;
    }

    /** Cycle of the last retirement: where an interrupt was recognised. */
    public long retireCycle() {
        return retireCycle;
    }

    /** Starts or resumes a thread in user mode at a cycle, with an empty pipeline. */
    public void enterUser(ThreadContext next, long cycle) {
        disturbances++;
        last = null;
        thread = next;
        regs = next.regs;
        mode = Mode.USER;
        Arrays.fill(ready, 0);
        dispatch = cycle << UNIT_BITS;
        retireCycle = cycle;
        retireCount = 0;
        lastGap = 0;
        fence = 0;
        memoryDone = 0;
        lockedDone = 0;
        userSince = cycle;
        pendingLine = -1;
        wrongPath.forget();
        heldUnits = 0;
        lockedLine = -1;
        lockedEntry = -1;
        forceIn = -1;
        actAt(cycle);
    }

    /** Has nothing to run until a cycle (Long.MAX_VALUE: until somebody wakes it). */
    public void enterIdle(long cycle, long until) {
        thread = null;
        mode = Mode.IDLE;
        retireCycle = cycle;
        dispatch = cycle << UNIT_BITS;
        actAt(Math.max(cycle, until));
    }

    /** Moves the time at which an idle core wakes forward. */
    public void wakeIdle(long cycle) {
        if (mode == Mode.IDLE && cycle < key) {
            actAt(cycle);
        }
    }

    /** The system call that was entered goes on at a cycle. */
    public void stayInKernel(long cycle) {
        actAt(cycle);
    }

    /** Acts next at a cycle. */
    void actAt(long cycle) {
        key = cycle;
        machine.order.set(id, cycle);
    }

    /** Leaves user mode at the last retirement. */
    void leaveUser(Mode next) {
        disturbances++;
        transaction.interrupted();
        mode = next;
        userCycles += retireCycle - userSince;
        actAt(retireCycle);
    }

    /** Cycles in user mode so far, the present stay included. */
    public long userCyclesNow() {
        return userCycles + (mode == Mode.USER ? Math.max(0, retireCycle - userSince) : 0);
    }

    /** Cycles idle up to a cycle, the present stay included. */
    public long idleCyclesTo(long cycle) {
        return idleCycles + (mode == Mode.IDLE ? Math.max(0, cycle - idleSince) : 0);
    }

    /** Hardware transactions that this core has begun so far. */
    public long transactions() {
        return transaction.begun();
    }

    /** How many of them were undone for a reason. */
    public long transactionAborts(TransactionAbort cause) {
        return transaction.aborts(cause);
    }

    /** Another core takes a line. */
    void loseLine(long line, Core taker) {
        dropLine(line);
        loseTransaction(line, true, taker);
    }

    /** Another core reads a line that this one owns, and shares it from now on. */
    void shareLine(long line, Core reader) {
        dropWrite(line);
        loseTransaction(line, false, reader);
    }

    private void loseTransaction(long line, boolean whole, Core other) {
        if (transaction.active()) {
            transaction.loses(line, whole, other.key);
            other.syncLimit = Math.min(other.syncLimit, id < other.id ? key - 1 : key);
        }
    }

    /** A line made room for another in the first-level cache, and if {@code whole} in the second-level one. */
    void displaceLine(long line, boolean whole) {
        dropLine(line);
        transaction.displaced(line, whole);
    }

    void dropLine(long line) {
        int slot = (int) line & (FILTER - 1);
        if (readFilter[slot] == line) {
            readFilter[slot] = -1;
        }
        dropWrite(line);
    }

    void dropWrite(long line) {
        disturbances++;
        int slot = (int) line & (FILTER - 1);
        if (writeFilter[slot] == line) {
            writeFilter[slot] = -1;
        }
    }
}
