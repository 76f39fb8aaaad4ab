package io.rseqlab.collector.conformance;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.trace.EventKind;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What becomes of the pointer in rseq_cs, and what kills: pointers, descriptors and areas that are not as they should.
 */
final class PointerProbes {
    private static final long KERNEL_ADDRESS = 0xffff_8000_0000_0000L;
    /** A user address where the model has no memory. */
    private static final long UNMAPPED = 0x7f00_0000_0000L;

    private static final long NAP_CYCLES = 100_000;
    private static final int READ = 1;
    /** Offset of a copy of the descriptor, on the page of the area. */
    private static final int COPY = 2048;

    private static final int DESCRIPTOR_BYTES = 32;

    /** Changes a bench before it runs. */
    private interface Spoiling extends Consumer<ModelBench> {}

    private PointerProbes() {}

    static Map<String, ModelProbe> all() {
        Map<String, ModelProbe> probes = new HashMap<>();
        probes.put("pointer-after-commit", PointerProbes::afterCommit);
        probes.put("pointer-after-abort", PointerProbes::afterAbort);
        probes.put("pointer-after-call", policy -> outside(policy, 0, armed(), bench -> {}, PointerProbes::call));
        probes.put("pointer-after-sleep", policy -> outside(policy, 0, armed(), bench -> {}, PointerProbes::nap));
        probes.put("pointer-after-preemption", PointerProbes::afterPreemption);
        probes.put("pointer-at-signal", policy -> signalledOutside(policy, armed(), bench -> {}));
        probes.put("area-unmapped", policy -> areaLost(policy, ModelBench.SIGNAL_HZ, PointerProbes::unmapArea));
        probes.put("area-unmapped-sleep", policy -> areaLost(policy, 0, PointerProbes::unmapArea));
        probes.put("area-read-only", policy -> areaLost(policy, 0, PointerProbes::protectArea));
        probes.put("pointer-kernel", policy -> signalledOutside(policy, KERNEL_ADDRESS, bench -> {}));
        probes.put("pointer-unmapped", policy -> signalledOutside(policy, UNMAPPED, bench -> {}));
        probes.put("handler-segv-signal", policy -> handlers(policy, ModelBench.SIGNAL_HZ));
        probes.put("handler-segv-sleep", policy -> handlers(policy, 0));
        probes.put(
                "pointer-stale-sleep",
                policy -> outside(policy, 0, armed(), bench -> {}, PointerProbes::unmapDescriptor));
        probes.put("pointer-bad-call", policy -> outside(policy, 0, KERNEL_ADDRESS, bench -> {}, PointerProbes::call));
        both(probes, "version", bench -> word32(bench, RseqArea.CS_VERSION, 1));
        outside(probes, "start-ip-no-user", bench -> word(bench, RseqArea.CS_START_IP, RseqArea.TASK_SIZE));
        inside(
                probes,
                "end-no-user",
                bench -> word(
                        bench,
                        RseqArea.CS_POST_COMMIT_OFFSET,
                        RseqArea.TASK_SIZE - Program.pointer(section(bench).start())));
        inside(
                probes,
                "length-overflow",
                bench -> word(
                        bench,
                        RseqArea.CS_POST_COMMIT_OFFSET,
                        16 - Program.pointer(section(bench).start())));
        both(probes, "abort-ip-kernel", bench -> word(bench, RseqArea.CS_ABORT_IP, KERNEL_ADDRESS));
        both(probes, "abort-ip-in-section", PointerProbes::reachOverHandler);
        both(
                probes,
                "signature-wrong",
                bench -> word(bench, RseqArea.CS_ABORT_IP, Program.pointer(bench.program.position("bare"))));
        both(probes, "signature-unread", bench -> word(bench, RseqArea.CS_ABORT_IP, Program.pointer(0)));
        inside(probes, "flag-preempt", bench -> word32(bench, RseqArea.CS_FLAGS, 1));
        inside(probes, "flag-signal", bench -> word32(bench, RseqArea.CS_FLAGS, 2));
        inside(probes, "flag-migrate", bench -> word32(bench, RseqArea.CS_FLAGS, 4));
        both(probes, "flag-unknown", bench -> word32(bench, RseqArea.CS_FLAGS, 8));
        both(probes, "area-flag", bench -> bench.memory().write32(bench.area() + RseqArea.FLAGS, 1));
        probes.put("descriptor-own-inside", policy -> signalledInside(policy, PointerProbes::armCopy, bench -> {}));
        inside(probes, "abort-ip-other", PointerProbes::otherHandler);
        return probes;
    }

    private static void both(Map<String, ModelProbe> probes, String rule, Spoiling spoil) {
        inside(probes, rule, spoil);
        outside(probes, rule, spoil);
    }

    private static void inside(Map<String, ModelProbe> probes, String rule, Spoiling spoil) {
        probes.put(rule + "-inside", policy -> signalledInside(policy, a -> {}, spoil));
    }

    private static void outside(Map<String, ModelProbe> probes, String rule, Spoiling spoil) {
        probes.put(rule + "-outside", policy -> signalledOutside(policy, armed(), spoil));
    }

    private static long armed() {
        return ModelBench.descriptor();
    }

    private static void word(ModelBench bench, int offset, long value) {
        bench.memory().write64(ModelBench.descriptor() + offset, value);
    }

    private static void word32(ModelBench bench, int offset, int value) {
        bench.memory().write32(ModelBench.descriptor() + offset, value);
    }

    private static Section section(ModelBench bench) {
        return bench.program.sections().get(0);
    }

    /** The section reaches over its own handler, which the linker puts behind all code. */
    private static void reachOverHandler(ModelBench bench) {
        Section section = section(bench);
        word(bench, RseqArea.CS_POST_COMMIT_OFFSET, 4L * (section.abort() + 1 - section.start()));
    }

    /** Arms a copy of the descriptor: the same words, but stored by the program rather than made by the loader. */
    private static void armCopy(Assembler a) {
        a.li(Reg.T7, ModelBench.descriptor());
        for (int offset = 0; offset < DESCRIPTOR_BYTES; offset += 8) {
            a.ld64(Reg.T6, Reg.T7, offset);
            a.st64(Reg.RSEQ, COPY + offset, Reg.T6);
        }
        a.addi(Reg.T7, Reg.RSEQ, COPY);
        a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T7);
    }

    private static void otherHandler(ModelBench bench) {
        word(
                bench,
                RseqArea.CS_ABORT_IP,
                Program.pointer(bench.program.sections().get(1).abort()));
    }

    private static void unmapArea(Assembler a) {
        a.mov(Reg.A0, Reg.RSEQ);
        a.li(Reg.A1, ModelBench.PAGE);
        a.syscall(HostCall.SYS_MUNMAP);
    }

    private static void protectArea(Assembler a) {
        a.mov(Reg.A0, Reg.RSEQ);
        a.li(Reg.A1, ModelBench.PAGE);
        a.li(Reg.A2, READ);
        a.syscall(HostCall.SYS_MPROTECT);
    }

    private static void unmapDescriptor(Assembler a) {
        a.li(Reg.A0, ModelBench.descriptor());
        a.li(Reg.A1, ModelBench.PAGE);
        a.syscall(HostCall.SYS_MUNMAP);
        nap(a);
    }

    /** Something is done to the area's page; then a signal comes, or the thread sleeps. */
    private static Observation areaLost(RseqPolicy policy, double signalHz, Consumer<Assembler> lose) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        signalHz,
                        a -> {
                            a.place(a.label("main"));
                            lose.accept(a);
                            if (signalHz > 0) {
                                ModelBench.spin(a, ModelBench.SIGNALLED_TURNS);
                            } else {
                                nap(a);
                            }
                            ModelBench.say(a, ModelBench.FINISHED);
                            a.syscall(HostCall.SYS_EXIT);
                        },
                        "main")
                .run(0.01);
        if (bench.killed(0)) {
            return Observation.of(Observation.SIGSEGV);
        }
        boolean ended = bench.word(0, ModelBench.FINISHED) != 0;
        return ended ? Observation.of("lives") : bench.unfinished();
    }

    /** A pointer to nothing, and handlers for SIGSEGV and for the signal that makes the kernel look. */
    private static Observation handlers(RseqPolicy policy, double signalHz) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        signalHz,
                        a -> {
                            a.st64(Reg.WORKLOAD, ModelBench.SEEN, Reg.A0);
                            a.syscall(HostCall.SYS_SIGRETURN);
                            a.place(a.label("main"));
                            ModelBench.handle(a, ModelBench.SIGSEGV);
                            ModelBench.handle(a, ModelBench.SIGALRM);
                            a.li(Reg.T4, UNMAPPED);
                            a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T4);
                            if (signalHz > 0) {
                                ModelBench.spin(a, ModelBench.SIGNALLED_TURNS);
                            } else {
                                nap(a);
                            }
                            ModelBench.say(a, ModelBench.FINISHED);
                            a.syscall(HostCall.SYS_EXIT);
                        },
                        "main")
                .run(0.01);
        if (!bench.killed(0) && bench.word(0, ModelBench.FINISHED) == 0) {
            return bench.unfinished();
        }
        boolean handled = bench.word(0, ModelBench.SEEN) == ModelBench.SIGSEGV;
        String unhandled = bench.killed(0) ? Observation.SIGSEGV : "lives";
        return Observation.of(!handled ? unhandled : bench.killed(0) ? "handled" : "survives");
    }

    private static void call(Assembler a) {
        a.syscall(HostCall.SYS_GETPPID);
    }

    private static void nap(Assembler a) {
        ModelBench.call(a, HostCall.SYS_NANOSLEEP, NAP_CYCLES);
    }

    /** Interrupted by a signal inside a section. */
    private static Observation signalledInside(RseqPolicy policy, Consumer<Assembler> before, Spoiling spoil) {
        ModelBench bench = new ModelBench(
                policy,
                1,
                ModelBench.SIGNAL_HZ,
                a -> {
                    // A place that no signature stands before, and none at the first word of all code.
                    a.mov(Reg.T0, Reg.T0);
                    a.place(a.label("bare"));
                    a.mov(Reg.T0, Reg.T0);
                    a.place(a.label("main"));
                    ModelBench.sectionOnce(a, before, b -> ModelBench.spin(b, ModelBench.SIGNALLED_TURNS));
                    ModelBench.unusedSection(a);
                },
                "main");
        spoil.accept(bench);
        bench.run(0.01);
        return bench.count(EventKind.SIGNAL) == 0 ? Observation.cannot("no signal came") : bench.section();
    }

    /** Interrupted by a signal outside, with a pointer in rseq_cs. */
    private static Observation signalledOutside(RseqPolicy policy, long pointer, Spoiling spoil) {
        return outside(
                policy, ModelBench.SIGNAL_HZ, pointer, spoil, a -> ModelBench.spin(a, ModelBench.SIGNALLED_TURNS));
    }

    /** Something happens outside, with a pointer in rseq_cs. */
    private static Observation outside(
            RseqPolicy policy, double signalHz, long pointer, Spoiling spoil, Consumer<Assembler> happens) {
        ModelBench bench = new ModelBench(policy, 1, signalHz, a -> pointerProgram(a, pointer, happens), "main");
        spoil.accept(bench);
        bench.run(0.01);
        boolean silent = signalHz > 0 && bench.count(EventKind.SIGNAL) == 0;
        return silent ? Observation.cannot("no signal came") : bench.pointer();
    }

    private static void pointerProgram(Assembler a, long pointer, Consumer<Assembler> happens) {
        a.mov(Reg.T0, Reg.T0);
        a.place(a.label("bare"));
        a.place(a.label("main"));
        a.li(Reg.T4, pointer);
        a.st64(Reg.RSEQ, RseqArea.RSEQ_CS, Reg.T4);
        happens.accept(a);
        ModelBench.tellPointer(a);
        ModelBench.unusedSection(a);
    }

    private static Observation afterPreemption(RseqPolicy policy) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            pointerProgram(a, armed(), b -> ModelBench.spin(b, ModelBench.LONG_TURNS));
                            ModelBench.rival(a);
                        },
                        "main",
                        "rival")
                .run(0.6);
        return bench.count(EventKind.PREEMPT) == 0 ? Observation.cannot("nobody was preempted") : bench.pointer();
    }

    private static Observation afterCommit(RseqPolicy policy) {
        return afterSection(policy, 0, a -> {});
    }

    private static Observation afterAbort(RseqPolicy policy) {
        return afterSection(policy, ModelBench.SIGNAL_HZ, a -> ModelBench.spin(a, ModelBench.SIGNALLED_TURNS));
    }

    /** Runs a section, and looks at the pointer behind its commit or in its handler, as it ends. */
    private static Observation afterSection(RseqPolicy policy, double signalHz, Consumer<Assembler> inside) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        signalHz,
                        a -> {
                            a.place(a.label("main"));
                            Assembler.Label aborted = a.label();
                            Assembler.SectionLabel section = a.section("probe", aborted);
                            a.li(Reg.T9, 1);
                            a.arm(section, Reg.T8);
                            a.start(section);
                            inside.accept(a);
                            a.st64(Reg.WORKLOAD, ModelBench.COMMITTED, Reg.T9);
                            a.commit(section);
                            ModelBench.tellPointer(a);
                            a.place(aborted);
                            ModelBench.say(a, ModelBench.ABORTED);
                            ModelBench.tellPointer(a);
                        },
                        "main")
                .run(0.01);
        boolean expected = bench.word(0, signalHz > 0 ? ModelBench.ABORTED : ModelBench.COMMITTED) != 0;
        return expected ? bench.pointer() : bench.section();
    }
}
