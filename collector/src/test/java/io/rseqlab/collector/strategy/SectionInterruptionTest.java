package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.strategy.TinyThread.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The exhaustive small case: two threads; one is interrupted once at every position of every section, the other works
 * on its CPU meanwhile, and the first goes on, there or on another CPU.
 */
class SectionInterruptionTest {
    private static final int OCCURRENCES = 3;

    /** Lists this short are emptied and filled within a few operations; a refill fills them, so that a free flushes. */
    private static final String SHORT = ":cap=6,refill=8,flush=3";

    /** So that foreign blocks come back soon. */
    private static final String SHORT_MESSAGES = SHORT + ",batch=2";

    /**
     * Who is interrupted, doing what.
     *
     * @param workload what both do
     * @param victim number of the thread that is interrupted
     * @param company the other works on another CPU until then; some sections are never reached alone
     * @param before micro-operations of both before that, on each other's CPUs, so that the victim finds full lists
     */
    private record Setting(String workload, int victim, boolean company, int before) {
        Setting(String workload, int victim, boolean company) {
            this(workload, victim, company, 0);
        }
    }

    private static final List<Setting> SETTINGS = List.of(
            new Setting("churn:live=3,handoff=0.5", 0, false),
            new Setting("churn:live=3,handoff=0.5", 0, true),
            new Setting("producer-consumer", 0, true),
            new Setting("producer-consumer", 1, true));

    /** A producer that comes to a CPU on which a consumer filled both lists. */
    private static final List<Setting> FULL_LISTS = List.of(new Setting("producer-consumer", 0, true, 3200));

    private static final String BACKGROUND = "tcmalloc-percpu:background_us=1";

    /**
     * Reached only if another thread works on the list between two sections of an operation: two interruptions. In
     * {@code push_batch} that is where the array has less room than it had when the objects were asked for.
     */
    private static Set<String> twoInterruptions(String strategy) {
        return switch (strategy) {
            case "supermalloc-rseq" -> Set.of("put_back+7", "put_back+8", "put_back+9", "put_back+10");
            case "tcmalloc-percpu", BACKGROUND -> Set.of("push_batch+10");
            default -> Set.of();
        };
    }

    /** The same code as that of the first lists; the other thread comes to a second list too rarely. */
    private static final Set<String> SECOND_LISTS = Set.of("put1", "take1");

    private static List<Setting> settingsOf(String strategy) {
        List<Setting> settings = new ArrayList<>(SETTINGS);
        settings.addAll(strategy.equals("supermalloc-rseq") ? FULL_LISTS : List.of());
        return settings;
    }

    /** One interruption: at the n-th arrival at a position inside a section; the other thread does some operations. */
    private record Case(
            Setting setting, int section, int offset, int occurrence, long otherOperations, boolean migrate) {}

    /** What came of a case: whether the position was reached at all, and the run. */
    private record Result(boolean reached, TinyRun run) {}

    private static String settings(String strategy) {
        return strategy
                + switch (strategy) {
                    case "rseq-message" -> SHORT_MESSAGES;
                    case "rseq-list" -> "";
                    case "tcmalloc-percpu" -> ":first_capacity=4,cpu_budget=1024,transfer=1";
                    case BACKGROUND ->
                        ",shift=13,shift_least=12,shift_most=13,first_capacity=224,cpu_budget=1024,transfer=1";
                    case "supermalloc-rseq" -> ":thread_bytes=64,cpu_bytes=192,depth=1";
                    default -> SHORT;
                };
    }

    private static Result interrupt(String strategy, Case at, boolean suppress, int pad) {
        String workload = at.setting().workload();
        TinyRun run = new TinyRun(
                settings(strategy), workload + (workload.contains(":") ? "," : ":") + "pad=" + pad, 2, 2, 1);
        TinyMachine machine = run.machine;
        machine.suppressAborts = suppress;
        TinyThread first = machine.threads.get(at.setting().victim());
        TinyThread second = machine.threads.get(1 - at.setting().victim());
        boolean reached = reach(machine, at, first, second);
        machine.switchOut(0);
        machine.switchOut(1);
        if (second.state == State.RUNNABLE) {
            machine.switchIn(0, second);
        }
        long until = run.oracle.workDone + at.otherOperations();
        for (int steps = 0; run.oracle.workDone < until && machine.running[0] != null && steps < 1000; steps++) {
            machine.step(0);
        }
        if (at.migrate() && first.state == State.RUNNABLE) {
            machine.switchIn(1, first);
        } else if (first.state == State.RUNNABLE) {
            machine.switchOut(0);
            machine.switchIn(0, first);
        }
        finish(run);
        return new Result(reached, run);
    }

    /** Runs the first thread on CPU 0 until it is about to execute the case's micro-operation the n-th time. */
    private static boolean reach(TinyMachine machine, Case at, TinyThread first, TinyThread second) {
        int position = machine.program.sections().get(at.section()).start() + at.offset();
        int arrivals = 0;
        for (int steps = 0; steps < at.setting().before(); steps++) {
            step(machine, 1, first);
            step(machine, 0, second);
        }
        machine.switchOut(0);
        machine.switchOut(1);
        for (int steps = 0; arrivals < at.occurrence() && steps < 3000; steps++) {
            if (step(machine, 0, first) && first.position == position) {
                arrivals++;
            }
            if (arrivals < at.occurrence() && at.setting().company()) {
                step(machine, 1, second);
            }
        }
        return arrivals == at.occurrence();
    }

    /** One micro-operation of a thread on its CPU, unless it waits for the pool's mutex. */
    private static boolean step(TinyMachine machine, int cpu, TinyThread thread) {
        if (machine.running[cpu] == null && thread.state == State.RUNNABLE) {
            machine.switchIn(cpu, thread);
        }
        if (machine.running[cpu] == null) {
            return false;
        }
        machine.step(cpu);
        return true;
    }

    /** Lets both threads work a little in turns of one micro-operation, then end. */
    private static void finish(TinyRun run) {
        TinyMachine machine = run.machine;
        for (int steps = 0; machine.threads.stream().anyMatch(t -> t.state != State.EXITED); steps++) {
            TinyOracle.expect(steps < 50_000, "no end in sight");
            if (steps == 4000) {
                run.stop();
            }
            for (int cpu = 0; cpu < 2; cpu++) {
                if (machine.running[cpu] == null) {
                    int free = cpu;
                    machine.threads.stream()
                            .filter(t -> t.state == State.RUNNABLE && t.cpu < 0)
                            .findFirst()
                            .ifPresent(t -> machine.switchIn(free, t));
                }
                if (machine.running[cpu] != null) {
                    machine.step(cpu);
                }
            }
        }
        run.checkBooks();
    }

    private static List<Case> cases(String strategy) {
        List<Case> cases = new ArrayList<>();
        TinyRun any = new TinyRun(settings(strategy), "churn:pad=4", 2, 2, 1);
        for (Setting setting : settingsOf(strategy)) {
            for (Section section : any.machine.program.sections()) {
                for (int offset = 0; offset <= section.length(); offset++) {
                    for (int occurrence = 1; occurrence <= OCCURRENCES; occurrence++) {
                        for (long others : new long[] {1, 5}) {
                            cases.add(new Case(setting, section.number(), offset, occurrence, others, false));
                            cases.add(new Case(setting, section.number(), offset, occurrence, others, true));
                        }
                    }
                }
            }
        }
        return cases;
    }

    /** All sections with all offsets, but for the padding's loop where there is no padding: it is never entered. */
    private static Set<String> positions(String strategy) {
        Set<String> positions = new TreeSet<>();
        Program program = new TinyRun(settings(strategy), "churn:pad=4", 2, 2, 1).machine.program;
        for (Section section : program.sections()) {
            for (int offset = 0; offset <= section.length(); offset++) {
                boolean padded = section.name().equals("pop") || section.name().equals("push");
                long word = program.code()[section.start() + offset];
                boolean waits = Op.code(word) == Op.DJNZ && Op.imm(word) == section.start() + offset;
                if (!padded && waits) {
                    continue;
                }
                positions.add(section.name() + "+" + offset);
            }
        }
        return positions;
    }

    private static String position(TinyRun run, Case at) {
        return run.machine.program.sections().get(at.section()).name() + "+" + at.offset();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rseq-freelist",
                "rseq-message",
                "rseq-remote-cas",
                "rseq-list",
                "supermalloc-rseq",
                "tcmalloc-percpu",
                BACKGROUND
            })
    void noInterruptionBreaksAnythingAndEveryPositionOfEverySectionIsInterrupted(String strategy) {
        long aborts = 0;
        Set<String> interrupted = new TreeSet<>();
        for (Case at : cases(strategy)) {
            try {
                Result result = interrupt(strategy, at, false, 4);
                aborts += result.run().oracle.aborts;
                if (result.reached()) {
                    interrupted.add(position(result.run(), at));
                }
            } catch (TinyOracle.Violation | StrategyInstance.AuditException e) {
                throw new AssertionError(at + ": " + e.getMessage(), e);
            }
        }
        Set<String> positions = positions(strategy);
        positions.removeAll(twoInterruptions(strategy));
        assertThat(interrupted).isEqualTo(positions);
        assertThat(aborts).isGreaterThan(500);
    }

    /** In every section there is a position at which a forgotten abort is seen: the test above could fail. */
    @ParameterizedTest
    @ValueSource(
            strings = {"rseq-freelist", "rseq-message", "rseq-list", "supermalloc-rseq", "tcmalloc-percpu", BACKGROUND})
    void withoutTheAbortAViolationIsFoundInEverySection(String strategy) {
        Set<String> broken = new TreeSet<>();
        for (Case at : cases(strategy)) {
            try {
                interrupt(strategy, at, true, 0);
            } catch (TinyOracle.Violation | StrategyInstance.AuditException e) {
                broken.add(sectionName(strategy, at.section()));
            }
        }
        Set<String> sections = sections(strategy);
        sections.removeAll(SECOND_LISTS);
        broken.removeAll(SECOND_LISTS);
        assertThat(broken).isEqualTo(sections);
    }

    /** Interrupted more than once, threads come to the other positions too, and are aborted there. */
    @ParameterizedTest
    @ValueSource(strings = {"supermalloc-rseq", "tcmalloc-percpu", BACKGROUND})
    void positionsThatTakeTwoInterruptionsAreInterruptedAtRandom(String strategy) {
        Set<String> left = new TreeSet<>(twoInterruptions(strategy));
        for (int seed = 1; !left.isEmpty() && seed <= 100; seed++) {
            TinyRun run = new TinyRun(settings(strategy), "producer-consumer:pad=4", 2, 4, seed);
            run.signals = 0.02;
            run.run(1500);
            for (Section section : run.machine.program.sections()) {
                for (int offset = 0; offset < section.length(); offset++) {
                    if (run.machine.aborted[section.start() + offset]) {
                        left.remove(section.name() + "+" + offset);
                    }
                }
            }
        }
        assertThat(left).isEmpty();
    }

    private static String sectionName(String strategy, int number) {
        return new TinyRun(strategy, "churn", 2, 2, 1)
                .machine
                .program
                .sections()
                .get(number)
                .name();
    }

    private static Set<String> sections(String strategy) {
        return new TinyRun(strategy, "churn", 2, 2, 1)
                .machine.program.sections().stream().map(Section::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void anInterruptionBehindTheArmingStoreAborts() {
        Case at = new Case(SETTINGS.get(0), 0, 0, 1, 2, false);
        assertThat(interrupt("rseq-freelist", at, false, 0).run().oracle.aborts).isPositive();
    }

    @Test
    void anInterruptionBehindTheCommitDoesNot() {
        int length = new TinyRun("rseq-freelist", "churn", 1, 1, 1)
                .machine
                .program
                .sections()
                .get(0)
                .length();
        Case at = new Case(SETTINGS.get(0), 0, length, 1, 2, true);
        assertThat(interrupt("rseq-freelist", at, false, 0).run().oracle.aborts).isZero();
    }
}
