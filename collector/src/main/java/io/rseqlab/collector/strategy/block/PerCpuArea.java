package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * One list head per CPU (or per thread, or whatever is numbered), 128 bytes apart so that neither a line nor a pair of
 * lines is shared. The word behind the head is the list's lock or version. Where there are several size classes, each
 * number has as many heads, 16 bytes apart, and the address is that of the operation's class.
 */
public final class PerCpuArea {
    /** The list's first node. */
    public static final int HEAD = 0;
    /** The lock or the version. */
    public static final int SECOND = 8;

    private static final int LEAST_SHIFT = 7;
    private static final int CLASS_SHIFT = 4;

    private final BlockClasses classes;
    private final int shift;
    private final long base;

    /** Heads of lists of blocks of whatever class: one per number. */
    public PerCpuArea(Layout layout, int count) {
        this(layout, count, null);
    }

    /** One head per number and class. */
    public PerCpuArea(Layout layout, int count, BlockClasses classes) {
        this.classes = classes;
        int each = classes == null ? 1 : classes.count();
        shift = Math.max(LEAST_SHIFT, CLASS_SHIFT + 32 - Integer.numberOfLeadingZeros(each - 1));
        base = layout.reserve((long) count << shift, 1 << LEAST_SHIFT);
    }

    /** Address of the entry of that number and class. */
    public long of(int number, int sizeClass) {
        return base + ((long) number << shift) + ((long) sizeClass << CLASS_SHIFT);
    }

    /**
     * entry = address of the entry whose number is in a register, for the operation's class: three micro-operations,
     * and three more where there are several classes.
     */
    public void address(Assembler a, int entry, int number, int temporary) {
        a.shli(entry, number, shift);
        a.li(temporary, base);
        a.add(entry, entry, temporary);
        index(a, entry, temporary);
    }

    /** The same of the only number, 0: one micro-operation, and three more where there are several classes. */
    public void only(Assembler a, int entry, int temporary) {
        a.li(entry, base);
        index(a, entry, temporary);
    }

    private void index(Assembler a, int entry, int temporary) {
        if (classes != null) {
            classes.index(a, entry, temporary, CLASS_SHIFT);
        }
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
