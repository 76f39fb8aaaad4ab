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

/** The time-slice extension: who gets it, and what ends it. */
final class SliceProbes {
    private static final int OPTION = 79;
    private static final int SET = 2;
    private static final int ENABLE = 1;

    /** Looks for a grant, and turns between two of them: 1.1 us, for some 100 ms. */
    private static final long LOOKS = 90_000;

    private static final long TURNS_PER_LOOK = 4000;

    /** Turns for far longer than an extension lasts. */
    private static final long COMPUTING_TURNS = 1_000_000;

    private SliceProbes() {}

    static Map<String, ModelProbe> all() {
        return Map.of(
                "slice-enable-unregistered",
                policy -> result(ModelBench.unregistered(policy, a -> {
                    a.place(a.label("main"));
                    enable(a);
                    tell(a);
                })),
                "slice-enable",
                policy -> result(new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            enable(a);
                            tell(a);
                        },
                        "main")),
                "slice-yield-without",
                policy -> result(new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            enable(a);
                            a.syscall(HostCall.SYS_RSEQ_SLICE_YIELD);
                            tell(a);
                        },
                        "main")),
                "slice-ask",
                policy -> granted(policy, a -> {}, "granted"),
                "slice-compute",
                policy -> granted(policy, a -> ModelBench.spin(a, COMPUTING_TURNS), null),
                "slice-call",
                policy -> granted(policy, a -> a.syscall(HostCall.SYS_GETPPID), null),
                "slice-yield",
                policy -> granted(policy, a -> a.syscall(HostCall.SYS_RSEQ_SLICE_YIELD), "result"));
    }

    private static void enable(Assembler a) {
        a.li(Reg.A0, OPTION);
        a.li(Reg.A1, SET);
        a.li(Reg.A2, ENABLE);
        a.syscall(HostCall.SYS_PRCTL);
    }

    private static void tell(Assembler a) {
        a.st64(Reg.WORKLOAD, SEEN, Reg.A0);
        ModelBench.say(a, FINISHED);
        a.syscall(HostCall.SYS_EXIT);
    }

    private static Observation result(ModelBench bench) {
        bench.run(0.01);
        return bench.word(0, FINISHED) == 0
                ? bench.unfinished()
                : Observation.of(RegistrationProbes.name(bench.word(0, SEEN)));
    }

    /**
     * Asks until it has a grant, and then does something.
     *
     * @param says what is told of a grant: a word, {@code result} for what the call answered, null for what is left of
     *     it
     */
    private static Observation granted(RseqPolicy policy, Consumer<Assembler> then, String says) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            Assembler.Label end = a.label();
                            Assembler.Label got = a.label();
                            a.place(a.label("main"));
                            enable(a);
                            a.li(Reg.T4, 1);
                            a.st32(Reg.RSEQ, RseqArea.SLICE_CONTROL, Reg.T4);
                            a.li(Reg.T6, LOOKS);
                            Assembler.Label again = a.here();
                            ModelBench.spin(a, TURNS_PER_LOOK);
                            a.ld32(Reg.T5, Reg.RSEQ, RseqArea.SLICE_CONTROL);
                            a.shri(Reg.T5, Reg.T5, 8);
                            a.bnez(Reg.T5, got);
                            a.djnz(Reg.T6, again);
                            a.jmp(end);
                            a.place(got);
                            ModelBench.say(a, ModelBench.COMMITTED);
                            a.li(Reg.A0, 0);
                            then.accept(a);
                            a.st64(Reg.WORKLOAD, SEEN, Reg.A0);
                            a.ld32(Reg.T5, Reg.RSEQ, RseqArea.SLICE_CONTROL);
                            a.st64(Reg.WORKLOAD, SEEN_TOO, Reg.T5);
                            a.place(end);
                            ModelBench.say(a, FINISHED);
                            a.syscall(HostCall.SYS_EXIT);
                            ModelBench.rival(a);
                        },
                        "main",
                        "rival")
                .run(0.6);
        if (bench.word(0, FINISHED) == 0) {
            return bench.unfinished();
        }
        if (bench.word(0, ModelBench.COMMITTED) == 0) {
            return Observation.of("refused");
        }
        if ("result".equals(says)) {
            return Observation.of(RegistrationProbes.name(bench.word(0, SEEN)));
        }
        boolean kept = bench.word(0, SEEN_TOO) != 0;
        return Observation.of(says == null ? kept ? Observation.KEPT : "revoked" : says);
    }
}
