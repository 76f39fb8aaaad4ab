package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.ORDER_WAIT_CYCLES;

import io.rseqlab.analyzer.result.MetricValue;
import java.util.EnumSet;
import java.util.Set;

/** How long threads of a replayed program wait for one another, so that its order is kept. */
final class OrderWait {
    private OrderWait() {}

    static MetricInfo info() {
        return MetricInfo.ofCounters(
                "order_wait_share",
                "",
                "share of the threads' time in which they waited, until they ran again, for another to do what comes"
                        + " before in a replayed trace",
                EnumSet.of(ORDER_WAIT_CYCLES),
                Set.of(),
                (tally, scope) -> tally.has(ORDER_WAIT_CYCLES)
                        ? MetricValue.ratio(tally.sum(ORDER_WAIT_CYCLES), threads(scope) * scope.windowCycles(), 1, "")
                        : MetricValue.noData("", "the workload keeps no order between threads"));
    }

    private static long threads(Scope scope) {
        return scope.info().spec().get("threads") instanceof Number threads ? threads.longValue() : 0;
    }
}
