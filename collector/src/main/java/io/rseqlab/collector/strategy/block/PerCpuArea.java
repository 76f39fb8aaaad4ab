package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * One list head per CPU (or per thread, or whatever is numbered), 128 bytes apart so that neither a line nor a pair of
 * lines is shared. The word behind the head is the list's lock or version.
 */
public final class PerCpuArea {
    /** The list's first node. */
    public static final int HEAD = 0;
    /** The lock or the version. */
    public static final int SECOND = 8;

    private static final int SHIFT = 7;

    private final long base;

    public PerCpuArea(Layout layout, int count) {
        base = layout.reserve((long) count << SHIFT, 1 << SHIFT);
    }

    /** Address of the entry of that number. */
    public long of(int number) {
        return base + ((long) number << SHIFT);
    }

    /** entry = address of the entry whose number is in a register: three micro-operations. */
    public void address(Assembler a, int entry, int number, int temporary) {
        a.shli(entry, number, SHIFT);
        a.li(temporary, base);
        a.add(entry, entry, temporary);
    }

    /** cpu = the number of the CPU, from the rseq area, as the C library's sched_getcpu reads it: two loads. */
    public static void currentCpu(Assembler a, int cpu) {
        a.ld64(Reg.RSEQ, Reg.TLS, ThreadAreas.RSEQ_POINTER);
        a.ld32(cpu, Reg.RSEQ, RseqArea.CPU_ID_START);
    }

    /**
     * The same where no rseq area is registered: the C library finds a negative cpu_id in it and asks the vDSO. A0 is
     * kept, in the temporary meanwhile.
     */
    public static void getcpu(Assembler a, int cpu, int temporary) {
        Assembler.Label unregistered = a.label();
        a.ld64(Reg.RSEQ, Reg.TLS, ThreadAreas.RSEQ_POINTER);
        a.ld32(cpu, Reg.RSEQ, RseqArea.CPU_ID);
        a.bnez(cpu, unregistered);
        a.place(unregistered);
        a.mov(temporary, Reg.A0);
        a.host(HostCall.HOST_GETCPU);
        a.mov(cpu, Reg.A0);
        a.mov(Reg.A0, temporary);
    }
}
