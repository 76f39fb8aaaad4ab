package io.rseqlab.collector.kernel;

/**
 * Linux up to 6.18 (kernel/rseq.c, rseq_ip_fixup): after every switch and before every signal the armed descriptor is
 * copied and fully validated, signature included, and only then the instruction pointer is compared; outside, the
 * descriptor is forgotten; inside, the section is aborted if any event bit is set. The id fields are written at every
 * such exit. Event bits are cleared only where a section was found: a notification that has nothing to do with it may
 * abort a section for what happened long before.
 */
public class Linux618Policy implements RseqPolicy {
    @Override
    public String id() {
        return "linux-6.18";
    }

    @Override
    public String summary() {
        return "Linux up to 6.18: every switch and every signal evaluates the section; ids rewritten each time";
    }

    @Override
    public ConcurrencyIdForm concurrencyIds() {
        return ConcurrencyIdForm.LINUX_6_13;
    }

    @Override
    public boolean evaluates(UserExit exit) {
        return true;
    }

    @Override
    public boolean writesIds(UserExit exit) {
        return true;
    }

    @Override
    public Decision evaluate(UserAccess user, RseqState rseq, long pointer) {
        long armed = user.read64(rseq.area + RseqArea.RSEQ_CS);
        if (armed == 0) {
            return Decision.of(Verdict.NOTHING);
        }
        if (Descriptor.beyondUser(armed)) {
            return Decision.kill(KillReason.POINTER);
        }
        Descriptor descriptor = Descriptor.read(user, armed);
        KillReason defect = descriptor == null ? KillReason.DESCRIPTOR : descriptor.defect(user, rseq.signature);
        if (defect != null) {
            return Decision.kill(defect);
        }
        if (!descriptor.contains(pointer)) {
            user.write64(rseq.area + RseqArea.RSEQ_CS, 0);
            return Decision.of(Verdict.CLEARED);
        }
        if (user.read32(rseq.area + RseqArea.FLAGS) != 0 || descriptor.flags() != 0) {
            return Decision.kill(KillReason.FLAGS);
        }
        if (rseq.events == 0) {
            return Decision.of(Verdict.UNDISTURBED);
        }
        user.write64(rseq.area + RseqArea.RSEQ_CS, 0);
        return Decision.abort(descriptor);
    }
}
