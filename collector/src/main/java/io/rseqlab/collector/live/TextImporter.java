package io.rseqlab.collector.live;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.EventSink;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The second reading of a text: turns its lines into events of a trace. */
final class TextImporter {
    private static final String YIELD = "sys_enter_sched_yield";
    /** No CPU: a thread that is being moved runs on none. */
    private static final int NOWHERE = -1;

    private static final String SYSCALL = "sys_enter_";

    private final TextScan scan;
    private final EventSink sink;
    private final Event event = new Event();
    private final Map<Integer, ThreadHistory> histories = new HashMap<>();
    private final Map<Integer, Integer> running = new HashMap<>();
    private final Map<Integer, Integer> cpuOf = new HashMap<>();
    private final Map<Integer, Integer> lastCpu = new HashMap<>();
    private final Map<Integer, TextLine> wakers = new HashMap<>();
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, Long> skipped = new TreeMap<>();
    private long sequence;
    private long lastCycle;
    private long outOfOrder;
    private long switches;
    private long aborts;
    private long withoutCause;
    private long inferred;
    private long inferredMigrations;

    TextImporter(TextScan scan, EventSink sink) {
        this.scan = scan;
        this.sink = sink;
    }

    void take(TextLine line) {
        long cycle = line.nanos() - scan.firstNanos();
        if (cycle < lastCycle) {
            outOfOrder++;
            cycle = lastCycle;
        }
        lastCycle = cycle;
        if (!line.event().equals("sched_switch")) {
            inferSwitch(line.cpu(), line.pid(), cycle);
        }
        if (!take(line, cycle)) {
            skipped.merge(line.event(), 1L, Long::sum);
        }
    }

    /** False for an event that a trace does not hold. */
    private boolean take(TextLine line, long cycle) {
        return switch (line.event()) {
            case "sched_switch" -> takeSwitch(line, cycle);
            case "sched_waking" -> takeWaking(line);
            case "sched_wakeup", "sched_wakeup_new" -> takeWakeup(line, cycle);
            case "sched_migrate_task" -> takeMigration(line, cycle);
            case "rseq_ip_fixup" -> takeFixup(line, cycle);
            case "rseq_update" -> takeUpdate(line);
            case "signal_deliver" -> takeSignal(line, cycle);
            case "signal_generate" -> true;
            default -> line.event().startsWith(SYSCALL) && takeSyscall(line, cycle);
        };
    }

    private boolean takeSwitch(TextLine line, long cycle) {
        TextArguments.Switch change = TextArguments.ofSwitch(line.args());
        if (change == null) {
            return false;
        }
        switches++;
        inferSwitch(line.cpu(), change.previous(), cycle);
        inferLeft(line.cpu(), change.next(), cycle);
        inferMigration(line.cpu(), change.next(), cycle);
        String state = state(change, history(change.previous()).yielding());
        if (state.equals("preempted")) {
            start(EventKind.PREEMPT, cycle, line.cpu(), change.previous(), change.previousComm());
            emit();
        }
        start(EventKind.SWITCH, cycle, line.cpu(), change.previous(), change.previousComm());
        event.set(Column.OTHER_THREAD, thread(change.next())).set(Column.STATE, state);
        switched(line.cpu(), change.previous(), change.next(), cycle);
        return true;
    }

    private void switched(int cpu, int from, Integer to, long cycle) {
        long switched = emit();
        history(from).switchedOut(cpu, switched);
        cpuOf.remove(from);
        running.remove(cpu);
        if (to != null) {
            history(to).switchedIn(cpu, switched, cycle);
            runs(cpu, to);
        }
    }

    private void runs(int cpu, int pid) {
        running.put(cpu, pid);
        cpuOf.put(pid, cpu);
        lastCpu.put(pid, cpu);
    }

    /**
     * Makes up for a switch that was not recorded, as happens where a recording is restricted to some threads: a thread
     * that does something on a CPU runs there.
     */
    private void inferSwitch(int cpu, int pid, long cycle) {
        Integer believed = running.get(cpu);
        if (pid < 0 || believed != null && believed == pid) {
            return;
        }
        inferLeft(cpu, pid, cycle);
        inferMigration(cpu, pid, cycle);
        if (believed == null) {
            runs(cpu, pid);
            return;
        }
        startInferred(cycle, cpu, believed);
        event.set(Column.OTHER_THREAD, thread(pid));
        switched(cpu, believed, pid, cycle);
    }

    /** A thread that appears on a CPU has left any other. */
    private void inferLeft(int cpu, int pid, long cycle) {
        Integer elsewhere = pid == 0 ? null : cpuOf.get(pid);
        if (elsewhere != null && elsewhere != cpu) {
            startInferred(cycle, elsewhere, pid);
            switched(elsewhere, pid, null, cycle);
        }
    }

    /**
     * A thread that runs on another CPU than before has been moved: where a recording is restricted to some threads,
     * one that was moved by any other does not say so.
     */
    private void inferMigration(int cpu, int pid, long cycle) {
        Integer last = pid == 0 ? null : lastCpu.put(pid, cpu);
        if (last != null && last != cpu) {
            start(EventKind.MIGRATE, cycle, last, pid, "inferred");
            event.set(Column.TARGET_CPU, cpu);
            emit();
            inferredMigrations++;
        }
    }

    private void startInferred(long cycle, int cpu, int pid) {
        start(EventKind.SWITCH, cycle, cpu, pid, "inferred");
        inferred++;
    }

    private static String state(TextArguments.Switch change, boolean yielding) {
        if (change.previous() == 0) {
            return "idle";
        }
        if (change.runnable()) {
            return yielding ? "yielded" : "preempted";
        }
        return change.exited() ? "exited" : "blocked";
    }

    private boolean takeWaking(TextLine line) {
        TextArguments.Wakeup wakeup = TextArguments.ofWakeup(line.args());
        if (wakeup != null) {
            wakers.put(wakeup.pid(), line);
        }
        return wakeup != null;
    }

    private boolean takeWakeup(TextLine line, long cycle) {
        TextArguments.Wakeup wakeup = TextArguments.ofWakeup(line.args());
        if (wakeup == null) {
            return false;
        }
        TextLine waker = wakers.remove(wakeup.pid());
        waker = waker == null ? line : waker;
        start(EventKind.WAKEUP, cycle, waker.cpu(), wakeup.pid(), null);
        event.set(Column.OTHER_THREAD, thread(waker.pid())).set(Column.TARGET_CPU, wakeup.targetCpu());
        emit();
        return true;
    }

    private boolean takeMigration(TextLine line, long cycle) {
        TextArguments.Migration migration = TextArguments.ofMigration(line.args());
        if (migration == null) {
            return false;
        }
        inferLeft(NOWHERE, migration.pid(), cycle);
        lastCpu.put(migration.pid(), migration.to());
        start(EventKind.MIGRATE, cycle, migration.from(), migration.pid(), null);
        event.set(Column.TARGET_CPU, migration.to());
        emit();
        return true;
    }

    private boolean takeFixup(TextLine line, long cycle) {
        TextArguments.Fixup fixup = TextArguments.ofFixup(line.args());
        if (fixup == null) {
            return false;
        }
        ThreadHistory history = history(line.pid());
        start(EventKind.ABORT, cycle, line.cpu(), line.pid(), line.comm());
        event.set(Column.SECTION, intern("0x" + Long.toHexString(fixup.start())));
        event.set(Column.OFFSET, fixup.offset());
        aborts++;
        if (history.causes() == 0) {
            withoutCause++;
        } else {
            event.set(Column.CAUSES, history.causes()).set(Column.CAUSE_SEQUENCE, history.causeSequence());
        }
        emit();
        history.exitReported(line.cpu());
        return true;
    }

    private boolean takeUpdate(TextLine line) {
        history(line.pid()).exitReported(line.cpu());
        return true;
    }

    private boolean takeSignal(TextLine line, long cycle) {
        int number = TextArguments.ofSignal(line.args());
        if (number < 0) {
            return false;
        }
        start(EventKind.SIGNAL, cycle, line.cpu(), line.pid(), line.comm());
        long began = history(line.pid()).signalled(line.cpu(), sequence, cycle, scan.updatesAlways());
        event.set(Column.NUMBER, number).set(Column.CAUSE_SEQUENCE, began);
        emit();
        return true;
    }

    private boolean takeSyscall(TextLine line, long cycle) {
        if (line.event().equals(YIELD)) {
            history(line.pid()).yields();
        }
        start(EventKind.SYSCALL, cycle, line.cpu(), line.pid(), line.event().substring(SYSCALL.length()));
        emit();
        return true;
    }

    private void start(EventKind kind, long cycle, int cpu, int pid, String detail) {
        event.reset(kind, cycle, cpu, thread(pid)).set(Column.SEQUENCE, sequence);
        if (detail != null) {
            event.set(Column.DETAIL, intern(detail));
        }
    }

    private long emit() {
        sink.accept(event);
        return sequence++;
    }

    private ThreadHistory history(int pid) {
        return histories.computeIfAbsent(pid, unused -> new ThreadHistory());
    }

    private static int thread(int pid) {
        return pid == 0 ? -1 : pid;
    }

    private String intern(String text) {
        return texts.computeIfAbsent(text, same -> same);
    }

    ImportReport report() {
        return new ImportReport(
                scan.events(),
                sequence,
                switches,
                aborts,
                withoutCause,
                inferred,
                inferredMigrations,
                skipped,
                scan.otherLines(),
                scan.lost(),
                outOfOrder);
    }
}
