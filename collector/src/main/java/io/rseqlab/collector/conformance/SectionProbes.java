package io.rseqlab.collector.conformance;

import static io.rseqlab.collector.conformance.ModelBench.ABORTED;
import static io.rseqlab.collector.conformance.ModelBench.COMMITTED;
import static io.rseqlab.collector.conformance.ModelBench.SEEN;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.trace.EventKind;
import java.util.Map;
import java.util.function.Consumer;

/** What aborts a section, and what does not. */
final class SectionProbes {
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
                Map.entry("signal-frame", SectionProbes::frame),
                Map.entry("signal-section-in-handler", SectionProbes::sectionInHandler),
                Map.entry("syscall", policy -> once(policy, a -> {}, a -> a.syscall(HostCall.SYS_GETPPID))),
                Map.entry("syscall-effect", SectionProbes::effect),
                Map.entry("yield-alone", policy -> once(policy, a -> {}, a -> a.syscall(HostCall.SYS_SCHED_YIELD))),
                Map.entry("yield-switches", SectionProbes::yieldToRival),
                Map.entry("nanosleep", SectionProbes::sleepInside),
                Map.entry("start-ip-is-inside", policy -> once(policy, SectionProbes::nap, a -> {})),
                Map.entry("end-is-outside", SectionProbes::sleepLast),
                Map.entry("single-step", SectionProbes::singleStep),
                Map.entry("notified-old-event", SectionProbes::notifiedOldEvent),
                Map.entry("notified-no-event", SectionProbes::notifiedNoEvent),
                Map.entry("page-fault", SectionProbes::pageFault));
    }

    /** The section reads a word on a page of the heap that nobody has touched. */
    private static Observation pageFault(RseqPolicy policy) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            a.li(Reg.A0, 0);
                            a.syscall(HostCall.SYS_BRK);
                            a.mov(Reg.T7, Reg.A0);
                            a.addi(Reg.A0, Reg.A0, 4 * ModelBench.PAGE);
                            a.syscall(HostCall.SYS_BRK);
                            ModelBench.sectionOnce(a, b -> {}, b -> b.ld64(Reg.T6, Reg.T7, 2 * ModelBench.PAGE));
                        },
                        "main")
                .run(0.01);
        return bench.section();
    }

    /** A debugger steps through the section. */
    private static Observation singleStep(RseqPolicy policy) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            ModelBench.call(a, HostCall.SYS_PTRACE, 0);
                            ModelBench.sectionOnce(a, b -> {}, b -> b.ld64(Reg.T6, Reg.WORKLOAD, ModelBench.SEEN));
                        },
                        "main")
                .run(0.01);
        return bench.section();
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
        return ticks == 0
                ? Observation.cannot("no tick fell inside")
                : new Observation(seen.outcome(), ticks + " ticks");
    }

    private static Observation preempted(RseqPolicy policy) {
        ModelBench bench = new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            ModelBench.sectionOnce(a, b -> {}, b -> ModelBench.spin(b, ModelBench.LONG_TURNS));
                            ModelBench.rival(a);
                        },
                        "main",
                        "rival")
                .run(0.6);
        return bench.count(EventKind.PREEMPT) == 0 ? Observation.cannot("nobody was preempted") : bench.section();
    }

    private static Observation signal(RseqPolicy policy) {
        ModelBench bench = bench(
                        policy, ModelBench.SIGNAL_HZ, a -> {}, a -> ModelBench.spin(a, ModelBench.SIGNALLED_TURNS))
                .run(0.01);
        return bench.count(EventKind.SIGNAL) == 0 ? Observation.cannot("no signal came") : bench.section();
    }

    /** Interrupted by a timer signal in a section; the handler is the code that stands first. */
    private static ModelBench handled(RseqPolicy policy, Consumer<Assembler> handler) {
        return new ModelBench(
                        policy,
                        1,
                        ModelBench.SIGNAL_HZ,
                        a -> {
                            handler.accept(a);
                            a.place(a.label("main"));
                            ModelBench.handle(a, ModelBench.SIGALRM);
                            ModelBench.sectionOnce(a, b -> {}, b -> ModelBench.spin(b, ModelBench.SIGNALLED_TURNS));
                        },
                        "main")
                .run(0.01);
    }

    /** A handler finds in A1 where the thread goes on. */
    private static Observation frame(RseqPolicy policy) {
        ModelBench bench = handled(policy, a -> {
            a.st64(Reg.WORKLOAD, SEEN, Reg.A1);
            a.syscall(HostCall.SYS_SIGRETURN);
        });
        if (!bench.section().shown()) {
            return bench.section();
        }
        Section section = bench.program.sections().get(0);
        long pointer = bench.word(0, SEEN);
        if (pointer == Program.pointer(section.abort())) {
            return Observation.of("abort_ip");
        }
        boolean inside = pointer >= Program.pointer(section.start()) && pointer < Program.pointer(section.end());
        return Observation.of(inside ? "inside" : "elsewhere");
    }

    private static Observation sectionInHandler(RseqPolicy policy) {
        ModelBench bench = handled(policy, a -> {
            Assembler.Label end = a.label();
            Assembler.SectionLabel section = a.section("inner", end);
            a.li(Reg.T9, 1);
            a.arm(section, Reg.T8);
            a.start(section);
            a.st64(Reg.WORKLOAD, SEEN, Reg.T9);
            a.commit(section);
            a.place(end);
            a.syscall(HostCall.SYS_SIGRETURN);
        });
        return bench.word(0, SEEN) == 0 ? Observation.of("inner aborts") : bench.section();
    }

    /** A thread wakes another out of a section: whatever becomes of it, the other has been woken. */
    private static Observation effect(RseqPolicy policy) {
        ModelBench bench = new ModelBench(
                        policy,
                        2,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            nap(a);
                            // The other thread's data, whose first word it waits on.
                            a.addi(Reg.A0, Reg.WORKLOAD, ModelBench.DATA_BYTES);
                            a.li(Reg.A1, 1);
                            ModelBench.sectionOnce(a, b -> {}, b -> b.syscall(HostCall.SYS_FUTEX_WAKE));
                            a.place(a.label("waiter"));
                            a.mov(Reg.A0, Reg.WORKLOAD);
                            a.li(Reg.A1, 0);
                            a.syscall(HostCall.SYS_FUTEX_WAIT);
                            ModelBench.say(a, ModelBench.FINISHED);
                            a.syscall(HostCall.SYS_EXIT);
                        },
                        "main",
                        "waiter")
                .run(0.01);
        return Observation.of(bench.word(1, ModelBench.FINISHED) != 0 ? "done" : "not done");
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

    /** A sleep leaves an event bit behind; then a section outlasts the kernel's period of work on the way out. */
    private static Observation notifiedOldEvent(RseqPolicy policy) {
        return new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            nap(a);
                            ModelBench.sectionOnce(a, b -> {}, b -> ModelBench.spin(b, ModelBench.LONG_TURNS));
                        },
                        "main")
                .run(0.3)
                .section();
    }

    /** The same behind an abort, which clears all event bits: another thread comes for a moment, and never again. */
    private static Observation notifiedNoEvent(RseqPolicy policy) {
        return new ModelBench(
                        policy,
                        1,
                        0,
                        a -> {
                            a.place(a.label("main"));
                            Assembler.Label aborted = a.label();
                            Assembler.SectionLabel section = a.section("before", aborted);
                            a.arm(section, Reg.T8);
                            a.start(section);
                            ModelBench.spin(a, ModelBench.LONG_TURNS);
                            a.mov(Reg.T9, Reg.T9);
                            a.commit(section);
                            a.syscall(HostCall.SYS_EXIT);
                            a.place(aborted);
                            ModelBench.sectionOnce(a, b -> {}, b -> ModelBench.spin(b, ModelBench.LONG_TURNS));
                            a.place(a.label("guest"));
                            ModelBench.spin(a, NAP_CYCLES);
                            a.syscall(HostCall.SYS_EXIT);
                        },
                        "main",
                        "guest")
                .run(0.5)
                .section();
    }
}
