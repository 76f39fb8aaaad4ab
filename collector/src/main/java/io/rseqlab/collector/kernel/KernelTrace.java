package io.rseqlab.collector.kernel;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;

/** Words what the kernel does as events. */
final class KernelTrace {
    static final String PREEMPTED = "preempted";
    static final String YIELDED = "yielded";
    static final String BLOCKED = "blocked";
    static final String EXITED = "exited";
    static final String THROTTLED = "throttled";
    static final String IDLE = "idle";
    /** Thread numbers of background kernel threads: this plus the CPU. */
    static final int BACKGROUND_THREAD = 1_000_000;

    private final EventLog log;
    private final Event event = new Event();
    private String reason = PREEMPTED;

    KernelTrace(EventLog log) {
        this.log = log;
    }

    /** Why the running task is about to be switched out; back to preempted after each switch. */
    void switchOutReason(String newReason) {
        reason = newReason;
    }

    EventLog.Ref switched(long cycle, int cpu, Task previous, Task next) {
        String why = previous == null ? IDLE : reason;
        reason = PREEMPTED;
        int from = previous == null ? -1 : previous.id();
        int to = next == null ? -1 : next.id();
        return switched(cycle, cpu, from, to, why);
    }

    private EventLog.Ref switched(long cycle, int cpu, int from, int to, String why) {
        if ((PREEMPTED.equals(why) || THROTTLED.equals(why)) && from < BACKGROUND_THREAD) {
            log.add(event.reset(EventKind.PREEMPT, cycle, cpu, from));
        }
        EventLog.Ref ref = new EventLog.Ref();
        event.reset(EventKind.SWITCH, cycle, cpu, from);
        event.set(Column.OTHER_THREAD, to).set(Column.STATE, why);
        log.add(event, ref, null);
        return ref;
    }

    /** A background thread takes the CPU from a task, or gives it back. */
    EventLog.Ref background(long cycle, int cpu, Task task, boolean starts) {
        int background = BACKGROUND_THREAD + cpu;
        return starts
                ? switched(cycle, cpu, task.id(), background, PREEMPTED)
                : switched(cycle, cpu, background, task.id(), BLOCKED);
    }

    EventLog.Ref migrated(long cycle, int from, Task task, int to) {
        EventLog.Ref ref = new EventLog.Ref();
        event.reset(EventKind.MIGRATE, cycle, from, task.id()).set(Column.TARGET_CPU, to);
        log.add(event, ref, null);
        return ref;
    }

    void wakeup(long cycle, CpuState waker, Task task, int target) {
        event.reset(EventKind.WAKEUP, cycle, waker.id, task.id()).set(Column.TARGET_CPU, target);
        event.set(Column.OTHER_THREAD, waker.current == null ? -1 : waker.current.id());
        log.add(event);
    }

    void syscall(long cycle, int cpu, Task task, String name) {
        log.add(event.reset(EventKind.SYSCALL, cycle, cpu, task.id()).set(Column.DETAIL, name));
    }

    /**
     * A signal.
     *
     * @param carried a switch or signal that the same exit carries, null for none: both count as one interruption
     */
    EventLog.Ref signal(long cycle, int cpu, Task task, int number, EventLog.Ref carried) {
        EventLog.Ref ref = new EventLog.Ref();
        event.reset(EventKind.SIGNAL, cycle, cpu, task.id()).set(Column.NUMBER, number);
        log.add(event, ref, carried);
        return ref;
    }

    /** A membarrier of a task interrupts a CPU. */
    EventLog.Ref membarrier(long cycle, int cpu, Task caller, int target) {
        EventLog.Ref ref = new EventLog.Ref();
        event.reset(EventKind.MEMBARRIER_IPI, cycle, cpu, caller.id()).set(Column.TARGET_CPU, target);
        log.add(event, ref, null);
        return ref;
    }

    void aborted(long cycle, int cpu, Task task, int causes, String section, int offset, long wastedCycles) {
        event.reset(EventKind.ABORT, cycle, cpu, task.id());
        event.set(Column.CAUSES, causes).set(Column.SECTION, section).set(Column.OFFSET, offset);
        event.set(Column.WASTED_CYCLES, wastedCycles);
        log.add(event, null, task.rseq.lastEvent);
    }

    /** A thread asked to register its area or to give it back; the error is 0 or one of {@link Errno}. */
    void registered(long cycle, int cpu, Task task, int error, boolean unregister) {
        String done = unregister ? "unregistered" : "registered";
        log.add(event.reset(EventKind.RSEQ_REGISTER, cycle, cpu, task.id())
                .set(Column.NUMBER, error)
                .set(Column.DETAIL, error == 0 ? done : "refused"));
    }

    void fault(long cycle, int cpu, Task task, String why, long address) {
        event.reset(EventKind.FAULT, cycle, cpu, task.id()).set(Column.DETAIL, why);
        log.add(event.set(Column.ADDRESS, address));
    }
}
