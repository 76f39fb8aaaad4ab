package io.rseqlab.collector.conformance;

import static io.rseqlab.collector.conformance.ModelBench.FINISHED;
import static io.rseqlab.collector.conformance.ModelBench.SEEN;
import static io.rseqlab.collector.conformance.ModelBench.SEEN_TOO;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.kernel.RseqArea;
import io.rseqlab.collector.kernel.RseqPolicy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The id fields: when the kernel writes them, and what mm_cid promises. */
final class FieldProbes {
    private static final int SCRIBBLE = 99;
    private static final int CPUS = 2;
    private static final int MOVES = 20;
    private static final int THREADS = 6 * CPUS;
    private static final int CID_TURNS = 20_000;
    /** Turns of a loop between reading and writing a count: it makes room for a lost update. */
    private static final int CID_PAUSE = 400;

    private FieldProbes() {}

    static Map<String, ModelProbe> all() {
        Map<String, ModelProbe> probes = new HashMap<>(ConcurrencyIdProbes.all());
        probes.putAll(Map.of(
                "ids-after-switch",
                policy -> afterScribble(policy, 1, a -> ModelBench.call(a, HostCall.SYS_NANOSLEEP, 100_000)),
                "ids-at-signal",
                FieldProbes::atSignal,
                "ids-after-call",
                policy -> afterScribble(policy, 1, a -> a.syscall(HostCall.SYS_GETPPID)),
                "ids-after-migration",
                FieldProbes::afterMigration,
                "ids-written-migration",
                policy -> afterScribble(policy, CPUS, a -> ModelBench.pin(a, 1)),
                "mm-cid-distinct",
                FieldProbes::distinctCids,
                "mm-cid-range",
                FieldProbes::rangeOfCids));
        return probes;
    }

    /** A number that is no CPU's goes into cpu_id, something happens, and the program looks again. */
    private static Observation afterScribble(RseqPolicy policy, int cpus, Consumer<Assembler> happens) {
        return afterScribble(new ModelBench(
                policy,
                cpus,
                0,
                a -> {
                    a.place(a.label("main"));
                    ModelBench.pin(a, 0);
                    scribble(a);
                    happens.accept(a);
                    tellId(a);
                    tellCpu(a);
                },
                "main"));
    }

    /** A signal comes, and its handler looks. */
    private static Observation atSignal(RseqPolicy policy) {
        return afterScribble(new ModelBench(
                policy,
                1,
                ModelBench.SIGNAL_HZ,
                a -> {
                    tellId(a);
                    a.syscall(HostCall.SYS_SIGRETURN);
                    a.place(a.label("main"));
                    ModelBench.handle(a, ModelBench.SIGALRM);
                    scribble(a);
                    ModelBench.spin(a, ModelBench.SIGNALLED_TURNS);
                    tellCpu(a);
                },
                "main"));
    }

    private static Observation afterScribble(ModelBench bench) {
        bench.run(0.01);
        if (bench.killed(0)) {
            return Observation.of(Observation.SIGSEGV);
        }
        if (bench.word(0, FINISHED) == 0) {
            return bench.unfinished();
        }
        long id = bench.word(0, SEEN);
        String rewritten = id == bench.word(0, SEEN_TOO) ? "rewritten" : "other";
        return Observation.of(id == SCRIBBLE ? Observation.KEPT : rewritten);
    }

    private static void scribble(Assembler a) {
        a.li(Reg.T4, SCRIBBLE);
        a.st32(Reg.RSEQ, RseqArea.CPU_ID, Reg.T4);
    }

    private static void tellId(Assembler a) {
        a.ld32(Reg.T5, Reg.RSEQ, RseqArea.CPU_ID);
        a.st64(Reg.WORKLOAD, SEEN, Reg.T5);
    }

    private static void tellCpu(Assembler a) {
        a.syscall(HostCall.SYS_GETCPU);
        a.st64(Reg.WORKLOAD, SEEN_TOO, Reg.A0);
        ModelBench.say(a, FINISHED);
        a.syscall(HostCall.SYS_EXIT);
    }

    /** A thread that moves itself from CPU to CPU counts where both id fields name the one it is on. */
    private static Observation afterMigration(RseqPolicy policy) {
        ModelBench bench = new ModelBench(policy, CPUS, 0, FieldProbes::moveAndCompare, "main").run(0.01);
        if (bench.word(0, FINISHED) == 0) {
            return bench.unfinished();
        }
        return new Observation(bench.word(0, SEEN) == MOVES ? "follow" : "stale", MOVES + " moves");
    }

    private static void moveAndCompare(Assembler a) {
        a.place(a.label("main"));
        for (int i = 0; i < MOVES; i++) {
            Assembler.Label stale = a.label();
            ModelBench.pin(a, i % CPUS);
            a.ld64(Reg.T4, Reg.RSEQ, RseqArea.CPU_ID_START);
            // The word holds cpu_id_start and, above it, cpu_id.
            long cpu = i % CPUS;
            a.li(Reg.T5, cpu | cpu << 32);
            a.bne(Reg.T4, Reg.T5, stale);
            a.ld64(Reg.T6, Reg.WORKLOAD, SEEN);
            a.addi(Reg.T6, Reg.T6, 1);
            a.st64(Reg.WORKLOAD, SEEN, Reg.T6);
            a.place(stale);
        }
        ModelBench.say(a, FINISHED);
        a.syscall(HostCall.SYS_EXIT);
    }

    /** Counts lost in sections that count per mm_cid: they take two running threads with one id. */
    private static Observation distinctCids(RseqPolicy policy) {
        ModelBench bench = countPerCid(policy);
        long sum = 0;
        for (int cid = 0; cid < THREADS; cid++) {
            sum += bench.word(cid, SEEN);
        }
        for (int thread = 0; thread < THREADS; thread++) {
            if (bench.word(thread, FINISHED) == 0) {
                return Observation.cannot("the threads did not come to an end");
            }
        }
        return new Observation(
                sum == (long) THREADS * CID_TURNS ? "distinct" : "shared",
                THREADS + " threads, " + CID_TURNS + " updates each");
    }

    private static Observation rangeOfCids(RseqPolicy policy) {
        ModelBench bench = countPerCid(policy);
        long highest = 0;
        for (int thread = 0; thread < THREADS; thread++) {
            highest = Math.max(highest, bench.word(thread, SEEN_TOO));
        }
        return new Observation(
                highest < CPUS ? "below" : "beyond", THREADS + " threads on " + CPUS + " CPUs, highest id " + highest);
    }

    /** The count of an id lies in the data of the thread of that number. */
    private static ModelBench countPerCid(RseqPolicy policy) {
        String[] threads = new String[THREADS];
        Arrays.fill(threads, "main");
        return new ModelBench(policy, CPUS, 0, FieldProbes::countTurns, threads).run(0.2);
    }

    private static void countTurns(Assembler a) {
        a.place(a.label("main"));
        // The first thread's data lie at a multiple of a page; the others' behind, all on it.
        a.shri(Reg.W0, Reg.WORKLOAD, 12);
        a.shli(Reg.W0, Reg.W0, 12);
        a.li(Reg.W1, CID_TURNS);
        Assembler.Label again = a.here();
        Assembler.SectionLabel section = a.section("count", again);
        a.ld32(Reg.T1, Reg.RSEQ, RseqArea.MM_CID);
        a.ld64(Reg.T2, Reg.WORKLOAD, SEEN_TOO);
        Assembler.Label lower = a.label();
        a.bge(Reg.T2, Reg.T1, lower);
        a.st64(Reg.WORKLOAD, SEEN_TOO, Reg.T1);
        a.place(lower);
        a.shli(Reg.T3, Reg.T1, 8);
        a.add(Reg.T3, Reg.T3, Reg.W0);
        a.arm(section, Reg.T8);
        a.start(section);
        a.ld32(Reg.T4, Reg.RSEQ, RseqArea.MM_CID);
        a.bne(Reg.T4, Reg.T1, again);
        a.ld64(Reg.T5, Reg.T3, SEEN);
        ModelBench.spinIn(a, Reg.T6, CID_PAUSE);
        a.addi(Reg.T5, Reg.T5, 1);
        a.st64(Reg.T3, SEEN, Reg.T5);
        a.commit(section);
        a.djnz(Reg.W1, again);
        ModelBench.say(a, FINISHED);
        a.syscall(HostCall.SYS_EXIT);
    }
}
