package io.rseqlab.collector.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.collector.machine.ThreadContext;
import org.junit.jupiter.api.Test;

/** Rules of EEVDF that decide how long who is woken waits, in milliseconds of a CPU with a base slice of 1.4. */
class EevdfTest {
    private static final long MS = 1_000_000;
    private static final long TICK = 4 * MS;

    private final CpuState cpu = new CpuState(0, null, 1000 * MS);
    private final Eevdf scheduler = new Eevdf(2, 1000 * MS, TICK);
    private int threads;

    private Task task() {
        return new Task(new ThreadContext(threads++, 0), 1000 * MS);
    }

    private Task running(long now) {
        Task task = task();
        scheduler.enqueue(cpu, task, now, false);
        cpu.current = scheduler.choose(cpu, now, false);
        task.accountedTo = now;
        return task;
    }

    private boolean wake(Task task, long now) {
        scheduler.enqueue(cpu, task, now, false);
        return scheduler.preempts(cpu, task, now, false);
    }

    @Test
    void whoIsWokenShortlyBehindATickWaitsForTheNext() {
        running(0);
        scheduler.tick(cpu, TICK);
        assertThat(cpu.needResched).as("nobody else is there").isFalse();
        assertThat(wake(task(), TICK + MS / 2)).isFalse();
        assertThat(scheduler.tick(cpu, 2 * TICK)).as("the turn is over").isTrue();
    }

    @Test
    void whoIsWokenBehindTheRunnersDeadlineRunsAtOnce() {
        Task hog = running(0);
        scheduler.tick(cpu, TICK);
        Task woken = task();
        woken.lag = MS / 10;
        assertThat(wake(woken, TICK + 2 * MS))
                .as("its deadline is renewed, and behind the other's")
                .isTrue();
        assertThat(hog.deadline).isGreaterThan(woken.deadline);
    }

    /** A thread that fell asleep ahead of its share is placed as time stood when the runner was last charged. */
    @Test
    void whoHasNotLeftTheQueueRunsAtOnce() {
        Task hog = running(0);
        Task sleeper = task();
        assertThat(wake(sleeper, MS / 2)).isFalse();
        scheduler.tick(cpu, TICK);
        cpu.current = scheduler.choose(cpu, TICK, false);
        assertThat(cpu.current).isSameAs(sleeper);
        scheduler.block(cpu, sleeper, 2 * TICK + MS / 2);
        sleeper.state = Task.State.BLOCKED;
        assertThat(sleeper.dequeueDelayed).isTrue();
        cpu.needResched = false;
        cpu.current = scheduler.choose(cpu, 2 * TICK + MS / 2, false);
        assertThat(cpu.current).isSameAs(hog);
        long now = TICK + 8 * MS;
        scheduler.requeue(cpu, sleeper, now);
        sleeper.state = Task.State.RUNNABLE;
        assertThat(scheduler.preempts(cpu, sleeper, now, false)).isTrue();
    }

    @Test
    void aKernelThreadsTimeIsNotTheRunners() {
        Task hog = running(0);
        assertThat(scheduler.afterBackground(cpu, MS, 3 * MS)).isSameAs(hog);
        assertThat(hog.vruntime).isEqualTo(MS);
        scheduler.tick(cpu, 4 * MS);
        assertThat(hog.vruntime).isEqualTo(2 * MS);
    }

    @Test
    void behindAKernelThreadTheRunnerIsProtectedAgain() {
        running(0);
        scheduler.tick(cpu, TICK);
        scheduler.afterBackground(cpu, TICK + 2 * MS, TICK + 2 * MS + 1000);
        assertThat(wake(task(), TICK + 5 * MS / 2)).isFalse();
        assertThat(scheduler.tick(cpu, TICK + 3 * MS))
                .as("it has its slice of 1.4 ms again")
                .isFalse();
        assertThat(scheduler.tick(cpu, TICK + 4 * MS)).isTrue();
    }

    @Test
    void behindAKernelThreadAnotherMayComeFirst() {
        Task first = running(0);
        Task second = task();
        assertThat(wake(second, MS / 2)).as("the first is protected").isFalse();
        assertThat(scheduler.afterBackground(cpu, MS, MS + 1000)).isSameAs(second);
        assertThat(cpu.queue).containsExactly(first);
        assertThat(cpu.needResched).isFalse();
    }
}
