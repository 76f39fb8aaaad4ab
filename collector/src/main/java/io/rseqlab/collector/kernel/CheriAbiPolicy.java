package io.rseqlab.collector.kernel;

/**
 * The same draft for pure-capability processes. A program counter must be a capability there, so the descriptor carries
 * one for the abort handler, and its seal (a sentry) takes the place of the signature: it proves that the jump's target
 * was obtained rightly. The armed pointer is a capability as well.
 *
 * <p>Simulated memory has no tags. What the loader made counts as tagged until a program stores into it; every other
 * address in rseq_cs, and every other descriptor, is an integer and so forged. That fields are 16 bytes wide is not
 * modelled: areas and descriptors lie as on other kernels.
 */
public final class CheriAbiPolicy extends FreeBsdD32505Policy {
    @Override
    public String id() {
        return "cheriabi";
    }

    @Override
    public String summary() {
        return "freebsd-d32505 for CheriABI: the abort handler must be a sealed entry, forged pointers kill";
    }

    @Override
    KillReason pointerDefect(UserAccess user, long armed) {
        return user.isLoaded(armed) ? null : KillReason.FORGED_POINTER;
    }

    @Override
    KillReason targetDefect(UserAccess user, RseqState rseq, long armed, Descriptor descriptor) {
        return user.isAsLoaded(armed) ? null : KillReason.FORGED_HANDLER;
    }
}
