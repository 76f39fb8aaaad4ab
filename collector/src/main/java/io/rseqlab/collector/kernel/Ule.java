package io.rseqlab.collector.kernel;

/**
 * FreeBSD's ULE, for threads of the timeshare class.
 *
 * <ul>
 *   <li>Everything is counted in ticks of the statistics clock, 127 a second.
 *   <li>A thread that slept much longer than it ran is interactive: it waits in queues by priority, before all others.
 *   <li>The others wait in a calendar of 64 turns. A thread is put as many turns behind the present one as its priority
 *       says, which is its share of the CPU in the last ten seconds and its nice value. The present turn moves on with
 *       every tick unless threads still wait in it. A thread that slept is put in the present turn.
 *   <li>A slice is 12 ticks, divided by the number of those that wait, at least 2.
 *   <li>A thread that wakes up does not preempt the running one: timeshare priorities are behind the threshold
 *       (PRI_MIN_KERN). An interactive one preempts one that is not, on another CPU than the waker's.
 * </ul>
 *
 * Not modelled: real-time, kernel and idle classes, priorities lent to holders of locks; hardclock, which interrupts a
 * thousand times a second and decides nothing. Source: sys/kern/sched_ule.c of FreeBSD 14 (CheriBSD 02f554bc), in its
 * names: tdq_runq_add, tdq_slice, sched_clock, sched_priority, sched_interact_score, sched_shouldpreempt.
 */
final class Ule implements Scheduler {
    /** Ticks of the statistics clock in a second: stathz of the local APIC's timer. */
    static final int STAT_HZ = 127;

    private static final int SLICE_TICKS = STAT_HZ / 10;
    private static final int SLICE_DIVISOR = 6;
    private static final int LEAST_SLICE_TICKS = SLICE_TICKS / SLICE_DIVISOR;

    private static final int TURNS = 64;

    // priorities of sys/priority.h, and how ULE divides the timeshare range
    private static final int FIRST_INTERACTIVE = 120;
    private static final int LAST_INTERACTIVE = 151;
    private static final int FIRST_BATCH = 152;
    private static final int LAST_BATCH = 223;
    static final int IDLE = 255;
    private static final int PREEMPT_THRESHOLD = 80;
    private static final int NICE_RESERVED = 20;
    private static final int SHARE_RANGE = LAST_BATCH - FIRST_BATCH + 1 - 2 * NICE_RESERVED;
    /** Priorities in one of the queues by priority. */
    private static final int PER_QUEUE = 4;

    private static final int SCORE_HALF = 50;
    private static final int INTERACTIVE_BELOW = 30;

    private final long statCycles;
    private final long historyCycles;
    private final long windowCycles;
    private final long secondCycles;
    private final Calendar[] calendars;
    private boolean shortened;
    private long order;

    /** A CPU's calendar; turns are numbered for ever. */
    private static final class Calendar {
        /** The turn that threads are put behind, at most one ahead of the next. */
        long insert;
        /** The turn that is served. */
        long serve;
    }

    Ule(int cpus, long clockHz) {
        secondCycles = clockHz;
        statCycles = clockHz / STAT_HZ;
        historyCycles = 5 * clockHz;
        windowCycles = 10 * clockHz;
        calendars = new Calendar[cpus];
        for (int i = 0; i < cpus; i++) {
            calendars[i] = new Calendar();
        }
    }

    @Override
    public void shortenSlice(long cycles) {
        shortened = cycles < statCycles;
    }

    // ---- coming and going

    @Override
    public void enqueue(CpuState cpu, Task task, long now, boolean initial) {
        UleState ule = task.ule;
        if (initial) {
            ule.windowFrom = now;
            ule.windowTo = now;
        }
        boolean woken = ule.sleepsFrom >= 0 && now > ule.sleepsFrom;
        if (ule.sleepsFrom >= 0) {
            ule.slept += now - ule.sleepsFrom;
            ule.sleepsFrom = -1;
            ule.sliceTicks = 0;
            limitHistory(ule);
            updateWindow(ule, now, false);
        }
        prioritize(task);
        if (woken) {
            ule.priority = Math.min(ule.priority, FIRST_BATCH);
        }
        insert(cpu, task, false);
    }

    private void insert(CpuState cpu, Task task, boolean atHead) {
        UleState ule = task.ule;
        Calendar calendar = calendars[cpu.id];
        ule.interactive = ule.priority < FIRST_BATCH;
        order++;
        ule.order = atHead ? -order : order;
        if (ule.interactive) {
            ule.slot = ule.priority / PER_QUEUE;
        } else if (atHead) {
            ule.slot = calendar.serve;
        } else {
            int behind = TURNS * (ule.priority - FIRST_BATCH) / (LAST_BATCH - FIRST_BATCH + 1);
            // The calendar is one turn shorter while threads still wait in the turn before.
            boolean around = calendar.insert != calendar.serve && behind == TURNS - 1;
            ule.slot = calendar.insert + (around ? behind - 1 : behind);
        }
        cpu.queue.add(task);
    }

    private void remove(CpuState cpu, Task task) {
        cpu.queue.remove(task);
        Calendar calendar = calendars[cpu.id];
        if (calendar.insert != calendar.serve && !waits(cpu, calendar.serve)) {
            calendar.serve = calendar.insert;
        }
    }

    private static boolean waits(CpuState cpu, long turn) {
        return cpu.queue.stream().anyMatch(task -> !task.ule.interactive && task.ule.slot == turn);
    }

    @Override
    public void dequeue(CpuState cpu, Task task, long now) {
        remove(cpu, task);
    }

    @Override
    public void block(CpuState cpu, Task task, long now) {
        updateWindow(task.ule, now, true);
        task.ule.sleepsFrom = now;
    }

    // ---- the running task

    @Override
    public boolean tick(CpuState cpu, long now) {
        Calendar calendar = calendars[cpu.id];
        if (calendar.insert == calendar.serve) {
            calendar.insert++;
            if (!waits(cpu, calendar.serve)) {
                calendar.serve = calendar.insert;
            }
        }
        Task task = cpu.current;
        UleState ule = task.ule;
        if (!shortened) {
            updateWindow(ule, now, true);
            ule.ran += statCycles;
            limitHistory(ule);
            prioritize(task);
        }
        ule.sliceTicks++;
        if (shortened || ule.sliceTicks >= sliceTicks(cpu.runnable() - 1)) {
            ule.sliceTicks = 0;
            ule.sliceEnded = !cpu.queue.isEmpty();
        }
        return ule.sliceEnded;
    }

    /** The slice of a thread while others wait, in ticks. */
    static int sliceTicks(int waiting) {
        if (waiting >= SLICE_DIVISOR) {
            return LEAST_SLICE_TICKS;
        }
        return waiting <= 1 ? SLICE_TICKS : SLICE_TICKS / waiting;
    }

    @Override
    public boolean preempts(CpuState cpu, Task woken, long now, boolean remote) {
        return shouldPreempt(woken.ule.priority, cpu.current.ule.priority, remote);
    }

    static boolean shouldPreempt(int priority, int running, boolean remote) {
        if (priority >= running) {
            return false;
        }
        return priority <= PREEMPT_THRESHOLD || remote && priority <= LAST_INTERACTIVE && running > LAST_INTERACTIVE;
    }

    @Override
    public void yield(CpuState cpu, long now) {
        cpu.current.ule.yields = true;
    }

    @Override
    public Task choose(CpuState cpu, long now, boolean avoidCurrent) {
        Task running = cpu.current != null && cpu.current.state == Task.State.RUNNABLE ? cpu.current : null;
        if (cpu.queue.isEmpty()) {
            return running;
        }
        if (running != null) {
            UleState ule = running.ule;
            boolean preempted = !ule.sliceEnded && !ule.yields;
            ule.sliceEnded = false;
            ule.yields = false;
            updateWindow(ule, now, true);
            prioritize(running);
            insert(cpu, running, preempted);
        }
        Task best = null;
        for (Task task : cpu.queue) {
            boolean allowed = !avoidCurrent || task != running;
            if (allowed && (best == null || task.ule.before(best.ule))) {
                best = task;
            }
        }
        remove(cpu, best);
        updateWindow(best.ule, now, best == running);
        prioritize(best);
        return best;
    }

    // ---- priorities

    /** Lowest, that is best, priority of what runs or waits on a CPU. */
    static int bestPriority(CpuState cpu) {
        int best = cpu.current == null ? IDLE : cpu.current.ule.priority;
        for (Task task : cpu.queue) {
            best = Math.min(best, task.ule.priority);
        }
        return best;
    }

    private void prioritize(Task task) {
        UleState ule = task.ule;
        int score = Math.max(0, score(ule.ran, ule.slept) + task.nice);
        if (score < INTERACTIVE_BELOW) {
            int range = LAST_INTERACTIVE - FIRST_INTERACTIVE + 1;
            ule.priority = FIRST_INTERACTIVE + range * score / INTERACTIVE_BELOW;
        } else {
            long total = Math.max(ule.windowTo - ule.windowFrom, secondCycles);
            long share = Math.min(SHARE_RANGE - 1, ule.windowRan / ((total + SHARE_RANGE - 1) / SHARE_RANGE));
            ule.priority = FIRST_BATCH + NICE_RESERVED + (int) share + task.nice;
        }
    }

    /** The interactivity score, 0 to 50: what a thread ran for each fiftieth of what it slept. */
    static int score(long ran, long slept) {
        if (ran >= slept) {
            return ran == 0 ? 0 : SCORE_HALF;
        }
        return (int) (ran / Math.max(1, slept / SCORE_HALF));
    }

    /** Keeps the history of sleep and run to about five seconds. */
    private void limitHistory(UleState ule) {
        long sum = ule.ran + ule.slept;
        if (sum < historyCycles) {
            return;
        }
        if (sum > 2 * historyCycles) {
            boolean ran = ule.ran > ule.slept;
            ule.ran = ran ? historyCycles : 1;
            ule.slept = ran ? 1 : historyCycles;
        } else if (sum > historyCycles / 5 * 6) {
            ule.ran /= 2;
            ule.slept /= 2;
        } else {
            ule.ran = ule.ran / 5 * 4;
            ule.slept = ule.slept / 5 * 4;
        }
    }

    /** Moves the window of CPU use on to a cycle, up to which the task ran or did not. */
    private void updateWindow(UleState ule, long now, boolean ran) {
        long start = now - windowCycles;
        if (now - ule.windowTo >= windowCycles) {
            ule.windowRan = 0;
            ule.windowFrom = start;
        } else if (now - ule.windowFrom >= windowCycles + secondCycles) {
            double share = (double) ule.windowRan / (ule.windowTo - ule.windowFrom);
            ule.windowRan = Math.round(share * (ule.windowTo - start));
            ule.windowFrom = start;
        }
        if (ran) {
            ule.windowRan += now - ule.windowTo;
        }
        ule.windowTo = now;
    }
}
