package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.machine.Engine;
import io.rseqlab.collector.workload.SmallMallocTrace;
import io.rseqlab.collector.workload.SmallWorkloads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The interpreter says what a run is; faster engines must give the same trace, to the bit. Windows are small: what
 * matters is that every kind of interruption falls into every kind of code.
 */
class EnginesAgreeTest {
    private static final double MICROSECOND = 1e-6;

    private static final List<Engine> COMPILING = List.of(Engine.COMPILED, Engine.COMPILED_FAST_FORWARD);

    private static final List<String> STRATEGIES = List.of(
            "rseq-freelist",
            "message-passing",
            "rseq-message",
            "percpu-lock",
            "percpu-cas",
            "thread-cache-remote-cas",
            "rseq-remote-cas:index=cid,budget=4096",
            "percpu-lock-message:cap=20,refill=5,flush=5,batch=4",
            "thread-cache:cap=20,refill=5,flush=5",
            "rseq-list:pages=4",
            "tcmalloc-thread:thread_least=2048,thread_most=8192,total=24576,slots=2",
            "tcmalloc-percpu:first_capacity=20,cpu_budget=4096,transfer=1",
            "supermalloc:thread_bytes=512,cpu_bytes=1024,depth=2",
            "supermalloc-rseq:thread_bytes=512,cpu_bytes=1024,depth=2",
            "snmalloc-2019:remote_cache=2048,slot_bits=1",
            "snmalloc:remote_cache=1024,rings=2,slot_bits=2",
            "mimalloc:delayed_every=3,extend=256",
            "global-treiber",
            "global-mutex",
            "ideal");

    @TempDir
    private Path folder;

    /** What a case varies; the rest of the specification is the same for all. */
    private record Case(String strategy, String workload, int cpus, int threads, String injection, long slack) {
        RunRequest request(double windowMicroseconds) {
            RunRequest request = RunRequest.of(strategy, workload)
                    .cpus(cpus)
                    .threads(threads)
                    .warmup(50 * MICROSECOND)
                    .window(windowMicroseconds * MICROSECOND)
                    .ops(OpsMode.parse("all"))
                    .slackCycles(slack)
                    .tick(10 * MICROSECOND);
            return injection == null ? request : request.inject(injection);
        }
    }

    static List<String> strategies() {
        return STRATEGIES;
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void onEveryStrategyAndWorkload(String strategy) {
        List<Case> cases = new ArrayList<>();
        for (long slack : new long[] {0, RunSpec.DEFAULT_SLACK_CYCLES}) {
            cases.add(new Case(strategy, "churn:handoff=0.5,signal_hz=20000,pad=40", 2, 5, null, slack));
            cases.add(new Case(strategy, "churn:handoff=0.1,think=700,pad=0", 3, 3, null, slack));
            cases.add(new Case(strategy, "producer-consumer:signal_hz=20000,pad=9", 2, 4, null, slack));
        }
        cases.add(new Case(strategy, "sized-churn:live=30,handoff=0.3,signal_hz=20000", 2, 5, null, 1000));
        allAgree(COMPILING, cases, 1, 2);
    }

    static List<String> workloads() {
        return SmallWorkloads.all();
    }

    @ParameterizedTest
    @MethodSource("workloads")
    void onEveryOtherWorkload(String workload) {
        allAgree(COMPILING, List.of(new Case("rseq-freelist", workload, 2, 5, null, 1000)), 1);
    }

    /** Where the trace ends is when its last call was asked for: a time that the host reads while a core is at work. */
    @Test
    void onWhereAReplayEnds() {
        Path recorded = folder.resolve("recorded");
        SmallMallocTrace.write(recorded, 5, 400, 1);
        String workload = "replay:loop=0,think=2,trace=" + recorded;
        RunRequest request = new Case("rseq-freelist", workload, 2, 5, null, 1000)
                .request(2000)
                .warmup(0);
        RunSpec spec = RunSpecs.resolve(request, 1);
        String expected = hash(spec, Engine.INTERPRETER);
        COMPILING.forEach(
                engine -> assertThat(hash(spec, engine)).as("%s", engine).isEqualTo(expected));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rseq-freelist", "rseq-message"})
    void whereFaultsAreInjected(String strategy) {
        List<Case> cases = new ArrayList<>();
        for (String injection : List.of("abort-storm:0.3", "preempt-in-section:0.1")) {
            cases.add(new Case(strategy, "churn:handoff=0.2,pad=300", 2, 5, injection, 1000));
            cases.add(new Case(strategy, "churn:pad=20,think=300", 1, 3, injection, 0));
            cases.add(new Case(strategy, "producer-consumer", 2, 4, injection, 1000));
        }
        cases.add(new Case(strategy, "churn", 2, 6, "no-abort", 1000));
        allAgree(COMPILING, cases, 3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 50, 127, 128, 129, 300, 5000})
    void whateverTheNumberOfTurnsOfALoop(int turns) {
        List<Case> cases = new ArrayList<>();
        for (long slack : new long[] {0, 77, 1000}) {
            cases.add(new Case("rseq-freelist", "churn:signal_hz=30000,pad=" + turns, 2, 3, null, slack));
            cases.add(new Case("global-mutex", "churn:handoff=0.3,think=" + turns, 2, 3, null, slack));
        }
        allAgree(List.of(Engine.FAST_FORWARD, Engine.COMPILED_FAST_FORWARD), cases, 4);
    }

    /** Branches, calls and locked operations that hold dispatch up in other ways than the default's. */
    @ParameterizedTest
    @ValueSource(strings = {"turin-vm-2", "i7-4770-4"})
    void onOtherMachines(String machine) {
        for (String strategy : List.of("rseq-freelist", "message-passing", "percpu-lock", "global-treiber")) {
            RunRequest request = new Case(strategy, "churn:handoff=0.2,signal_hz=3000,pad=40", 2, 5, null, 1000)
                    .request(400)
                    .tick(100 * MICROSECOND)
                    .machine(machine);
            RunSpec spec = RunSpecs.resolve(request, 5);
            String expected = hash(spec, Engine.INTERPRETER);
            for (Engine engine : COMPILING) {
                assertThat(hash(spec, engine)).as("%s, %s", strategy, engine).isEqualTo(expected);
            }
        }
    }

    private void allAgree(List<Engine> engines, List<Case> cases, long... seeds) {
        for (Case one : cases) {
            for (long seed : seeds) {
                RunSpec spec = RunSpecs.resolve(one.request(70), seed);
                String expected = hash(spec, Engine.INTERPRETER);
                for (Engine engine : engines) {
                    assertThat(hash(spec, engine))
                            .as("%s, seed %d, %s", one, seed, engine)
                            .isEqualTo(expected);
                }
            }
        }
    }

    private int runs;

    private String hash(RunSpec spec, Engine engine) {
        return Collector.collect(
                        spec, folder.resolve("run" + runs++), engine, new StopFlag(), Checkpoints.WORK_MICRO_OPS)
                .info()
                .contentHash();
    }
}
