package io.rseqlab.trace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * The executable half of the contract: watches events as they pass and reports what breaks an {@link Invariant}.
 * Simulated traces are held to all of it. Of a CPU or thread seen for the first time nothing is known, so a recording
 * may begin in mid-air, and it may lack what the kernel does not report.
 */
public final class TraceChecker implements EventSink {
    private final RunInfo info;
    private final boolean simulated;
    private final Consumer<Violation> violations;
    private final EventCounters counters;
    private final SchedulerCheck scheduler;
    private final CauseCheck causes;
    private final Map<String, Integer> sectionLengths = new HashMap<>();
    private long ordinal = -1;
    private long lastCycle = Long.MIN_VALUE;
    private long lastSequence = Long.MIN_VALUE;
    private Event current;

    /**
     * Checks a trace.
     *
     * @param info what the trace says of itself
     * @param violations takes each violation as it is found
     */
    public TraceChecker(RunInfo info, Consumer<Violation> violations) {
        this.info = info;
        this.violations = violations;
        simulated = info.source().equals(RunInfo.SIMULATED);
        counters = new EventCounters(info);
        scheduler = new SchedulerCheck(this::report);
        causes = new CauseCheck(this::report);
        info.sections().forEach(section -> sectionLengths.put(section.name(), section.length()));
    }

    @Override
    public void accept(Event event) {
        ordinal++;
        current = event;
        if (!checkColumns(event)) {
            return;
        }
        checkOrder(event);
        if (event.has(Column.CPU) && (event.cpu() < 0 || event.cpu() >= info.cpus())) {
            report(Invariant.CPU_EXISTS, "cpu " + event.cpu() + " of " + info.cpus());
        }
        if (event.kind() == EventKind.ABORT) {
            checkAbort(event);
        }
        scheduler.accept(event);
        causes.accept(event);
        counters.accept(event);
    }

    /** False for a row that has no place in the trace, of which nothing more can be said. */
    private boolean checkColumns(Event event) {
        boolean placed = event.has(Column.CYCLE) && event.has(Column.SEQUENCE);
        if (!placed) {
            report(Invariant.COLUMNS_OF_KIND, "cycle or sequence is absent");
        }
        for (Column column : TraceSchema.columnsOf(event.kind(), simulated)) {
            if (!event.has(column) && !(column == Column.CAUSE_SEQUENCE && isInjected(event))) {
                report(Invariant.COLUMNS_OF_KIND, event.kind().id() + " without " + column.id());
            }
        }
        return placed;
    }

    private static boolean isInjected(Event event) {
        return event.has(Column.CAUSES) && (event.number(Column.CAUSES) & Cause.INJECTED) != 0;
    }

    private void checkOrder(Event event) {
        if (event.cycle() < lastCycle) {
            report(Invariant.CYCLES_NEVER_FALL, "cycle " + event.cycle() + " after " + lastCycle);
        }
        if (event.sequence() <= lastSequence) {
            report(Invariant.SEQUENCE_RISES, "sequence " + event.sequence() + " after " + lastSequence);
        }
        lastCycle = event.cycle();
        lastSequence = event.sequence();
    }

    private void checkAbort(Event event) {
        if (event.has(Column.CAUSES) && event.number(Column.CAUSES) == 0) {
            report(Invariant.ABORT_HAS_CAUSE, "causes is 0");
        }
        if (!simulated || !event.has(Column.SECTION) || !event.has(Column.OFFSET)) {
            return;
        }
        String section = event.text(Column.SECTION);
        Integer length = sectionLengths.get(section);
        long offset = event.number(Column.OFFSET);
        if (length == null) {
            report(Invariant.SECTION_IS_DECLARED, "section " + section + " is not among " + sectionLengths.keySet());
        } else if (offset < 0 || offset >= length) {
            report(
                    Invariant.OFFSET_IS_INSIDE,
                    "offset " + offset + " of section " + section + ", which has " + length + " " + info.offsetUnit());
        }
    }

    /** Ends the check: holds the counters against the events that passed. */
    public void finish(List<Counter> stored) {
        current = null;
        if (stored.isEmpty() && info.state().equals(RunInfo.PARTIAL)) {
            return;
        }
        Map<String, Long> expected = eventCounts(counters.counters(info.windowEndCycle()));
        Map<String, Long> found = eventCounts(stored);
        expected.forEach((key, value) -> found.putIfAbsent(key, 0L));
        found.forEach((key, value) -> {
            long events = expected.getOrDefault(key, 0L);
            if (events != value) {
                report(Invariant.COUNTERS_EQUAL_EVENTS, key + " is " + value + ", events say " + events);
            }
        });
        if (info.finished()) {
            checkTotals(stored);
        }
        checkAttempts(stored);
    }

    /** Sums of what events show, by a name with its breakdown. */
    private static Map<String, Long> eventCounts(List<Counter> counters) {
        Map<String, Long> sums = new TreeMap<>();
        for (Counter counter : counters) {
            String id = counter.name().id();
            if (counter.name() == CounterName.ABORT_CAUSES) {
                String key = id + " of section " + counter.section() + " offset " + counter.offset() + " causes "
                        + Cause.namesOf(counter.bucket());
                sums.merge(key, counter.value(), Long::sum);
            } else if (EventCounters.NAMES.contains(counter.name())) {
                sums.merge(id + " of cpu " + counter.cpu(), counter.value(), Long::sum);
            }
        }
        return sums;
    }

    private void checkTotals(List<Counter> stored) {
        totalFaults(info, stored).forEach(found -> report(Invariant.TOTALS_EQUAL_COUNTERS, found));
    }

    /** Where the sums of stored counters are not the totals of {@code run.json}, each in words. */
    public static List<String> totalFaults(RunInfo info, List<Counter> stored) {
        List<String> faults = new ArrayList<>();
        Counter.totals(stored).forEach((id, sum) -> {
            Long total = info.totals().get(id);
            if (!sum.equals(total)) {
                faults.add(id + " is " + total + " in run.json, counters sum to " + sum);
            }
        });
        return faults;
    }

    /**
     * Where events counted are not the totals of {@code run.json}, each in words. Totals that a source does not know
     * are passed over.
     *
     * @param counted the count of each name over every event of the trace
     * @param names the counts to hold against the totals
     */
    public static List<String> eventFaults(RunInfo info, ToLongFunction<CounterName> counted, List<CounterName> names) {
        List<String> faults = new ArrayList<>();
        for (CounterName name : names) {
            Long total = info.totals().get(name.id());
            long found = counted.applyAsLong(name);
            if (total != null && total != found) {
                faults.add(name.id() + " is " + total + " in run.json, events say " + found);
            }
        }
        return faults;
    }

    private void checkAttempts(List<Counter> stored) {
        Map<String, Long> rest = new TreeMap<>();
        for (Counter counter : stored) {
            switch (counter.name()) {
                case SECTION_ATTEMPTS -> rest.merge(String.valueOf(counter.section()), counter.value(), Long::sum);
                case SECTION_COMMITS, SECTION_EXITS, SECTION_ABORTS ->
                    rest.merge(String.valueOf(counter.section()), -counter.value(), Long::sum);
                default -> {}
            }
        }
        rest.values().removeAll(Collections.singleton(0L));
        rest.forEach((section, left) -> report(
                Invariant.ATTEMPTS_END_ONCE, "section " + section + " has " + left + " attempts more than endings"));
    }

    /** How many rows have passed. */
    public long rows() {
        return ordinal + 1;
    }

    private void report(Invariant invariant, String found) {
        if (current == null) {
            violations.accept(new Violation(invariant, -1, -1, found, null));
        } else {
            violations.accept(new Violation(invariant, ordinal, current.thread(), found, current.toString()));
        }
    }
}
