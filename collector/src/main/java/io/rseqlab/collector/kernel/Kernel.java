package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.Core;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.Supervisor;
import io.rseqlab.collector.machine.ThreadContext;
import io.rseqlab.trace.Cause;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel on a machine: takes interrupts and system calls, schedules, and goes back to user mode through the rseq
 * policy. Work in the kernel costs what the machine's profile says.
 */
public final class Kernel implements Supervisor {

    private final KernelOptions options;
    private final EventLog log;
    private final KernelListener listener;
    private final HostServices host;
    private final List<Task> tasks = new ArrayList<>();
    private Machine machine;
    private Costs costs;
    private Scheduler scheduler;
    private CpuState[] cpus;
    private Placement placement;
    private Futexes futexes;
    private KernelTrace trace;
    private ExitPath exit;
    private long tickPeriod;
    private long timerOrder;
    private int alive;

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
        scheduler = new Eevdf(profile.cpus(), profile.clockHz());
        cpus = new CpuState[profile.cpus()];
        tickPeriod = Math.round(profile.clockHz() / profile.cost("kernel.hz"));
        for (int i = 0; i < cpus.length; i++) {
            cpus[i] = new CpuState(i, machine.cores[i]);
            cpus[i].nextTick = randomBelow(tickPeriod);
            cpus[i].tickBase = cpus[i].nextTick;
            cpus[i].nextBalance = randomBelow(4 * tickPeriod);
            if (options.noise()) {
                armNoise(cpus[i], 0);
            }
        }
        machine.program.sections().forEach(section -> ExitPath.writeDescriptor(machine, section));
        trace = new KernelTrace(log);
        futexes = new Futexes();
        placement = new Placement(cpus, profile, scheduler, trace);
        exit = new ExitPath(machine, options, costs, trace, listener);
    }

    /**
     * Creates a thread; it becomes runnable at once.
     *
     * @param context registers and start position
     * @param rseqArea address of the rseq area that the C library registers for it, 0 for none
     * @param signature the registration's signature
     */
    public void spawn(ThreadContext context, long rseqArea, int signature) {
        Task task = new Task(context);
        tasks.add(task);
        alive++;
        task.pinnedCpu = options.pinned() ? context.id % cpus.length : -1;
        CpuState cpu = placement.forNewTask(task);
        task.cpu = cpu.id;
        if (rseqArea != 0) {
            exit.register(task, cpu.id, rseqArea, signature);
        }
        scheduler.enqueue(cpu, task, 0, true);
        cpu.core.wakeIdle(0);
        if (options.signalHz() > 0) {
            long period = Math.round(machine.profile.clockHz() / options.signalHz());
            armSignal(cpu, randomBelow(period), task);
        }
    }

    /** Threads that have not ended. */
    public int alive() {
        return alive;
    }

    /** Shortens ticks and slices, so that threads take turns quickly outside the measured window. */
    public void setTickPeriod(long cycles) {
        scheduler.shortenSlice(cycles / 2);
        long now = machine.now();
        for (CpuState cpu : cpus) {
            cpu.nextTick = now + cycles * (cpu.id + 1) / cpus.length;
            cpu.tickBase = cpu.nextTick;
            if (cpu.current != null) {
                cpu.core.interruptAt = cpu.nextDue();
            }
        }
        tickPeriod = cycles;
    }

    /** Gives every CPU a new tick phase; {@code cycles} is the period, 0 for the machine's. */
    public void restoreTicks(long cycles) {
        long usual = Math.round(machine.profile.clockHz() / machine.profile.cost("kernel.hz"));
        tickPeriod = cycles == 0 ? usual : cycles;
        scheduler.shortenSlice(tickPeriod < usual ? tickPeriod / 2 : Long.MAX_VALUE);
        long now = machine.now();
        for (CpuState cpu : cpus) {
            cpu.nextTick = now + 1 + randomBelow(tickPeriod);
            cpu.tickBase = cpu.nextTick;
            if (cpu.current != null) {
                cpu.core.interruptAt = cpu.nextDue();
            }
        }
    }

    // ---- entries

    @Override
    public void interrupt(Core core) {
        CpuState cpu = cpus[core.id];
        long now = core.retireCycle();
        cpu.current.leftUserAt = now;
        long clock = now;
        if (core.forced) {
            core.forced = false;
            clock = injected(cpu, clock);
        }
        returnToUser(cpu, serveTimers(cpu, clock));
    }

    @Override
    public void idle(Core core) {
        CpuState cpu = cpus[core.id];
        long now = core.clock();
        core.idleCycles += Math.max(0, now - cpu.idleSince);
        returnToUser(cpu, serveTimers(cpu, now));
    }

    @Override
    public void syscall(Core core, int number) {
        CpuState cpu = cpus[core.id];
        Task task = cpu.current;
        long now = core.retireCycle();
        task.leftUserAt = now;
        task.context.sawSyscall = true;
        trace.syscall(now, cpu.id, task, HostCall.syscallName(number));
        returnToUser(cpu, call(cpu, task, number, now));
    }

    private long call(CpuState cpu, Task task, int number, long now) {
        long[] regs = task.context.regs;
        switch (number) {
            case HostCall.SYS_SCHED_YIELD -> {
                scheduler.yield(cpu, now);
                if (!cpu.queue.isEmpty()) {
                    trace.switchOutReason(KernelTrace.YIELDED);
                    return switchTo(cpu, scheduler.choose(cpu, now, false), now + costs.yield);
                }
                return now + costs.yield;
            }
            case HostCall.SYS_FUTEX_WAIT -> {
                long address = regs[Reg.A0];
                if (machine.memory.read32(address) != (int) regs[Reg.A1]) {
                    regs[Reg.A0] = -11;
                    return now + costs.syscall;
                }
                regs[Reg.A0] = 0;
                futexes.await(address, task);
                return block(cpu, task, now + costs.futexWait);
            }
            case HostCall.SYS_FUTEX_WAKE -> {
                List<Task> woken = futexes.wake(regs[Reg.A0], (int) regs[Reg.A1]);
                regs[Reg.A0] = woken.size();
                long clock = now + costs.syscall;
                for (Task other : woken) {
                    clock += costs.futexWake;
                    wake(other, cpu, clock);
                }
                return clock;
            }
            case HostCall.SYS_NANOSLEEP -> {
                arm(cpu, now + regs[Reg.A0], CpuState.Timer.Kind.WAKE, task);
                return block(cpu, task, now + costs.syscall);
            }
            case HostCall.SYS_EXIT -> {
                endTask(task);
                return switchAway(cpu, task, now + costs.syscall, KernelTrace.EXITED);
            }
            case HostCall.SYS_GETCPU -> regs[Reg.A0] = cpu.id;
            default -> regs[Reg.A0] = 0;
        }
        return now + costs.syscall;
    }

    @Override
    public long host(Core core, int number) {
        return host.call(core.thread, core.id, number);
    }

    @Override
    public void wildAccess(Core core, long address) {
        CpuState cpu = cpus[core.id];
        Task task = cpu.current;
        long now = core.retireCycle();
        task.leftUserAt = now;
        kill(cpu, task, "wild access", address, now);
        returnToUser(cpu, switchAway(cpu, task, now, KernelTrace.EXITED));
    }

    private void kill(CpuState cpu, Task task, String reason, long address, long now) {
        trace.fault(now, cpu.id, task, reason, address);
        listener.killed(task.id(), reason, address, now);
        endTask(task);
    }

    private void endTask(Task task) {
        task.state = Task.State.EXITED;
        alive--;
    }

    // ---- interrupts

    private long serveTimers(CpuState cpu, long now) {
        long clock = now;
        while (cpu.nextDue() <= clock) {
            if (cpu.current != null
                    && cpu.nextTick <= clock
                    && (cpu.timers.isEmpty() || cpu.nextTick <= cpu.timers.peek().cycle)) {
                clock = tick(cpu, clock);
            } else {
                clock = expire(cpu, cpu.timers.poll(), clock);
            }
        }
        return clock;
    }

    private long tick(CpuState cpu, long now) {
        cpu.tickBase += tickPeriod;
        cpu.nextTick = Math.max(now + 1, cpu.tickBase + jitter());
        if (scheduler.tick(cpu, now)) {
            cpu.needResched = true;
        }
        if (now >= cpu.nextBalance) {
            cpu.nextBalance = now + placement.balanceInterval(tickPeriod);
            placement.balance(cpu, now);
        }
        return now + Math.min(costs.tick, tickPeriod / 8);
    }

    private long expire(CpuState cpu, CpuState.Timer timer, long now) {
        switch (timer.kind) {
            case WAKE -> {
                if (timer.task.state == Task.State.BLOCKED) {
                    wake(timer.task, cpu, now + costs.timerInterrupt);
                }
            }
            case SIGNAL -> {
                if (timer.task.state != Task.State.EXITED) {
                    long period = Math.round(machine.profile.clockHz() / options.signalHz());
                    long due = timer.cycle - timer.jitter + period;
                    armSignal(cpu, Math.max(now + 1, due), timer.task);
                    sendSignal(timer.task, cpu, now);
                }
            }
            case NOISE -> {
                armNoise(cpu, now);
                cpu.noisePending = cpu.current != null;
            }
            case RESCHEDULE -> {
                return now;
            }
        }
        return now + costs.timerInterrupt;
    }

    private void armSignal(CpuState cpu, long due, Task task) {
        long jitter = costs.timerLateness / 2 + randomBelow(costs.timerLateness + 1);
        CpuState.Timer timer = new CpuState.Timer(due + jitter, timerOrder++, CpuState.Timer.Kind.SIGNAL, task, jitter);
        add(cpu, timer);
    }

    /** Interrupts are never quite on time: without that, a periodic tick would lock to a periodic loop. */
    private long jitter() {
        return randomBelow(Math.min(costs.tickJitter, tickPeriod / 8) + 1);
    }

    private void sendSignal(Task task, CpuState cpu, long now) {
        task.signalPending = true;
        CpuState target = cpus[task.cpu];
        if (target != cpu && target.current == task) {
            interruptLater(target, now + costs.ipi);
        }
    }

    private void armNoise(CpuState cpu, long now) {
        double perSecond = machine.profile.cost("kernel.noise_per_s");
        if (perSecond > 0) {
            double uniform = ((options.random().getAsLong() >>> 11) + 0.5) * 0x1.0p-53;
            long gap = Math.round(-Math.log(uniform) / perSecond * machine.profile.clockHz());
            arm(cpu, now + Math.max(1, gap), CpuState.Timer.Kind.NOISE, null);
        }
    }

    private void arm(CpuState cpu, long cycle, CpuState.Timer.Kind kind, Task task) {
        add(cpu, new CpuState.Timer(cycle, timerOrder++, kind, task, 0));
    }

    private static void add(CpuState cpu, CpuState.Timer timer) {
        cpu.timers.add(timer);
        if (cpu.current == null) {
            cpu.core.wakeIdle(timer.cycle);
        } else {
            cpu.core.interruptAt = Math.min(cpu.core.interruptAt, timer.cycle);
        }
    }

    private void interruptLater(CpuState cpu, long cycle) {
        arm(cpu, cycle, CpuState.Timer.Kind.RESCHEDULE, null);
    }

    private long injected(CpuState cpu, long now) {
        Task task = cpu.current;
        task.rseqEvents |= Cause.INJECTED;
        task.lastCause = null;
        task.notifyResume = true;
        if (!options.injectPreempt()) {
            return now;
        }
        if (cpu.queue.isEmpty()) {
            cpu.noisePending = true;
            return now;
        }
        return switchTo(cpu, scheduler.choose(cpu, now, true), now);
    }

    // ---- waking and switching

    private void wake(Task task, CpuState waker, long now) {
        task.state = Task.State.RUNNABLE;
        CpuState target = placement.forWaking(task, waker);
        placement.move(task, cpus[task.cpu], target, now);
        trace.wakeup(now, waker, task, target.id);
        scheduler.enqueue(target, task, now, false);
        if (target.current == null) {
            target.core.wakeIdle(target == waker ? now : now + costs.wakeIdle);
        } else if (scheduler.preempts(target, task, now)) {
            target.needResched = true;
            if (target != waker) {
                interruptLater(target, now + costs.ipi);
            }
        }
    }

    private long block(CpuState cpu, Task task, long now) {
        scheduler.block(cpu, task, now);
        task.state = Task.State.BLOCKED;
        return switchAway(cpu, task, now, KernelTrace.BLOCKED);
    }

    private long switchAway(CpuState cpu, Task task, long now, String reason) {
        trace.switchOutReason(reason);
        Task next = scheduler.choose(cpu, now, false);
        if (next == null) {
            placement.pull(cpu, now);
            next = scheduler.choose(cpu, now, false);
        }
        return switchTo(cpu, next, now);
    }

    /** Makes {@code next} the running task, null for idle; answers the cycle at which it can go on. */
    private long switchTo(CpuState cpu, Task next, long now) {
        Task previous = cpu.current;
        cpu.needResched = false;
        if (next == previous) {
            return now;
        }
        if (previous != null) {
            previous.lastRan = now;
        }
        EventLog.Ref ref = trace.switched(now, cpu.id, previous, next);
        if (previous != null) {
            noteSwitchedOut(previous, ref);
        }
        cpu.current = next;
        if (next != null) {
            next.accountedTo = now;
            if (previous == null) {
                skipMissedTicks(cpu, now);
            }
        }
        return next == null ? now : now + costs.switching;
    }

    private static void noteSwitchedOut(Task task, EventLog.Ref ref) {
        task.rseqEvents |= Cause.PREEMPTION;
        task.lastCause = ref;
        task.notifyResume = true;
    }

    /** The tick stood still while the CPU was idle; its phase stays. */
    private void skipMissedTicks(CpuState cpu, long now) {
        if (cpu.nextTick <= now) {
            cpu.tickBase += (now - cpu.tickBase) / tickPeriod * tickPeriod + tickPeriod;
            cpu.nextTick = Math.max(now + 1, cpu.tickBase + jitter());
        }
    }

    // ---- exit

    private void returnToUser(CpuState cpu, long now) {
        long clock = now;
        while (true) {
            clock = reschedule(cpu, clock);
            Task task = cpu.current;
            if (task == null) {
                cpu.idleSince = clock;
                cpu.core.enterIdle(clock, cpu.nextDue());
                return;
            }
            ExitPath.Result result = exit.run(cpu, task, clock);
            clock = result.clock();
            if (result.killReason() != null) {
                kill(cpu, task, result.killReason(), 0, clock);
                clock = switchAway(cpu, task, clock, KernelTrace.EXITED);
            } else if (cpu.nextDue() <= clock) {
                clock = serveTimers(cpu, clock);
            } else if (!cpu.needResched && !cpu.noisePending) {
                break;
            }
        }
        Task task = cpu.current;
        cpu.core.kernelCycles += Math.max(0, clock - Math.max(task.leftUserAt, cpu.core.retireCycle()));
        task.context.awayCycles += clock - task.leftUserAt;
        cpu.core.enterUser(task.context, clock);
        cpu.core.interruptAt = cpu.nextDue();
    }

    private long reschedule(CpuState cpu, long now) {
        long clock = now;
        if (cpu.needResched || cpu.current == null) {
            if (cpu.current != null) {
                trace.switchOutReason(KernelTrace.PREEMPTED);
            }
            Task next = scheduler.choose(cpu, clock, false);
            if (next == null) {
                placement.pull(cpu, clock);
                next = scheduler.choose(cpu, clock, false);
            }
            clock = switchTo(cpu, next, clock);
        }
        if (cpu.noisePending) {
            cpu.noisePending = false;
            clock = cpu.current == null ? clock : backgroundThread(cpu, clock);
        }
        return clock;
    }

    /** A kernel thread of the CPU runs for a moment in place of the running task. */
    private long backgroundThread(CpuState cpu, long now) {
        Task task = cpu.current;
        EventLog.Ref ref = trace.background(now, cpu.id, task, true);
        noteSwitchedOut(task, ref);
        long end = now + costs.switching + costs.noiseRun;
        trace.background(end, cpu.id, task, false);
        task.accountedTo = end;
        return end + costs.switching;
    }

    private long randomBelow(long bound) {
        return Long.remainderUnsigned(options.random().getAsLong(), bound);
    }
}
