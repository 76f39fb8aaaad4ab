package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.trace.Cause;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import io.rseqlab.trace.parquet.TraceReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Under a stress workload most aborts of 6.18 come behind system calls; 7.1 in V2 mode makes none of those, makes the
 * others as before, and breaks nothing.
 */
class NeedlessAbortsTest {
    private static final double MILLISECOND = 1e-3;
    private static final int NEEDLESS = Cause.STALE | Cause.SYSCALL;

    @TempDir
    private Path folder;

    private List<Counter> run(String kernel, String workload) {
        RunRequest request = RunRequest.of("rseq-freelist", workload)
                .cpus(2)
                .threads(8)
                .warmup(MILLISECOND)
                .window(20 * MILLISECOND)
                .tick(0.1 * MILLISECOND)
                .kernel(kernel);
        Path trace = folder.resolve(kernel);
        Collector.Outcome outcome = Collector.collect(RunSpecs.resolve(request, 1), trace);
        assertThat(outcome.violations()).isEmpty();
        return TraceReader.open(trace).counters();
    }

    private static long aborts(List<Counter> counters, boolean needless) {
        return counters.stream()
                .filter(counter -> counter.name() == CounterName.ABORT_CAUSES)
                .filter(counter -> (counter.bucket() & NEEDLESS) != 0 == needless)
                .mapToLong(Counter::value)
                .sum();
    }

    @Test
    void v2MakesNoAbortBehindASystemCall() {
        String workload = "churn:pad=500,call_in_section=397,sleep_every=499,sleep_us=20";
        List<Counter> before = run("linux-6.18", workload);
        List<Counter> after = run("linux-7.1", workload);
        assertThat(aborts(before, true)).isGreaterThan(200);
        assertThat(aborts(before, false)).isGreaterThan(50);
        assertThat(aborts(after, true)).isZero();
        assertThat((double) aborts(after, false) / aborts(before, false)).isBetween(0.7, 1.4);
        Map<String, Long> totals = Counter.totals(before);
        // A core may be some cycles ahead when the window begins or ends.
        assertThat(totals.get("kernel_rseq_fixup")).isCloseTo(totals.get("aborts"), within(2L));
        assertThat(Counter.totals(after).get("kernel_rseq_ids")).isLessThan(totals.get("kernel_rseq_ids") / 10);
    }

    /** A yield that finds somebody else to run is a switch like any other. */
    @Test
    void aYieldInASectionIsAbortedWhereItSwitched() {
        List<Counter> before = run("linux-6.18", "churn:pad=500,call_in_section=97");
        assertThat(aborts(before, true)).isGreaterThan(50);
        assertThat(aborts(run("linux-7.1", "churn:pad=500,call_in_section=97"), true))
                .isZero();
    }
}
