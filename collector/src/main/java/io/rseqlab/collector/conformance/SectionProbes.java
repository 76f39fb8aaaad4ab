package io.rseqlab.collector.conformance;

import static io.rseqlab.collector.conformance.ModelBench.ABORTED;
import static io.rseqlab.collector.conformance.ModelBench.COMMITTED;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.trace.EventKind;
import java.util.Map;
import java.util.function.Consumer;

/** What aborts a section, and what does not. */
final class SectionProbes {
    private static final String NO_HANDLERS = "signal handlers of the model run no program";
    /** 12.8 ms at a turn a cycle: three ticks at 250 Hz. */
    private static final long TICKED_TURNS = 46_700_000;

    private static final long NAP_CYCLES = 1_000_000;
    private static final int YIELDS = 1000;

    private SectionProbes() {}

    static Map<String, ModelProbe> all() {
        return Map.ofEntries(
                Map.entry("tick", SectionProbes::tick),
                Map.entry("preempted", SectionProbes::preempted),
                Map.entry("signal", SectionProbes::signal),
                Map.entry("signal-frame", ModelProbe.cannot(NO_HANDLERS)),
                Map.entry("signal-section-in-handler", ModelProbe.cannot(NO_HANDLERS)),
                Map.entry("syscall", policy -> once(policy, a -> {}, a -> a.syscall(HostCall.SYS_GETPPID))),
                Map.entry("yield-alone", policy -> once(policy, a -> {}, a -> a.syscall(HostCall.SYS_SCHED_YIELD))),
                Map.entry("yield-switches", SectionProbes::yieldToRival),
                Map.entry("nanosleep", SectionProbes::sleepInside),
                Map.entry("start-ip-is-inside", policy -> once(policy, SectionProbes::nap, a -> {})),
                Map.entry("end-is-outside", SectionProbes::sleepLast),
                Map.entry("page-fault", ModelProbe.cannot("the model has no page faults")));
    }

    private static void nap(Assembler a) {
        ModelBench.call(a, HostCall.SYS_NANOSLEEP, NAP_CYCLES);
    }

    /** One thread, alone on one CPU, runs a section once. */
    private static Observation once(RseqPolicy policy, Consumer<Assembler> before, Consumer<Assembler> inside) {
        return bench(policy, 0, before, inside).run(0.01).section();
    }

    private static ModelBench bench(
            RseqPolicy policy, double signalHz, Consumer<Assembler> before, Consumer<Assembler> inside) {
        return new ModelBench(
                policy,
                1,
                signalHz,
                a -> {
                    a.place(a.label("main"));
                    ModelBench.sectionOnce(a, before, inside);
                },
                "main");
    }

    private static Observation tick(RseqPolicy policy) {
        ModelBench bench =
                bench(policy, 0, a -> {}, a -> ModelBench.spin(a, TICKED_TURNS)).run(0.03);
        long ticks = bench.machine.cores[0].kernelCycles / bench.machine.profile.cycles("kernel.tick");
        Observation seen = bench.section();
        return ticks < 3 ? Observation.cannot("no tick fell inside") : new Observation(seen.outcome(), "3 ticks");
    }

    private static Observation preempted(RseqPolicy policy) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            ModelBench.sectionOnce(a, b -> {}, b -> ModelBench.spin(b, TICKED_TURNS));
                            ModelBench.rival(a);
                        },
                        "main",
                        "rival")
                .run(0.1);
        return bench.count(EventKind.PREEMPT) == 0 ? Observation.cannot("nobody was preempted") : bench.section();
    }

    private static Observation signal(RseqPolicy policy) {
        ModelBench bench = bench(
                        policy, ModelBench.SIGNAL_HZ, a -> {}, a -> ModelBench.spin(a, ModelBench.SIGNALLED_TURNS))
                .run(0.01);
        return bench.count(EventKind.SIGNAL) == 0 ? Observation.cannot("no signal came") : bench.section();
    }

    /** Attempts with a yield inside, until one is aborted; at least one of them must have switched. */
    private static Observation yieldToRival(RseqPolicy policy) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            a.li(Reg.W1, YIELDS);
                            Assembler.Label again = a.here();
                            Assembler.Label aborted = a.label();
                            Assembler.SectionLabel section = a.section("yield", aborted);
                            a.li(Reg.T9, 1);
                            a.arm(section, Reg.T8);
                            a.start(section);
                            a.syscall(HostCall.SYS_SCHED_YIELD);
                            a.st64(Reg.WORKLOAD, COMMITTED, Reg.T9);
                            a.commit(section);
                            a.djnz(Reg.W1, again);
                            a.syscall(HostCall.SYS_EXIT);
                            a.place(aborted);
                            ModelBench.say(a, ABORTED);
                            a.st64(Reg.WORKLOAD, COMMITTED, Reg.ZERO);
                            a.syscall(HostCall.SYS_EXIT);
                            ModelBench.rival(a);
                        },
                        "main",
                        "rival")
                .run(0.1);
        return bench.switches(0, "yielded") == 0 ? Observation.cannot("no sched_yield switched") : bench.section();
    }

    /** The thread must not have been woken before its time. */
    private static Observation sleepInside(RseqPolicy policy) {
        ModelBench bench = bench(policy, 0, a -> {}, SectionProbes::nap).run(0.01);
        long called = bench.firstCycle(EventKind.SYSCALL);
        long woken = bench.firstCycle(EventKind.WAKEUP);
        return woken < called + NAP_CYCLES ? Observation.of("cut short") : bench.section();
    }

    /** The call is the section's last instruction: it comes back to the first one behind. */
    private static Observation sleepLast(RseqPolicy policy) {
        return new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            Assembler.Label aborted = a.label();
                            Assembler.SectionLabel section = a.section("probe", aborted);
                            a.arm(section, Reg.T8);
                            a.start(section);
                            nap(a);
                            a.commit(section);
                            ModelBench.say(a, COMMITTED);
                            a.syscall(HostCall.SYS_EXIT);
                            a.place(aborted);
                            ModelBench.say(a, ABORTED);
                            a.syscall(HostCall.SYS_EXIT);
                        },
                        "main")
                .run(0.01)
                .section();
    }
}
