package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.CounterName;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run counts more with details, and that it is the same run. */
class DetailsTest {
    private static final Set<String> DETAILS = Set.of(
            CounterName.REFILL_OBJECTS.id(),
            CounterName.FLUSH_OBJECTS.id(),
            CounterName.STRANDED_BYTES.id(),
            CounterName.UNSTRANDED_BYTES.id());

    @TempDir
    Path folder;

    private Map<String, Long> totals(String strategy, boolean details) {
        RunSpec spec = RunSpecs.resolve(
                RunRequest.of(strategy, "sized-churn:handoff=0.5,live=300")
                        .threads(4)
                        .warmup(0.5e-3)
                        .window(1e-3)
                        .details(details),
                1);
        Collector.Outcome outcome = Collector.collect(spec, folder.resolve(strategy.replace(':', '-') + details));
        assertThat(outcome.violations()).isEmpty();
        return new TreeMap<>(outcome.info().totals());
    }

    @Test
    void refillsBringWhatTheyAreToldTo() {
        Map<String, Long> totals = totals("message-passing:refill=20", true);
        assertThat(totals.get("refills")).isPositive();
        assertThat(totals.get("refill_objects")).isBetween(totals.get("refills"), 20 * totals.get("refills"));
        assertThat(totals).doesNotContainKey("flush_objects");
    }

    @Test
    void flushesTakeNoMoreThanTheListsHave() {
        Map<String, Long> totals = totals("thread-cache:cap=16,refill=8,flush=8", true);
        assertThat(totals.get("refills")).isGreaterThan(20);
        assertThat(totals.get("flushes")).isGreaterThan(20);
        assertThat(totals.get("flush_objects")).isBetween(totals.get("flushes"), 8 * totals.get("flushes"));
        assertThat(totals.get("refill_objects")).isBetween(totals.get("refills"), 8 * totals.get("refills"));
    }

    @Test
    void detailsChangeNothingElse() {
        Map<String, Long> plain = totals("thread-cache", false);
        Map<String, Long> detailed = totals("thread-cache", true);
        assertThat(detailed.keySet()).containsAll(DETAILS);
        detailed.keySet().removeAll(DETAILS);
        assertThat(plain).isEqualTo(detailed);
    }
}
