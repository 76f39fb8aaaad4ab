package io.rseqlab.collector.kernel;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Where the threads of a program are when its work begins, and in which order they become runnable. The main thread
 * creates one after the other; each runs to a barrier and sleeps there; whoever comes last wakes the others, first come
 * first woken. That piles threads up: a child sleeps again before the next is created, so that on two CPUs nearly all
 * find the CPU idle that their parent is not on, and of those that are woken there only the first finds the other idle.
 *
 * <p>Outlines of select_task_rq_fair, find_idlest_group and wake_affine of kernel/sched/fair.c, where load is the
 * number of threads that were last there: their load averages hardly decay in the time that this takes. The shares
 * below are counts over 24 starts of eight threads of the native driver on two CPUs (turin-vm-2), from sched_wakeup_new
 * and sched_migrate_task: of their four pairs 0, 1, 2, 3 were apart in 4, 8, 11, 1 starts. The work itself takes no
 * time here: a run begins behind the barrier. Where waking takes long, as below two hypervisors, a child is still busy
 * when the next is created, which therefore stays: on granite-vm-2 1, 2, 3, 4 pairs were apart in 1, 3, 14, 6 of 24
 * starts.
 */
final class StartUp {
    /** The first child stays on its parent's CPU, to run when that one sleeps: 20 of 24. */
    private static final double FIRST_STAYS = 0.83;
    /** Any other does, as the child before is still busy elsewhere: 20 of 168. */
    static final double STAYS = 0.12;
    /**
     * A child that waits for its parent's CPU is taken over by one that falls idle: 13 of 24, in seven chances each.
     */
    private static final double PULLED = 0.1;

    private final int cpuCount;
    /** How likely a child finds the one before it still busy elsewhere. */
    private final double busy;

    private final SplittableRandom random;
    private final int main;
    private final int[] cpus;
    /** By thread: has not run before its parent sleeps. */
    private final boolean[] waits;
    /** By CPU: threads that were last there. */
    private final int[] load;

    private final int[] order;

    /**
     * @param threads how many; none may be bound to a CPU
     * @param busy how likely a child that was placed elsewhere has not gone to sleep before the next is created, 0 to
     *     1: {@link #STAYS}, or what the profile says
     */
    StartUp(int cpuCount, int threads, double busy, SplittableRandom random) {
        this.cpuCount = cpuCount;
        this.busy = busy;
        this.random = random;
        main = random.nextInt(cpuCount);
        cpus = new int[threads];
        waits = new boolean[threads];
        load = new int[cpuCount];
        order = new int[threads];
        load[main]++;
        for (int thread = 0; thread < threads; thread++) {
            create(thread);
        }
        wakeAll();
    }

    /**
     * A start.
     *
     * @param order the threads, the first runnable first
     * @param cpus by thread, the CPU on which it begins; -1: where it is placed as a new one
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Plan(int[] order, int[] cpus) {
        /** In any order, each where a new thread is placed. */
        static Plan shuffled(int threads, SplittableRandom random) {
            int[] order = new int[threads];
            int[] cpus = new int[threads];
            Arrays.fill(cpus, -1);
            for (int i = 0; i < threads; i++) {
                int j = random.nextInt(i + 1);
                order[i] = order[j];
                order[j] = i;
            }
            return new Plan(order, cpus);
        }
    }

    Plan plan() {
        return new Plan(order, cpus);
    }

    private void create(int thread) {
        waits[thread] = cpuCount == 1 || random.nextDouble() < stays(thread);
        cpus[thread] = waits[thread] ? main : leastLoadedBut(main);
        load[cpus[thread]]++;
        for (int waiting = 0; waiting < thread && !waits[thread]; waiting++) {
            if (waits[waiting] && random.nextDouble() < PULLED) {
                waits[waiting] = false;
                move(waiting, cpus[thread]);
            }
        }
    }

    /** How likely a child stays on its parent's CPU: where the child before did, the others are idle again. */
    private double stays(int thread) {
        return thread == 0 ? FIRST_STAYS : waits[thread - 1] ? STAYS : busy;
    }

    private int leastLoadedBut(int avoided) {
        int first = random.nextInt(cpuCount);
        int best = -1;
        for (int i = 0; i < cpuCount; i++) {
            int cpu = (first + i) % cpuCount;
            if (cpu != avoided && (best < 0 || load[cpu] < load[best])) {
                best = cpu;
            }
        }
        return best;
    }

    private void move(int thread, int cpu) {
        load[cpus[thread]]--;
        cpus[thread] = cpu;
        load[cpu]++;
    }

    /** The last child comes to the barrier last; before it those that ran at once, the parent, those that waited. */
    private void wakeAll() {
        int last = cpus.length - 1;
        boolean[] busy = new boolean[cpuCount];
        int waker = cpus[last];
        busy[waker] = true;
        order[0] = last;
        int woken = 1;
        for (int round = 0; round < 2; round++) {
            for (int thread = 0; thread < last; thread++) {
                if (waits[thread] == (round == 1)) {
                    move(thread, forWoken(cpus[thread], waker, busy));
                    busy[cpus[thread]] = true;
                    order[woken++] = thread;
                }
            }
            busy[main] = true; // the parent was woken in between
        }
    }

    private int forWoken(int previous, int waker, boolean[] busy) {
        if (!busy[previous]) {
            return previous;
        }
        boolean affine = load[waker] + 1 < Placement.PREVIOUS_BIAS * (load[previous] - 1);
        int target = affine ? waker : previous;
        for (int i = 0; i < cpuCount; i++) {
            int cpu = (target + i) % cpuCount;
            if (!busy[cpu]) {
                return cpu;
            }
        }
        return target;
    }
}
