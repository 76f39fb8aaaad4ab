package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * Stress: a system call as the first thing of a section, in every so many passes of a thread, as param_test of librseq
 * injects them (-m with -y or -s). What the section reads, it reads behind the call, so that it stays right where a
 * kernel lets it go on. Changes T10 to T13; without such calls it is no code at all.
 */
public final class SectionCall {
    private static final int COUNTER = Reg.T10;
    private static final int PASSES = Reg.T11;
    private static final int EVERY = Reg.T12;
    private static final int SAVED = Reg.T13;
    private static final int LINE_BITS = 6;

    private final int every;
    private final long sleepCycles;
    private final long counters;

    /**
     * @param every one pass in so many makes a call, 0 for none
     * @param sleepCycles how long it sleeps, 0 to yield
     */
    public SectionCall(Layout layout, int threads, int every, long sleepCycles) {
        this.every = every;
        this.sleepCycles = sleepCycles;
        counters = every == 0 ? 0 : layout.reserve((long) threads * Layout.LINE, 2 * Layout.LINE);
    }

    /** Counts the pass, before the section is armed. */
    public void count(Assembler a) {
        if (every == 0) {
            return;
        }
        a.ld64(COUNTER, Reg.TLS, ThreadAreas.ID);
        a.shli(COUNTER, COUNTER, LINE_BITS);
        a.li(PASSES, counters);
        a.add(COUNTER, COUNTER, PASSES);
        a.ld64(PASSES, COUNTER, 0);
        a.addi(PASSES, PASSES, 1);
        a.st64(COUNTER, 0, PASSES);
        a.li(EVERY, every);
        a.mov(SAVED, Reg.A0);
    }

    /** Where an aborted attempt goes on that is to start over at {@code retry}: the call's result is in A0 by then. */
    public Assembler.Label resume(Assembler a, Cold cold, Assembler.Label retry) {
        if (every == 0) {
            return retry;
        }
        Assembler.Label resume = a.label();
        cold.later(() -> {
            a.place(resume);
            a.mov(Reg.A0, SAVED);
            a.jmp(retry);
        });
        return resume;
    }

    /** Makes the call if it is this pass's turn; A0 is kept. */
    public void make(Assembler a) {
        if (every == 0) {
            return;
        }
        Assembler.Label none = a.label();
        a.bne(PASSES, EVERY, none);
        a.st64(COUNTER, 0, Reg.ZERO);
        a.li(Reg.A0, sleepCycles);
        a.syscall(sleepCycles == 0 ? HostCall.SYS_SCHED_YIELD : HostCall.SYS_NANOSLEEP);
        a.mov(Reg.A0, SAVED);
        a.place(none);
    }
}
