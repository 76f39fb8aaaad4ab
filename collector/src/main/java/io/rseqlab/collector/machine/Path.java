package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import java.util.Arrays;

/** What a recorded path is to time: its micro-operations in order, marks among them, registers and ways of branches. */
final class Path {
    /** Steps, marks included. */
    final int steps;

    final byte[] ops;
    final byte[] rd;
    final byte[] rs1;
    final byte[] rs2;
    /** Immediates. */
    final int[] offsets;
    /** Positions of the steps, and behind them where the path goes on. */
    final int[] positions;
    /** Where a branch of the path goes when it is taken. */
    final int[] targets;
    /** Where, among the times of a {@link Schedule}, that of a mark stands, and those of a load or store begin. */
    final int[] places;
    /** Where those of a store begin that say when its value can be forwarded. */
    final int[] forwards;

    final int times;
    /** The places at which stand what loads and stores are expected to see. */
    final int[] expectations;

    /** By step: the number of a load or store among them. */
    final int[] accesses;

    final SharedLines lines;
    final int microOps;
    final int stores;
    /** Entries of the window that all micro-operations before the last take. */
    final int entriesBeforeLast;
    /** Steps whose successor is not the next position: they take an entry among the taken branches. */
    final int jumps;

    Path(Trace trace, long[] code, byte[] takes) {
        steps = trace.steps;
        microOps = trace.microOps;
        stores = trace.stores;
        ops = new byte[steps];
        rd = new byte[steps];
        rs1 = new byte[steps];
        rs2 = new byte[steps];
        offsets = new int[steps];
        targets = new int[steps];
        places = new int[steps];
        forwards = new int[steps];
        positions = Arrays.copyOf(trace.positions, steps + 1);
        int[] expected = new int[steps];
        accesses = new int[steps];
        lines = new SharedLines(trace, code);
        int count = 0;
        int front = 0;
        int place = inFront(trace, code);
        int entries = 0;
        int before = 0;
        int jumping = 0;
        for (int i = 0; i < steps; i++) {
            long word = code[positions[i]];
            int op = Op.code(word);
            ops[i] = (byte) op;
            rd[i] = (byte) Op.rd(word);
            rs1[i] = (byte) Op.rs1(word);
            rs2[i] = (byte) Op.rs2(word);
            offsets[i] = Op.imm(word);
            targets[i] = Op.isConditional(op) ? Op.imm(word) : -1;
            if (op == Op.MARK) {
                places[i] = front++;
            } else if (Trace.isStore(op)) {
                forwards[i] = front;
                front += 2;
            }
            if (Trace.isLoad(op) || Trace.isStore(op)) {
                accesses[i] = count;
                places[i] = place;
                expected[count++] = place + Schedule.EXPECTED;
                place += Schedule.ACCESS_TIMES;
            }
            if (op != Op.MARK) {
                before = entries;
                entries += takes[op];
                jumping += positions[i + 1] != positions[i] + 1 ? 1 : 0;
            }
        }
        times = place;
        expectations = Arrays.copyOf(expected, count);
        entriesBeforeLast = before;
        jumps = jumping;
    }

    /** Times of marks and of what can be forwarded. */
    private static int inFront(Trace trace, long[] code) {
        int count = 0;
        for (int i = 0; i < trace.steps; i++) {
            int op = Op.code(code[trace.positions[i]]);
            count += op == Op.MARK ? 1 : Trace.isStore(op) ? 2 : 0;
        }
        return count;
    }

    /** Whether the path takes a branch. */
    boolean taken(int step) {
        return targets[step] == positions[step + 1];
    }
}
