package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/**
 * Addressing of words at fixed addresses: one micro-operation with the address as its immediate, as position-relative
 * addressing is on x86-64. Only what is reserved in the first 2 GiB can be reached so.
 */
public final class Static {
    /** Addresses below this can be an immediate. */
    public static final long REACH_BYTES = 1L << 31;

    private Static() {}

    /** rd = the word at a fixed address. */
    public static void load(Assembler a, int rd, long address) {
        a.ld64(rd, Reg.ZERO, Math.toIntExact(address));
    }

    /** The word at a fixed address = a register. */
    public static void store(Assembler a, long address, int value) {
        a.st64(Reg.ZERO, Math.toIntExact(address), value);
    }

    /** Adds 1 to a counter in memory that only this thread writes: load, add, store. */
    public static void bump(Assembler a, int base, int offset, int temporary) {
        a.ld64(temporary, base, offset);
        a.addi(temporary, temporary, 1);
        a.st64(base, offset, temporary);
    }
}
