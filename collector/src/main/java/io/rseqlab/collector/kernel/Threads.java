package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.ThreadContext;

/** Starts threads, and what clone, fork, execve and sched_setaffinity do. */
final class Threads {
    /** The child shares its parent's memory: CLONE_VM. */
    static final int CLONE_VM = 0x100;

    /** Registers that a thread has from the one that it follows: where its memory lies. */
    private static final int[] KEPT = {Reg.WORKLOAD, Reg.TLS, Reg.RSEQ};

    private final CpuState[] cpus;
    private final Process process;
    private final Machine machine;
    private final Scheduler scheduler;
    private final Placement placement;
    private final Timers timers;
    private final Costs costs;
    private final ConcurrencyIds ids;
    private final KernelOptions options;
    private final Registration registration;
    private final KernelTrace trace;

    Threads(
            CpuState[] cpus,
            Process process,
            Machine machine,
            Scheduler scheduler,
            Placement placement,
            Timers timers,
            Costs costs,
            ConcurrencyIds ids,
            KernelOptions options,
            Registration registration,
            KernelTrace trace) {
        this.cpus = cpus;
        this.process = process;
        this.machine = machine;
        this.scheduler = scheduler;
        this.placement = placement;
        this.timers = timers;
        this.costs = costs;
        this.ids = ids;
        this.options = options;
        this.registration = registration;
        this.trace = trace;
    }

    /** A new thread, on a CPU or, for -1, on the one that placement finds; it is not runnable yet. */
    Task create(ThreadContext context, int nice, int pinnedCpu, int cpu) {
        Task task = new Task(context, machine.profile.clockHz());
        process.started(task);
        return prepared(task, nice, pinnedCpu, cpu);
    }

    private Task prepared(Task task, int nice, int pinnedCpu, int cpu) {
        task.weight = NiceWeights.of(nice);
        task.nice = nice;
        task.pinnedCpu = pinnedCpu;
        task.cpu = cpu >= 0 ? cpu : placement.forNewTask(task).id;
        ids.allowed(pinnedCpu < 0 ? -1 : 1L << pinnedCpu);
        ids.started(task);
        return task;
    }

    /** A thread has ended. */
    void ended(Task task) {
        ids.ended(task);
    }

    /** A new thread becomes runnable; an idle CPU begins with it at a cycle. */
    void start(Task task, long now, long idleWakes) {
        CpuState cpu = cpus[task.cpu];
        scheduler.enqueue(cpu, task, now, true);
        cpu.core.wakeIdle(idleWakes);
        if (options.signalHz() > 0) {
            timers.armFirstSignal(cpu, task, now);
        }
    }

    /**
     * A thread begins in the place of one that has ended, on the CPU that placement finds. It has its number and its
     * memory; all that the kernel kept of the ended one is gone: its concurrency id, its signals, its registration. An
     * exit does not write to the area, so it still says what it said last; the C library registers it for the new
     * thread, which clears what was left armed in it. Source: rseq(2), "the registration ends with the thread"; areas
     * that are used again in rseq_register of kernel/rseq.c.
     */
    void follow(Task ended, CpuState creator, long now) {
        long[] regs = ended.context.regs;
        ThreadContext context = new ThreadContext(ended.id(), ended.context.pc);
        for (int kept : KEPT) {
            context.regs[kept] = regs[kept];
        }
        Task task = new Task(context, machine.profile.clockHz());
        process.follows(task);
        prepared(task, ended.nice, ended.pinnedCpu, -1);
        if (ended.rseq.registered()) {
            registration.byLibrary(task, task.cpu, ended.rseq.area(), ended.rseq.signature, now);
        }
        trace.wakeup(now, creator, task, task.cpu);
        start(task, now, now + costs.wakeIdle);
    }

    /**
     * clone: the child has its parent's registers and goes on at A1, or behind the call where A1 is 0. With CLONE_VM it
     * starts without a registration; otherwise it is a forked process, whose memory is a copy and so has the parent's
     * area, registered. (Here a forked child sees its parent's memory itself, as a child of vfork would.) Both answer
     * as clone does: the child's number, 0 in the child.
     */
    int clone(Task parent, long now) {
        long[] regs = parent.context.regs;
        int position = regs[Reg.A1] == 0 ? parent.context.pc : machine.program.position(regs[Reg.A1]);
        if (position < 0) {
            return -Errno.EINVAL;
        }
        ThreadContext context = new ThreadContext(process.nextThread(), position);
        System.arraycopy(regs, 0, context.regs, 0, Reg.COUNT);
        context.regs[Reg.A0] = 0;
        Task child = create(context, parent.nice, parent.pinnedCpu, -1);
        child.blockedSignals = parent.blockedSignals;
        if ((regs[Reg.A0] & CLONE_VM) == 0) {
            child.rseq.inherit(parent.rseq);
            child.notifyResume = true;
        }
        start(child, now, now + costs.wakeIdle);
        return child.id();
    }

    /** execve: another program begins at A0, without a registration and without handlers; false if there is none. */
    boolean execute(Task task) {
        int position = machine.program.position(task.context.regs[Reg.A0]);
        if (position < 0) {
            return false;
        }
        task.rseq.reset();
        task.frames.clear();
        task.blockedSignals = 0;
        process.executed();
        task.context.regs[Reg.A0] = 0;
        task.context.pc = position;
        return true;
    }

    /** sched_setaffinity of thread A0 (-1: the caller) to the CPUs whose bits are in A1: one of them, or all. */
    int setAffinity(CpuState cpu, Task caller, long now) {
        long[] regs = caller.context.regs;
        Task task = regs[Reg.A0] == -1 ? caller : process.thread(regs[Reg.A0]);
        if (task == null) {
            return -Errno.ESRCH;
        }
        long all = cpus.length >= Long.SIZE ? -1 : (1L << cpus.length) - 1;
        long mask = regs[Reg.A1] & all;
        if (mask != all && Long.bitCount(mask) != 1) {
            return -Errno.EINVAL;
        }
        task.pinnedCpu = mask == all && cpus.length > 1 ? -1 : Long.numberOfTrailingZeros(mask);
        ids.allowed(mask);
        CpuState from = cpus[task.cpu];
        if (task.pinnedCpu < 0 || task.pinnedCpu == from.id || task.state != Task.State.RUNNABLE) {
            return 0;
        }
        if (from.current != task) {
            placement.pull(task, from, cpus[task.pinnedCpu], now);
            cpus[task.pinnedCpu].core.wakeIdle(now + costs.wakeIdle);
        } else if (from != cpu) {
            timers.armReschedule(from, now + costs.ipi);
        }
        return 0;
    }
}
