package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;

/**
 * Slots that are visited as a Pareto law has it: four fifths of the visits go to a fifth of the slots, and so on within
 * each part, six levels deep.
 */
final class ParetoSlots {
    private static final int LEVELS = 6;
    private static final int BITS = 24;

    private final int[] begins = new int[LEVELS + 2];

    /** @param slots how many, roughly: each level has one at least */
    ParetoSlots(int slots) {
        double sum = 0;
        for (int level = 0; level <= LEVELS; level++) {
            sum += share(level);
            begins[level + 1] = Math.max(begins[level] + 1, (int) Math.round(sum * slots));
        }
    }

    /** Share of visits at a level, from the slots that are visited most: C(6, level) .2^level .8^(6 - level). */
    static double visits(int level) {
        return binomial(level) * Math.pow(0.2, level) * Math.pow(0.8, LEVELS - level);
    }

    /** Share of the slots at that level. */
    static double share(int level) {
        return binomial(level) * Math.pow(0.8, level) * Math.pow(0.2, LEVELS - level);
    }

    private static double binomial(int k) {
        double ways = 1;
        for (int i = 0; i < k; i++) {
            ways = ways * (LEVELS - i) / (i + 1);
        }
        return ways;
    }

    /** How many slots there are. */
    int count() {
        return begins[LEVELS + 1];
    }

    /** rd = number of a slot: a level by the visits' shares, then one of its slots; two draws, the other two change. */
    void choose(Assembler a, Draws draws, int rd, int random, int scratch, int number) {
        Assembler.Label found = a.label();
        draws.draw(a);
        a.shri(number, random, 64 - BITS);
        draws.draw(a);
        double sum = 0;
        for (int level = 0; level <= LEVELS; level++) {
            Assembler.Label further = a.label();
            sum += visits(level);
            if (level < LEVELS) {
                a.li(scratch, Math.round(sum * (1 << BITS)));
                a.bge(number, scratch, further);
            }
            draws.below(a, rd, begins[level + 1] - begins[level]);
            a.addi(rd, rd, begins[level]);
            if (level < LEVELS) {
                a.jmp(found);
            }
            a.place(further);
        }
        a.place(found);
    }
}
