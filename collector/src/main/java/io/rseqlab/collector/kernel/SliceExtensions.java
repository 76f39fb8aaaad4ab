package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.machine.Machine;

/**
 * The time-slice extension of Linux 7.0: a thread that asks for it in its area is not switched out at once when an
 * interrupt ends in a request to do so, but goes on for a few microseconds, so that it can leave what it must not be
 * switched out of. It gives the CPU back with rseq_slice_yield, or loses it with its next system call, when the time is
 * over, at the next request, or when the exit has anything else to do. Sources: rseq_grant_slice_extension in
 * include/linux/rseq_entry.h; rseq_syscall_enter_work, rseq_slice_extension_prctl and the slice timer in kernel/rseq.c.
 *
 * <p>Another system call than rseq_slice_yield is made before the switch here, not behind it. What {@code srevok}
 * counts (grants that end by a second request or by other work) is an assumption.
 */
final class SliceExtensions {
    /** prctl's option, and what it can be asked: PR_RSEQ_SLICE_EXTENSION. */
    static final int OPTION = 79;

    static final int GET = 1;
    static final int SET = 2;
    /** PR_RSEQ_SLICE_EXT_ENABLE. */
    static final int ENABLE = 1;

    /** The area's flags say that it is to be had, and that this thread has it. */
    static final int AVAILABLE = 1 << 4;

    static final int ENABLED = 1 << 5;

    /** The control word: a byte that the thread sets to ask, and above it one that the kernel sets to grant. */
    private static final int REQUEST = 0xff;

    private static final int GRANT = 1 << 8;

    private final RseqPolicy policy;
    private final UserAccess user;
    private final Machine machine;
    private final Timers timers;
    private final Signals signals;
    private final RseqStatistics statistics;
    private final long extensionCycles;

    SliceExtensions(
            RseqPolicy policy,
            UserAccess user,
            Machine machine,
            Timers timers,
            Signals signals,
            RseqStatistics statistics) {
        this.policy = policy;
        this.user = user;
        this.machine = machine;
        this.timers = timers;
        this.signals = signals;
        this.statistics = statistics;
        extensionCycles = machine.profile.cyclesOf(policy.sliceExtensionSeconds());
    }

    /** prctl(PR_RSEQ_SLICE_EXTENSION): answers what is asked for, 0, or an error negated. */
    static int control(RseqPolicy policy, UserAccess user, RseqState rseq, long what, long value) {
        if (policy.sliceExtensionSeconds() == 0 || what != GET && what != SET) {
            return -Errno.EINVAL;
        }
        if (what == GET) {
            return value != 0 ? -Errno.EINVAL : rseq.sliceEnabled ? ENABLE : 0;
        }
        if ((value & ~ENABLE) != 0) {
            return -Errno.EINVAL;
        }
        if (!rseq.registered()) {
            return -Errno.ENXIO;
        }
        if (!rseq.extended()) {
            return -Errno.ENOTSUPP;
        }
        rseq.sliceEnabled = value == ENABLE;
        user.write32(rseq.area + RseqArea.FLAGS, rseq.sliceEnabled ? AVAILABLE | ENABLED : AVAILABLE);
        return 0;
    }

    /**
     * The running thread is to be switched out on its way to user mode: lets it go on instead if it has asked for that
     * and nothing else is to be done. A grant that it has already is revoked.
     */
    void postpone(CpuState cpu, long now) {
        Task task = cpu.current;
        if (task == null || !task.rseq.sliceEnabled || !task.interrupted || !cpu.needResched && !cpu.noisePending) {
            return;
        }
        RseqState rseq = task.rseq;
        if (!user.writable(rseq.area, rseq.length)) {
            signals.force(task, 0, KillReason.AREA.words());
            return;
        }
        machine.kernelTouch(cpu.core, rseq.area, true);
        long address = rseq.area + RseqArea.SLICE_CONTROL;
        boolean otherWork = task.notifyResume || task.workPending || task.pendingSignals != 0;
        if (otherWork || rseq.sliceGranted) {
            if (rseq.sliceGranted && now < rseq.sliceEnds) {
                statistics.add(RseqStatistics.Kind.SREVOK, cpu.id);
            }
            user.write32(address, 0);
            end(cpu, task);
            return;
        }
        int word = user.read32(address);
        if ((word & REQUEST) != 0) {
            user.write32(address, word & ~REQUEST | GRANT);
            grant(cpu, task, now);
        }
    }

    private void grant(CpuState cpu, Task task, long now) {
        task.rseq.sliceGranted = true;
        task.rseq.sliceEnds = now + extensionCycles;
        cpu.needResched = false;
        cpu.noisePostponed |= cpu.noisePending;
        cpu.noisePending = false;
        timers.armSliceEnd(cpu, task.rseq.sliceEnds, task);
        statistics.add(RseqStatistics.Kind.SGRANT, cpu.id);
    }

    private static void end(CpuState cpu, Task task) {
        task.rseq.sliceGranted = false;
        cpu.noisePending |= cpu.noisePostponed;
        cpu.noisePostponed = false;
    }

    /** The time of a grant is over. */
    void expired(CpuState cpu, Task task, long due) {
        if (cpu.current == task && task.rseq.sliceGranted && task.rseq.sliceEnds == due) {
            statistics.add(RseqStatistics.Kind.SEXPIR, cpu.id);
            cpu.needResched = true;
        }
    }

    /** A thread makes a system call: it loses its grant. */
    void called(CpuState cpu, Task task, int number) {
        RseqState rseq = task.rseq;
        if (!rseq.sliceGranted) {
            return;
        }
        boolean yields = number == HostCall.SYS_RSEQ_SLICE_YIELD;
        rseq.sliceYielded = yields;
        statistics.add(yields ? RseqStatistics.Kind.SYIELD : RseqStatistics.Kind.SABORT, cpu.id);
        if (user.writable(rseq.area, rseq.length)) {
            user.write32(rseq.area + RseqArea.SLICE_CONTROL, 0);
        } else {
            signals.force(task, 0, KillReason.AREA.words());
        }
        end(cpu, task);
        cpu.needResched = true;
    }

    /** rseq_slice_yield: 1 if it ended a grant, 0 if there was none, or an error negated. */
    int yielded(Task task) {
        if (extensionCycles == 0) {
            return -Errno.ENOSYS;
        }
        boolean yielded = task.rseq.sliceYielded;
        task.rseq.sliceYielded = false;
        return yielded ? 1 : 0;
    }

    /** A thread that was switched out comes back: neither a request nor a grant is left. */
    static void scheduled(UserAccess user, RseqState rseq) {
        if (rseq.sliceEnabled) {
            rseq.sliceGranted = false;
            user.write32(rseq.area + RseqArea.SLICE_CONTROL, 0);
        }
    }
}
