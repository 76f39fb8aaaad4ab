package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.Core;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** What the kernel keeps for each CPU. */
final class CpuState {
    /** Something that will interrupt a CPU. */
    static final class Timer implements Comparable<Timer> {
        /** What a timer does when it is due. */
        enum Kind {
            /** Wakes a sleeping task. */
            WAKE,
            /** A task's slice extension ends. */
            SLICE_END,
            /** A debugger lets a task go on. */
            CONTINUE,
            /** Sends the periodic signal to a task. */
            SIGNAL,
            /** A background kernel thread runs. */
            NOISE,
            /** The host takes the CPU away for a while. */
            STEAL,
            /** A new thread begins in the place of the timer's task, which has ended. */
            BEGIN,
            /** A period of the quota ends. */
            PERIOD,
            /** What idle CPUs gave back of the quota is dealt out. */
            SLACK,
            /** Another CPU asks this one to look again. */
            RESCHEDULE,
            /** Another CPU's membarrier, of the timer's task. */
            MEMBARRIER,
            /** The balancing that a tick set off, or that a busy CPU asks an idle one for. */
            BALANCE
        }

        final long cycle;
        final long order;
        final Kind kind;
        final Task task;
        /** How late it is against its due time. */
        final long jitter;

        Timer(long cycle, long order, Kind kind, Task task, long jitter) {
            this.cycle = cycle;
            this.order = order;
            this.kind = kind;
            this.task = task;
            this.jitter = jitter;
        }

        @Override
        public int compareTo(Timer other) {
            int result = Long.compare(cycle, other.cycle);
            return result != 0 ? result : Long.compare(order, other.order);
        }
    }

    final int id;
    final Core core;
    /** Runnable tasks that are not running here. */
    final List<Task> queue = new ArrayList<>();

    final PriorityQueue<Timer> timers = new PriorityQueue<>();
    /** Average of the queue's virtual times. */
    final VirtualTime virtualTime = new VirtualTime();
    /** Tasks in the queue that sleep. */
    int delayed;
    /** How much this CPU was busy lately, by tasks that are still its own. */
    final DecayingAverage busy;
    /** The running task, null when idle. */
    Task current;

    boolean needResched;
    /** The process has used up its quota here: none of its tasks may run. */
    boolean throttled;
    /** The running task is inside a call that has still to look. */
    boolean inCall;
    /** The running task's membarrier waits for other CPUs; null if it does not. */
    Membarrier.Wait wait;
    /** A background kernel thread wants to run before user mode is entered. */
    boolean noisePending;
    /** It waits for the end of a slice extension. */
    boolean noisePostponed;

    long nextTick;
    /** When the next tick is nominally due. */
    long tickBase;

    CpuState(int id, Core core, long clockHz) {
        this.id = id;
        this.core = core;
        busy = new DecayingAverage(clockHz, 0);
    }

    /** The membarrier interrupt that arrives first, null if none is under way. */
    Timer firstMembarrier() {
        Timer first = null;
        for (Timer timer : timers) {
            boolean earlier = first == null || timer.compareTo(first) < 0;
            first = timer.kind == Timer.Kind.MEMBARRIER && earlier ? timer : first;
        }
        return first;
    }

    /** Tasks that want this CPU. */
    int runnable() {
        return queue.size() - delayed + (current == null ? 0 : 1);
    }

    /** Cycle of the next interrupt; an idle CPU has no tick. */
    long nextDue() {
        long timer = timers.isEmpty() ? Long.MAX_VALUE : timers.peek().cycle;
        return current == null ? timer : Math.min(timer, nextTick);
    }
}
