package io.rseqlab.collector.kernel;

/**
 * The weighted average of the virtual times in a queue, kept up to date as tasks come and go, so that nobody has to add
 * them up: the sum of (vruntime - zero) * weight, with a zero that follows the average. Source: avg_vruntime in
 * kernel/sched/fair.c.
 */
final class VirtualTime {
    /** Reference of the sum; the last average when the queue is empty. */
    private long zero;

    private long sum;
    private long weight;

    /** Weight of the queue, without the running task. */
    long weight() {
        return weight;
    }

    void add(Task task) {
        if (weight == 0) {
            zero = task.vruntime;
        }
        weight += task.weight;
        sum += (task.vruntime - zero) * task.weight;
        follow();
    }

    void remove(Task task) {
        weight -= task.weight;
        sum -= (task.vruntime - zero) * task.weight;
        if (weight == 0) {
            zero = task.vruntime;
        }
        follow();
    }

    private void follow() {
        if (weight != 0) {
            long step = Math.floorDiv(sum, weight);
            zero += step;
            sum -= step * weight;
        }
    }

    /** The average of the queue and the running task, null for none. */
    long average(Task running) {
        if (running == null) {
            return zero;
        }
        long all = sum + (running.vruntime - zero) * running.weight;
        return zero + Math.floorDiv(all, weight + running.weight);
    }

    /** True for a task that is not ahead of the average: it is owed time, or even. */
    boolean eligible(Task running, Task task) {
        long all = running == null ? sum : sum + (running.vruntime - zero) * running.weight;
        long total = running == null ? weight : weight + running.weight;
        return (task.vruntime - zero) * total <= all;
    }
}
