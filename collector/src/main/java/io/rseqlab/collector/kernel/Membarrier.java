package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Reg;
import io.rseqlab.trace.Cause;

/**
 * membarrier(2), the private expedited commands: an interrupt to every other CPU that runs a thread of the process; the
 * caller waits until all have served it. The one for restartable sequences, which may also name one CPU, aborts the
 * sections that it finds there; with no CPU named the caller's own section is left alone. The plain one orders memory
 * and nothing else. Source: kernel/sched/membarrier.c.
 */
final class Membarrier {
    private static final int QUERY = 0;
    /** MEMBARRIER_CMD_PRIVATE_EXPEDITED. */
    static final int PLAIN = 1 << 3;
    /** MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED. */
    static final int REGISTER_PLAIN = 1 << 4;
    /** MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ. */
    static final int BARRIER = 1 << 7;
    /** MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ. */
    static final int REGISTER = 1 << 8;
    /** MEMBARRIER_CMD_FLAG_CPU: only the CPU of the third argument. */
    static final int FLAG_CPU = 1;

    private final CpuState[] cpus;
    private final Process process;
    private final boolean offered;
    private final Costs costs;
    private final Timers timers;
    private final KernelTrace trace;

    /** A call whose interrupts have not all been served. */
    static final class Wait {
        private final boolean aborts;
        private int outstanding;
        /** When the last of those served was. */
        private long served;

        Wait(boolean aborts, long now) {
            this.aborts = aborts;
            served = now;
        }
    }

    Membarrier(CpuState[] cpus, Process process, boolean offered, Costs costs, Timers timers, KernelTrace trace) {
        this.cpus = cpus;
        this.process = process;
        this.offered = offered;
        this.costs = costs;
        this.timers = timers;
        this.trace = trace;
    }

    /** Makes the call; true if it has sent interrupts and must wait for them. The result is in A0. */
    boolean begin(CpuState cpu, Task task, long now) {
        long[] regs = task.context.regs;
        int command = (int) regs[Reg.A0];
        int flags = (int) regs[Reg.A1];
        int only = (int) regs[Reg.A2];
        regs[Reg.A0] = result(command, flags);
        boolean barrier = command == BARRIER || command == PLAIN;
        if (regs[Reg.A0] != 0 || !barrier || process.alive() == 1 || cpus.length == 1) {
            return false;
        }
        Wait wait = new Wait(command == BARRIER, now);
        for (CpuState target : cpus) {
            boolean asked = flags == FLAG_CPU ? target.id == only : target != cpu;
            if (asked && target == cpu) {
                disturb(target, task, now);
            } else if (asked && target.current != null) {
                wait.outstanding++;
                timers.armMembarrier(target, now + costs.ipi, task);
                wakeWaiting(target);
            }
        }
        if (wait.outstanding == 0) {
            return false;
        }
        cpu.wait = wait;
        cpu.core.stayInKernel(nextTurn(cpu));
        return true;
    }

    private int result(int command, int flags) {
        int commands = offered ? PLAIN | REGISTER_PLAIN | BARRIER | REGISTER : PLAIN | REGISTER_PLAIN;
        boolean known = command == QUERY || Integer.bitCount(command) == 1 && (command & commands) != 0;
        if (!known || flags != 0 && !(command == BARRIER && flags == FLAG_CPU)) {
            return -Errno.EINVAL;
        }
        return switch (command) {
            case QUERY -> commands;
            case REGISTER, REGISTER_PLAIN -> {
                process.membarriers |= command;
                yield 0;
            }
            default -> (process.membarriers & (command == BARRIER ? REGISTER : REGISTER_PLAIN)) != 0 ? 0 : -Errno.EPERM;
        };
    }

    private void disturb(CpuState target, Task caller, long now) {
        target.current.disturbed(Cause.MEMBARRIER, trace.membarrier(now, cpus[caller.cpu].id, caller, target.id));
    }

    /** The interrupt of a call arrives; answers the cycle at which it is served. */
    long arrive(CpuState target, Task caller, long now) {
        CpuState from = cpus[caller.cpu];
        Wait wait = from.wait;
        if (target.current != null && wait.aborts) {
            disturb(target, caller, now);
        }
        long served = now + costs.ipiHandler;
        wait.outstanding--;
        wait.served = Math.max(wait.served, served);
        if (from != target) {
            wakeWaiting(from);
        }
        return served;
    }

    private void wakeWaiting(CpuState cpu) {
        if (cpu.wait != null) {
            cpu.core.stayInKernel(nextTurn(cpu));
        }
    }

    /** When a waiting CPU acts again: its own wait is over, or another's interrupt arrives, for they are not masked. */
    private static long nextTurn(CpuState cpu) {
        CpuState.Timer first = cpu.firstMembarrier();
        long interrupt = first == null ? Long.MAX_VALUE : first.cycle;
        return Math.min(interrupt, cpu.wait.outstanding == 0 ? cpu.wait.served : Long.MAX_VALUE);
    }

    /** A waiting CPU's turn; true if it still waits. */
    boolean goOn(CpuState cpu) {
        CpuState.Timer first = cpu.firstMembarrier();
        if (first != null && (cpu.wait.outstanding > 0 || first.cycle <= cpu.wait.served)) {
            cpu.timers.remove(first);
            arrive(cpu, first.task, first.cycle);
            cpu.core.stayInKernel(nextTurn(cpu));
            return true;
        }
        return cpu.wait.outstanding > 0;
    }

    /** The call is over; answers the cycle at which it returns, of one entered at {@code now}. */
    long end(CpuState cpu, long now) {
        long served = cpu.wait == null ? now : cpu.wait.served;
        cpu.wait = null;
        return served + costs.syscall;
    }
}
