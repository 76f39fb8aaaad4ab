package io.rseqlab.analyzer.metric;

import io.rseqlab.analyzer.metric.Key.Dimension;
import io.rseqlab.analyzer.result.CpuResult;
import io.rseqlab.trace.Counter;
import io.rseqlab.trace.CounterName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts by CPU, and by thread. */
final class PerCpu {
    private static final Set<CounterName> NAMES = EnumSet.range(CounterName.SWITCHES, CounterName.IDLE_CYCLES);

    private PerCpu() {}

    /** Every per-CPU count that the trace takes, for every CPU of the run. */
    static Metric<Tally, Counter, List<CpuResult>> metric(Scope scope) {
        return new CounterMetric<>(NAMES, EnumSet.of(Dimension.CPU), scope, tally -> cpus(tally, scope), List.of());
    }

    private static List<CpuResult> cpus(Tally tally, Scope scope) {
        Map<Integer, Map<String, Long>> cpus = new TreeMap<>();
        for (int cpu = 0; cpu < scope.info().cpus(); cpu++) {
            cpus.put(cpu, zeros(scope));
        }
        for (CounterName name : NAMES) {
            tally.each(name, (key, count) -> {
                if (key.cpu() != null) {
                    cpus.computeIfAbsent(key.cpu(), cpu -> zeros(scope)).merge(name.id(), count, Math::addExact);
                }
            });
        }
        List<CpuResult> results = new ArrayList<>();
        cpus.forEach((cpu, counts) -> results.add(new CpuResult(cpu, counts)));
        return results;
    }

    private static Map<String, Long> zeros(Scope scope) {
        Map<String, Long> zeros = new LinkedHashMap<>();
        NAMES.stream().filter(scope::measures).forEach(name -> zeros.put(name.id(), 0L));
        return zeros;
    }

    /** Operations by thread. */
    static Metric<Tally, Counter, Map<Integer, Long>> threadOps(Scope scope) {
        return new CounterMetric<>(
                EnumSet.of(CounterName.THREAD_OPS), EnumSet.of(Dimension.THREAD), scope, PerCpu::threads, Map.of());
    }

    private static Map<Integer, Long> threads(Tally tally) {
        Map<Integer, Long> threads = new TreeMap<>();
        tally.each(CounterName.THREAD_OPS, (key, ops) -> {
            if (key.thread() != null) {
                threads.merge(key.thread(), ops, Math::addExact);
            }
        });
        return threads;
    }
}
