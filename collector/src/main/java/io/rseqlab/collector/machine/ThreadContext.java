package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Reg;

/** What a core needs of a thread to run it, plus what the running allocator operation has been seen to do. */
public final class ThreadContext {
    /** The thread's number. */
    public final int id;
    /** Registers; register 0 stays 0. */
    public final long[] regs = new long[Reg.COUNT];
    /** Position of the next micro-operation. */
    public int pc;
    /** Cycles this thread was not in user mode, since it started. */
    public long awayCycles;
    /** Set by the machine while an operation runs: it used a locked operation. */
    public boolean sawAtomic;
    /** Set by the machine while an operation runs: it fetched a metadata line from another core. */
    public boolean sawForeignMetadata;
    /** Set by the kernel while an operation runs: it made a system call or was switched out by waiting. */
    public boolean sawSyscall;

    /** Cycle at which its last attempt of a section began. */
    public long attemptStart;

    public ThreadContext(int id, int pc) {
        this.id = id;
        this.pc = pc;
    }
}
