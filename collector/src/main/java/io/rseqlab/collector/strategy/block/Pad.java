package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;

/**
 * The padding loop between the reads and the commit of an operation: {@code turns} turns of one decrement-and-branch.
 * The number of turns is reloaded from memory by every operation and tested, so that a program with no turns executes
 * one load and one taken branch for it; that is how the native driver does it.
 */
public final class Pad {
    private final long turns;
    private final long none;

    public Pad(Layout layout, int turns) {
        this.turns = layout.reserve(2 * Layout.LINE, 2 * Layout.LINE);
        this.none = this.turns + 8;
        layout.word(this.turns, turns);
    }

    /** Loads the turns of a padded operation, or those of one without padding (refill and flush): one load. */
    public void load(Assembler a, int left, boolean padded) {
        Static.load(a, left, padded ? turns : none);
    }

    /** Loads and spends those of a padded operation. */
    public void both(Assembler a, int left) {
        load(a, left, true);
        spend(a, left);
    }

    /** Spends them: one branch, then one micro-operation per turn. */
    public void spend(Assembler a, int left) {
        Assembler.Label done = a.label();
        a.beqz(left, done);
        Assembler.Label turn = a.here();
        a.djnz(left, turn);
        a.place(done);
    }
}
