package io.rseqlab.trace.parquet;

import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventKind;
import io.rseqlab.trace.EventSink;
import io.rseqlab.trace.RunInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Small synthetic traces for tests of the store. */
public final class Traces {
    private static final String[] SECTIONS = {"pop", "push"};
    private static final String[] STATES = {"preempted", "blocked", "yielded"};

    private Traces() {}

    /** Run information of a simulated run of two CPUs over a window that is never left. */
    public static RunInfo info(int threads) {
        return new RunInfo(
                RunInfo.FORMAT_VERSION,
                "test",
                RunInfo.SIMULATED,
                RunInfo.COMPLETE,
                3_000_000_000L,
                2,
                0,
                Long.MAX_VALUE / 2,
                "instructions",
                new TreeMap<>(Map.of("seed", 1, "strategy", "rseq-freelist")),
                List.of(
                        new RunInfo.SectionInfo("pop", 5, List.of("load", "cmp", "jz", "load", "store")),
                        new RunInfo.SectionInfo("push", 3, List.of("load", "store", "store"))),
                IntStream.range(0, threads)
                        .mapToObj(thread -> new RunInfo.ThreadInfo(thread, "worker-" + thread))
                        .toList(),
                Map.of(),
                null);
    }

    /** Rows of a mixture that resembles a run: switches with preemptions, aborts, wakeups and some operations. */
    public static void mixture(EventSink sink, int rows) {
        Event event = new Event();
        long random = 88172645463325252L;
        long cycle = 0;
        for (int row = 0; row < rows; row++) {
            random ^= random << 13;
            random ^= random >>> 7;
            random ^= random << 17;
            cycle += random & 1023;
            int cpu = (int) (random >>> 12) & 1;
            int thread = (int) (random >>> 14) & 7;
            fill(event, row, cycle, cpu, thread, (random >>> 20) & 0xfff_ffff_ffffL);
            event.set(Column.SEQUENCE, row);
            sink.accept(event);
        }
    }

    private static void fill(Event event, int row, long cycle, int cpu, int thread, long random) {
        switch ((int) (random & 7)) {
            case 0, 1, 2 ->
                event.reset(EventKind.SWITCH, cycle, cpu, thread)
                        .set(Column.OTHER_THREAD, (thread + 1) & 7)
                        .set(Column.STATE, STATES[(int) ((random >>> 3) % 3)]);
            case 3 -> event.reset(EventKind.PREEMPT, cycle, cpu, thread);
            case 4 ->
                event.reset(EventKind.ABORT, cycle, cpu, thread)
                        .set(Column.CAUSES, 1 + (random >>> 3) % 3)
                        .set(Column.SECTION, SECTIONS[(int) (random >>> 5) & 1])
                        .set(Column.OFFSET, (random >>> 6) % 3)
                        .set(Column.WASTED_CYCLES, (random >>> 8) & 255)
                        .set(Column.CAUSE_SEQUENCE, Math.max(0, row - 2));
            case 5 ->
                event.reset(EventKind.WAKEUP, cycle, cpu, thread)
                        .set(Column.OTHER_THREAD, (thread + 3) & 7)
                        .set(Column.TARGET_CPU, 1 - cpu);
            case 6 ->
                event.reset(EventKind.OP, cycle, cpu, thread)
                        .set(Column.OP, (random & 8) == 0 ? "malloc" : "free")
                        .set(Column.TIER, (random >>> 4) & 3)
                        .set(Column.LATENCY_CYCLES, 20 + ((random >>> 8) & 63))
                        .set(Column.ADDRESS, 0x7f00_0000_0000L + (((random >>> 16) & 0xffff) << 6));
            default -> event.reset(EventKind.SIGNAL, cycle, cpu, thread).set(Column.NUMBER, 14);
        }
    }
}
