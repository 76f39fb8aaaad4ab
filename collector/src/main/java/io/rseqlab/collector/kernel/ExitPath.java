package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.machine.Machine;
import io.rseqlab.trace.Cause;

/**
 * The way back to user mode: signals first (the section is evaluated before the signal's frame is built), then the
 * pending notification of a switch. Signal handlers are charged as time, they run no program.
 */
final class ExitPath {
    /** Number of the timer signal: SIGALRM. */
    private static final int TIMER_SIGNAL = 14;

    private final Machine machine;
    private final KernelOptions options;
    private final Costs costs;
    private final KernelTrace trace;
    private final KernelListener listener;

    /**
     * What the exit came to.
     *
     * @param clock cycle at which user mode can be entered
     * @param killReason why the thread is killed instead, or null
     */
    record Result(long clock, String killReason) {}

    ExitPath(Machine machine, KernelOptions options, Costs costs, KernelTrace trace, KernelListener listener) {
        this.machine = machine;
        this.options = options;
        this.costs = costs;
        this.trace = trace;
        this.listener = listener;
    }

    /** The C library's registration at the thread's start. */
    void register(Task task, int cpu, long rseqArea, int signature) {
        if (options.policy().offersRseq()) {
            task.rseqArea = rseqArea;
            task.rseqLength = RseqArea.LENGTH;
            task.rseqSignature = signature;
            task.notifyResume = true;
            trace.registered(0, cpu, task, 0);
        } else {
            machine.memory.write32(rseqArea + RseqArea.CPU_ID, RseqArea.REGISTRATION_FAILED);
            trace.registered(0, cpu, task, KernelTrace.ENOSYS);
        }
    }

    Result run(CpuState cpu, Task task, long now) {
        long clock = now;
        if (task.signalPending) {
            task.signalPending = false;
            task.lastCause = trace.signal(clock, cpu.id, task, TIMER_SIGNAL);
            task.rseqEvents |= Cause.SIGNAL;
            task.freshCauses |= Cause.SIGNAL;
            Result result = notifyRseq(cpu, task, clock, true);
            if (result.killReason != null) {
                return result;
            }
            clock = result.clock + costs.signal + costs.signalReturn;
        }
        return task.notifyResume ? notifyRseq(cpu, task, clock, false) : new Result(clock, null);
    }

    private Result notifyRseq(CpuState cpu, Task task, long now, boolean signal) {
        boolean switchedIn = task.notifyResume;
        task.notifyResume = false;
        if (task.rseqArea == 0) {
            task.rseqEvents = 0;
            return new Result(now, null);
        }
        long clock = now + machine.kernelTouch(cpu.core, task.rseqArea, true);
        RseqPolicy.Decision decision = options.policy()
                .evaluate(
                        machine.memory,
                        machine.program,
                        task.rseqArea,
                        task.rseqSignature,
                        task.context.pc,
                        task.rseqEvents);
        switch (decision.verdict()) {
            case KILL -> {
                return new Result(clock, "rseq: " + decision.reason());
            }
            case ABORT -> clock = abort(cpu, task, decision.abortPosition(), clock);
            default -> {}
        }
        boolean idsChanged = machine.memory.read32(task.rseqArea + RseqArea.CPU_ID) != cpu.id;
        if (options.policy().writesIds(switchedIn, signal, idsChanged)) {
            writeIds(task.rseqArea, cpu.id);
        }
        return new Result(clock, null);
    }

    private long abort(CpuState cpu, Task task, int handler, long now) {
        int position = task.context.pc;
        Section section = machine.program.sectionAt(position);
        task.rseqEvents = 0;
        if (options.noAbort()) {
            listener.abortSuppressed(task.id(), section.number(), position, now);
            return now;
        }
        long wasted = Math.max(0, task.leftUserAt - task.context.attemptStart);
        trace.aborted(now, cpu.id, task, task.freshCauses, section.name(), position - section.start(), wasted);
        listener.aborted(task.id(), section.number());
        task.context.pc = handler;
        return now + costs.abort;
    }

    private void writeIds(long area, int cpu) {
        machine.memory.write32(area + RseqArea.CPU_ID_START, cpu);
        machine.memory.write32(area + RseqArea.CPU_ID, cpu);
        machine.memory.write32(area + RseqArea.NODE_ID, 0);
        machine.memory.write32(area + RseqArea.MM_CID, cpu);
    }

    /** The descriptor of a section as the loader writes it. */
    static void writeDescriptor(Machine machine, Section section) {
        long descriptor = Program.descriptor(section.number());
        machine.memory.write64(descriptor, 0);
        machine.memory.write64(descriptor + RseqArea.CS_START_IP, Program.pointer(section.start()));
        machine.memory.write64(descriptor + RseqArea.CS_POST_COMMIT_OFFSET, 4L * section.length());
        machine.memory.write64(descriptor + RseqArea.CS_ABORT_IP, Program.pointer(section.abort()));
    }
}
