package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.TinyThread.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The exhaustive small case for hardware transactions, as {@link SectionInterruptionTest} is for sections: two threads;
 * one is interrupted once at every micro-operation of every transaction, the other works on its CPU meanwhile, and the
 * first goes on, there or on another CPU.
 */
class TransactionInterruptionTest {
    private static final String STRATEGY = "supermalloc:thread_bytes=64,cpu_bytes=192,depth=1,refresh=1,sync=htm";

    private static final int ENDS_OF_GLOBAL_TAKE = 2;

    /** Who is interrupted, and after how many micro-operations of both. */
    private record Setting(String workload, int victim, int before) {}

    private static final List<Setting> SETTINGS = List.of(
            new Setting("churn:live=3,handoff=0.5", 0, 0),
            new Setting("producer-consumer", 0, 0),
            new Setting("producer-consumer", 0, 3200),
            new Setting("producer-consumer", 1, 0),
            new Setting("producer-consumer", 1, 3200));

    /** Where the first is interrupted, and how many operations the other does before it goes on, where. */
    private record Case(Setting setting, int position, long others, boolean migrate) {}

    private static final class Run {
        final TinyRun run;
        final TinyMachine machine;
        final TinyThread first;
        final TinyThread second;

        Run(Setting setting) {
            run = new TinyRun(STRATEGY, setting.workload(), 2, 2, 1);
            machine = run.machine;
            first = machine.threads.get(setting.victim());
            second = machine.threads.get(1 - setting.victim());
            for (int i = 0; i < setting.before(); i++) {
                step(1, first);
                step(0, second);
            }
            machine.switchOut(0);
            machine.switchOut(1);
        }

        /** One micro-operation of a thread on a CPU, unless it waits. */
        void step(int cpu, TinyThread thread) {
            if (machine.running[cpu] == null && thread.state == State.RUNNABLE && thread.cpu < 0) {
                machine.switchIn(cpu, thread);
            }
            if (machine.running[cpu] != null) {
                machine.step(cpu);
            }
        }

        /** Both go on in turns, the first on CPU 0, until that is inside a transaction at a position. */
        boolean reach(int position) {
            for (int steps = 0; steps < 1500; steps++) {
                step(0, first);
                if (machine.transactions.inside(first) && first.position == position) {
                    return true;
                }
                step(1, second);
            }
            return false;
        }

        void finish() {
            for (int steps = 0; machine.threads.stream().anyMatch(t -> t.state != State.EXITED); steps++) {
                TinyOracle.expect(steps < 50_000, "no end in sight");
                if (steps == 1000) {
                    run.stop();
                }
                for (int cpu = 0; cpu < 2; cpu++) {
                    int free = cpu;
                    if (machine.running[cpu] == null) {
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
    }

    /** Null if the position was not reached. */
    private static Run interrupt(Case at, boolean forget) {
        Run one = new Run(at.setting());
        if (!one.reach(at.position())) {
            return null;
        }
        one.machine.transactions.forget = forget;
        one.machine.switchOut(0);
        one.machine.switchOut(1);
        if (one.second.state == State.RUNNABLE) {
            one.machine.switchIn(0, one.second);
        }
        long until = one.run.oracle.workDone + at.others();
        for (int i = 0; one.run.oracle.workDone < until && one.machine.running[0] != null && i < 1000; i++) {
            one.machine.step(0);
        }
        one.machine.switchOut(0);
        if (one.first.state == State.RUNNABLE) {
            one.machine.switchIn(at.migrate() ? 1 : 0, one.first);
        }
        one.finish();
        return one;
    }

    /** Where threads come to inside transactions that nobody interrupts. */
    private static Set<Integer> positions() {
        Set<Integer> positions = new TreeSet<>();
        for (Setting setting : SETTINGS) {
            Run one = new Run(setting);
            for (int steps = 0; steps < 1500; steps++) {
                one.step(0, one.first);
                if (one.machine.transactions.inside(one.first)) {
                    positions.add(one.first.position);
                }
                one.step(1, one.second);
            }
        }
        return positions;
    }

    private static List<Case> cases(int position, long... others) {
        List<Case> cases = new ArrayList<>();
        for (Setting setting : SETTINGS) {
            for (long operations : others) {
                cases.add(new Case(setting, position, operations, operations % 2 == 0));
            }
        }
        return cases;
    }

    @Test
    void noInterruptionBreaksAnythingWhereverATransactionIs() {
        long undone = 0;
        Set<Integer> interrupted = new TreeSet<>();
        Set<Integer> positions = positions();
        for (int position : positions) {
            for (Case at : cases(position, 1, 2, 5, 6)) {
                try {
                    Run one = interrupt(at, false);
                    if (one != null && one.machine.transactions.undoneAt[position]) {
                        interrupted.add(position);
                        undone += one.machine.transactions.undone;
                    }
                } catch (TinyOracle.Violation | StrategyInstance.AuditException e) {
                    throw new AssertionError(at + ": " + e.getMessage(), e);
                }
            }
        }
        assertThat(interrupted).isEqualTo(positions).hasSizeGreaterThan(40);
        assertThat(undone).isGreaterThan(500);
    }

    /**
     * In every transaction there is a position at which a forgotten undo is seen: the test above could fail. Left out
     * is the one that takes a global list, which has two ends: while a producer takes one, a single consumer never has
     * so much that it would put another there.
     */
    @Test
    void aTransactionThatIsNotUndoneIsSeen() {
        Set<Integer> broken = new TreeSet<>();
        Set<Integer> all = new TreeSet<>();
        for (int position : positions()) {
            int end = end(position);
            all.add(end);
            for (Case at : broken.contains(end) ? List.<Case>of() : cases(position, 5, 60)) {
                try {
                    interrupt(at, true);
                } catch (TinyOracle.Violation | StrategyInstance.AuditException e) {
                    broken.add(end);
                }
            }
        }
        assertThat(broken).hasSize(5);
        assertThat(all).containsAll(broken).hasSize(5 + ENDS_OF_GLOBAL_TAKE);
    }

    /** The next XEND behind a position. */
    private static int end(int position) {
        long[] code = new TinyRun(STRATEGY, "churn", 2, 2, 1).machine.program.code();
        int end = position;
        while (Op.code(code[end]) != Op.XEND) {
            end++;
        }
        return end;
    }

    /** Who takes the lock between a look at it and XBEGIN keeps it: transactions begin, find it taken, and give up. */
    @Test
    void noTransactionCommitsNorReleasesALockThatAnotherHas() {
        Set<Integer> begins = new TreeSet<>();
        for (Setting setting : SETTINGS) {
            Run one = new Run(setting);
            long[] code = one.machine.program.code();
            for (int steps = 0; steps < 1500; steps++) {
                one.step(0, one.first);
                int next = one.first.position;
                while (Op.code(code[next]) == Op.MARK) {
                    next++;
                }
                if (Op.code(code[next]) == Op.XBEGIN && begins.add(next)) {
                    heldByAnother(one);
                }
                one.step(1, one.second);
            }
            one.finish();
        }
        assertThat(begins).hasSizeGreaterThanOrEqualTo(6);
    }

    private static void heldByAnother(Run one) {
        long lock = one.first.registers[Reg.A1];
        long undone = one.machine.transactions.undone;
        long commits = one.machine.transactions.commits;
        one.machine.write64(lock, 1);
        for (int i = 0; i < 200; i++) {
            one.step(0, one.first);
            assertThat(one.machine.read64(lock)).isEqualTo(1);
        }
        assertThat(one.machine.transactions.undone).isGreaterThan(undone);
        assertThat(one.machine.transactions.commits).isEqualTo(commits);
        one.machine.write64(lock, 0);
    }

    /**
     * More threads than CPUs, interrupted again and again: transactions fail until locks are taken, and go on behind.
     */
    @Test
    void whoFailsTooOftenTakesTheLockAndOthersGoOnBehindIt() {
        long fallbacks = 0;
        long commits = 0;
        for (int seed = 1; seed <= 20; seed++) {
            TinyRun run = new TinyRun(STRATEGY, "producer-consumer", 3, 8, seed);
            run.signals = 0.15;
            run.run(600);
            fallbacks += run.oracle.counts[Mark.COUNT_TRANSACTION_FALLBACKS];
            commits += run.machine.transactions.commits;
        }
        assertThat(fallbacks).isGreaterThan(10);
        assertThat(commits).isGreaterThan(1000);
    }
}
