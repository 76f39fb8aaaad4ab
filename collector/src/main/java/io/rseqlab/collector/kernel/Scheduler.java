package io.rseqlab.collector.kernel;

/** Decides which runnable task a CPU runs. The kernel does the switching; the scheduler keeps the queues. */
interface Scheduler {
    /** A task becomes runnable on a CPU's queue. */
    void enqueue(CpuState cpu, Task task, long now, boolean initial);

    /** A runnable task that is not running leaves a queue, to go to another. */
    void dequeue(CpuState cpu, Task task, long now);

    /** The periodic interrupt: true if the CPU should choose again. */
    boolean tick(CpuState cpu, long now);

    /**
     * A task became runnable here: true if it should preempt the running one.
     *
     * @param remote it was put here by another CPU
     */
    boolean preempts(CpuState cpu, Task woken, long now, boolean remote);

    /** The running task gives way. */
    void yield(CpuState cpu, long now);

    /** A task is woken that fell asleep but has not left the queue ({@link Task#dequeueDelayed}). */
    default void requeue(CpuState cpu, Task task, long now) {
        throw new IllegalStateException("this scheduler delays no dequeue");
    }

    /** The running task, runnable still, goes back into the queue: its CPU may not run it. */
    default void park(CpuState cpu, long now) {
        throw new IllegalStateException("this scheduler knows no quota");
    }

    /** The running task stops being runnable. */
    void block(CpuState cpu, Task task, long now);

    /**
     * Chooses what runs next among the running task (if still runnable) and the queue; takes it out of the queue and
     * puts the other back. Null if there is nothing.
     *
     * @param avoidCurrent true to take another task if there is one
     */
    Task choose(CpuState cpu, long now, boolean avoidCurrent);

    /**
     * A kernel thread of the CPU has run in place of the running task, whose time that is not; answers who runs now.
     *
     * @param from when the kernel thread began
     * @param end when it ended
     */
    default Task afterBackground(CpuState cpu, long from, long end) {
        cpu.current.accountedTo = end;
        return cpu.current;
    }

    /** From now on no slice is longer than this; Long.MAX_VALUE restores the usual length. */
    void shortenSlice(long cycles);
}
