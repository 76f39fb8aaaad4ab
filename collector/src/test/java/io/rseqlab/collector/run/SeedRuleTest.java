package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.spec.UsageException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When seeds are enough: not at the first lucky look, and not never. */
class SeedRuleTest {
    private RatioOfRuns.Ratio ratio;

    private final SeedRule rule = new SeedRule(0.02, 40, (candidate, baseline) -> ratio);

    private static List<List<Path>> runs(int strategies) {
        return runs(strategies, 15);
    }

    private static List<List<Path>> runs(int strategies, int seeds) {
        return Collections.nCopies(strategies, Collections.nCopies(seeds, Path.of("a")));
    }

    private static RatioOfRuns.Ratio reaching(double share) {
        return new RatioOfRuns.Ratio(2, 2 / (1 + share / 2), 2 * (1 + share));
    }

    /** The runs that come last have no part in the choice to stop. */
    @Test
    void afterTheNarrowLookHalfAsManyAgainAreRunWhateverTheySay() {
        SeedRule.Watch watch = rule.new Watch();
        ratio = reaching(0.03);
        assertThat(watch.enough(runs(2, 15))).isFalse();
        assertThat(watch.next(15)).isEqualTo(19);
        ratio = reaching(0.019);
        assertThat(watch.enough(runs(2, 19))).isFalse();
        assertThat(watch.next(19)).isEqualTo(29);
        ratio = reaching(0.021);
        assertThat(watch.enough(runs(2, 29))).isTrue();
        assertThat(watch.narrow()).isFalse();
    }

    @Test
    void thereAreNeverMoreThanTheMost() {
        SeedRule.Watch watch = rule.new Watch();
        ratio = reaching(0.001);
        assertThat(watch.enough(runs(3, 36))).isFalse();
        assertThat(watch.next(36)).isEqualTo(40);
        assertThat(watch.enough(runs(3, 40))).isTrue();
    }

    /** The spread of few runs is too often taken for small. */
    @Test
    void fewSeedsAreNotLookedAt() {
        ratio = reaching(0.0001);
        SeedRule.Watch watch = rule.new Watch();
        for (int seeds : new int[] {6, 10, 14}) {
            assertThat(watch.enough(runs(2, seeds))).isFalse();
        }
        assertThat(watch.next(6)).isEqualTo(15);
        assertThat(watch.enough(runs(2, 15))).as("the first look").isFalse();
        assertThat(watch.next(15)).isEqualTo(23);
        assertThat(watch.enough(runs(2, 23))).isTrue();
    }

    /** The reach is that of the farther end: from 2 down to 1.96 is as far as from 1.96 up to 2. */
    @Test
    void bothEndsCount() {
        ratio = new RatioOfRuns.Ratio(2, 1.9, 2.001);
        SeedRule.Watch watch = rule.new Watch();
        watch.enough(runs(2));
        assertThat(watch.narrow()).isFalse();
        assertThat(watch.reach()).isBetween(0.0526, 0.0527);
    }

    @Test
    void tooFewSeedsForAnIntervalAreNotEnoughAndNoRatioIsGivenUp() {
        ratio = new RatioOfRuns.Ratio(2, Double.NaN, Double.NaN);
        SeedRule.Watch watch = rule.new Watch();
        assertThat(watch.enough(runs(2))).isFalse();
        assertThat(watch.enough(runs(2))).isFalse();
        ratio = null;
        assertThat(watch.enough(runs(2))).isTrue();
        assertThat(watch.narrow()).isFalse();
    }

    @Test
    void seedsGrowByAQuarterUpToTheMost() {
        SeedRule.Watch watch = rule.new Watch();
        assertThat(watch.next(1)).isEqualTo(15);
        assertThat(watch.next(10)).isEqualTo(15);
        assertThat(watch.next(15)).isEqualTo(19);
        assertThat(watch.next(33)).isEqualTo(40);
        assertThat(watch.next(40)).isEqualTo(40);
        assertThat(watch.next(50)).isEqualTo(50);
        assertThat(new SeedRule(0.02, 9, null).new Watch().next(6)).isEqualTo(9);
    }

    @Test
    void aPrecisionIsAShare() {
        assertThat(SeedRule.parse("2%")).isEqualTo(0.02);
        assertThat(SeedRule.parse("0.5")).isEqualTo(0.5);
        for (String wrong : List.of("0", "1", "-2%", "much", "%", "NaN")) {
            assertThatThrownBy(() -> SeedRule.parse(wrong))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("as 0.02 or 2%, not '" + wrong + "'");
        }
    }
}
