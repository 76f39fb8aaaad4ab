package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Reg;

/** A lock that begins at the address in A1; what taking it and giving it back change, each kind says. */
public interface WordLock {
    /** Takes the lock at A1. */
    void lock(Assembler a);

    /** Gives back the lock at A1. */
    void unlock(Assembler a);

    /** Takes the lock at a fixed address. */
    default void lock(Assembler a, long address) {
        a.li(Reg.A1, address);
        lock(a);
    }

    /** Gives back the lock at a fixed address. */
    default void unlock(Assembler a, long address) {
        a.li(Reg.A1, address);
        unlock(a);
    }
}
