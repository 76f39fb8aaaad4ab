package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.live.MallocText;
import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import io.rseqlab.trace.parquet.TraceCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replayed program is known by its calls, and takes the time that it took between them. */
class ReplayTest {
    private static final double MS = 1e-3;

    @TempDir
    Path scratch;

    private int hashes;

    private Path trace(String name, List<String> lines) throws IOException {
        Path text = Files.write(scratch.resolve(name + ".txt"), lines);
        Path file = scratch.resolve(name);
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            MallocText.Outcome outcome = MallocText.open(text, "android").read(writer::accept, true);
            writer.finish(outcome.origin(), outcome.repairs());
        }
        return file;
    }

    /** Thread 1 allocates, thread 2 frees; an object of thread 2 grows in thread 1. */
    private static List<String> handOver(int rounds) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            lines.add("1: malloc 0x%x0 %d".formatted(0x1000 + i, 8 + i % 300));
            lines.add("2: malloc 0x%x0 40".formatted(0x900000 + i));
            lines.add("2: free 0x%x0".formatted(0x1000 + i));
            lines.add("1: realloc 0x%x0 0x%x0 400".formatted(0x1900000 + i, 0x900000 + i));
            if (i % 10 != 0) {
                lines.add("2: free 0x%x0".formatted(0x1900000 + i));
            }
        }
        return lines;
    }

    /** Calls of the warm-up do not count. */
    @Test
    void aWindowOfATraceThatBeginsAgainSaysHowMuchOfItIsIn() throws IOException {
        Path trace = trace("again", handOver(2000));
        RunSpec whole = RunSpecs.resolve(once(trace, ""), 5);
        assertThat(RunNotes.stepwise(whole, 2_000_000_000, 0)).contains("a recorded program does something else");
        double seconds = (double)
                        Collector.collect(whole, scratch.resolve("once")).info().windowEndCycle()
                / whole.machine().clockHz();
        RunRequest looped =
                RunRequest.of("rseq-freelist", "replay:trace=" + trace).cpus(2);
        RunSpec part = RunSpecs.resolve(looped.warmup(seconds).window(0.3 * seconds), 5);
        Collector.Outcome outcome = Collector.collect(part, scratch.resolve("third"));
        assertThat(outcome.passes()).isBetween(0.2, 0.5);
        assertThat(RunNotes.of(part, outcome))
                .anyMatch(note -> note.matches(
                        "only [2-4][0-9] % of the trace's calls are in the window, behind those of the warm-up; .*"));
        RunSpec cold = RunSpecs.resolve(looped.warmup(0).window(0.3 * seconds), 5);
        assertThat(RunNotes.of(cold, Collector.collect(cold, scratch.resolve("cold"))))
                .anyMatch(note -> note.matches("only [2-4][0-9] % of the trace's calls are in the window; .*"));
        RunSpec twice = part.toBuilder().times(0, 2 * seconds).build();
        Collector.Outcome all = Collector.collect(twice, scratch.resolve("twice"));
        assertThat(all.passes()).isGreaterThan(1.5);
        assertThat(RunNotes.of(twice, all)).noneMatch(note -> note.contains("in the window"));
    }

    /** Four threads that free each other's objects of some 200 that live, with next to no time between the calls. */
    private static List<String> coupled(int calls) {
        Random random = new Random(1);
        List<List<Integer>> live = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            int thread = random.nextInt(4);
            List<Integer> from = live.get(random.nextInt(10) < 3 ? random.nextInt(4) : thread);
            if (from.isEmpty() || random.nextBoolean() && from.size() < 50) {
                live.get(thread).add(i);
                lines.add("%d: malloc 0x%x0 %d %d %d".formatted(thread, 0x1000 + i, 16 << i % 3, 6 * i, 6 * i + 20));
            } else {
                int object = from.remove(random.nextInt(from.size()));
                lines.add("%d: free 0x%x0 %d %d".formatted(thread, 0x1000 + object, 6 * i, 6 * i + 20));
            }
        }
        return lines;
    }

    private static RunRequest once(Path trace, String more) {
        return RunRequest.of("rseq-freelist", "replay:loop=0,trace=" + trace + more)
                .cpus(2)
                .warmup(0)
                .window(1);
    }

    private Collector.Outcome collect(String name, RunRequest request) {
        Collector.Outcome outcome = Collector.collect(RunSpecs.resolve(request, 5), scratch.resolve(name));
        assertThat(outcome.violations()).isEmpty();
        return outcome;
    }

    @Test
    void aWindowTooShortForTheTraceSaysHowMuchWasReplayed() throws IOException {
        Path trace = trace("long", handOver(5000));
        RunSpec whole = RunSpecs.resolve(once(trace, ""), 5);
        Collector.Outcome all = Collector.collect(whole, scratch.resolve("whole"));
        assertThat(all.passes()).isEqualTo(1);
        assertThat(RunNotes.of(whole, all)).noneMatch(note -> note.contains("had been replayed"));
        double third = all.info().windowEndCycle() / 3.0 / all.info().clockHz();
        RunSpec part = whole.toBuilder().times(0, third).build();
        Collector.Outcome outcome = Collector.collect(part, scratch.resolve("part"));
        assertThat(outcome.passes()).isBetween(0.2, 0.5);
        assertThat(RunNotes.of(part, outcome))
                .anyMatch(
                        note -> note.matches("the window ended when [2-4][0-9] % of the trace had been replayed; .*"));
    }

    /**
     * Where a thread sleeps as soon as it waits, those sleep that wait for it while it is woken, and from then on all
     * do, all the time: seven million calls a second under one strategy, 200 under another by accident.
     */
    @Test
    void oneThreadThatSleepsMakesNotAllOthersSleepForEver() throws IOException {
        Path trace = trace("coupled", coupled(20_000));
        for (String strategy : List.of("rseq-freelist", "mimalloc", "tcmalloc-percpu")) {
            Collector.Outcome outcome = collect(
                    strategy,
                    RunRequest.of(strategy, "replay:loop=0,trace=" + trace)
                            .cpus(4)
                            .warmup(0)
                            .window(1));
            Map<String, Long> totals = outcome.info().totals();
            assertThat(totals.get("wakeups")).as(strategy).isLessThan(50);
            double waited =
                    totals.get("order_wait_cycles") / 4.0 / outcome.info().windowEndCycle();
            assertThat(waited).as(strategy).isBetween(0.01, 0.4);
        }
    }

    /** Who has a CPU must not keep it from those it waits for. */
    @Test
    void whoWaitsLeavesTheCpuToThoseWhoWantIt() throws IOException {
        Path trace = trace("coupled", coupled(20_000));
        RunRequest request = once(trace, "");
        Collector.Outcome outcome = collect("crowded", request);
        assertThat(RunNotes.of(RunSpecs.resolve(request, 5), outcome))
                .anyMatch(note -> note.startsWith("threads waited for each other, to keep the trace's order, "));
        double perCall = (double) outcome.info().windowEndCycle() / 20_000;
        assertThat(perCall).isLessThan(400);
    }

    /** Who sleeps when the window ends is woken: that it would sleep for long is no violation. */
    @Test
    void aThreadThatPausesForSecondsIsNotStuck() throws IOException {
        Path trace = trace("pause", List.of("1: malloc 0x10 64 0 100", "1: free 0x10 9000000000 9000000100"));
        RunRequest request =
                RunRequest.of("rseq-freelist", "replay:trace=" + trace).cpus(1).window(MS);
        Collector.Outcome outcome = collect("run", request);
        assertThat(outcome.allocated()).isEqualTo(1);
        assertThat(outcome.unaudited()).isNull();
    }

    @Test
    void onceThroughEndsWithTheTraceAndLeavesWhatTheTraceLeaves() throws IOException {
        Path trace = trace("hand-over", handOver(500));
        Collector.Outcome outcome = collect("run", once(trace, ""));
        assertThat(outcome.allocated()).isEqualTo(1500);
        assertThat(outcome.freed()).isEqualTo(1450);
        assertThat(outcome.info().state()).isEqualTo("complete");
        assertThat(outcome.info().windowEndCycle()).isLessThan(outcome.info().clockHz() / 10);
        assertThat(outcome.info().spec()).containsEntry("threads", 2);
        assertThat(outcome.info().totals().get("ops")).isEqualTo(2950);
        // Every other free is of an object that the other thread allocated.
        assertThat(outcome.info().totals().get("remote_frees")).isEqualTo(1450);
        assertThat(TraceCheck.of(scratch.resolve("run")).count()).isZero();
    }

    @Test
    void aRunIsKnownByTheContentOfItsTraceAndNotByItsPlace() throws IOException {
        Path trace = trace("one", handOver(300));
        Path copy = Files.copy(trace, scratch.resolve("another-name"));
        Path other = trace("other", handOver(301));
        RunRequest looped =
                RunRequest.of("rseq-message", "replay:trace=" + trace).window(0.3 * MS);
        Collector.Outcome first = collect("a", looped);
        Collector.Outcome second = collect(
                "b", RunRequest.of("rseq-message", "replay:trace=" + copy).window(0.3 * MS));
        Collector.Outcome third = collect(
                "c", RunRequest.of("rseq-message", "replay:trace=" + other).window(0.3 * MS));
        assertThat(second.info()).isEqualTo(first.info());
        assertThat(third.info().spec().get("workload"))
                .isNotEqualTo(first.info().spec().get("workload"));
        assertThat(first.info().spec().toString())
                .doesNotContain(scratch.toString())
                .contains("sha256-");
        assertThat(first.allocated()).isGreaterThan(200);
    }

    @Test
    void timeBetweenCallsIsTheTracesWithoutItsAllocatorsOwn() throws IOException {
        // 3 us in the allocator, 100 us of work, and a pause of 2 ms that is no work
        Path trace = trace(
                "timed",
                List.of(
                        "1: malloc 0x10 8 1000 4000",
                        "1: free 0x10 104000 107000",
                        "1: malloc 0x20 8 2107000 2110000",
                        "1: free 0x20 2110000 2113000"));
        assertThat(seconds(collect("full", once(trace, "")))).isBetween(2.1 * MS, 2.35 * MS);
        assertThat(seconds(collect("fifth", once(trace, ",pace=0.2")))).isBetween(0.42 * MS, 0.65 * MS);
        Collector.Outcome busy = collect("busy", once(trace, ",blocked_us=5000"));
        assertThat(seconds(busy)).isBetween(2.1 * MS, 2.4 * MS);
        assertThat(busy.info().totals().get("user_cycles"))
                .isGreaterThan((long) (2.0 * MS * busy.info().clockHz()));
        // The first thread hands over at 1 ms; the second, which has waited since 0, goes on 50 us later.
        Path waits = trace(
                "waits",
                List.of("2: malloc 0x30 8 0 100", "1: malloc 0x10 8 1000000 1001000", "2: free 0x10 1051000 1052000"));
        assertThat(seconds(collect("waited", once(waits, ",blocked_us=5000")))).isBetween(1.04 * MS, 1.25 * MS);
    }

    @Test
    void aThreadThatHasNothingToDoForLongLetsItsTimePassBesideTheOthers() throws IOException {
        List<String> lines = new ArrayList<>(List.of("1: malloc 0x10 8 0 100"));
        for (int i = 1; i <= 1000; i++) {
            lines.add("2: malloc 0x%x0 8 %d %d".formatted(0x1000 + i, 10_000 * i, 10_000 * i + 50));
        }
        lines.add("1: free 0x10 10010000 10010100"); // it was to join the other
        Path trace = trace("joins", lines);
        assertThat(seconds(collect("joined", once(trace, "")))).isBetween(10 * MS, 10.5 * MS);
    }

    @Test
    void everyEngineReplaysAlike() throws IOException {
        Path alternating = trace("engines", handOver(200));
        Path crowded = trace("crowded-engines", coupled(3000));
        for (Path trace : List.of(alternating, crowded)) {
            RunSpec spec = RunSpecs.resolve(
                    RunRequest.of("rseq-freelist", "replay:think=40,trace=" + trace)
                            .cpus(2)
                            .ops(OpsMode.parse("all"))
                            .window(0.1 * MS),
                    7);
            String expected = hash(spec, Engine.INTERPRETER);
            for (Engine engine : List.of(Engine.COMPILED, Engine.FAST_FORWARD, Engine.COMPILED_FAST_FORWARD)) {
                assertThat(hash(spec, engine)).as("%s %s", trace, engine).isEqualTo(expected);
            }
        }
    }

    private String hash(RunSpec spec, Engine engine) {
        Path directory = scratch.resolve("engine-" + hashes++);
        Collector.Outcome outcome =
                Collector.collect(spec, directory, engine, new StopFlag(), Checkpoints.WORK_MICRO_OPS);
        assertThat(outcome.violations()).isEmpty();
        return outcome.info().contentHash();
    }

    private static double seconds(Collector.Outcome outcome) {
        return (double) outcome.info().windowEndCycle() / outcome.info().clockHz();
    }

    @Test
    void callsMissingFromTheRecordingAreSaidWhereItIsReplayed() {
        Path file = scratch.resolve("lost");
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            MallocEvent event = new MallocEvent().begin(MallocEvent.Kind.ALLOCATE, 0);
            event.id = 0;
            event.sizeBytes = 8;
            writer.accept(event);
            writer.finish(new MallocOrigin("record", true, true, true, true, 3), Repairs.NONE);
        }
        RunSpec spec = RunSpecs.resolve(once(file, ""), 1);
        assertThat(remark(spec)).contains("3 of 4 calls are missing from the recording");
    }

    private static String remark(RunSpec spec) {
        return spec.workload().remark(spec.workloadSettings(), 1);
    }

    @Test
    void objectsThatRunSmallerThanTheyWereAreSaid() throws IOException {
        Path trace = trace("large", List.of("1: malloc 0x10 8 0 1", "1: malloc 0x20 24 2 3", "1: malloc 0x30 968 4 5"));
        assertThat(remark(RunSpecs.resolve(once(trace, ",largest=32"), 1)))
                .contains("1 of 3 objects are larger than largest=32 and run as large as that, which is 6.4 % of the");
        assertThat(remark(RunSpecs.resolve(once(trace, ""), 1))).doesNotContain("larger");
    }

    @Test
    void whatCannotBeReplayedIsSaidToBeSo() throws IOException {
        assertThatThrownBy(() -> RunSpecs.resolve(RunRequest.of("ideal", "replay"), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("replay:trace=FILE");
        assertThatThrownBy(() -> RunSpecs.resolve(RunRequest.of("ideal", "replay:trace=nowhere"), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no such file");
        Path text = Files.writeString(scratch.resolve("text"), "1: malloc 0x10 8\n");
        assertThatThrownBy(() -> RunSpecs.resolve(RunRequest.of("ideal", "replay:trace=" + text), 1))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("import malloc");
        Path empty = trace("empty", List.of("1: free 0x10"));
        assertThatThrownBy(() -> RunSpecs.resolve(once(empty, ""), 1))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("holds no allocation");
        Path trace = trace("warm", handOver(2));
        assertThatThrownBy(() -> RunSpecs.resolve(once(trace, "").warmup(MS), 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--warmup 0ms");
    }
}
