package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;
import java.util.Arrays;

/**
 * Which accesses of a path go to a line that an earlier access of it, its leader, has found in the filter: they need
 * not look again. They have the leader's base register, which is not written between them, or no base at all; the
 * leader makes sure that the whole group lies in one line, as it did when the path was recorded.
 */
final class SharedLines {
    private static final int LAST_OFFSET_OF_A_WORD = 56;
    private static final int NONE = -1;

    /** By step: the leader of a follower, -1 of all other steps. */
    final int[] leaders;
    /** By step: least and greatest distance from the base in the group that a step leads. */
    final int[] low;

    final int[] high;
    /** The steps that follow, in order. */
    final int[] followers;

    private final boolean[] leads;
    private final Trace trace;
    private final long[] code;

    SharedLines(Trace trace, long[] code) {
        this.trace = trace;
        this.code = code;
        leaders = new int[trace.steps];
        Arrays.fill(leaders, NONE);
        low = new int[trace.steps];
        high = new int[trace.steps];
        leads = new boolean[trace.steps];
        int[] found = new int[trace.steps];
        int count = 0;
        for (int step = 0; step < trace.steps; step++) {
            long word = word(step);
            if (isAccess(word)) {
                low[step] = Op.imm(word);
                high[step] = low[step];
                int leader = leader(step);
                if (leader != NONE) {
                    leaders[step] = leader;
                    leads[leader] = true;
                    low[leader] = Math.min(low[leader], low[step]);
                    high[leader] = Math.max(high[leader], high[step]);
                    found[count++] = step;
                }
            }
        }
        followers = Arrays.copyOf(found, count);
    }

    private long word(int step) {
        return code[trace.positions[step]];
    }

    private static boolean isAccess(long word) {
        return Trace.isLoad(Op.code(word)) || Trace.isStore(Op.code(word));
    }

    /** True if a step follows another. */
    boolean isFollower(int step) {
        return leaders[step] != NONE;
    }

    /** True if others follow a step. */
    boolean leads(int step) {
        return leads[step];
    }

    /** The nearest earlier access of the same kind that speaks for a step's line. */
    private int leader(int step) {
        long word = word(step);
        int base = Op.rs1(word);
        if (!mayShare(step)) {
            return NONE;
        }
        for (int earlier = step - 1; earlier >= 0 && !defines(word(earlier), base); earlier--) {
            boolean same = isAccess(word(earlier))
                    && Op.rs1(word(earlier)) == base
                    && Trace.isLoad(Op.code(word(earlier))) == Trace.isLoad(Op.code(word))
                    && mayShare(earlier);
            if (same && trace.addresses[earlier] >>> 6 == trace.addresses[step] >>> 6) {
                return leaders[earlier] == NONE ? earlier : leaders[earlier];
            }
        }
        return NONE;
    }

    /** Distances that are data of a block are not known to its class; at a line's very end memory may end too. */
    private boolean mayShare(int step) {
        boolean known = Op.rs1(word(step)) == Reg.ZERO || BlockCompiler.isSmall(Op.imm(word(step)));
        return known && (trace.addresses[step] & 63) <= LAST_OFFSET_OF_A_WORD;
    }

    private static boolean defines(long word, int register) {
        int op = Op.code(word);
        if (op == Op.DJNZ) {
            return Op.rs1(word) == register;
        }
        return (op >= Op.LI && op <= Op.LD16 || op == Op.CALL) && Op.rd(word) == register;
    }
}
