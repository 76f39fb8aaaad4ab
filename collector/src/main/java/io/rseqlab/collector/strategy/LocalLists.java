package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.PerCpuArea;

/**
 * Capped lists, one per CPU or thread, as one way of synchronisation handles them: the second choice of the factorial.
 * The depth of a list stands in its top node. Pushes and pops change A0 to A2, T0 to T7 and T9 at most.
 */
abstract class LocalLists {
    final PerCpuArea lists;
    final ListIndex index;

    LocalLists(PerCpuArea lists, ListIndex index) {
        this.lists = lists;
        this.index = index;
    }

    /**
     * How a block is pushed.
     *
     * @param name of the section, if it is one
     * @param padded the padding loop is spent
     * @param cap most blocks of the list
     * @param full where it goes on when the list is full
     * @param owner register with the number whose list alone will do, -1 if any will
     * @param foreign where it goes on when the list would be another's
     * @param own the list's number becomes the block's owner
     */
    record Push(
            String name,
            boolean padded,
            ClassTable cap,
            Assembler.Label full,
            int owner,
            Assembler.Label foreign,
            boolean own) {
        /** Onto the list of this CPU, whichever it is. */
        static Push any(String name, boolean padded, ClassTable cap, Assembler.Label full) {
            return new Push(name, padded, cap, full, -1, null, false);
        }

        /** The same, and the list's number becomes the owner. */
        static Push owning(String name, ClassTable cap, Assembler.Label full) {
            return new Push(name, false, cap, full, -1, null, true);
        }

        /** With padding, or to {@code foreign} where the list would not be that of the owner. */
        static Push toOwner(String name, ClassTable cap, Assembler.Label full, int owner, Assembler.Label foreign) {
            return new Push(name, true, cap, full, owner, foreign, false);
        }
    }

    /** Writes subroutines, if there are any. */
    void prepare(Assembler a) {}

    /** What the compiled malloc saves and copies before its work, and restores behind it. */
    void enterMalloc(Assembler a) {}

    void leaveMalloc(Assembler a) {}

    /** The same of free. */
    void enterFree(Assembler a) {}

    void leaveFree(Assembler a) {}

    /** Pops into A0; at {@code empty} when the list is empty. */
    abstract void pop(Assembler a, String name, boolean padded, Assembler.Label empty);

    /** Pushes the block in A0. */
    abstract void push(Assembler a, Push how);
}
