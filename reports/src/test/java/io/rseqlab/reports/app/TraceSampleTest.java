package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocStatistics;
import io.rseqlab.trace.malloc.MallocTrace;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sample of a long trace is a program that could have run, and is of the whole trace and not of its beginning. */
class TraceSampleTest {
    private static final MallocOrigin ORIGIN = new MallocOrigin("columns", true, true, true, false);
    private static final int EVENTS = 40_000;

    @TempDir
    Path scratch;

    /** A thread for each tenth of the trace, larger objects in each; one in ten lives long, some are reallocated. */
    private Path phases() {
        Path file = scratch.resolve("phases.malloc");
        Random random = new Random(4);
        List<Integer> live = new ArrayList<>();
        MallocEvent event = new MallocEvent();
        int born = 0;
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int i = 0; i < EVENTS; i++) {
                int phase = i * 10 / EVENTS;
                int what = live.size() < 50 ? 0 : random.nextInt(10);
                event.begin(
                        what < 5
                                ? MallocEvent.Kind.ALLOCATE
                                : what < 9 ? MallocEvent.Kind.FREE : MallocEvent.Kind.REALLOCATE,
                        phase);
                event.timeNanos = 100L * i;
                event.durationNanos = 20;
                int at = live.isEmpty() ? 0 : random.nextInt(10) == 0 ? 0 : random.nextInt(live.size());
                if (event.kind == MallocEvent.Kind.FREE) {
                    event.id = live.remove(at);
                } else if (event.kind == MallocEvent.Kind.REALLOCATE) {
                    event.oldId = live.remove(at);
                }
                if (event.kind.begins()) {
                    event.id = born++;
                    event.sizeBytes = 100L * (1 + phase);
                    live.add(event.id);
                }
                writer.accept(event);
            }
            writer.finish(ORIGIN, Repairs.NONE);
        }
        return file;
    }

    private static List<MallocEvent> read(Path file) {
        List<MallocEvent> all = new ArrayList<>();
        MallocTrace.read(file, event -> {
            MallocEvent copy = new MallocEvent().begin(event.kind, event.thread);
            copy.id = event.id;
            copy.oldId = event.oldId;
            copy.sizeBytes = event.sizeBytes;
            copy.timeNanos = event.timeNanos;
            copy.durationNanos = event.durationNanos;
            all.add(copy);
        });
        return all;
    }

    @Test
    void windowsAreSpreadOverTheWholeTrace() {
        TraceSample sample = TraceSample.write(phases(), EVENTS, ORIGIN, scratch.resolve("sample.malloc"), 5_000);
        assertThat(sample.windows()).isEqualTo(10);
        assertThat(sample.inside()).isEqualTo(5_000);
        MallocStatistics statistics = new MallocStatistics();
        MallocTrace.read(sample.file(), statistics);
        assertThat(statistics.threads()).isEqualTo(10);
        assertThat(sample.threads()).isEqualTo(10);
        assertThat(statistics.events()).isEqualTo(sample.events());
        List<MallocEvent> events = read(sample.file());
        for (int phase = 0; phase < 10; phase++) {
            int thread = phase;
            assertThat(events.stream().filter(event -> event.thread == thread).count())
                    .as("calls of phase %d", phase)
                    .isGreaterThanOrEqualTo(500);
        }
    }

    @Test
    void everyFreeFindsItsObjectAndTimeGoesOnWithoutGaps() {
        TraceSample sample = TraceSample.write(phases(), EVENTS, ORIGIN, scratch.resolve("sample.malloc"), 5_000);
        assertThat(sample.between()).isPositive();
        Set<Integer> live = new HashSet<>();
        long last = 0;
        for (MallocEvent event : read(sample.file())) {
            if (event.endedId() >= 0) {
                assertThat(live.remove(event.endedId())).isTrue();
            }
            if (event.kind.begins()) {
                live.add(event.id);
            }
            assertThat(event.timeNanos).isBetween(last, last + 100);
            last = event.timeNanos;
        }
        assertThat(last).isBetween(100L * 4_900, 100L * 5_000);
        assertThat(live.size()).as("what the program had freed is free").isLessThan(1_500);
    }

    /** Pairs of one thread, but for one call in a hundred, all in one place, where another frees what it allocated. */
    @Test
    void windowsHoldWhatIsHandedOverThoughItIsInOnePlace() {
        Path file = scratch.resolve("burst.malloc");
        MallocEvent event = new MallocEvent();
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int i = 0; i < EVENTS; i++) {
                boolean begins = i % 2 == 0;
                boolean handedOver = i >= 21_000 && i < 21_400;
                event.begin(begins ? MallocEvent.Kind.ALLOCATE : MallocEvent.Kind.FREE, !begins && handedOver ? 1 : 0);
                event.id = i / 2;
                event.sizeBytes = begins ? 64 : 0;
                writer.accept(event);
            }
            writer.finish(ORIGIN, Repairs.NONE);
        }
        for (int wanted : new int[] {2_000, 5_000, 20_000}) {
            TraceSample sample = TraceSample.write(file, EVENTS, ORIGIN, scratch.resolve("s" + wanted), wanted);
            MallocStatistics statistics = new MallocStatistics();
            MallocTrace.read(sample.file(), statistics);
            assertThat(statistics.remotePlainFrees().value())
                    .as("remote of 1 %%, in %d windows", sample.windows())
                    .isBetween(0.005, 0.02);
        }
    }

    /** That an address was handed out again is no call, though it stands in the trace. */
    @Test
    void whatIsNoCallIsNotCounted() {
        Path file = scratch.resolve("reused.malloc");
        MallocEvent event = new MallocEvent();
        int pairs = 1_000;
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int i = 0; i < pairs; i++) {
                if (i > 0) {
                    event.begin(MallocEvent.Kind.REUSED, 0).id = i - 1;
                    writer.accept(event);
                }
                event.begin(MallocEvent.Kind.ALLOCATE, 0).id = i;
                event.sizeBytes = 64;
                writer.accept(event);
                if (i > 0) {
                    event.begin(MallocEvent.Kind.FREE, 1).id = i - 1;
                    writer.accept(event);
                }
            }
            writer.finish(ORIGIN, Repairs.NONE);
        }
        int calls = 2 * pairs - 1;
        TraceSample all = TraceSample.write(file, calls, ORIGIN, scratch.resolve("all.malloc"), calls);
        assertThat(all.inside()).isEqualTo(calls);
        assertThat(all.between()).isZero();
        assertThat(MallocTrace.read(all.file(), any -> {}).digest())
                .isEqualTo(MallocTrace.read(file, any -> {}).digest());
        TraceSample part = TraceSample.write(file, calls, ORIGIN, scratch.resolve("part.malloc"), calls / 2);
        assertThat(part.inside()).isEqualTo(calls / 2);
    }

    @Test
    void asMuchAsThereIsIsTheTraceItself() {
        Path trace = phases();
        TraceSample sample = TraceSample.write(trace, EVENTS, ORIGIN, scratch.resolve("all.malloc"), EVENTS + 5);
        assertThat(sample.between()).isZero();
        assertThat(sample.inside()).isEqualTo(EVENTS);
        assertThat(MallocTrace.read(sample.file(), event -> {}).digest())
                .isEqualTo(MallocTrace.read(trace, event -> {}).digest());
    }
}
