package io.rseqlab.collector.kernel;

/**
 * Linux 6.18 built with CONFIG_DEBUG_RSEQ: at the end of every system call the armed descriptor is validated, and a
 * call that returns into a section kills the thread. What the call did, it did: the check stands on the way out
 * (rseq_syscall in kernel/rseq.c). Programs that write the id fields are warned of in the kernel's log.
 */
public final class Linux618DebugPolicy extends Linux618Policy {
    @Override
    public String id() {
        return "linux-6.18-debug";
    }

    @Override
    public String summary() {
        return "linux-6.18 with CONFIG_DEBUG_RSEQ: a system call in a section kills, after it has had its effect";
    }

    @Override
    public boolean killsSyscallInside() {
        return true;
    }

    @Override
    public Tampering tampering(RseqState rseq) {
        return Tampering.WARNED_OF;
    }
}
