package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.strategy.TinyMachine.State;
import io.rseqlab.collector.strategy.TinyMachine.Thread;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Interrupts a thread once at every position of every section, lets another thread work on its CPU meanwhile, and lets
 * the first go on, there or on another CPU.
 */
class SectionInterruptionTest {
    private static final int OCCURRENCES = 6;

    /** Lists this short are emptied, filled and flushed within a few operations. */
    private static final String SHORT = ":cap=6,refill=4,flush=3";

    /** One interruption: at the n-th arrival at a position inside a section; the other thread does some operations. */
    private record Case(int section, int offset, int occurrence, long otherOperations, boolean migrate) {}

    private static TinyRun interrupt(String strategy, Case at, boolean suppress, int pad) {
        TinyRun run = new TinyRun(strategy + SHORT, "churn:live=3,handoff=0.5,pad=" + pad, 2, 2, 1);
        TinyMachine machine = run.machine;
        machine.suppressAborts = suppress;
        Thread first = machine.threads.get(0);
        Thread second = machine.threads.get(1);
        Section section = machine.program.sections().get(at.section());
        int arrivals = 0;
        machine.switchIn(0, first);
        for (int steps = 0; arrivals < at.occurrence() && steps < 6000; steps++) {
            machine.step(0);
            arrivals += first.position == section.start() + at.offset() ? 1 : 0;
        }
        machine.switchOut(0);
        machine.switchIn(0, second);
        long until = run.oracle.workDone + at.otherOperations();
        for (int steps = 0; run.oracle.workDone < until && machine.running[0] != null; steps++) {
            TinyOracle.expect(steps < 50_000, "no end in sight");
            machine.step(0);
        }
        if (at.migrate()) {
            machine.switchIn(1, first);
        } else {
            machine.switchOut(0);
            machine.switchIn(0, first);
        }
        finish(run);
        return run;
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
        TinyRun any = new TinyRun(strategy + SHORT, "churn", 2, 2, 1);
        for (Section section : any.machine.program.sections()) {
            for (int offset = 0; offset <= section.length(); offset++) {
                for (int occurrence = 1; occurrence <= OCCURRENCES; occurrence++) {
                    for (long others : new long[] {1, 2, 5, 9}) {
                        cases.add(new Case(section.number(), offset, occurrence, others, false));
                        cases.add(new Case(section.number(), offset, occurrence, others, true));
                    }
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @ValueSource(strings = {"rseq-freelist", "rseq-message"})
    void noInterruptionBreaksAnything(String strategy) {
        long aborts = 0;
        for (Case at : cases(strategy)) {
            try {
                aborts += interrupt(strategy, at, false, 4).oracle.aborts;
            } catch (TinyOracle.Violation | StrategyInstance.AuditException e) {
                throw new AssertionError(at + ": " + e.getMessage(), e);
            }
        }
        assertThat(aborts).isGreaterThan(500);
    }

    @Test
    void withoutTheAbortAViolationIsFound() {
        int violations = 0;
        for (Case at : cases("rseq-freelist")) {
            try {
                interrupt("rseq-freelist", at, true, 0);
            } catch (TinyOracle.Violation | StrategyInstance.AuditException e) {
                violations++;
            }
        }
        assertThat(violations).isGreaterThan(20);
    }

    @Test
    void anInterruptionBehindTheArmingStoreAborts() {
        TinyRun run = interrupt("rseq-freelist", new Case(0, 0, 1, 2, false), false, 0);
        assertThat(run.oracle.aborts).isPositive();
    }

    @Test
    void anInterruptionBehindTheCommitDoesNot() {
        int length = new TinyRun("rseq-freelist", "churn", 1, 1, 1)
                .machine
                .program
                .sections()
                .get(0)
                .length();
        TinyRun run = interrupt("rseq-freelist", new Case(0, length, 1, 2, true), false, 0);
        assertThat(run.oracle.aborts).isZero();
    }
}
