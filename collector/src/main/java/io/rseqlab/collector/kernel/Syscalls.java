package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.Memory;

/**
 * What system calls do. Arguments are in A0 to A3, the result is in A0: what is negative is an error of {@link Errno}.
 */
final class Syscalls {
    private final Memory memory;
    private final Costs costs;
    private final Switching switching;
    private final Timers timers;
    private final Registration registration;
    private final Futexes futexes;
    private final Signals signals;
    private final Threads threads;
    private final Membarrier membarrier;
    private final ProcessCalls processCalls;

    Syscalls(
            Memory memory,
            Costs costs,
            Switching switching,
            Timers timers,
            Registration registration,
            Futexes futexes,
            Signals signals,
            Threads threads,
            Membarrier membarrier,
            ProcessCalls processCalls) {
        this.memory = memory;
        this.costs = costs;
        this.switching = switching;
        this.timers = timers;
        this.registration = registration;
        this.futexes = futexes;
        this.signals = signals;
        this.threads = threads;
        this.membarrier = membarrier;
        this.processCalls = processCalls;
    }

    /**
     * Cycles from a call to the moment at which it looks at what other CPUs can change meanwhile. They decide whether a
     * thread that found a mutex taken sleeps: most often the holder has given it back before the kernel looks.
     */
    long lookAfter(int number) {
        return switch (number) {
            case HostCall.SYS_FUTEX_WAIT -> costs.futexLook;
            case HostCall.SYS_FUTEX_WAKE -> costs.futexWakeLook;
            default -> 0;
        };
    }

    /**
     * Makes a call of the running task, other than exit, that was entered at {@code now} and looks at this moment;
     * answers the cycle at which the CPU can go on.
     */
    long call(CpuState cpu, Task task, int number, long now) {
        long[] regs = task.context.regs;
        switch (number) {
            case HostCall.SYS_SCHED_YIELD -> {
                return switching.yield(cpu, now);
            }
            case HostCall.SYS_FUTEX_WAIT -> {
                return futexWait(cpu, task, regs, now);
            }
            case HostCall.SYS_FUTEX_WAKE -> {
                return futexWake(cpu, regs, now);
            }
            case HostCall.SYS_NANOSLEEP -> {
                timers.armWakeup(cpu, now + regs[Reg.A0], task);
                return switching.block(cpu, task, now + costs.syscall);
            }
            case HostCall.SYS_RSEQ -> regs[Reg.A0] = rseq(cpu, task, regs, now);
            case HostCall.SYS_MEMBARRIER -> {
                return membarrier.end(cpu, now);
            }
            case HostCall.SYS_TGKILL -> regs[Reg.A0] = signals.kill(cpu, regs[Reg.A0], regs[Reg.A1], now);
            case HostCall.SYS_SIGACTION -> regs[Reg.A0] = signals.handle(regs[Reg.A0], regs[Reg.A1]);
            case HostCall.SYS_CLONE -> regs[Reg.A0] = threads.clone(task, now);
            case HostCall.SYS_SETAFFINITY -> regs[Reg.A0] = threads.setAffinity(cpu, task, now);
            case HostCall.SYS_MUNMAP -> protect(regs, UserAccess.Protection.NONE);
            case HostCall.SYS_MPROTECT -> protect(regs, protection(regs[Reg.A2]));
            case HostCall.SYS_GETCPU -> regs[Reg.A0] = cpu.id;
            case HostCall.SYS_EXECVE -> {
                if (!threads.execute(task)) {
                    regs[Reg.A0] = -Errno.ENOENT;
                }
            }
            case HostCall.SYS_PRCTL -> regs[Reg.A0] = processCalls.prctl(task, regs);
            case HostCall.SYS_RSEQ_SLICE_YIELD -> regs[Reg.A0] = processCalls.sliceYielded(task);
            case HostCall.SYS_BRK -> regs[Reg.A0] = processCalls.brk(regs[Reg.A0]);
            case HostCall.SYS_PTRACE -> regs[Reg.A0] = processCalls.trace(regs[Reg.A0]);
            default -> regs[Reg.A0] = 0;
        }
        return now + costs.syscall;
    }

    private void protect(long[] regs, UserAccess.Protection protection) {
        registration.user().protect(regs[Reg.A0], regs[Reg.A1], protection);
        regs[Reg.A0] = 0;
    }

    private static UserAccess.Protection protection(long bits) {
        if ((bits & 1) == 0) {
            return UserAccess.Protection.NONE;
        }
        return (bits & 2) == 0 ? UserAccess.Protection.READ : UserAccess.Protection.READ_WRITE;
    }

    private int rseq(CpuState cpu, Task task, long[] regs, long now) {
        int length = (int) regs[Reg.A1];
        int flags = (int) regs[Reg.A2];
        return registration.call(task, cpu.id, regs[Reg.A0], length, flags, (int) regs[Reg.A3], now);
    }

    private long futexWait(CpuState cpu, Task task, long[] regs, long now) {
        long address = regs[Reg.A0];
        if (memory.read32(address) != (int) regs[Reg.A1]) {
            regs[Reg.A0] = -Errno.EAGAIN;
            return now + costs.futexAgain;
        }
        regs[Reg.A0] = 0;
        futexes.await(address, task);
        return switching.block(cpu, task, now + costs.futexWait);
    }

    private long futexWake(CpuState cpu, long[] regs, long now) {
        var woken = futexes.wake(regs[Reg.A0], (int) regs[Reg.A1]);
        regs[Reg.A0] = woken.size();
        long clock = now + (woken.isEmpty() ? costs.futexWakeNobody : costs.syscall);
        for (Task task : woken) {
            clock += costs.futexWake;
            clock += switching.wake(task, cpu, clock);
        }
        return clock;
    }
}
