package io.rseqlab.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each invariant, broken once on purpose beside the lawful trace: a checker that cannot see red proves nothing about
 * green.
 */
class TraceCheckerTest {
    private final List<Event> events = new ArrayList<>();

    private static RunInfo info(String source) {
        return new RunInfo(
                RunInfo.FORMAT_VERSION,
                "test",
                source,
                RunInfo.COMPLETE,
                1000,
                2,
                0,
                1_000_000,
                "instructions",
                Map.of(),
                List.of(new RunInfo.SectionInfo("pop", 3, List.of("load", "load", "store"))),
                List.of(new RunInfo.ThreadInfo(1, "one"), new RunInfo.ThreadInfo(2, "two")),
                Map.of(),
                null);
    }

    /** Thread 1 is preempted inside pop by thread 2, comes back and is aborted; then it moves to the other CPU. */
    @BeforeEach
    void lawful() {
        add(EventKind.SWITCH, 10, 0, -1).set(Column.OTHER_THREAD, 1).set(Column.STATE, "idle");
        add(EventKind.PREEMPT, 20, 0, 1);
        add(EventKind.SWITCH, 20, 0, 1).set(Column.OTHER_THREAD, 2).set(Column.STATE, "preempted");
        add(EventKind.SWITCH, 30, 0, 2).set(Column.OTHER_THREAD, 1).set(Column.STATE, "blocked");
        add(EventKind.ABORT, 30, 0, 1)
                .set(Column.CAUSES, Cause.PREEMPTION)
                .set(Column.SECTION, "pop")
                .set(Column.OFFSET, 2)
                .set(Column.WASTED_CYCLES, 5)
                .set(Column.CAUSE_SEQUENCE, 2);
        add(EventKind.SWITCH, 40, 0, 1).set(Column.OTHER_THREAD, -1).set(Column.STATE, "blocked");
        add(EventKind.MIGRATE, 41, 0, 1).set(Column.TARGET_CPU, 1);
        add(EventKind.WAKEUP, 41, 0, 1).set(Column.TARGET_CPU, 1);
        add(EventKind.SWITCH, 42, 1, -1).set(Column.OTHER_THREAD, 1).set(Column.STATE, "idle");
    }

    private Event add(EventKind kind, long cycle, int cpu, int thread) {
        Event event = new Event().reset(kind, cycle, cpu, thread).set(Column.SEQUENCE, events.size());
        events.add(event);
        return event;
    }

    private List<Violation> check(String source, Consumer<List<Counter>> change) {
        RunInfo info = info(source);
        EventCounters counters = new EventCounters(info);
        events.forEach(counters::accept);
        List<Counter> stored = new ArrayList<>(counters.counters(info.windowEndCycle()));
        change.accept(stored);
        List<Violation> violations = new ArrayList<>();
        TraceChecker checker = new TraceChecker(withTotals(info, Counter.totals(stored)), violations::add);
        events.forEach(checker::accept);
        checker.finish(stored);
        return violations;
    }

    private static RunInfo withTotals(RunInfo info, Map<String, Long> totals) {
        return new RunInfo(
                info.formatVersion(),
                info.modelVersion(),
                info.source(),
                info.state(),
                info.clockHz(),
                info.cpus(),
                info.windowStartCycle(),
                info.windowEndCycle(),
                info.offsetUnit(),
                info.spec(),
                info.sections(),
                info.threads(),
                totals,
                info.contentHash());
    }

    private void assertBroken(String sentence, long ordinal, int thread) {
        List<Violation> violations = check(RunInfo.SIMULATED, stored -> {});
        assertThat(violations).hasSize(1);
        assertThat(violations.get(0).invariant().sentence()).isEqualTo(sentence);
        assertThat(violations.get(0).ordinal()).isEqualTo(ordinal);
        assertThat(violations.get(0).thread()).isEqualTo(thread);
    }

    @Test
    void aLawfulTraceHasNoViolation() {
        assertThat(check(RunInfo.SIMULATED, stored -> {})).isEmpty();
        assertThat(check(RunInfo.RECORDED, stored -> {})).isEmpty();
    }

    @Test
    void cyclesNeverFall() {
        events.get(7).set(Column.CYCLE, 39);
        assertBroken("Cycles never fall", 7, 1);
    }

    @Test
    void sequenceStrictlyIncreases() {
        events.get(7).set(Column.SEQUENCE, 6);
        assertBroken("The sequence strictly increases", 7, 1);
    }

    @Test
    void everyKindHasItsColumns() {
        events.get(4).set(Column.WASTED_CYCLES, Event.ABSENT);
        assertBroken("An event has the columns of its kind", 4, 1);
    }

    @Test
    void recordingsLackWhatTheKernelDoesNotReport() {
        events.get(4).set(Column.WASTED_CYCLES, Event.ABSENT).set(Column.CAUSES, Event.ABSENT);
        events.get(8).set(Column.STATE, null);
        assertThat(check(RunInfo.RECORDED, stored -> {})).isEmpty();
    }

    @Test
    void cpusExist() {
        events.get(8).set(Column.CPU, 2);
        assertBroken("An event happens on a CPU of the machine", 8, -1);
    }

    @Test
    void aCpuSwitchesOutTheThreadItWasRunning() {
        events.get(3).set(Column.THREAD, 7);
        assertBroken("A CPU switches out the thread it was running", 3, 7);
    }

    @Test
    void aThreadRunsOnAtMostOneCpu() {
        events.get(8).set(Column.OTHER_THREAD, 2);
        add(EventKind.SWITCH, 50, 0, -1).set(Column.OTHER_THREAD, 2).set(Column.STATE, "idle");
        assertBroken("A thread runs on at most one CPU at a time", 9, -1);
    }

    @Test
    void aPreemptionIsFollowedByItsSwitch() {
        events.get(1).set(Column.CYCLE, 19);
        assertBroken("A preemption is followed by the switch of its thread, at the same cycle on the same CPU", 2, 1);
    }

    @Test
    void aThreadMigratesOnlyWhileItDoesNotRun() {
        events.remove(6);
        add(EventKind.MIGRATE, 43, 1, 1).set(Column.TARGET_CPU, 0).set(Column.SEQUENCE, 9);
        assertBroken("A thread migrates only while it does not run", 8, 1);
    }

    @Test
    void anAbortHappensToTheThreadThatRuns() {
        events.get(4).set(Column.THREAD, 2).set(Column.CAUSE_SEQUENCE, 3);
        assertBroken("An abort happens to the thread that runs on its CPU", 4, 2);
    }

    @Test
    void anAbortHasACause() {
        events.get(4).set(Column.CAUSES, 0).set(Column.CAUSE_SEQUENCE, 2);
        List<Violation> violations = check(RunInfo.SIMULATED, stored -> {});
        assertThat(violations)
                .extracting(violation -> violation.invariant().sentence())
                .contains("An abort carries at least one cause");
    }

    @Test
    void theCauseComesBeforeAndConcernsTheThread() {
        events.get(4).set(Column.CAUSE_SEQUENCE, 8);
        assertBroken("The event that caused an abort comes before it and concerns its thread", 4, 1);
    }

    @Test
    void theCauseIsOfAFittingKind() {
        events.get(4).set(Column.CAUSES, Cause.SIGNAL);
        assertBroken("The event that caused an abort is of a kind that fits its causes", 4, 1);
    }

    @Test
    void theSectionIsDeclared() {
        events.get(4).set(Column.SECTION, "peek");
        assertBroken("An abort names a section that a program declares", 4, 1);
    }

    @Test
    void theOffsetLiesInsideTheSection() {
        events.get(4).set(Column.OFFSET, 3);
        assertBroken("The offset of an abort lies inside its section", 4, 1);
    }

    @Test
    void countersEqualTheEventsTheyCount() {
        List<Violation> violations = check(
                RunInfo.SIMULATED,
                stored -> stored.replaceAll(counter -> counter.name() == CounterName.PREEMPTIONS
                        ? Counter.ofInterval(CounterName.PREEMPTIONS, 0, 1_000_000, 0, 2)
                        : counter));
        assertThat(violations).hasSize(1);
        assertThat(violations.get(0).toString())
                .isEqualTo("Counters equal the events they count: preemptions of cpu 0 is 2, events say 1");
    }

    @Test
    void attemptsEndOnce() {
        List<Violation> violations = check(
                RunInfo.SIMULATED,
                stored -> stored.addAll(List.of(
                        ofSection(CounterName.SECTION_ATTEMPTS, 10),
                        ofSection(CounterName.SECTION_COMMITS, 8),
                        ofSection(CounterName.SECTION_ABORTS, 1))));
        assertThat(violations).hasSize(1);
        assertThat(violations.get(0).invariant()).isEqualTo(Invariant.ATTEMPTS_END_ONCE);
        assertThat(violations.get(0).found()).isEqualTo("section pop has 1 attempts more than endings");
    }

    private static Counter ofSection(CounterName name, long value) {
        return new Counter(name, null, null, null, null, null, null, "pop", null, null, null, value);
    }
}
