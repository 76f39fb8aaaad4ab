package io.rseqlab.reports.app;

import static io.rseqlab.reports.app.Answer.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Advice names a winner where the runs show one, says what it hangs on, and what it does not know. */
class AdviseCommandTest {
    private static final int OBJECTS = 2600;

    @TempDir
    Path scratch;

    private Answer advise(Path trace, String seeds, Object... more) {
        List<Object> words = new ArrayList<>(List.of("advise", trace, "--seeds", seeds, "--jobs", 2));
        words.addAll(List.of("--out", scratch.resolve("advice")));
        words.addAll(List.of(more));
        return run(words.toArray());
    }

    /** Thread 0 allocates, thread 1 frees, with 50 ns between the calls of a thread if there is time. */
    private Path handOver(boolean threads, boolean timed, int objects) {
        return handOver(threads, timed, objects, 0);
    }

    private Path handOver(boolean threads, boolean timed, int objects, long missing) {
        Path file = scratch.resolve("program.malloc");
        MallocEvent event = new MallocEvent();
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int i = 0; i < objects; i++) {
                event.begin(MallocEvent.Kind.ALLOCATE, 0);
                event.id = i;
                event.sizeBytes = 32 + i % 3 * 100;
                event.timeNanos = timed ? 70L * i : 0;
                event.durationNanos = timed ? 20 : 0;
                writer.accept(event);
                event.begin(MallocEvent.Kind.FREE, threads ? 1 : 0);
                event.id = i;
                event.timeNanos = timed ? 70L * i + 30 : 0;
                event.durationNanos = timed ? 20 : 0;
                writer.accept(event);
            }
            writer.finish(new MallocOrigin("columns", threads, timed, timed, false, missing), Repairs.NONE);
        }
        return file;
    }

    /** Two threads that allocate and free by themselves at the same time, 20 ns of work and 20 ns a call. */
    private Path side(int objects) {
        Path file = scratch.resolve("side.malloc");
        MallocEvent event = new MallocEvent();
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int call = 0; call < 2 * objects; call++) {
                for (int thread = 0; thread < 2; thread++) {
                    boolean begins = call % 2 == 0;
                    event.begin(begins ? MallocEvent.Kind.ALLOCATE : MallocEvent.Kind.FREE, thread);
                    event.id = call / 2 * 2 + thread;
                    event.sizeBytes = begins ? 100 : 0;
                    event.timeNanos = 40L * call;
                    event.durationNanos = 20;
                    writer.accept(event);
                }
            }
            writer.finish(new MallocOrigin("columns", true, true, true, false), Repairs.NONE);
        }
        return file;
    }

    @Test
    void theWinnerIsNamedWithItsLeadMemoryTailAndWhatItHangsOn() throws IOException {
        Answer answer = advise(side(OBJECTS), "1..6", "--strategies", "global-mutex;snmalloc", "--format", "json");
        assertThat(answer.code()).as(answer.err()).isZero();
        JsonNode advice = answer.json();
        assertThat(advice.path("kind").asString()).isEqualTo("advice");
        assertThat(advice.path("winner").asString()).isEqualTo("snmalloc");
        assertThat(advice.path("extrapolated").asBoolean()).isTrue();
        assertThat(advice.path("figures").path("remote_free_ratio").asDouble(1)).isZero();
        assertThat(advice.path("figures").path("work_between_calls_ns").asDouble())
                .isEqualTo(20);
        assertThat(advice.path("places")
                        .valueStream()
                        .map(place -> place.path("think_factor").asDouble()))
                .containsExactly(0.5, 1.0, 2.0);
        JsonNode second = advice.path("places").path(1).path("strategies").path(1);
        assertThat(second.path("strategy").asString()).isEqualTo("global-mutex");
        assertThat(second.path("interval").path("high").asDouble()).isLessThan(0.99);
        assertThat(second.path("malloc_p999_ns").asDouble()).isPositive();
        List<String> sentences =
                advice.path("sentences").valueStream().map(JsonNode::asString).toList();
        assertThat(sentences.get(0)).startsWith("Take snmalloc: ").contains("[");
        // 20 ns before each of two calls, 100 bytes, one object a thread
        assertThat(advice.path("notes").toString())
                .contains("On the map: 0.00 % remote frees, 1.00 allocating threads a CPU.")
                .containsPattern("advise --threads 2 --cpus 2 --remote-free 0 --sizes 100,100,100 --live 1"
                        + " --think 1[0-9]{2}\\b");
        assertThat(sentences).anyMatch(line -> line.startsWith("Work between calls (the trace's): "));
        assertThat(sentences).anyMatch(line -> line.startsWith("Nearest crossover: "));
        assertThat(sentences).anyMatch(line -> line.contains("all 10400 calls") && line.contains("Extrapolated"));
        String page = Files.readString(scratch.resolve("advice").resolve("index.html"));
        assertThat(page).contains(sentences.get(0).substring(0, 20), "What the program is like");
        JsonNode report = JsonMapper.shared()
                .readTree(Files.readString(scratch.resolve("advice").resolve("report.json")));
        assertThat(report.path("comparison").path("cells").path(0).path("strategies"))
                .as("one figure, one mean")
                .allSatisfy(strategy -> assertThat(advice.path("places").path(1).path("strategies"))
                        .anySatisfy(standing -> {
                            assertThat(standing.path("strategy")).isEqualTo(strategy.path("strategy"));
                            assertThat(standing.path("mean").asDouble())
                                    .isEqualTo(strategy.path("metrics")
                                            .path("throughput_ops_per_s")
                                            .path("mean")
                                            .asDouble());
                        }));
        assertThat(Files.readString(scratch.resolve("advice").resolve("advice.json")))
                .isEqualTo(answer.out());
    }

    @Test
    void whatItRanIsAnExperimentForSweep() {
        Answer answer = advise(handOver(true, true, 100, 9), "1", "--strategies", "snmalloc;mimalloc");
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out())
                .startsWith("Undecided: the trace has 200 calls, and an answer takes 10000: ")
                .doesNotContain("Take ", "Nearest crossover");
        Answer plan = run("sweep", scratch.resolve("advice").resolve("experiment.toml"), "--dry-run");
        assertThat(plan.code()).as(plan.err()).isZero();
        assertThat(plan.out()).contains("pace=0.5");
        assertThat(answer.out()).contains("9 of 209 calls are missing from the recording");
        assertThat(answer.out()).containsPattern("remote frees +100 % \\(100 of 100\\)");
        assertThat(answer.out())
                .as("one thread allocates, no sketch is of that")
                .doesNotContain("On the map");
    }

    /** No share can be had of no frees. */
    @Test
    void aProgramThatFreesNothingHandsNothingOver() {
        Path file = scratch.resolve("keeps.malloc");
        MallocEvent event = new MallocEvent();
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int i = 0; i < 4; i++) {
                event.begin(MallocEvent.Kind.ALLOCATE, i % 2).id = i;
                event.sizeBytes = 8;
                writer.accept(event);
            }
            writer.finish(new MallocOrigin("columns", true, false, false, false), Repairs.NONE);
        }
        Answer answer = advise(file, "1", "--strategies", "snmalloc;mimalloc");
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out())
                .startsWith("Undecided: the trace has 4 calls")
                .contains("On the map: 0.00 % remote frees");
    }

    @Test
    void withoutThreadsAndTimeTheAnswerSaysWhatIsUnknown() {
        Answer answer =
                advise(handOver(false, false, 5500), "1..6", "--strategies", "snmalloc;mimalloc", "--format", "json");
        assertThat(answer.code()).as(answer.err()).isZero();
        JsonNode advice = answer.json();
        assertThat(advice.path("figures").path("remote_free_ratio").isNull()
                        || advice.path("figures").path("remote_free_ratio").isMissingNode())
                .isTrue();
        assertThat(advice.path("notes").toString()).contains("single thread");
        assertThat(advice.path("places")
                        .valueStream()
                        .map(place -> place.path("think_factor").asDouble()))
                .containsExactly(0.1, 1.0, 10.0);
        assertThat(advice.path("sentences").toString()).contains("assumed, 200 turns");
    }

    @Test
    void ofALongTraceOnlyAsMuchAsThereIsTimeForIsRunAndSaid() {
        Answer answer = advise(
                handOver(true, true, 20_000), "1", "--strategies", "snmalloc;mimalloc", "--host-seconds", "0.001");
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out())
                .contains(
                        "Undecided, too few seeds for intervals",
                        "A look, no result.",
                        "16 windows of 625 calls each, spread over all 40000 (25 %)",
                        "What was run, beside the whole trace:",
                        "Only 16 windows of the trace were run")
                .containsPattern("remote frees +100 % +100 % +yes")
                .containsPattern("calls +40000 +1[0-9]{4} +enough");
    }

    /** Each thread works for a while by itself: of sixty, sixteen windows see few. */
    @Test
    void windowsThatAreNotLikeTheProgramAreNoAnswer() throws IOException {
        Path file = scratch.resolve("turns.malloc");
        MallocEvent event = new MallocEvent();
        try (MallocTraceWriter writer = new MallocTraceWriter(file)) {
            for (int call = 0; call < 60_000; call++) {
                boolean begins = call % 2 == 0;
                event.begin(begins ? MallocEvent.Kind.ALLOCATE : MallocEvent.Kind.FREE, call / 1000);
                event.id = call / 2;
                event.sizeBytes = begins ? 100 : 0;
                writer.accept(event);
            }
            writer.finish(new MallocOrigin("columns", true, false, false, false), Repairs.NONE);
        }
        Answer answer = advise(
                file,
                "1..6",
                "--strategies",
                "rseq-freelist;global-mutex",
                "--cpus",
                1,
                "--host-seconds",
                "0.001",
                "--format",
                "json");
        assertThat(answer.code()).as(answer.err()).isZero();
        JsonNode advice = answer.json();
        String doubt = advice.path("doubt").asString();
        assertThat(doubt)
                .matches(
                        "what was run is not like the program: threads at work (1[5-9]|2.)\\.. in what was run, 60.0 in"
                                + " the trace. Longer windows help: --host-seconds .*");
        assertThat(advice.path("sentences").path(0).asString()).isEqualTo("Undecided: " + doubt);
        assertThat(advice.path("sentences").path(1).asString()).startsWith("What was run, which is no answer");
        assertThat(advice.path("winner").isMissingNode()
                        || advice.path("winner").isNull())
                .isTrue();
        assertThat(advice.path("places").path(1).path("winner").asString())
                .as("of what was run")
                .isEqualTo("rseq-freelist");
        assertThat(advice.path("crossovers")).isEmpty();
        assertThat(advice.path("likeness")
                        .valueStream()
                        .map(row -> row.path("figure").asString() + " "
                                + row.path("alike").asBoolean()))
                .containsExactly("calls true", "remote_free_ratio true", "threads_at_work false");
        assertThat(Files.readString(scratch.resolve("advice").resolve("index.html")))
                .contains(doubt, "What was run, beside the whole trace", ">no<")
                .doesNotContain("Take rseq-freelist");
    }

    @Test
    void withoutATraceASketchIsRunWithOneThingChangedAtATime() throws IOException {
        Answer answer = run(
                "advise",
                "--threads",
                2,
                "--remote-free",
                0.25,
                "--think",
                10,
                "--sizes",
                "64,64,64",
                "--seeds",
                "1",
                "--strategies",
                "global-mutex;snmalloc",
                "--host-seconds",
                0.1,
                "--format",
                "json",
                "--out",
                scratch.resolve("advice"));
        assertThat(answer.code()).as(answer.err()).isZero();
        JsonNode advice = answer.json();
        assertThat(advice.path("places")).hasSize(3);
        JsonNode best = advice.path("places").path(1).path("strategies").path(0);
        assertThat(best.path("footprint_over_peak_live").asDouble()).isGreaterThan(1);
        assertThat(best.path("cached_bytes").asDouble()).isPositive();
        assertThat(advice.path("neighbours")
                        .valueStream()
                        .map(next -> next.path("axis").asString() + " "
                                + next.path("value").asDouble()))
                .containsExactly(
                        "remote_free_ratio 0.0",
                        "remote_free_ratio 0.1",
                        "remote_free_ratio 0.5",
                        "threads 1.0",
                        "threads 4.0",
                        "threads 8.0");
        advice.path("neighbours")
                .forEach(next -> assertThat(
                                next.path("note").asString("").contains("time sharing is not in this figure"))
                        .as("%s", next)
                        .isEqualTo(next.path("axis").asString().equals("threads")
                                && next.path("value").asDouble() > 2));
        assertThat(Files.readString(scratch.resolve("advice").resolve("index.html")))
                .contains("time sharing is not in this figure");
        String experiment = Files.readString(scratch.resolve("advice").resolve("experiment.toml"));
        assertThat(experiment)
                .contains("workload = \"sketch:live=64,p50=64,p90=64,p99=64\"", "handoff = [0.5, 0.5, 0.5,");
        assertThat(advice.path("sentences").toString()).contains("A look, no result.");
        assertThat(advice.path("notes").toString()).contains("No program was run but a sketch", "warm-up");
    }

    /** What a profile documents was found on its own number of CPUs. */
    @Test
    void moreCpusThanTheMachineWasValidatedOnAreExtrapolated() throws IOException {
        for (int cpus : new int[] {2, 4}) {
            Path out = scratch.resolve("on" + cpus);
            String line = "advise --threads 4 --machine turin-vm-2 --cpus " + cpus
                    + " --seeds 1 --strategies global-mutex;snmalloc --host-seconds 0.1 --out " + out;
            Answer answer = run((Object[]) line.split(" "));
            assertThat(answer.code()).as(answer.err()).isZero();
            Answer compared = run("compare", out.resolve("runs"), "--baseline", "snmalloc");
            String page = Files.readString(out.resolve("index.html"));
            String documented = "On turin-vm-2 half of the throughputs were within";
            if (cpus == 2) {
                assertThat(answer.out()).doesNotContain("xtrapolated");
                assertThat(compared.out()).contains(documented).doesNotContain("xtrapolated");
                assertThat(page).contains(documented).doesNotContain("xtrapolated:");
            } else {
                String words = "validated on 2 CPUs, these runs have 4";
                assertThat(answer.out()).contains("Extrapolated: this machine's model was " + words);
                assertThat(compared.out())
                        .contains("Extrapolated: turin-vm-2 was " + words)
                        .doesNotContain(documented);
                assertThat(page).contains("turin-vm-2 was " + words).doesNotContain(documented);
                assertThat(Files.readString(out.resolve("advice.json"))).containsPattern("\"extrapolated\" ?: ?true");
            }
        }
    }

    /** A turn before each call is twice the work of a turn per malloc and free. */
    @Test
    void whoseTheWorkBetweenCallsIsAndItsUnitAreSaid() {
        AdviceOfTrace trace = new AdviceOfTrace(handOver(true, false, 5), 2);
        assertThat(trace.subject(trace.whole(), null, 300).thinkWords())
                .isEqualTo("as given, 300 turns of a loop before each call");
        assertThat(trace.subject(trace.whole(), null, null).thinkWords())
                .isEqualTo("assumed, 200 turns of a loop before each call: the trace has no time, and --think sets it");
        AdviceOfFigures figures = new AdviceOfFigures(2, 2, 0, 100, 64, List.of(64, 64, 64), 0, 0, 0);
        assertThat(figures.subject().thinkWords())
                .isEqualTo("100 turns of a loop per malloc and free, which --think sets");
    }

    @Test
    void figuresThatCannotBeMeantAreRefused() {
        Path there = scratch.resolve("x");
        assertRefused(run("advise", "--out", there), 2, "what is to be advised on?");
        assertRefused(
                run("advise", handOver(true, true, 5), "--remote-free", 0.1, "--out", there),
                2,
                "leave out --remote-free");
        assertRefused(
                run("advise", "--threads", 2, "--remote-free", 0.9, "--out", there), 2, "at most 0.500 are another's");
        assertRefused(run("advise", "--threads", 2, "--remote-free", 2, "--out", there), 2, "share from 0 to 1");
        assertRefused(run("advise", "--threads", 0, "--out", there), 2, "--threads must be from 1");
        assertRefused(run("advise", "--threads", 2, "--think", 1, "--out", there), 2, "--think must be at least 2");
        assertRefused(run("advise", "--threads", 2, "--sizes", "64,128", "--out", there), 2, "--sizes takes three");
        assertRefused(run("advise", "--threads", 2, "--sizes", "64,32,128", "--out", there), 2, "must not fall");
        assertRefused(run("advise", "--threads", 2, "--idle-owners", 2, "--out", there), 2, "must be fewer");
        assertRefused(run("advise", "--threads", 2, "--burst", 0, "--out", there), 2, "--burst must be at least 1");
        assertRefused(
                run("advise", "--threads", 2, "--burst", 0, "--pause-us", 100, "--out", there),
                2,
                "there are no pauses");
        assertThat(there).doesNotExist();
    }

    @Test
    void whatCannotBeAdvisedOnIsRefusedAndLeavesNothing() throws IOException {
        Path trace = handOver(true, true, 10);
        Path none = Files.writeString(scratch.resolve("text"), "malloc 12\n");
        assertRefused(run("advise", none, "--out", scratch.resolve("x")), 3, "no malloc trace");
        assertRefused(run("advise", scratch.resolve("gone"), "--out", scratch.resolve("x")), 3, "no such file");
        assertRefused(advise(trace, "1", "--strategies", "snmalloc"), 2, "at least two different ones");
        assertRefused(advise(trace, "1", "--strategies", "snmalloc;mimaloc"), 2, "no strategy 'mimaloc'");
        assertRefused(advise(trace, "1..x"), 2, "neither a whole number");
        assertRefused(advise(trace, "1", "--machine", "zen9"), 2, "no machine is called 'zen9'");
        assertRefused(advise(trace, "1", "--think", "100"), 2, "the trace has time");
        assertRefused(advise(trace, "1", "--margin", "0"), 2, "--margin must lie between 0 and 1");
        assertRefused(run("advise", trace, "--out", scratch), 2, "is not empty");
        assertThat(advise(trace, "1", "--threads", 100_000).code()).isEqualTo(2);
        assertThat(scratch.resolve("advice")).doesNotExist();
        assertThat(scratch.resolve("x")).doesNotExist();
    }

    private static void assertRefused(Answer answer, int code, String words) {
        assertThat(answer.err()).contains(words);
        assertThat(answer.code()).isEqualTo(code);
        assertThat(answer.out()).isEmpty();
    }
}
