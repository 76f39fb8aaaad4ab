package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * When throughput settles. The measured window is counted in intervals; the steady throughput is that of the intervals
 * of its second half; it is steady from the first interval on behind which all, itself included, lie within
 * {@value #TOLERANCE} of it. A window that begins with the run ({@code --warmup 0ms}) shows how long caches take to
 * fill; one behind a warm-up shows whether that was long enough, and then the answer is 0.
 */
final class SteadyState implements Metric<SteadyState.Steps, Counter, MetricValue> {
    /** Share of the steady throughput that an interval may be off. */
    static final double TOLERANCE = 0.1;

    /** With fewer intervals a half says little. */
    private static final int LEAST_INTERVALS = 8;

    /** What is presented of it. */
    private enum Part {
        AFTER,
        THROUGHPUT,
        FIRST
    }

    private final Scope scope;
    private final Part part;

    private SteadyState(Scope scope, Part part) {
        this.scope = scope;
        this.part = part;
    }

    static List<MetricInfo> all() {
        return List.of(
                info(
                        "steady_after_s",
                        "s",
                        "time in the measured window until the throughput of all further intervals is within 10 % of"
                                + " that of the window's second half",
                        Part.AFTER),
                info(
                        "steady_throughput_ops_per_s",
                        "ops/s",
                        "throughput in the intervals of the second half of the measured window",
                        Part.THROUGHPUT),
                info(
                        "first_over_steady_throughput",
                        "",
                        "throughput in the measured window's first interval over that of its second half",
                        Part.FIRST));
    }

    private static MetricInfo info(String id, String unit, String meaning, Part part) {
        return MetricInfo.ofCounters(id, unit, meaning, scope -> new SteadyState(scope, part));
    }

    /** Operations, and where the interval ends, by where it begins. */
    static final class Steps implements Serializable {
        private static final long serialVersionUID = 1L;

        private final TreeMap<Long, Long> ops = new TreeMap<>();
        private final TreeMap<Long, Long> ends = new TreeMap<>();

        private void add(long from, long to, long count) {
            ops.merge(from, count, Math::addExact);
            ends.merge(from, to, Math::max);
        }

        private void addAll(Steps other) {
            other.ops.forEach((from, count) -> add(from, other.ends.get(from), count));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Steps steps && ops.equals(steps.ops) && ends.equals(steps.ends);
        }

        @Override
        public int hashCode() {
            return ops.hashCode();
        }
    }

    /** An interval. */
    private record Step(long from, long to, long ops) {
        double perCycle() {
            return (double) ops / (to - from);
        }
    }

    @Override
    public Steps zero() {
        return new Steps();
    }

    @Override
    public void observe(Steps state, Counter item) {
        boolean measured = item.name() == CounterName.OPS
                && item.startCycle() != null
                && item.endCycle() > Math.max(item.startCycle(), scope.info().windowStartCycle())
                && item.startCycle() < scope.info().windowEndCycle();
        if (measured) {
            state.add(item.startCycle(), item.endCycle(), item.value());
        }
    }

    @Override
    public Steps merge(Steps a, Steps b) {
        Steps sum = new Steps();
        sum.addAll(a);
        sum.addAll(b);
        return sum;
    }

    @Override
    public MetricValue present(Steps state) {
        List<Step> steps = new ArrayList<>();
        state.ops.forEach((from, count) -> steps.add(new Step(from, state.ends.get(from), count)));
        int half = steps.size() / 2;
        long ops = 0;
        long cycles = 0;
        for (Step step : steps.subList(half, steps.size())) {
            ops = Math.addExact(ops, step.ops());
            cycles = Math.addExact(cycles, step.to() - step.from());
        }
        if (ops == 0) {
            return MetricValue.noData("", "no operation was counted in the second half of the window");
        }
        double steady = (double) ops / cycles;
        return switch (part) {
            case AFTER -> after(steps, half, steady);
            case THROUGHPUT -> MetricValue.ratio(ops, cycles, scope.info().clockHz(), "ops/s");
            case FIRST -> MetricValue.of(steps.get(0).perCycle() / steady, "");
        };
    }

    private MetricValue after(List<Step> steps, int half, double steady) {
        if (steps.size() < LEAST_INTERVALS) {
            return MetricValue.noData("s", "fewer than " + LEAST_INTERVALS + " intervals with operations");
        }
        int first = steps.size();
        while (first > 0 && Math.abs(steps.get(first - 1).perCycle() / steady - 1) <= TOLERANCE) {
            first--;
        }
        if (first > half) {
            return MetricValue.noData("s", "throughput does not settle within the window");
        }
        long from = steps.get(first).from() - scope.info().windowStartCycle();
        return MetricValue.of((double) Math.max(0, from) / scope.info().clockHz(), "s");
    }

    @Override
    public void write(Steps state, StateWriter out) {
        out.entries(state.ops, (from, count) -> {
            out.number(from);
            out.number(state.ends.get(from));
            out.number(count);
        });
    }

    @Override
    public Steps read(StateReader in) {
        Steps steps = new Steps();
        in.entries(() -> steps.add(in.number(), in.number(), in.number()));
        return steps;
    }
}
