package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.machine.Memory;

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
    public Decision evaluate(Memory memory, Program program, long area, int signature, int position, int events) {
        return Decision.of(Verdict.NOTHING);
    }

    @Override
    public boolean writesIds(boolean switchedIn, boolean signal, boolean idsChanged) {
        return false;
    }
}
