package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.machine.Memory;

/** System calls about the process as a whole: its auxiliary vector, its heap, and who steps its threads. */
final class ProcessCalls {
    /** PR_GET_AUXV: copies the auxiliary vector to A1, at most A2 bytes; answers all its bytes. */
    static final int GET_AUXV = 0x41555856;

    private static final int AT_NULL = 0;
    private static final int AT_PAGESZ = 6;
    /** AT_RSEQ_FEATURE_SIZE: bytes of the area that the kernel knows fields of. */
    static final int AT_RSEQ_FEATURE_SIZE = 27;
    /** AT_RSEQ_ALIGN: alignment of areas that are not of the first version. */
    static final int AT_RSEQ_ALIGN = 28;

    private final RseqPolicy policy;
    private final Process process;
    private final UserAccess user;
    private final Memory memory;
    private final Debugger debugger;
    private final SliceExtensions sliceExtensions;

    ProcessCalls(
            RseqPolicy policy,
            Process process,
            UserAccess user,
            Memory memory,
            Debugger debugger,
            SliceExtensions sliceExtensions) {
        this.policy = policy;
        this.process = process;
        this.user = user;
        this.memory = memory;
        this.debugger = debugger;
        this.sliceExtensions = sliceExtensions;
    }

    /** prctl with its arguments in registers: answers what the option does, or an error negated. */
    long prctl(Task task, long[] regs) {
        if (regs[Reg.A0] == SliceExtensions.OPTION) {
            return SliceExtensions.control(policy, user, task.rseq, regs[Reg.A1], regs[Reg.A2]);
        }
        return regs[Reg.A0] == GET_AUXV ? auxiliaryVector(regs[Reg.A1], regs[Reg.A2]) : -Errno.EINVAL;
    }

    /** Pairs of a type and a value, closed by AT_NULL; a kernel without rseq has no entries about it. */
    private long auxiliaryVector(long address, long bytes) {
        long[] words = policy.offersRseq()
                ? new long[] {
                    AT_PAGESZ,
                    UserAccess.PAGE_BYTES,
                    AT_RSEQ_FEATURE_SIZE,
                    policy.featureBytes(),
                    AT_RSEQ_ALIGN,
                    policy.alignmentBytes(),
                    AT_NULL,
                    0
                }
                : new long[] {AT_PAGESZ, UserAccess.PAGE_BYTES, AT_NULL, 0};
        long all = Long.BYTES * words.length;
        long copied = Math.min(all, bytes) & -Long.BYTES;
        if (bytes < 0 || (address & (Long.BYTES - 1)) != 0 || !user.writable(address, copied)) {
            return -Errno.EFAULT;
        }
        for (int i = 0; i < copied / Long.BYTES; i++) {
            user.write64(address + Long.BYTES * i, words[i]);
        }
        return all;
    }

    /** brk: answers the first address behind the heap. */
    long brk(long end) {
        return process.heap(end, memory);
    }

    /** rseq_slice_yield: 1 if it ended a grant, 0 if there was none, or an error negated. */
    int sliceYielded(Task task) {
        return sliceExtensions.yielded(task);
    }

    /** ptrace: a debugger steps a thread from now on; answers 0, or an error negated. */
    int trace(long thread) {
        return debugger.attach(thread);
    }
}
