package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.trace.CounterName;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that arrive by themselves: what the queue before one server must be, in closed form. */
class RequestsTest {
    private static final double WINDOW_SECONDS = 20e-3;

    @TempDir
    Path folder;

    /** Totals of a run from its very beginning. */
    private Map<String, Long> run(String workload, int cpus) {
        RunSpec spec = RunSpecs.resolve(
                RunRequest.of("rseq-freelist", workload)
                        .cpus(cpus)
                        .threads(cpus)
                        .noise(false)
                        .warmup(0)
                        .window(WINDOW_SECONDS),
                1);
        Collector.Outcome outcome = Collector.collect(spec, folder.resolve(workload + cpus));
        assertThat(outcome.violations()).isEmpty();
        return outcome.info().totals();
    }

    private static double seconds(Map<String, Long> totals, CounterName name) {
        return totals.get(name.id())
                / (double) RunSpecs.machine(RunSpecs.DEFAULT_MACHINE).clockHz();
    }

    private static double mean(Map<String, Long> totals) {
        return seconds(totals, CounterName.REQUEST_LATENCY_SUM) / totals.get(CounterName.REQUESTS_SERVED.id());
    }

    /** D/D/1 below its capacity: nobody waits, every request takes as long as the first. */
    @Test
    void nobodyWaitsBehindRequestsThatAreDoneInTime() {
        Map<String, Long> totals = run("requests:rate=20000,gaps=constant,think=20000", 1);
        assertThat(totals.get(CounterName.REQUESTS_OFFERED.id())).isBetween(399L, 401L);
        assertThat(totals.get(CounterName.REQUESTS_OFFERED.id()) - totals.get(CounterName.REQUESTS_SERVED.id()))
                .isBetween(0L, 1L);
        assertThat(seconds(totals, CounterName.REQUEST_LATENCY_MAX)).isLessThan(3 * mean(totals));
    }

    /**
     * D/D/1 above its capacity: with s for a request and d between arrivals the n-th takes s + (n - 1)(s - d). A load
     * that waits for its answers would say s of all of them.
     */
    @Test
    void whoWaitsBehindASlowRequestIsSlowToo() {
        double gap = 1 / 400_000.0;
        Map<String, Long> totals = run("requests:rate=400000,gaps=constant,think=20000", 1);
        long served = totals.get(CounterName.REQUESTS_SERVED.id());
        double service = WINDOW_SECONDS / served;
        assertThat(service).as("one request takes longer than until the next").isGreaterThan(1.5 * gap);
        assertThat(totals.get(CounterName.REQUESTS_OFFERED.id())).isBetween(7999L, 8001L);
        assertThat(mean(totals)).isCloseTo(service + (served - 1) / 2.0 * (service - gap), within(0.02 * mean(totals)));
        assertThat(seconds(totals, CounterName.REQUEST_LATENCY_MAX))
                .isCloseTo(service + (served - 1) * (service - gap), within(0.02 * WINDOW_SECONDS));
        assertThat(RunNotes.overloaded(totals)).contains("more arrive than are served");
    }

    /** What is too much for one thread is not for two that share a queue; with a queue each they have half each. */
    @Test
    void threadsShareAQueueOrHaveOneEach() {
        for (String queue : new String[] {"shared", "own"}) {
            Map<String, Long> totals = run("requests:rate=200000,gaps=constant,think=20000,queue=" + queue, 2);
            assertThat(totals.get(CounterName.REQUESTS_OFFERED.id())).isBetween(3998L, 4002L);
            assertThat(totals.get(CounterName.REQUESTS_OFFERED.id()) - totals.get(CounterName.REQUESTS_SERVED.id()))
                    .isBetween(0L, 3L);
            assertThat(RunNotes.overloaded(totals)).isNull();
        }
    }
}
