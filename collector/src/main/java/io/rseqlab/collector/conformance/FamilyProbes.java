package io.rseqlab.collector.conformance;

import static io.rseqlab.collector.conformance.ModelBench.FINISHED;
import static io.rseqlab.collector.conformance.ModelBench.SEEN;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.kernel.RseqPolicy;
import java.util.Map;
import java.util.function.Consumer;

/** What becomes of a registration by fork, clone and exec; what membarrier does to sections. */
final class FamilyProbes {
    private static final int FORK = 0;
    /** CLONE_VM: the child is a thread. */
    private static final int THREAD = 0x100;
    /** CLONE_VM and CLONE_VFORK. */
    private static final int VFORK = 0x4100;

    private static final long NO_CODE = 0x10;
    private static final long NAP_CYCLES = 1_000_000;

    private static final int PRIVATE = 8;
    private static final int REGISTER_PRIVATE = 16;
    private static final int RSEQ = 128;
    private static final int REGISTER_RSEQ = 256;
    private static final int FLAG_CPU = 1;

    private FamilyProbes() {}

    static Map<String, ModelProbe> all() {
        return Map.ofEntries(
                Map.entry("fork-inherits", policy -> ofChild(policy, FORK, a -> register(a, policy, true))),
                Map.entry("fork-section", FamilyProbes::forkSection),
                Map.entry("thread-registers", policy -> ofChild(policy, THREAD, a -> register(a, policy, false))),
                Map.entry("thread-unregisters", policy -> ofChild(policy, THREAD, a -> unregister(a, policy))),
                Map.entry("vfork-registers", policy -> ofChild(policy, VFORK, a -> register(a, policy, false))),
                Map.entry("exec-resets", FamilyProbes::execResets),
                Map.entry("exec-fails", FamilyProbes::execFails),
                Map.entry("membarrier-unregistered", FamilyProbes::barrierUnregistered),
                Map.entry("membarrier", policy -> barrier(policy, REGISTER_RSEQ, RSEQ, 0, 0)),
                Map.entry("membarrier-its-cpu", policy -> barrier(policy, REGISTER_RSEQ, RSEQ, FLAG_CPU, 0)),
                Map.entry("membarrier-other-cpu", policy -> barrier(policy, REGISTER_RSEQ, RSEQ, FLAG_CPU, 1)),
                Map.entry("membarrier-plain", policy -> barrier(policy, REGISTER_PRIVATE, PRIVATE, 0, 0)));
    }

    private static void register(Assembler a, RseqPolicy policy, boolean own) {
        RegistrationProbes.register(a, policy, own);
    }

    private static void unregister(Assembler a, RseqPolicy policy) {
        RegistrationProbes.unregister(a, policy);
    }

    /** A thread registers and makes a child, and the child makes a call, whose result it writes into shared memory. */
    private static Observation ofChild(RseqPolicy policy, int flags, Consumer<Assembler> call) {
        ModelBench bench = ModelBench.unregistered(policy, a -> {
                    a.place(a.label("main"));
                    register(a, policy, true);
                    cloneThenExit(a, flags);
                    call.accept(a);
                    tell(a);
                })
                .run(0.01);
        return told(bench);
    }

    /** The parent ends, the child goes on behind this. */
    private static void cloneThenExit(Assembler a, int flags) {
        Assembler.Label child = a.label();
        a.li(Reg.A0, flags);
        a.li(Reg.A1, 0);
        a.syscall(HostCall.SYS_CLONE);
        a.beqz(Reg.A0, child);
        a.syscall(HostCall.SYS_EXIT);
        a.place(child);
    }

    private static void tell(Assembler a) {
        a.st64(Reg.WORKLOAD, SEEN, Reg.A0);
        ModelBench.say(a, FINISHED);
        a.syscall(HostCall.SYS_EXIT);
    }

    private static Observation told(ModelBench bench) {
        return bench.word(0, FINISHED) == 0
                ? bench.unfinished()
                : Observation.of(RegistrationProbes.name(bench.word(0, SEEN)));
    }

    private static Observation forkSection(RseqPolicy policy) {
        return ModelBench.unregistered(policy, a -> {
                    a.place(a.label("main"));
                    register(a, policy, true);
                    cloneThenExit(a, FORK);
                    ModelBench.sectionOnce(a, b -> {}, b -> ModelBench.call(b, HostCall.SYS_NANOSLEEP, NAP_CYCLES));
                })
                .run(0.01)
                .sectionOfChild();
    }

    /** The program that is executed stands first. */
    private static Observation execResets(RseqPolicy policy) {
        return told(ModelBench.unregistered(policy, a -> {
                    register(a, policy, true);
                    tell(a);
                    a.place(a.label("main"));
                    register(a, policy, true);
                    ModelBench.call(a, HostCall.SYS_EXECVE, ModelBench.FIRST_CODE);
                    a.syscall(HostCall.SYS_EXIT);
                })
                .run(0.01));
    }

    private static Observation execFails(RseqPolicy policy) {
        return told(ModelBench.unregistered(policy, a -> {
                    a.place(a.label("main"));
                    register(a, policy, true);
                    ModelBench.call(a, HostCall.SYS_EXECVE, NO_CODE);
                    register(a, policy, true);
                    tell(a);
                })
                .run(0.01));
    }

    // ---- membarrier

    private static void membarrier(Assembler a, int command, int flags, int cpu) {
        a.li(Reg.A0, command);
        a.li(Reg.A1, flags);
        a.li(Reg.A2, cpu);
        a.syscall(HostCall.SYS_MEMBARRIER);
    }

    private static Observation barrierUnregistered(RseqPolicy policy) {
        return told(ModelBench.unregistered(policy, a -> {
                    a.place(a.label("main"));
                    membarrier(a, RSEQ, 0, 0);
                    tell(a);
                })
                .run(0.01));
    }

    /** A thread on CPU 0 spins in a section; another on CPU 1 makes a barrier meanwhile. */
    private static Observation barrier(RseqPolicy policy, int registration, int command, int flags, int cpu) {
        ModelBench bench = new ModelBench(
                        policy,
                        2,
                        0,
                        a -> {
                            a.place(a.label("target"));
                            ModelBench.pin(a, 0);
                            ModelBench.sectionOnce(a, b -> {}, b -> ModelBench.spin(b, 4 * NAP_CYCLES));
                            a.place(a.label("caller"));
                            ModelBench.pin(a, 1);
                            ModelBench.call(a, HostCall.SYS_NANOSLEEP, NAP_CYCLES);
                            membarrier(a, registration, 0, 0);
                            membarrier(a, command, flags, cpu);
                            tell(a);
                        },
                        "target",
                        "caller")
                .run(0.01);
        if (bench.word(1, FINISHED) == 0 || bench.word(1, SEEN) != 0) {
            return Observation.cannot("the model's membarrier has no such command");
        }
        return bench.section();
    }
}
