package io.rseqlab.analyzer.stats;

import java.util.OptionalInt;

/**
 * Which test decides in a family of paired comparisons whose p values {@link Holm} corrects. The permutation test
 * assumes nothing of the shape of the differences, but its smallest p is 2/2^n: with few pairs among many comparisons
 * it could never decide, however large the difference. Then the paired t test does, which takes log ratios for near
 * normal. The choice hangs on the numbers of pairs and of comparisons alone and never on the data, so that it costs
 * nothing of the level.
 */
public enum PairedTest {
    /** {@link SignFlipPermutation}. */
    PERMUTATION("sign-flip permutation"),
    /** {@link PairedT}. */
    PAIRED_T("paired t on log ratios");

    private final String words;

    PairedTest(String words) {
        this.words = words;
    }

    /** Its name in results. */
    public String words() {
        return words;
    }

    /**
     * The test of a family.
     *
     * @param comparisons how many p values are corrected together
     * @param leastPairs pairs of the comparison that has the fewest
     * @param level confidence, as 0.95
     */
    public static PairedTest of(int comparisons, int leastPairs, double level) {
        OptionalInt needed = SignFlipPermutation.leastPairs(comparisons, level);
        return needed.isPresent() && leastPairs >= needed.getAsInt() ? PERMUTATION : PAIRED_T;
    }
}
