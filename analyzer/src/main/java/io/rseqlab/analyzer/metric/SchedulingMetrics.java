package io.rseqlab.analyzer.metric;

import static io.rseqlab.trace.CounterName.INTERRUPTIONS;
import static io.rseqlab.trace.CounterName.MEMBARRIER_IPIS;
import static io.rseqlab.trace.CounterName.MIGRATIONS;
import static io.rseqlab.trace.CounterName.PREEMPTIONS;
import static io.rseqlab.trace.CounterName.SIGNALS;
import static io.rseqlab.trace.CounterName.SWITCHES;
import static io.rseqlab.trace.CounterName.SYSCALLS;
import static io.rseqlab.trace.CounterName.WAKEUPS;
import static io.rseqlab.trace.CounterName.YIELDS;

import java.util.List;

/** What the scheduler did. A CPU-second is a second of one CPU of the run, busy or idle. */
final class SchedulingMetrics {
    private SchedulingMetrics() {}

    static List<MetricInfo> all() {
        return List.of(
                MetricInfo.total(SWITCHES, "switches"),
                MetricInfo.total(PREEMPTIONS, "preemptions"),
                MetricInfo.total(YIELDS, "yields"),
                MetricInfo.total(MIGRATIONS, "migrations"),
                MetricInfo.total(WAKEUPS, "wakeups"),
                MetricInfo.total(SIGNALS, "signals"),
                MetricInfo.total(SYSCALLS, "calls"),
                MetricInfo.total(MEMBARRIER_IPIS, "interrupts"),
                MetricInfo.total(INTERRUPTIONS, "interruptions"),
                MetricInfo.rate(
                        "switches_per_cpu_s",
                        "1/CPU-s",
                        "switches between threads, idle included, per CPU-second",
                        SWITCHES,
                        Scope::cpuSeconds),
                MetricInfo.rate(
                        "preemptions_per_cpu_s",
                        "1/CPU-s",
                        "switch-outs of a runnable thread other than by sched_yield, per CPU-second",
                        PREEMPTIONS,
                        Scope::cpuSeconds),
                MetricInfo.rate(
                        "interruptions_per_cpu_s",
                        "1/CPU-s",
                        "exits to user mode that carry a switch-in or a signal, per CPU-second",
                        INTERRUPTIONS,
                        Scope::cpuSeconds),
                MetricInfo.rate(
                        "migrations_per_s",
                        "1/s",
                        "threads moved to another CPU, of all CPUs together, per second",
                        MIGRATIONS,
                        Scope::seconds),
                MetricInfo.rate(
                        "migrations_per_cpu_s",
                        "1/CPU-s",
                        "threads moved to another CPU, per CPU-second",
                        MIGRATIONS,
                        Scope::cpuSeconds));
    }
}
