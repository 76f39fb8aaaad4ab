package io.rseqlab.collector.conformance;

import static io.rseqlab.collector.conformance.ModelBench.FINISHED;
import static io.rseqlab.collector.conformance.ModelBench.SEEN;
import static io.rseqlab.collector.conformance.ModelBench.SEEN_TOO;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.RseqPolicy;
import java.util.Map;
import java.util.function.Consumer;

/** Who has which concurrency id: mm_cid of threads that move, and of CPUs that have not been used for long. */
final class ConcurrencyIdProbes {
    private static final int CPUS = 2;
    private static final int MOVES = 20;
    /** Cycles of a short sleep, and of one that outlasts the program. */
    private static final long NAP_CYCLES = 1_000_000;

    private static final long NIGHT_CYCLES = 4_000_000_000L;
    /** Turns of a loop for 300 ms: longer than two rounds of the scan. */
    private static final long SCANNED_TURNS = 1_100_000_000;

    private static final double SECONDS = 0.6;

    private ConcurrencyIdProbes() {}

    static Map<String, ModelProbe> all() {
        return Map.of(
                "mm-cid-alone",
                ConcurrencyIdProbes::alone,
                "mm-cid-moves",
                policy -> moves(policy, "main", "member"),
                "mm-cid-moves-many",
                policy -> moves(policy, "main", "member", "sleeper", "sleeper"),
                "mm-cid-after-scan",
                ConcurrencyIdProbes::afterScan);
    }

    private static void tellId(Assembler a, int offset) {
        a.ld32(Reg.T5, Reg.RSEQ, RseqArea.MM_CID);
        a.st64(Reg.WORKLOAD, offset, Reg.T5);
    }

    private static void finish(Assembler a) {
        ModelBench.say(a, FINISHED);
        a.syscall(HostCall.SYS_EXIT);
    }

    private static Observation alone(RseqPolicy policy) {
        ModelBench bench = new ModelBench(
                        policy,
                        CPUS,
                        0,
                        a -> {
                            Assembler.Label changed = a.label();
                            a.place(a.label("main"));
                            ModelBench.pin(a, 0);
                            tellId(a, SEEN);
                            for (int i = 0; i < MOVES; i++) {
                                ModelBench.pin(a, i % CPUS);
                                tellId(a, SEEN_TOO);
                                a.ld64(Reg.T4, Reg.WORKLOAD, SEEN);
                                a.bne(Reg.T4, Reg.T5, changed);
                            }
                            a.place(changed);
                            finish(a);
                        },
                        "main")
                .run(SECONDS);
        if (bench.word(0, FINISHED) == 0) {
            return bench.unfinished();
        }
        return Observation.of(bench.word(0, SEEN_TOO) == bench.word(0, SEEN) ? Observation.KEPT : "new");
    }

    /** Both run, on a CPU each, and tell their ids; then one sleeps and the other goes there, or computes on. */
    private static ModelBench two(RseqPolicy policy, Consumer<Assembler> onwards, String... threads) {
        return new ModelBench(
                        policy,
                        CPUS,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            ModelBench.pin(a, 1);
                            ModelBench.spin(a, NAP_CYCLES);
                            a.syscall(HostCall.SYS_SCHED_YIELD);
                            tellId(a, SEEN);
                            onwards.accept(a);
                            tellId(a, SEEN_TOO);
                            finish(a);
                            a.place(a.label("member"));
                            ModelBench.pin(a, 0);
                            ModelBench.spin(a, NAP_CYCLES);
                            a.syscall(HostCall.SYS_SCHED_YIELD);
                            tellId(a, SEEN);
                            ModelBench.call(a, HostCall.SYS_NANOSLEEP, NIGHT_CYCLES);
                            a.syscall(HostCall.SYS_EXIT);
                            a.place(a.label("sleeper"));
                            ModelBench.call(a, HostCall.SYS_NANOSLEEP, NIGHT_CYCLES);
                            a.syscall(HostCall.SYS_EXIT);
                        },
                        threads)
                .run(SECONDS);
    }

    private static Observation moves(RseqPolicy policy, String... threads) {
        ModelBench bench = two(
                policy,
                a -> {
                    ModelBench.call(a, HostCall.SYS_NANOSLEEP, 2 * NAP_CYCLES);
                    ModelBench.pin(a, 0);
                },
                threads);
        return which(bench, 0);
    }

    /** The thread with the higher id computes: which one that is hangs on who came first. */
    private static Observation afterScan(RseqPolicy policy) {
        Consumer<Assembler> computing = a -> {
            ModelBench.spin(a, SCANNED_TURNS);
            ModelBench.call(a, HostCall.SYS_NANOSLEEP, NAP_CYCLES);
        };
        ModelBench bench = two(policy, computing, "main", "member");
        int busy = 0;
        if (bench.word(0, SEEN) < bench.word(1, SEEN)) {
            bench = two(policy, computing, "member", "main");
            busy = 1;
        }
        if (bench.word(busy, SEEN) <= bench.word(1 - busy, SEEN)) {
            return Observation.cannot("the thread that computes has the lower id");
        }
        return which(bench, busy);
    }

    private static Observation which(ModelBench bench, int thread) {
        if (bench.word(thread, FINISHED) == 0) {
            return bench.unfinished();
        }
        long now = bench.word(thread, SEEN_TOO);
        long before = bench.word(thread, SEEN);
        long others = bench.word(1 - thread, SEEN);
        String note = "id " + before + " before, " + now + " behind; the other thread's " + others;
        return new Observation(now == before ? Observation.KEPT : now == others ? "other's" : "new", note);
    }
}
