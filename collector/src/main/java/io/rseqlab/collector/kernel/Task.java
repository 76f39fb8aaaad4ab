package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.ThreadContext;

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

    /** How much it wanted a CPU lately. */
    final DecayingAverage wanting;
    /** How much it had a CPU lately. */
    final DecayingAverage running;

    // ---- rseq
    /** Address of the registered area, 0 if none. */
    long rseqArea;

    int rseqLength;
    int rseqSignature;
    /** The kernel's event bits: since a section was last found, so that they may be stale. */
    int rseqEvents;
    /** What happened since it was last in user mode: the causes that an abort is reported with. */
    int freshCauses;
    /** The id fields must be written and the section evaluated before user mode. */
    boolean notifyResume;
    /** The event behind the last event bit. */
    EventLog.Ref lastCause;

    // ---- signals
    boolean signalPending;

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
        rseqEvents |= cause;
        freshCauses |= cause;
        lastCause = event;
        notifyResume = true;
    }

    int id() {
        return context.id;
    }
}
