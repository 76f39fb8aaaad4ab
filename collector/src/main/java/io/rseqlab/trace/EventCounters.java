package io.rseqlab.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts kernel events exactly, per interval and CPU, as they pass. Only events inside the measured window count.
 * Intervals double whenever they or their rows would pass a cap, so memory is bounded and no count is lost.
 *
 * <p>Switches count for every thread; preemptions, yields, wakeups, migrations and interruptions only for the threads
 * under test (all but the idle task, where the run names none), since the others are noise.
 *
 * <p>An <em>interruption</em> is an exit to user mode that carries at least one switch-in or signal. It is counted when
 * it begins: at a {@code switch} whose other_thread is the thread, or at a {@code signal} whose exit has not been
 * counted yet. A signal shares an exit already counted if it has a cause_sequence (the switch or signal that the same
 * exit carries), or if it has the same cycle as the thread's last switch-in or signal.
 */
public final class EventCounters implements EventSink {
    /** Most intervals kept. */
    public static final int MAX_INTERVALS = 4096;

    /** Most rows kept. */
    public static final int MAX_ROWS = 1 << 16;

    private static final long FIRST_INTERVALS_PER_SECOND = 1000;
    /** What is counted, each per interval and CPU. */
    public static final List<CounterName> NAMES = List.copyOf(EnumSet.range(CounterName.SWITCHES, CounterName.FAULTS));

    private static final List<CounterName> OBSERVED_BY_RECORDINGS = List.of(
            CounterName.SWITCHES,
            CounterName.PREEMPTIONS,
            CounterName.WAKEUPS,
            CounterName.MIGRATIONS,
            CounterName.ABORTS,
            CounterName.INTERRUPTIONS);

    private final long windowStart;
    private final long windowEnd;
    private final boolean recorded;
    private final BitSet underTest = new BitSet();
    private long[] lastEntryCycles = new long[0];
    private final TreeMap<Cell, Long> closedCells = new TreeMap<>();
    private final Map<AbortKey, Long> aborts = new HashMap<>();
    private long[] open = new long[0];
    private long intervalCycles;
    private long interval;
    private final long[] seen = new long[NAMES.size()];

    private record Cell(long interval, int name, int cpu) implements Comparable<Cell> {
        @Override
        public int compareTo(Cell other) {
            int order = Long.compare(interval, other.interval);
            order = order != 0 ? order : Integer.compare(name, other.name);
            return order != 0 ? order : Integer.compare(cpu, other.cpu);
        }
    }

    private record AbortKey(int causes, String section, long offset) implements Comparable<AbortKey> {
        @Override
        public int compareTo(AbortKey other) {
            int order = section.compareTo(other.section);
            order = order != 0 ? order : Long.compare(offset, other.offset);
            return order != 0 ? order : Integer.compare(causes, other.causes);
        }
    }

    /** Counts over the window, and for the threads, that the run information names. */
    public EventCounters(RunInfo info) {
        windowStart = info.windowStartCycle();
        windowEnd = info.windowEndCycle();
        recorded = info.source().equals(RunInfo.RECORDED);
        intervalCycles = Math.max(1, info.clockHz() / FIRST_INTERVALS_PER_SECOND);
        info.threads().forEach(thread -> underTest.set(thread.thread()));
    }

    @Override
    public void accept(Event event) {
        long cycle = event.cycle();
        if (cycle < windowStart || cycle >= windowEnd) {
            return;
        }
        if (cycle >= windowStart + (interval + 1) * intervalCycles) {
            startInterval(cycle);
        }
        count(event);
    }

    private void count(Event event) {
        switch (event.kind()) {
            case SWITCH -> countSwitch(event);
            case PREEMPT -> addUnderTest(CounterName.PREEMPTIONS, event);
            case WAKEUP -> addUnderTest(CounterName.WAKEUPS, event);
            case MIGRATE -> addUnderTest(CounterName.MIGRATIONS, event);
            case ABORT -> countAbort(event);
            case STALE_CPU_RESTART -> add(CounterName.STALE_CPU_RESTARTS, event.cpu());
            case SIGNAL -> countSignal(event);
            case SYSCALL -> add(CounterName.SYSCALLS, event.cpu());
            case MEMBARRIER_IPI ->
                add(
                        CounterName.MEMBARRIER_IPIS,
                        event.has(Column.TARGET_CPU) ? (int) event.number(Column.TARGET_CPU) : event.cpu());
            case FAULT -> add(CounterName.FAULTS, event.cpu());
            default -> {}
        }
    }

    private void countSwitch(Event event) {
        add(CounterName.SWITCHES, event.cpu());
        if ("yielded".equals(event.text(Column.STATE))) {
            addUnderTest(CounterName.YIELDS, event);
        }
        int next = (int) event.number(Column.OTHER_THREAD);
        if (event.has(Column.OTHER_THREAD) && isUnderTest(next)) {
            add(CounterName.INTERRUPTIONS, event.cpu());
            enter(next, event.cycle());
        }
    }

    private void countSignal(Event event) {
        add(CounterName.SIGNALS, event.cpu());
        if (!isUnderTest(event.thread())) {
            return;
        }
        boolean sameCycle = enter(event.thread(), event.cycle()) == event.cycle();
        if (!sameCycle && !event.has(Column.CAUSE_SEQUENCE)) {
            add(CounterName.INTERRUPTIONS, event.cpu());
        }
    }

    /** Notes that an exit to user mode of a thread has been counted, and answers the cycle of the last such one. */
    private long enter(int thread, long cycle) {
        if (thread >= lastEntryCycles.length) {
            int known = lastEntryCycles.length;
            lastEntryCycles = Arrays.copyOf(lastEntryCycles, Math.max(thread + 1, 2 * known));
            Arrays.fill(lastEntryCycles, known, lastEntryCycles.length, Event.ABSENT);
        }
        long last = lastEntryCycles[thread];
        lastEntryCycles[thread] = cycle;
        return last;
    }

    private void countAbort(Event event) {
        add(CounterName.ABORTS, event.cpu());
        String section = event.has(Column.SECTION) ? event.text(Column.SECTION) : "";
        int causes = event.has(Column.CAUSES) ? (int) event.number(Column.CAUSES) : 0;
        aborts.merge(new AbortKey(causes, section, event.number(Column.OFFSET)), 1L, Long::sum);
    }

    private boolean isUnderTest(int thread) {
        return thread >= 0 && (underTest.isEmpty() || underTest.get(thread));
    }

    private void addUnderTest(CounterName name, Event event) {
        if (isUnderTest(event.thread())) {
            add(name, event.cpu());
        }
    }

    private void add(CounterName name, int cpu) {
        int index = (cpu + 1) * NAMES.size() + name.ordinal();
        if (index >= open.length) {
            open = Arrays.copyOf(open, (cpu + 2) * NAMES.size());
        }
        open[index]++;
        seen[name.ordinal()]++;
    }

    private void startInterval(long cycle) {
        closeInterval();
        interval = (cycle - windowStart) / intervalCycles;
        while (interval >= MAX_INTERVALS || closedCells.size() > MAX_ROWS) {
            doubleIntervals();
        }
    }

    private void closeInterval() {
        for (int index = 0; index < open.length; index++) {
            if (open[index] != 0) {
                Cell cell = new Cell(interval, index % NAMES.size(), index / NAMES.size() - 1);
                closedCells.merge(cell, open[index], Long::sum);
                open[index] = 0;
            }
        }
    }

    private void doubleIntervals() {
        Map<Cell, Long> old = new LinkedHashMap<>(closedCells);
        closedCells.clear();
        old.forEach(
                (cell, value) -> closedCells.merge(new Cell(cell.interval / 2, cell.name, cell.cpu), value, Long::sum));
        intervalCycles *= 2;
        interval /= 2;
    }

    /** The count so far of one name, over all CPUs and intervals. */
    public long total(CounterName name) {
        return seen[name.ordinal()];
    }

    /**
     * All counts so far: rows that are not zero, by interval, name and CPU, then the causes of aborts.
     *
     * @param end the end of the last interval at most
     */
    public List<Counter> counters(long end) {
        closeInterval();
        List<Counter> counters = new ArrayList<>();
        closedCells.forEach((cell, value) -> counters.add(toCounter(cell, value, end)));
        new TreeMap<>(aborts).forEach((key, value) -> counters.add(toCounter(key, value)));
        return counters;
    }

    private Counter toCounter(Cell cell, long value, long end) {
        long start = windowStart + cell.interval * intervalCycles;
        Integer cpu = cell.cpu < 0 ? null : cell.cpu;
        long stop = Math.min(end, start + intervalCycles);
        CounterName name = NAMES.get(cell.name);
        return new Counter(name, start, stop, cpu, null, null, null, null, null, null, null, value);
    }

    private static Counter toCounter(AbortKey key, long value) {
        String section = key.section.isEmpty() ? null : key.section;
        Integer offset = key.offset == Event.ABSENT ? null : Math.toIntExact(key.offset);
        CounterName name = CounterName.ABORT_CAUSES;
        return new Counter(name, null, null, null, null, null, null, section, offset, key.causes, null, value);
    }

    /**
     * Zero for every count that the source observes, by id: the sums of a quiet run. A recording does not see what its
     * events do not show, so there only counts of the scheduler and of aborts can be zero.
     */
    public Map<String, Long> zeros() {
        Map<String, Long> zeros = new TreeMap<>();
        for (CounterName name : recorded ? OBSERVED_BY_RECORDINGS : NAMES) {
            zeros.put(name.id(), 0L);
        }
        return zeros;
    }
}
