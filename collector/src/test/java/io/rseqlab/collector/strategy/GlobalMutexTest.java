package io.rseqlab.collector.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Op;
import org.junit.jupiter.api.Test;

/** What a thread does that finds the one lock taken. */
class GlobalMutexTest {
    /** So few blocks are live that the central pool, which has a mutex of its own, is hardly asked. */
    private static TinyRun run(String strategy) {
        return new TinyRun(strategy, "churn:live=3,handoff=0", 4, 8, 3).run(6000);
    }

    @Test
    void whoFindsAMutexTakenSleeps() {
        TinyRun run = run("global-mutex");
        assertThat(run.oracle.counts[Mark.COUNT_CONTENDED_LOCKS]).isGreaterThan(500);
        assertThat(run.machine.sleeps).isGreaterThan(500);
        assertThat(run.machine.executed[Op.PAUSE]).isZero();
    }

    @Test
    void whoOnlySpinsDoesNotSleep() {
        TinyRun run = run("global-mutex:lock=spin");
        assertThat(run.oracle.counts[Mark.COUNT_CONTENDED_LOCKS]).isGreaterThan(500);
        assertThat(run.machine.sleeps).as("for the central pool").isLessThan(10);
        assertThat(run.machine.executed[Op.PAUSE]).isGreaterThan(run.oracle.counts[Mark.COUNT_CONTENDED_LOCKS]);
    }

    /** A holder is preempted after 30 micro-operations on average, and comes back after some hundred. */
    @Test
    void whoSpinsFirstSleepsTheMoreTheLessHeSpins() {
        long once = run("global-mutex:lock=spin-futex,spins=1").machine.sleeps;
        long some = run("global-mutex:lock=spin-futex,spins=30").machine.sleeps;
        TinyRun ever = run("global-mutex:lock=spin-futex,spins=1000000");
        assertThat(once).isGreaterThan(500);
        assertThat(some).isBetween(100L, once / 2);
        assertThat(ever.machine.sleeps).as("for the central pool").isLessThan(10);
        assertThat(ever.oracle.counts[Mark.COUNT_CONTENDED_LOCKS]).isGreaterThan(500);
    }
}
