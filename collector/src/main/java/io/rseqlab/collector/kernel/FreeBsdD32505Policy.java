package io.rseqlab.collector.kernel;

/**
 * The draft of a native rseq for FreeBSD, review D32505. Its text could not be had; of the review's discussion it is
 * known that a system call in a section does not kill. The rest is taken as follows, and is an assumption: the fields
 * are those of the area's first version (as in sys/compat/linux/linux_rseq.c, without node and concurrency id), every
 * switch and every signal evaluates the section, no event outlives the exit that it came to, and a descriptor is
 * validated, in full, where the instruction pointer is inside.
 */
public class FreeBsdD32505Policy implements RseqPolicy {
    @Override
    public String id() {
        return "freebsd-d32505";
    }

    @Override
    public String summary() {
        return "the FreeBSD draft D32505: system calls in sections tolerated, descriptors validated inside only";
    }

    @Override
    public final SchedulerKind scheduler() {
        return SchedulerKind.ULE;
    }

    @Override
    public final int featureBytes() {
        return RseqArea.FLAGS + 4;
    }

    @Override
    public final boolean evaluates(UserExit exit) {
        return exit.scheduled() || exit.signal();
    }

    @Override
    public final boolean writesIds(UserExit exit) {
        return exit.scheduled();
    }

    @Override
    public final Decision evaluate(UserAccess user, RseqState rseq, long pointer) {
        long armed = user.read64(rseq.area + RseqArea.RSEQ_CS);
        if (armed == 0) {
            return Decision.of(Verdict.NOTHING);
        }
        Descriptor descriptor = Descriptor.read(user, armed);
        if (descriptor == null) {
            return Decision.kill(KillReason.DESCRIPTOR);
        }
        KillReason pointerDefect = pointerDefect(user, armed);
        if (pointerDefect != null) {
            return Decision.kill(pointerDefect);
        }
        if (!descriptor.contains(pointer)) {
            user.write64(rseq.area + RseqArea.RSEQ_CS, 0);
            return Decision.of(Verdict.CLEARED);
        }
        KillReason defect = targetDefect(user, rseq, armed, descriptor);
        if (defect != null) {
            return Decision.kill(defect);
        }
        user.write64(rseq.area + RseqArea.RSEQ_CS, 0);
        return Decision.abort(descriptor);
    }

    /** What is wrong with the armed pointer itself; null if nothing. */
    KillReason pointerDefect(UserAccess user, long armed) {
        return null;
    }

    /** Why the kernel must not go to the abort handler; null if it may. */
    KillReason targetDefect(UserAccess user, RseqState rseq, long armed, Descriptor descriptor) {
        return descriptor.defect(user, rseq.signature);
    }
}
