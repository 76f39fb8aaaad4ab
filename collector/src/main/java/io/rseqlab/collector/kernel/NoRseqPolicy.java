package io.rseqlab.collector.kernel;

/**
 * A kernel without restartable sequences: built without them, older than 4.18, or a seccomp filter refuses the call.
 * Registration fails with ENOSYS; the C library leaves -2 in the area's cpu_id. Everything else is as in Linux 6.18.
 */
public final class NoRseqPolicy implements RseqPolicy {
    @Override
    public String id() {
        return "none";
    }

    @Override
    public String summary() {
        return "Linux without rseq: registration fails, strategies with sections run their fallback";
    }

    @Override
    public boolean offersRseq() {
        return false;
    }

    @Override
    public boolean evaluates(UserExit exit) {
        return false;
    }

    @Override
    public boolean writesIds(UserExit exit) {
        return false;
    }

    @Override
    public Decision evaluate(UserAccess user, RseqState rseq, long pointer) {
        return Decision.of(Verdict.NOTHING);
    }
}
