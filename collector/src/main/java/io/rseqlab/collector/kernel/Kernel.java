package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.Supervisor;
import io.rseqlab.collector.machine.ThreadContext;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A kernel on a machine: takes interrupts and system calls, schedules, and goes back to user mode through the rseq
 * policy. Work in the kernel costs what the machine's profile says.
 */
public final class Kernel implements Supervisor {

    private final KernelOptions options;
    private final EventLog log;
    private final KernelListener listener;
    private final HostServices host;
    private Machine machine;
    private Scheduler scheduler;
    private CpuState[] cpus;
    private Placement placement;
    private KernelTrace trace;
    private Costs costs;
    private Timers timers;
    private Ticks ticks;
    private Switching switching;
    private Interrupts interrupts;
    private Syscalls syscalls;
    private ExitPath exit;
    private UserAccess user;
    private Registration registration;
    private RseqStatistics statistics;
    private final Process process = new Process();
    private Signals signals;
    private Debugger debugger;
    private SliceExtensions sliceExtensions;
    private Threads threads;
    private Membarrier membarrier;
    private Bandwidth bandwidth;

    /** Services that programs ask of the host. */
    public interface HostServices {
        /** Makes a host call of a thread on a CPU; answers the cycles it costs. */
        long call(ThreadContext thread, int cpu, int number);
    }

    public Kernel(KernelOptions options, EventLog log, KernelListener listener, HostServices host) {
        this.options = options;
        this.log = log;
        this.listener = listener;
        this.host = host;
    }

    /** Takes charge of a machine. */
    public void boot(Machine newMachine) {
        machine = newMachine;
        MachineProfile profile = machine.profile;
        costs = new Costs(profile);
        trace = new KernelTrace(log);
        cpus = new CpuState[profile.cpus()];
        timers = new Timers(options, costs, profile);
        SchedulerKind kind = options.policy().scheduler();
        double tickHz = kind == SchedulerKind.ULE ? Ule.STAT_HZ : profile.cost("kernel.hz");
        long tickPeriod = Math.round(profile.clockHz() / tickHz);
        Balancing balancer = kind == SchedulerKind.ULE ? ule(profile) : eevdf(profile, tickPeriod);
        ConcurrencyIds ids = options.policy().concurrencyIds().of(cpus, costs.scanPeriod);
        placement.concurrencyIds(ids);
        ticks = new Ticks(
                cpus,
                costs,
                scheduler,
                balancer,
                timers,
                tickPeriod,
                options.policy().concurrencyIds().isScanned());
        bandwidth = Bandwidth.of(options.limit(), cpus, timers, costs, profile.clockHz());
        switching = new Switching(cpus, costs, scheduler, placement, balancer, timers, ticks, ids, trace, bandwidth);
        user = new UserAccess(machine.memory, machine.program);
        registration = new Registration(options.policy(), user, trace);
        statistics = new RseqStatistics(cpus.length);
        RseqExit rseqExit = new RseqExit(machine, options, costs, user, trace, listener, statistics);
        Futexes futexes = new Futexes();
        signals = new Signals(cpus, process, machine.program, costs, timers, switching, futexes, trace, rseqExit);
        threads = new Threads(
                cpus, process, machine, scheduler, placement, timers, costs, ids, options, registration, trace);
        membarrier = new Membarrier(cpus, process, options.policy().offersRseq(), costs, timers, trace);
        debugger = new Debugger(process, costs, timers, switching);
        sliceExtensions = new SliceExtensions(options.policy(), user, machine, timers, signals, statistics);
        interrupts = new Interrupts(
                options, costs, timers, ticks, switching, signals, threads, membarrier, sliceExtensions, bandwidth);
        syscalls = new Syscalls(
                machine.memory,
                costs,
                switching,
                timers,
                registration,
                futexes,
                signals,
                threads,
                membarrier,
                new ProcessCalls(options.policy(), process, user, machine.memory, debugger, sliceExtensions));
        exit = new ExitPath(costs, signals, rseqExit, ids);
        for (int i = 0; i < cpus.length; i++) {
            cpus[i] = new CpuState(i, machine.cores[i], profile.clockHz());
            if (options.noise()) {
                timers.armNoise(cpus[i], 0);
                timers.armSteal(cpus[i], 0);
            }
        }
        ticks.start();
        if (bandwidth != null) {
            bandwidth.start();
        }
        balancer.start();
        machine.program.sections().forEach(user::load);
    }

    private Balancing eevdf(MachineProfile profile, long tickPeriod) {
        scheduler = new Eevdf(profile.cpus(), profile.clockHz(), tickPeriod);
        placement = new Placement(cpus, profile, scheduler, timers, costs, trace);
        return new Balancer(cpus, profile, placement);
    }

    private Balancing ule(MachineProfile profile) {
        SplittableRandom random = new SplittableRandom(options.random().getAsLong());
        scheduler = new Ule(profile.cpus(), profile.clockHz());
        UlePlacement placing = new UlePlacement(
                cpus, profile, scheduler, timers, costs, trace, new SplittableRandom(random.nextLong()));
        placement = placing;
        return new UleBalancer(cpus, profile, placing, timers, random);
    }

    /** Threads that wait for a CPU, beside the one that runs there. */
    public int queued(int cpu) {
        return Math.max(0, cpus[cpu].runnable() - 1);
    }

    /**
     * Creates a thread; it becomes runnable at once.
     *
     * @param context registers and start position
     * @param rseqArea address of the rseq area that the C library registers for it, 0 for none
     * @param signature the registration's signature
     */
    public void spawn(ThreadContext context, long rseqArea, int signature) {
        spawn(context, rseqArea, signature, 0, options.pinned() ? context.id % cpus.length : -1);
    }

    /**
     * Begins a program: its threads become runnable, each where it is woken when all have been created, or where it is
     * bound to.
     *
     * @param contexts registers and start positions, by thread from 0
     * @param rseqAreas addresses of the rseq areas that the C library registers for them, 0 for none
     * @param signature the registrations' signature
     */
    public void begin(List<ThreadContext> contexts, long[] rseqAreas, int signature) {
        SplittableRandom random = new SplittableRandom(options.random().getAsLong());
        StartUp.Plan plan = options.pinned()
                ? StartUp.Plan.shuffled(contexts.size(), random)
                : placement.startUp(contexts.size(), random);
        for (int thread : plan.order()) {
            int pinnedCpu = options.pinned() ? thread % cpus.length : -1;
            Task task = threads.create(contexts.get(thread), 0, pinnedCpu, plan.cpus()[thread]);
            start(task, rseqAreas[thread], signature);
        }
    }

    /**
     * Creates a thread; it becomes runnable at once.
     *
     * @param context registers and start position
     * @param rseqArea address of the rseq area that the C library registers for it, 0 for none
     * @param signature the registration's signature
     * @param nice its nice value, -20 to 19
     * @param pinnedCpu the only CPU it may run on, -1 for any
     */
    public void spawn(ThreadContext context, long rseqArea, int signature, int nice, int pinnedCpu) {
        start(threads.create(context, nice, pinnedCpu, -1), rseqArea, signature);
    }

    private void start(Task task, long rseqArea, int signature) {
        if (rseqArea != 0) {
            registration.byLibrary(task, task.cpu, rseqArea, signature, 0);
        }
        threads.start(task, 0, 0);
    }

    /** User memory as this kernel sees it. */
    public UserAccess user() {
        return user;
    }

    /** The kernel's own counters of restartable sequences. */
    public RseqStatistics rseqStatistics() {
        return statistics;
    }

    /** The process's quota of CPU time, null without. */
    public Bandwidth bandwidth() {
        return bandwidth;
    }

    /** Threads that have not ended, and those that are about to follow one that has. */
    public int alive() {
        return process.alive();
    }

    /** True if a thread has not ended. */
    public boolean isAlive(int thread) {
        return process.thread(thread) != null;
    }

    /** True if a thread sleeps until another wakes it: no timer ends that. False if it has ended. */
    public boolean waitsForWaker(int thread) {
        Task task = process.thread(thread);
        return task != null && task.state == Task.State.BLOCKED && task.waitsOn != 0;
    }

    /**
     * Cycles up to {@code now} in which a thread was not in user mode, since it started. What it does in the kernel at
     * this very moment is not among them.
     */
    public long awayCycles(int thread, long now) {
        Task task = process.thread(thread);
        if (task == null) {
            return 0;
        }
        boolean running = cpus[task.cpu].current == task;
        return task.context.awayCycles + (running ? 0 : Math.max(0, now - task.leftUserAt));
    }

    /** Ends all sleeps that a timer would end, as a signal to the sleepers would: outside the measured window only. */
    public void endSleeps(long now) {
        process.sleepers(now).forEach(task -> timers.armWakeup(cpus[task.cpu], now, task));
    }

    /** Shortens ticks and slices, so that threads take turns quickly outside the measured window. */
    public void setTickPeriod(long cycles) {
        ticks.shorten(cycles, machine.now());
    }

    /** Gives every CPU a new tick phase; {@code cycles} is the period, 0 for the machine's. */
    public void restoreTicks(long cycles) {
        ticks.restore(cycles, machine.now());
    }

    // ---- entries

    @Override
    public void interrupt(Core core) {
        CpuState cpu = cpus[core.id];
        long now = core.retireCycle();
        cpu.current.leftUserAt = now;
        cpu.current.interrupted = true;
        long clock = now;
        if (core.forced) {
            core.forced = false;
            clock = cpu.current.stepped ? debugger.stop(cpu, clock) : interrupts.injected(cpu, clock);
        }
        returnToUser(cpu, interrupts.serve(cpu, clock));
    }

    @Override
    public void idle(Core core) {
        CpuState cpu = cpus[core.id];
        long now = core.clock();
        core.idleCycles += Math.max(0, now - core.idleSince);
        core.idleSince = now;
        returnToUser(cpu, interrupts.serve(cpu, now));
    }

    @Override
    public void syscall(Core core, int number) {
        CpuState cpu = cpus[core.id];
        Task task = cpu.current;
        long now = core.retireCycle();
        if (!cpu.inCall) {
            task.leftUserAt = now;
            task.interrupted = false;
            task.inCall = true;
            task.context.sawSyscall = true;
            trace.syscall(now, cpu.id, task, HostCall.syscallName(number));
            sliceExtensions.called(cpu, task, number);
            long look = syscalls.lookAfter(number);
            if (look > 0) {
                cpu.inCall = true;
                core.stayInKernel(now + look);
                return;
            }
            if (number == HostCall.SYS_MEMBARRIER && membarrier.begin(cpu, task, now)) {
                cpu.inCall = true;
                return;
            }
        } else if (cpu.wait != null && membarrier.goOn(cpu)) {
            return;
        }
        cpu.inCall = false;
        returnToUser(cpu, call(cpu, task, number, now));
    }

    private long call(CpuState cpu, Task task, int number, long now) {
        return switch (number) {
            case HostCall.SYS_EXIT -> end(cpu, task, now + costs.syscall);
            case HostCall.SYS_EXIT_FOLLOWED -> endFollowed(cpu, task, now + costs.syscall);
            case HostCall.SYS_SIGRETURN ->
                signals.returnFromHandler(task)
                        ? now + costs.signalReturn
                        : kill(cpu, "rt_sigreturn without a frame", 0, now + costs.syscall);
            default -> syscalls.call(cpu, task, number, now);
        };
    }

    @Override
    public long host(Core core, int number) {
        return host.call(core.thread, core.id, number);
    }

    @Override
    public void wildAccess(Core core, long address) {
        CpuState cpu = cpus[core.id];
        long now = core.retireCycle();
        cpu.current.leftUserAt = now;
        cpu.current.interrupted = true;
        boolean mapped = process.faultIn(address, machine.memory);
        returnToUser(cpu, mapped ? newPage(core, address, now) : kill(cpu, "wild access", address, now));
    }

    /** A page of the heap is made: the kernel has zeroed it, so that its lines are near. */
    private long newPage(Core core, long address, long now) {
        return now + costs.pageFault + machine.kernelTouch(core, address, true);
    }

    private long kill(CpuState cpu, String reason, long address, long now) {
        Task task = cpu.current;
        trace.fault(now, cpu.id, task, reason, address);
        listener.killed(task.id(), reason, address, now);
        return end(cpu, task, now);
    }

    private long endFollowed(CpuState cpu, Task task, long now) {
        long gap = Math.max(1, task.context.regs[Reg.A0]);
        process.awaitsAnother();
        timers.armBegin(cpu, now + gap, task);
        return end(cpu, task, now);
    }

    private long end(CpuState cpu, Task task, long now) {
        process.ended(task);
        threads.ended(task);
        return switching.switchAway(cpu, now, KernelTrace.EXITED);
    }

    // ---- exit

    private void returnToUser(CpuState cpu, long now) {
        long clock = now;
        while (true) {
            sliceExtensions.postpone(cpu, clock);
            clock = switching.reschedule(cpu, clock);
            Task task = cpu.current;
            if (task == null) {
                cpu.core.idleSince = clock;
                cpu.core.enterIdle(clock, cpu.nextDue());
                return;
            }
            ExitPath.Result result = exit.run(cpu, task, clock);
            clock = result.clock();
            if (result.ends()) {
                clock = kill(cpu, result.reason(), 0, clock);
            } else if (result.reason() != null) {
                signals.force(task, 0, result.reason());
            } else if (cpu.nextDue() <= clock) {
                clock = interrupts.serve(cpu, clock);
            } else if (!cpu.needResched && !cpu.noisePending) {
                break;
            }
        }
        enterUser(cpu, clock);
    }

    private void enterUser(CpuState cpu, long clock) {
        Task task = cpu.current;
        cpu.core.kernelCycles += Math.max(0, clock - Math.max(task.leftUserAt, cpu.core.retireCycle()));
        task.context.awayCycles += clock - task.leftUserAt;
        ExitPath.entered(task);
        statistics.add(RseqStatistics.Kind.EXIT, cpu.id);
        cpu.core.enterUser(task.context, clock);
        cpu.core.interruptAt = cpu.nextDue();
        if (task.stepped) {
            cpu.core.forceIn = 1;
        }
    }
}
