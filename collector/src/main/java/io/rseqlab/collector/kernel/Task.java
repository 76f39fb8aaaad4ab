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
    long weight = 1024;
    long vruntime;
    long deadline;
    long lag;
    /** Virtual time up to which it is protected from preemption. */
    long protectedUntil;
    /** Cycle up to which its running time is accounted. */
    long accountedTo;
    /** Cycle at which it last stopped running. */
    long lastRan = Long.MIN_VALUE / 2;

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

    Task(ThreadContext context) {
        this.context = context;
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
