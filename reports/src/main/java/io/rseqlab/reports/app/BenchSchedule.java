package io.rseqlab.reports.app;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;

/**
 * Kernel events of more threads than CPUs, one after the other, as lawful as a trace must be to be analyzed and as
 * varied as one that was simulated: half the switches end a time slice, half a wait; every other switch-in moves the
 * thread and aborts its section.
 */
final class BenchSchedule {
    static final int CPUS = 16;
    static final int THREADS = 64;
    static final int CYCLES_PER_ROW = 900;

    private static final long MIX = 0x9e3779b97f4a7c15L;

    /** What comes next of a switch. */
    private enum Step {
        LEAVE,
        MIGRATE,
        SWITCH,
        ARRIVE
    }

    private final int[] running = new int[CPUS];
    private final int[] lastCpu = new int[THREADS];
    private final int[] queue = new int[THREADS - CPUS];
    private int head;
    private int cpu;
    private int next;
    private boolean preempted;
    private Step step = Step.LEAVE;
    private long cycle;
    private long random = 1;

    BenchSchedule() {
        for (int thread = 0; thread < THREADS; thread++) {
            lastCpu[thread] = thread % CPUS;
            if (thread < CPUS) {
                running[thread] = thread;
            } else {
                queue[thread - CPUS] = thread;
            }
        }
    }

    /** Fills in the next row. */
    void next(Event row) {
        long draw = draw();
        cycle += 1 + (draw >>> 40) % (2 * CYCLES_PER_ROW - 1);
        switch (step) {
            case LEAVE -> leave(row, draw);
            case MIGRATE -> migrate(row);
            case SWITCH -> switchTo(row);
            case ARRIVE -> arrive(row, draw);
        }
    }

    private void leave(Event row, long draw) {
        cpu = (int) (draw & CPUS - 1);
        preempted = (draw >>> 8 & 1) == 0;
        next = queue[head];
        if (preempted) {
            row.reset(EventKind.PREEMPT, cycle, cpu, running[cpu]);
        } else {
            row.reset(EventKind.WAKEUP, cycle, cpu, next)
                    .set(Column.TARGET_CPU, cpu)
                    .set(Column.OTHER_THREAD, running[cpu]);
        }
        step = lastCpu[next] == cpu ? Step.SWITCH : Step.MIGRATE;
    }

    private void migrate(Event row) {
        row.reset(EventKind.MIGRATE, cycle, lastCpu[next], next).set(Column.TARGET_CPU, cpu);
        step = Step.SWITCH;
    }

    private void switchTo(Event row) {
        row.reset(EventKind.SWITCH, cycle, cpu, running[cpu])
                .set(Column.OTHER_THREAD, next)
                .set(Column.STATE, preempted ? "preempted" : "blocked");
        queue[head] = running[cpu];
        head = (head + 1) % queue.length;
        running[cpu] = next;
        lastCpu[next] = cpu;
        step = Step.ARRIVE;
    }

    private void arrive(Event row, long draw) {
        if ((draw & 1) == 0) {
            row.reset(EventKind.ABORT, cycle, cpu, next)
                    .set(Column.CAUSES, 1)
                    .set(Column.SECTION, (draw & 2) == 0 ? "pop" : "push")
                    .set(Column.OFFSET, draw >>> 2 & 7)
                    .set(Column.WASTED_CYCLES, 4 + (draw >>> 8 & 63))
                    .set(Column.CAUSE_SEQUENCE, draw >>> 20);
        } else {
            row.reset(EventKind.SYSCALL, cycle, cpu, next).set(Column.DETAIL, "futex");
        }
        step = Step.LEAVE;
    }

    /** splitmix64, of S. Vigna, public domain. */
    private long draw() {
        random += MIX;
        long z = (random ^ random >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
