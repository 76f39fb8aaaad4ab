package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.collector.machine.Memory;
import io.rseqlab.trace.Cause;

/** What is done for a thread's restartable sequences on its way to user mode, as the kernel's policy says. */
final class RseqExit {
    private final Machine machine;
    private final KernelOptions options;
    private final RseqPolicy policy;
    private final Costs costs;
    private final UserAccess user;
    private final KernelTrace trace;
    private final KernelListener listener;
    private final RseqStatistics statistics;

    RseqExit(
            Machine machine,
            KernelOptions options,
            Costs costs,
            UserAccess user,
            KernelTrace trace,
            KernelListener listener,
            RseqStatistics statistics) {
        this.machine = machine;
        this.options = options;
        this.policy = options.policy();
        this.costs = costs;
        this.user = user;
        this.trace = trace;
        this.listener = listener;
        this.statistics = statistics;
    }

    /** Serves a notification, or a signal that is about to be delivered. */
    ExitPath.Result serve(CpuState cpu, Task task, long now, boolean signal) {
        RseqState rseq = task.rseq;
        UserExit exit = new UserExit(
                signal,
                rseq.scheduled || rseq.idsDue,
                task.interrupted,
                rseq.cpuId != cpu.id || rseq.mmCid != task.concurrencyId || rseq.idsDue,
                rseq.extended());
        task.notifyResume = false;
        rseq.scheduled = false;
        if (!rseq.registered()) {
            return ExitPath.Result.at(now);
        }
        if (signal) {
            statistics.add(RseqStatistics.Kind.SIGNAL, cpu.id);
        }
        boolean evaluates = policy.evaluates(exit);
        boolean writesIds = policy.writesIds(exit);
        if (!evaluates && !writesIds) {
            return ExitPath.Result.at(now);
        }
        if (!signal) {
            statistics.add(policy.hasFastPath() ? RseqStatistics.Kind.FASTP : RseqStatistics.Kind.SLOWP, cpu.id);
        }
        if (!user.writable(rseq.area, rseq.length)) {
            return ExitPath.Result.faulty(now, KillReason.AREA);
        }
        long clock = now + machine.kernelTouch(cpu.core, rseq.area, true);
        if (exit.scheduled()) {
            SliceExtensions.scheduled(user, rseq);
        }
        if (evaluates) {
            ExitPath.Result result = evaluate(cpu, task, clock);
            if (result.reason() != null) {
                return result;
            }
            clock = result.clock();
        }
        KillReason reason = writesIds ? writeIds(cpu, task, clock) : null;
        return reason == null ? ExitPath.Result.at(clock) : ExitPath.Result.faulty(clock, reason);
    }

    private ExitPath.Result evaluate(CpuState cpu, Task task, long now) {
        RseqPolicy.Decision decision = policy.evaluate(user, task.rseq, Program.pointer(task.context.pc));
        if (decision.verdict() != RseqPolicy.Verdict.NOTHING) {
            statistics.add(RseqStatistics.Kind.CS, cpu.id);
        }
        switch (decision.verdict()) {
            case KILL -> {
                return ExitPath.Result.faulty(now, decision.reason());
            }
            case CLEARED -> statistics.add(RseqStatistics.Kind.CLEAR, cpu.id);
            case ABORT -> {
                return abort(cpu, task, decision, now);
            }
            default -> {}
        }
        return ExitPath.Result.at(now);
    }

    private ExitPath.Result abort(CpuState cpu, Task task, RseqPolicy.Decision decision, long now) {
        int position = task.context.pc;
        Section section = machine.program.sectionAt(position);
        int start = user.position(decision.section());
        boolean known = section != null && section.start() == start;
        task.rseq.events = 0;
        if (options.noAbort()) {
            if (known) {
                listener.abortSuppressed(task.id(), section.number(), position, now);
            }
            return ExitPath.Result.at(now);
        }
        int handler = user.position(decision.handler());
        if (handler < 0) {
            return ExitPath.Result.killed(now, KillReason.NO_CODE.words());
        }
        statistics.add(RseqStatistics.Kind.FIXUP, cpu.id);
        long wasted = Math.max(0, task.leftUserAt - task.context.attemptStart);
        String name = known ? section.name() : "0x" + Long.toHexString(decision.section());
        trace.aborted(now, cpu.id, task, causes(task), name, position - start, wasted);
        if (known) {
            listener.aborted(task.id(), section.number());
        }
        task.context.pc = handler;
        return ExitPath.Result.at(now + costs.abort);
    }

    /** Where nothing has happened since the thread was last in user mode, only old event bits can have aborted it. */
    private static int causes(Task task) {
        int causes = task.rseq.freshCauses == 0 ? Cause.STALE : task.rseq.freshCauses;
        return task.interrupted ? causes : causes | Cause.SYSCALL;
    }

    private KillReason writeIds(CpuState cpu, Task task, long now) {
        RseqState rseq = task.rseq;
        if (!rseq.idsDue && changedByProgram(rseq)) {
            switch (policy.tampering(rseq)) {
                case KILLED -> {
                    return KillReason.FIELDS;
                }
                case WARNED_OF -> listener.warned(task.id(), KillReason.FIELDS.words(), now);
                default -> {}
            }
        }
        statistics.add(RseqStatistics.Kind.IDS, cpu.id);
        rseq.idsDue = false;
        rseq.cpuIdStart = cpu.id;
        rseq.cpuId = cpu.id;
        rseq.mmCid = task.concurrencyId;
        Memory memory = machine.memory;
        memory.write32(rseq.area + RseqArea.CPU_ID_START, rseq.cpuIdStart);
        memory.write32(rseq.area + RseqArea.CPU_ID, rseq.cpuId);
        if (policy.featureBytes() > RseqArea.MM_CID) {
            memory.write32(rseq.area + RseqArea.NODE_ID, rseq.nodeId);
            memory.write32(rseq.area + RseqArea.MM_CID, rseq.mmCid);
        }
        return null;
    }

    private boolean changedByProgram(RseqState rseq) {
        Memory memory = machine.memory;
        return memory.read32(rseq.area + RseqArea.CPU_ID_START) != rseq.cpuIdStart
                || memory.read32(rseq.area + RseqArea.CPU_ID) != rseq.cpuId
                || memory.read32(rseq.area + RseqArea.NODE_ID) != rseq.nodeId
                || memory.read32(rseq.area + RseqArea.MM_CID) != rseq.mmCid;
    }

    /** What a kernel that watches system calls in sections finds at the end of one; null if nothing. */
    KillReason afterSyscall(Task task) {
        RseqState rseq = task.rseq;
        if (!policy.killsSyscallInside() || !rseq.registered()) {
            return null;
        }
        if (!user.readable(rseq.area, rseq.length)) {
            return KillReason.AREA;
        }
        long armed = user.read64(rseq.area + RseqArea.RSEQ_CS);
        if (armed == 0) {
            return null;
        }
        if (Descriptor.beyondUser(armed)) {
            return KillReason.POINTER;
        }
        Descriptor descriptor = Descriptor.read(user, armed);
        KillReason defect = descriptor == null ? KillReason.DESCRIPTOR : descriptor.defect(user, rseq.signature);
        boolean inside = defect == null && descriptor.contains(Program.pointer(task.context.pc));
        return inside ? KillReason.SYSCALL : defect;
    }
}
