package io.rseqlab.collector.kernel;

/**
 * Linux 7.1 with a C library that registers all that the kernel offers (more than 32 bytes), which asks for what the
 * kernel calls optimized V2 mode: a section is looked at only where user mode was left by an interrupt or an exception
 * and then a switch, a membarrier or a signal came; the id fields are written only if they change; a program that
 * writes them is killed. No event outlives the exit that it came to. A registration of 32 bytes keeps what 6.18 shows:
 * see {@link Linux71LegacyPolicy}.
 *
 * <p>Of the descriptor no more is validated than the jump needs, and that only inside the section. Source:
 * include/linux/rseq_entry.h and Documentation/userspace-api/rseq.rst of 7.1-rc.
 */
public class Linux71Policy implements RseqPolicy {
    /** An abort handler lies behind its signature, so not at an address below this. */
    private static final long LEAST_HANDLER = 4;

    /** The default, which is also the least, of debugfs rseq/slice_ext_nsec. */
    private static final double SLICE_EXTENSION_SECONDS = 5e-6;

    @Override
    public String id() {
        return "linux-7.1";
    }

    @Override
    public String summary() {
        return "Linux 7.1, V2 mode: only interrupted sections are evaluated, ids rewritten only if they change";
    }

    @Override
    public final int featureBytes() {
        return 33;
    }

    @Override
    public final int alignmentBytes() {
        return 64;
    }

    @Override
    public int libraryBytes() {
        return 64;
    }

    @Override
    public final ConcurrencyIdForm concurrencyIds() {
        return ConcurrencyIdForm.LINUX_6_19;
    }

    @Override
    public final double sliceExtensionSeconds() {
        return SLICE_EXTENSION_SECONDS;
    }

    @Override
    public final boolean hasFastPath() {
        return true;
    }

    @Override
    public final boolean evaluates(UserExit exit) {
        return (exit.scheduled() || exit.signal()) && (exit.interrupted() || !exit.extended());
    }

    @Override
    public final boolean writesIds(UserExit exit) {
        return (exit.scheduled() || exit.signal()) && (exit.idsChanged() || !exit.extended());
    }

    @Override
    public final Tampering tampering(RseqState rseq) {
        return rseq.extended() ? Tampering.KILLED : Tampering.TOLERATED;
    }

    @Override
    public final Decision evaluate(UserAccess user, RseqState rseq, long pointer) {
        long armed = user.read64(rseq.area + RseqArea.RSEQ_CS);
        if (armed == 0) {
            return Decision.of(Verdict.NOTHING);
        }
        if (Descriptor.beyondUser(armed)) {
            return Decision.kill(KillReason.POINTER);
        }
        Descriptor descriptor = Descriptor.read(user, armed);
        if (descriptor == null) {
            return Decision.kill(KillReason.DESCRIPTOR);
        }
        if (!descriptor.contains(pointer)) {
            user.write64(rseq.area + RseqArea.RSEQ_CS, 0);
            return Decision.of(Verdict.CLEARED);
        }
        if (descriptor.abort() < LEAST_HANDLER || Descriptor.beyondUser(descriptor.abort())) {
            return Decision.kill(KillReason.HANDLER);
        }
        KillReason defect = descriptor.signatureDefect(user, rseq.signature);
        if (defect != null) {
            return Decision.kill(defect);
        }
        user.write64(rseq.area + RseqArea.RSEQ_CS, 0);
        return Decision.abort(descriptor);
    }
}
