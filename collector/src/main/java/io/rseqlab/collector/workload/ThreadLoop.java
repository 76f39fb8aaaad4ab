package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * What the loops of all workloads share: thread areas whose first line holds the thread's number and its counters, a
 * line of parameters that every operation reloads, the stop flag, and the calls of malloc and free. Uses W7 as a
 * temporary and keeps 1 in W8.
 */
final class ThreadLoop {
    /** Offsets in a thread's area. */
    static final int ID = 0;

    static final int RING = 8;
    static final int POSITION = 16;
    static final int OPERATIONS = 24;
    static final int ALLOCATIONS = 32;
    static final int FREES = 40;
    static final int FOREIGN_FREES = 48;
    static final int RING_END = 56;
    /** On a line of its own. */
    static final int RANDOM = 128;

    /** Offset of the word of a block that the application writes: the number of the thread that allocated it. */
    static final int PAYLOAD = 24;

    static final int TEMPORARY = Reg.W7;
    static final int ONE = Reg.W8;

    private static final int STRIDE = 256;

    private final long base;
    private final long parameters;
    private final long stopFlag;

    ThreadLoop(WorkloadContext context, long... parameterValues) {
        Layout layout = context.layout();
        stopFlag = context.stopFlag();
        parameters = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        for (int i = 0; i < parameterValues.length; i++) {
            layout.word(parameters + 8L * i, parameterValues[i]);
        }
        base = layout.reserve((long) STRIDE * context.threads(), STRIDE);
        for (int thread = 0; thread < context.threads(); thread++) {
            layout.word(threadBase(thread) + ID, thread);
            layout.word(threadBase(thread) + RANDOM, context.seeds()[thread]);
        }
    }

    long threadBase(int thread) {
        return base + (long) thread * STRIDE;
    }

    /** First thing a thread does. */
    void enter(Assembler a) {
        a.li(ONE, 1);
    }

    /** Reloads a parameter: one load. */
    void parameter(Assembler a, int rd, int number) {
        a.ld64(rd, Reg.ZERO, Math.toIntExact(parameters + 8L * number));
    }

    /** Leaves the loop if the threads are to end: load and branch. */
    void testStop(Assembler a, Assembler.Label exit) {
        a.ld64(TEMPORARY, Reg.ZERO, Math.toIntExact(stopFlag));
        a.bnez(TEMPORARY, exit);
    }

    /** Goes round unless the threads are to end: load and branch. */
    void again(Assembler a, Assembler.Label next) {
        a.ld64(TEMPORARY, Reg.ZERO, Math.toIntExact(stopFlag));
        a.beqz(TEMPORARY, next);
    }

    /** Adds 1 to a counter of the thread. */
    void bump(Assembler a, int counter) {
        a.ld64(TEMPORARY, Reg.WORKLOAD, counter);
        a.addi(TEMPORARY, TEMPORARY, 1);
        a.st64(Reg.WORKLOAD, counter, TEMPORARY);
    }

    /** A0 = a new block with the thread's number in its payload; counted. */
    void allocate(Assembler a) {
        allocateUntouched(a);
        a.ld64(TEMPORARY, Reg.WORKLOAD, ID);
        a.st64(Reg.A0, PAYLOAD, TEMPORARY);
    }

    /** A0 = a new block, of which no byte is written; counted. */
    void allocateUntouched(Assembler a) {
        a.call(a.label("malloc"), Reg.LINK);
        bump(a, ALLOCATIONS);
    }

    /** Spends so many turns as a parameter says. */
    void think(Assembler a, int number) {
        Assembler.Label done = a.label();
        parameter(a, TEMPORARY, number);
        a.beqz(TEMPORARY, done);
        Assembler.Label turn = a.here();
        a.djnz(TEMPORARY, turn);
        a.place(done);
    }

    /** Looks who allocated the block and frees it; counted. */
    void release(Assembler a, int block) {
        Assembler.Label own = a.label();
        a.ld64(TEMPORARY, Reg.WORKLOAD, ID);
        a.ld64(Reg.A0, block, PAYLOAD);
        a.beq(Reg.A0, TEMPORARY, own);
        bump(a, FOREIGN_FREES);
        a.place(own);
        free(a, block);
    }

    /** Frees a block without looking at it; counted, as another's if it always is. */
    void releaseUntouched(Assembler a, int block, boolean foreign) {
        if (foreign) {
            bump(a, FOREIGN_FREES);
        }
        free(a, block);
    }

    private void free(Assembler a, int block) {
        a.mov(Reg.A0, block);
        a.call(a.label("free"), Reg.LINK);
        bump(a, FREES);
    }

    /** Copies registers without further effect, as compiled code does here and there. */
    void copies(Assembler a, int count) {
        for (int i = 0; i < count; i++) {
            a.mov(TEMPORARY, ONE);
        }
    }

    /**
     * Ends the thread; another begins at {@code birth} after a while. Its {@link #RING} is what the last one to end
     * left at the address {@code spare}, where this one leaves its own, which is in a register.
     */
    void bequeath(Assembler a, int ring, int spare, long gapCycles, Assembler.Label birth) {
        a.xchg(ring, Reg.ZERO, spare, ring);
        a.st64(Reg.WORKLOAD, RING, ring);
        a.call(a.label("thread_end"), Reg.LINK);
        a.li(Reg.A0, gapCycles);
        a.syscall(HostCall.SYS_EXIT_FOLLOWED);
        a.jmp(birth);
    }

    /** Where threads end. */
    void exit(Assembler a, Assembler.Label exit) {
        a.place(exit);
        a.syscall(HostCall.SYS_EXIT);
    }
}
