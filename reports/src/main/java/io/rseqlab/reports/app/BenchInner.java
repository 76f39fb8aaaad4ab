package io.rseqlab.reports.app;

import io.rseqlab.collector.kernel.EventLog;
import io.rseqlab.collector.machine.InnerParts;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.LogLinear;
import io.rseqlab.trace.parquet.ColumnBuffers;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Inner parts by themselves, in nanoseconds of processor time each. The usual harness for that, JMH, is under the GPL
 * with an exception; nothing under the GPL is among what this program is built from, so this one is our own: it does
 * without forks, and repeats each part until the host's compiler has had time to do its work.
 */
final class BenchInner {
    private static final int FIRST_TIMES = 1000;
    private static final int EVENTS_WAITING = 64;
    private static final int MOST_LATENCY_CYCLES = 1 << 16;

    private final int runs;
    private final double seconds;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    /** Takes what parts answer: they cannot be left out then. */
    private long answers;

    /**
     * @param runs counted runs of each part
     * @param seconds processor time of each
     */
    BenchInner(int runs, double seconds) {
        this.runs = runs;
        this.seconds = seconds;
    }

    /** Nanoseconds by part. */
    Map<String, BenchFigures> run() {
        Map<String, LongUnaryOperator> parts = new LinkedHashMap<>(InnerParts.all());
        parts.put("kernel event put into order, 64 waiting", events());
        parts.put("latency counted in a histogram", latencies());
        parts.put("row put into column buffers", ColumnBuffers.fill());
        Map<String, BenchFigures> figures = new LinkedHashMap<>();
        parts.forEach((name, part) -> figures.put(name, measure(part)));
        return figures;
    }

    private BenchFigures measure(LongUnaryOperator part) {
        long times = FIRST_TIMES;
        double taken = 0;
        double spent = 0;
        while (taken < seconds || spent < 2 * seconds) {
            times = taken < seconds ? 2 * times : times;
            taken = time(part, times);
            spent += taken;
        }
        double[] samples = new double[runs];
        for (int i = 0; i < runs; i++) {
            samples[i] = time(part, times) / times * 1e9;
        }
        return new BenchFigures("ns", samples);
    }

    private double time(LongUnaryOperator part, long times) {
        long started = threads.getCurrentThreadCpuTime();
        answers += part.applyAsLong(times);
        return (threads.getCurrentThreadCpuTime() - started) / 1e9;
    }

    private static LongUnaryOperator events() {
        long[] cycles = {0};
        EventLog log = new EventLog(event -> cycles[0] += event.cycle());
        Event event = new Event();
        long[] next = {0};
        return times -> {
            for (long i = 0; i < times; i++) {
                long cycle = next[0]++;
                event.reset(EventKind.WAKEUP, cycle ^ 1, 0, 0); // every other one comes too early
                log.add(event);
                log.release(cycle - EVENTS_WAITING);
            }
            return cycles[0];
        };
    }

    private static LongUnaryOperator latencies() {
        long[] histogram = new long[LogLinear.bucketOf(MOST_LATENCY_CYCLES) + 1];
        return times -> {
            for (long i = 0; i < times; i++) {
                histogram[LogLinear.bucketOf(i * 31 & MOST_LATENCY_CYCLES - 1)]++;
            }
            return histogram[0];
        };
    }
}
