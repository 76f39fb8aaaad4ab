package io.rseqlab.collector.kernel;

/**
 * The call rseq(2): registers a thread's area, or gives it back. One area per thread: whoever comes second is told so.
 * Source: sys_rseq in kernel/rseq.c of 6.18; every result was seen on 6.18.44.
 */
final class Registration {
    /** The flag that unregisters: RSEQ_FLAG_UNREGISTER. */
    static final int UNREGISTER = 1;

    /** The flag that asks for the slice extension, where there is one: RSEQ_FLAG_SLICE_EXT_DEFAULT_ON. */
    static final int SLICE_EXTENSION = 2;

    private final RseqPolicy policy;
    private final UserAccess user;
    private final KernelTrace trace;

    Registration(RseqPolicy policy, UserAccess user, KernelTrace trace) {
        this.policy = policy;
        this.user = user;
        this.trace = trace;
    }

    /** The memory in which areas lie. */
    UserAccess user() {
        return user;
    }

    /** The C library's registration at a thread's start; where it fails, cpu_id says so. */
    void byLibrary(Task task, int cpu, long area, int signature, long now) {
        if (call(task, cpu, area, policy.libraryBytes(), 0, signature, now) != 0) {
            user.write32(area + RseqArea.CPU_ID, RseqArea.REGISTRATION_FAILED);
        }
    }

    /**
     * Makes the call.
     *
     * @param length bytes of the area
     * @param flags 0 to register, {@link #UNREGISTER} to give back
     * @return 0, or an error of {@link Errno} negated
     */
    int call(Task task, int cpu, long area, int length, int flags, int signature, long now) {
        boolean unregister = (flags & UNREGISTER) != 0;
        int error = error(task.rseq, area, length, flags, signature);
        if (error == 0) {
            error = unregister ? unregister(task.rseq) : register(task, area, length, signature);
        }
        if (error == 0 && !unregister && policy.sliceExtensionSeconds() > 0 && length > RseqArea.LENGTH) {
            task.rseq.sliceEnabled = flags == SLICE_EXTENSION;
            int enabled = task.rseq.sliceEnabled ? SliceExtensions.ENABLED : 0;
            user.write32(area + RseqArea.FLAGS, SliceExtensions.AVAILABLE | enabled);
            user.write32(area + RseqArea.SLICE_CONTROL, 0);
        }
        trace.registered(now, cpu, task, error, unregister);
        return -error;
    }

    private int error(RseqState rseq, long area, int length, int flags, int signature) {
        if (!policy.offersRseq()) {
            return Errno.ENOSYS;
        }
        boolean asksForSlices = policy.sliceExtensionSeconds() > 0 && flags == SLICE_EXTENSION;
        if (flags != 0 && flags != UNREGISTER && !asksForSlices) {
            return Errno.EINVAL;
        }
        if (rseq.registered() || flags == UNREGISTER) {
            if (!rseq.registered() || rseq.area != area || rseq.length != length) {
                return Errno.EINVAL;
            }
            if (rseq.signature != signature) {
                return Errno.EPERM;
            }
            return flags == UNREGISTER ? 0 : Errno.EBUSY;
        }
        if (!fits(area, length)) {
            return Errno.EINVAL;
        }
        return user.writable(area, length) ? 0 : Errno.EFAULT;
    }

    /** An area of the first version is aligned to its size; any other as the kernel asks, with all fields it knows. */
    private boolean fits(long area, int length) {
        if (length == RseqArea.LENGTH) {
            return (area & (RseqArea.LENGTH - 1)) == 0;
        }
        return length > RseqArea.LENGTH
                && (area & (policy.alignmentBytes() - 1)) == 0
                && length >= policy.featureBytes();
    }

    /** Older C libraries use areas again, so what is armed in one is forgotten rather than refused. */
    private int register(Task task, long area, int length, int signature) {
        RseqState rseq = task.rseq;
        rseq.area = area;
        rseq.length = length;
        rseq.signature = signature;
        rseq.cpuId = -1;
        rseq.idsDue = true;
        task.notifyResume = true;
        user.write64(area + RseqArea.RSEQ_CS, 0);
        return 0;
    }

    private int unregister(RseqState rseq) {
        if (!user.writable(rseq.area, rseq.length)) {
            return Errno.EFAULT;
        }
        user.write32(rseq.area + RseqArea.CPU_ID_START, 0);
        user.write32(rseq.area + RseqArea.CPU_ID, RseqArea.UNINITIALIZED);
        user.write32(rseq.area + RseqArea.NODE_ID, 0);
        user.write32(rseq.area + RseqArea.MM_CID, 0);
        rseq.reset();
        return 0;
    }
}
