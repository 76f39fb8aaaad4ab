package io.rseqlab.trace;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Who runs where, as switches tell, and what must agree with it. */
final class SchedulerCheck implements EventSink {
    private static final int IDLE = -1;

    private final BiConsumer<Invariant, String> report;
    private final Map<Integer, Integer> running = new HashMap<>();
    private final Map<Integer, Integer> cpuOf = new HashMap<>();
    private final Map<Integer, Pending> preempted = new HashMap<>();

    /** A preemption whose switch has not come yet. */
    private record Pending(int thread, long cycle) {}

    SchedulerCheck(BiConsumer<Invariant, String> report) {
        this.report = report;
    }

    @Override
    public void accept(Event event) {
        checkPreemption(event);
        switch (event.kind()) {
            case SWITCH -> checkSwitch(event);
            case PREEMPT -> {
                checkRunning(Invariant.SWITCHES_OUT_WHO_RUNS, event);
                preempted.put(event.cpu(), new Pending(event.thread(), event.cycle()));
            }
            case MIGRATE -> checkMigration(event);
            case ABORT -> checkRunning(Invariant.ABORTS_WHO_RUNS, event);
            default -> {}
        }
    }

    private void checkPreemption(Event event) {
        Pending pending = preempted.get(event.cpu());
        if (pending == null || event.kind() != EventKind.SWITCH && event.cycle() == pending.cycle) {
            return;
        }
        preempted.remove(event.cpu());
        boolean lawful =
                event.kind() == EventKind.SWITCH && event.thread() == pending.thread && event.cycle() == pending.cycle;
        if (!lawful) {
            report.accept(
                    Invariant.PREEMPTION_SWITCHES,
                    "thread " + pending.thread + " was preempted at cycle " + pending.cycle + " on cpu " + event.cpu());
        }
    }

    private void checkSwitch(Event event) {
        checkRunning(Invariant.SWITCHES_OUT_WHO_RUNS, event);
        int cpu = event.cpu();
        leave(cpu, event.thread());
        if (!event.has(Column.OTHER_THREAD)) {
            running.remove(cpu);
            return;
        }
        int next = (int) event.number(Column.OTHER_THREAD);
        running.put(cpu, next);
        if (next == IDLE) {
            return;
        }
        Integer elsewhere = cpuOf.put(next, cpu);
        if (elsewhere != null && elsewhere != cpu) {
            report.accept(Invariant.ONE_CPU_AT_A_TIME, "thread " + next + " still runs on cpu " + elsewhere);
        }
    }

    private void leave(int cpu, int thread) {
        cpuOf.remove(thread);
        Integer believed = running.get(cpu);
        if (believed != null) {
            cpuOf.remove(believed);
        }
    }

    private void checkRunning(Invariant invariant, Event event) {
        Integer believed = running.get(event.cpu());
        Integer elsewhere = event.thread() == IDLE ? null : cpuOf.get(event.thread());
        if (believed != null && believed != event.thread()) {
            report.accept(
                    invariant,
                    "thread " + event.thread() + ", while thread " + believed + " runs on cpu " + event.cpu());
        } else if (elsewhere != null && elsewhere != event.cpu()) {
            report.accept(
                    Invariant.ONE_CPU_AT_A_TIME,
                    "thread " + event.thread() + " on cpu " + event.cpu() + ", while it runs on cpu " + elsewhere);
        }
    }

    private void checkMigration(Event event) {
        Integer cpu = cpuOf.get(event.thread());
        if (cpu != null) {
            report.accept(Invariant.MIGRATES_WHILE_OFF, "thread " + event.thread() + " runs on cpu " + cpu);
        }
    }
}
