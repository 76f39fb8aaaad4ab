package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.strategy.block.ClassTable;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.Pad;
import io.rseqlab.collector.strategy.block.PerCpuArea;

/**
 * Treiber's stack with a version beside the head, swapped together, so that a head that was popped and pushed back
 * meanwhile is told from one that never moved. The version is read before the head. Changes A0 and T0 to T7.
 */
final class VersionedStack {
    /** Writes how the stack's address comes into a register; two registers from {@code temporary} on are free. */
    @FunctionalInterface
    interface Finder {
        void emit(Assembler a, int list, int temporary);
    }

    private static final int LIST = Reg.T0;
    private static final int HEAD = Reg.T1;
    private static final int VERSION = Reg.T2;
    private static final int NEW_HEAD = Reg.T3;
    private static final int NEW_VERSION = Reg.T4;
    private static final int LEFT = Reg.T5;
    private static final int SWAPPED = Reg.T6;
    private static final int DEPTH = Reg.T6;
    private static final int CAP = Reg.T7;

    private final Finder finder;
    private final Pad pad;
    private final Cold cold;

    VersionedStack(Finder finder, Pad pad, Cold cold) {
        this.finder = finder;
        this.pad = pad;
        this.cold = cold;
    }

    /** Pops into A0, or goes to {@code empty}. */
    void pop(Assembler a, boolean padded, Assembler.Label empty) {
        Assembler.Label again = a.here();
        read(a);
        a.beqz(HEAD, empty);
        a.ld64(NEW_HEAD, HEAD, NodeLayout.NEXT);
        pad.load(a, LEFT, padded);
        pad.spend(a, LEFT);
        a.mov(Reg.A0, HEAD);
        swap(a, again);
    }

    /** Pushes the block in A0. */
    void push(Assembler a, boolean padded) {
        Assembler.Label again = a.here();
        read(a);
        link(a, padded, again);
    }

    /** Pushes the block in A0, or goes to {@code full} when the stack has {@code cap} blocks. */
    void push(Assembler a, boolean padded, ClassTable cap, Assembler.Label full) {
        Assembler.Label first = a.label();
        cap.load(a, CAP);
        Assembler.Label again = a.here();
        read(a);
        a.li(DEPTH, 0);
        a.beqz(HEAD, first);
        a.ld64(DEPTH, HEAD, NodeLayout.DEPTH);
        a.place(first);
        a.bge(DEPTH, CAP, full);
        a.addi(DEPTH, DEPTH, 1);
        a.st64(Reg.A0, NodeLayout.DEPTH, DEPTH);
        link(a, padded, again);
    }

    private void read(Assembler a) {
        finder.emit(a, LIST, NEW_HEAD);
        a.ld64(VERSION, LIST, PerCpuArea.SECOND);
        a.ld64(HEAD, LIST, PerCpuArea.HEAD);
    }

    private void link(Assembler a, boolean padded, Assembler.Label again) {
        a.st64(Reg.A0, NodeLayout.NEXT, HEAD);
        pad.load(a, LEFT, padded);
        pad.spend(a, LEFT);
        a.mov(NEW_HEAD, Reg.A0);
        swap(a, again);
    }

    private void swap(Assembler a, Assembler.Label again) {
        Assembler.Label failed = a.label();
        a.addi(NEW_VERSION, VERSION, 1);
        a.cas128(SWAPPED, LIST, PerCpuArea.HEAD, HEAD, NEW_HEAD);
        a.beqz(SWAPPED, failed);
        cold.later(() -> {
            a.place(failed);
            a.mark(Mark.TIER, 2);
            a.jmp(again);
        });
    }
}
