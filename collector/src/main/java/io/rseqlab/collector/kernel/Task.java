package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.ThreadContext;
import java.util.ArrayDeque;

/** A thread as the kernel sees it. */
final class Task {
    /** Where a task is in its life. */
    enum State {
        RUNNABLE,
        BLOCKED,
        EXITED
    }

    final ThreadContext context;
    State state = State.RUNNABLE;
    /** CPU it runs or last ran on, or whose queue it is in. */
    int cpu;
    /** CPU it may not leave, -1 for any. */
    int pinnedCpu = -1;

    // ---- EEVDF, in cycles of virtual time
    long weight = NiceWeights.NICE_0;
    long vruntime;
    long deadline;
    /** The deadline is a distance from the virtual time to come: it is changing CPUs. */
    boolean deadlineIsRelative;

    long lag;
    /** Asleep, but still in the queue. */
    boolean dequeueDelayed;
    /** Virtual time up to which it is protected from preemption. */
    long protectedUntil;
    /** Cycle up to which its running time is accounted. */
    long accountedTo;
    /** Cycle at which it last stopped running. */
    long lastRan = Long.MIN_VALUE / 2;

    /** Cycle at which it last became runnable: a CPU that wakes it does so at the end of a call or an interrupt. */
    long runnableFrom;

    /** Nice value, -20 to 19. */
    int nice;

    // ---- ULE
    final UleState ule = new UleState();

    /** How much it wanted a CPU lately. */
    final DecayingAverage wanting;
    /** How much it had a CPU lately. */
    final DecayingAverage running;

    // ---- rseq
    final RseqState rseq = new RseqState();

    /** Concurrency id that it runs with, or ran with last. */
    int concurrencyId;
    /** The same, as far as it may take it along when it moves; -1 for none. */
    int lastConcurrencyId = ConcurrencyIds.NONE;
    /** Concurrency id that it owns, -1 if it owns none. */
    int ownConcurrencyId = ConcurrencyIds.NONE;

    /** Something is to be done before user mode: rseq, or work that other parts of the kernel left. */
    boolean notifyResume;
    /** Work of the scan for concurrency ids is to be done before user mode. */
    boolean workPending;
    /** It left user mode by an interrupt or an exception, not by a system call. */
    boolean interrupted;
    /** It has made a system call that has not returned yet. */
    boolean inCall;

    /** A debugger steps it: it traps behind each instruction. */
    boolean stepped;
    /** It waits for its debugger; signals do not wake it. */
    boolean stopped;

    // ---- signals, as masks with bit n - 1 for signal n
    long pendingSignals;
    long blockedSignals;
    /** Why SIGSEGV was forced on it and is pending; null if it was not. */
    String forcedFor;
    /** Frames of handlers, the innermost first. */
    final ArrayDeque<Signals.Frame> frames = new ArrayDeque<>();

    /** When a timer ends its sleep, 0 if it does not sleep. */
    long wakeAt;

    /** Cycle at which it left user mode last. */
    long leftUserAt;

    /** Futex word it waits on, 0 if none. */
    long waitsOn;

    /** A new task is taken to need half a CPU and to want it all the time. */
    Task(ThreadContext context, long clockHz) {
        this.context = context;
        running = new DecayingAverage(clockHz, 0.5);
        wanting = new DecayingAverage(clockHz, 1);
        wanting.set(0, true);
    }

    /**
     * Something happened after which a section must be looked at before user mode.
     *
     * @param cause a bit of {@link io.rseqlab.trace.Cause}
     * @param event the event that says so, null for none
     */
    void disturbed(int cause, EventLog.Ref event) {
        rseq.events |= cause;
        rseq.freshCauses |= cause;
        rseq.lastEvent = event;
        rseq.scheduled = true;
        notifyResume = true;
    }

    int id() {
        return context.id;
    }
}
