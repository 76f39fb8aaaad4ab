package io.rseqlab.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What counts as one interruption, and that no count is lost when intervals double: rates of aborts are quotients of
 * these numbers.
 */
class EventCountersTest {
    private static final int WINDOW_START = 100;
    private static final int WINDOW_END = 1_000_000;

    private final EventCounters counters = new EventCounters(new RunInfo(
            RunInfo.FORMAT_VERSION,
            "",
            RunInfo.SIMULATED,
            RunInfo.COMPLETE,
            1000,
            2,
            WINDOW_START,
            WINDOW_END,
            "instructions",
            Map.of(),
            List.of(),
            List.of(new RunInfo.ThreadInfo(1, "one")),
            Map.of(),
            null));
    private final Event event = new Event();

    private void switchTo(long cycle, int from, int to) {
        counters.accept(event.reset(EventKind.SWITCH, cycle, 0, from).set(Column.OTHER_THREAD, to));
    }

    private Event signal(long cycle, int thread) {
        return event.reset(EventKind.SIGNAL, cycle, 0, thread).set(Column.NUMBER, 14);
    }

    @Test
    void aSwitchInIsAnInterruption() {
        switchTo(200, -1, 1);
        assertThat(counters.total(CounterName.INTERRUPTIONS)).isEqualTo(1);
    }

    @Test
    void aSignalAtTheExitOfASwitchInIsNoSecondInterruption() {
        switchTo(200, -1, 1);
        counters.accept(signal(200, 1));
        counters.accept(signal(203, 1).set(Column.CAUSE_SEQUENCE, 0));
        assertThat(counters.total(CounterName.SIGNALS)).isEqualTo(2);
        assertThat(counters.total(CounterName.INTERRUPTIONS)).isEqualTo(1);
    }

    @Test
    void aLaterSignalIsAnInterruptionAndSignalsOfOneExitAreOne() {
        switchTo(200, -1, 1);
        counters.accept(signal(900, 1));
        counters.accept(signal(900, 1));
        assertThat(counters.total(CounterName.INTERRUPTIONS)).isEqualTo(2);
    }

    @Test
    void otherThreadsAreNoiseButTheirSwitchesCount() {
        switchTo(200, 1, 7);
        counters.accept(event.reset(EventKind.PREEMPT, 300, 0, 7));
        counters.accept(signal(300, 7));
        assertThat(counters.total(CounterName.SWITCHES)).isEqualTo(1);
        assertThat(counters.total(CounterName.PREEMPTIONS)).isZero();
        assertThat(counters.total(CounterName.INTERRUPTIONS)).isZero();
    }

    @Test
    void onlyTheWindowCounts() {
        switchTo(WINDOW_START - 1, -1, 1);
        switchTo(WINDOW_END, -1, 1);
        assertThat(counters.total(CounterName.SWITCHES)).isZero();
        switchTo(WINDOW_START, -1, 1);
        switchTo(WINDOW_END - 1, -1, 1);
        assertThat(counters.total(CounterName.SWITCHES)).isEqualTo(2);
    }

    @Test
    void doublingIntervalsLosesNothing() {
        for (int cycle = WINDOW_START; cycle < WINDOW_END; cycle += 10) {
            switchTo(cycle, 1, 1);
        }
        List<Counter> switches = counters.counters(WINDOW_END).stream()
                .filter(counter -> counter.name() == CounterName.SWITCHES)
                .toList();
        assertThat(switches.size()).isBetween(EventCounters.MAX_INTERVALS / 2, EventCounters.MAX_INTERVALS);
        assertThat(switches.stream().mapToLong(Counter::value).sum()).isEqualTo((WINDOW_END - WINDOW_START) / 10);
        assertThat(switches.get(0).startCycle()).isEqualTo(WINDOW_START);
        assertThat(switches.get(switches.size() - 1).endCycle()).isEqualTo(WINDOW_END);
        for (int row = 1; row < switches.size(); row++) {
            assertThat(switches.get(row).startCycle())
                    .isEqualTo(switches.get(row - 1).endCycle());
        }
    }
}
